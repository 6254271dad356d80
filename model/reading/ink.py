"""An upright grey picture → how much ink lies on each pixel, whatever the light.

Paper is what remains when everything thinner than a stroke is taken away (a morphological closing, as in Gonzalez and
Woods' "Digital Image Processing"); ink is how much darker than its paper a pixel is, as a share of the paper's
brightness, which a shadow does not change.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

LONG_SIDE = 640  # pixels: ink is looked for at this size
SHORT_SIDE = 64  # pixels: smaller pictures are enlarged to it, so that a stroke has an inside
CUTS = (0.4, 0.22)  # for a clean piece, and for strokes that fade
CROP_SIDE = 64  # pixels: a smaller picture may be cut so close to the ink that its edges show no paper
LIGHTEST = 95  # percentile of a crop that is paper
PENS = (0.25, 0.1)  # of the long side: the thickest stroke to expect, on a page with one digit or with many
COARSE = 4  # paper is smooth: a quarter of the size is enough for it
WEAKEST = 10  # of 255: less contrast than that can't be told from paper
ABOVE_NOISE = 8  # median absolute deviations of the paper around
BLOCK = 40  # pixels: roughness is measured in blocks
SAMPLE = 12  # pixels along a block's side: enough for a median
FEWEST_BLOCKS = 4  # along the longer side; a smaller picture is one block
DARKEST_PAPER = 0.25  # of the lightest: darker surroundings count as this dark

Strength = NDArray[np.uint8]  # (height, width): 0 paper to 255 black ink on white


@dataclass(frozen=True, slots=True)
class Ink:
    """Ink on paper, at the size it was looked for."""

    strength: Strength
    mask: NDArray[np.bool_]  # where it is more than the paper's roughness
    margin: int = 0  # pixels of paper added on each side
    cut: float = CUTS[0]  # share of a piece's own darkest ink: what is fainter around it is a shadow or a smear


def ink(grey: NDArray[np.uint8], *, pen: float = PENS[0], light_on_dark: bool = False) -> Ink:
    """The ink in a grey picture (height, width), 0 black to 255 white."""
    scaled = _at_working_size(255 - grey if light_on_dark else grey)
    margin = 0
    if max(grey.shape) <= CROP_SIDE:
        margin = max(scaled.shape) // 3
        scaled = np.pad(scaled, margin, constant_values=np.percentile(scaled, LIGHTEST))
    paper = _paper(scaled, pen)
    strength = np.asarray(cv2.divide(cv2.subtract(paper, scaled), paper, scale=255), np.uint8)
    return Ink(strength, strength > _least(strength, pen), margin)


def looks_light_on_dark(grey: NDArray[np.uint8]) -> bool:
    """Whether what stands out from its surroundings is rather lighter than darker."""
    if max(grey.shape) <= CROP_SIDE:  # all edges and no surroundings: the ink is what lies further inside
        edges = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
        return float(grey.mean()) > float(edges.mean())
    small = np.asarray(cv2.resize(grey, (64, 64), interpolation=cv2.INTER_AREA), np.uint8)
    around = cv2.medianBlur(cv2.copyMakeBorder(small, 12, 12, 12, 12, cv2.BORDER_REPLICATE), 25)[12:-12, 12:-12]
    darker, lighter = cv2.subtract(around, small), cv2.subtract(small, around)
    return float(np.square(lighter, dtype=np.float32).sum()) > 1.5 * float(np.square(darker, dtype=np.float32).sum())


def _at_working_size(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = grey.shape
    scale = max(height, width) / LONG_SIDE
    if scale < 1:
        scale = min(1.0, min(height, width) / SHORT_SIDE)
    if scale == 1:
        return grey
    size = (max(1, round(width / scale)), max(1, round(height / scale)))
    how = cv2.INTER_AREA if scale > 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(grey, size, interpolation=how), np.uint8)


def _paper(grey: NDArray[np.uint8], pen: float) -> NDArray[np.uint8]:
    height, width = grey.shape
    coarse = max(1, min(COARSE, min(height, width) // 32))
    small = cv2.resize(grey, (max(1, width // coarse), max(1, height // coarse)), interpolation=cv2.INTER_AREA)
    wide = max(3, int(pen * max(small.shape))) | 1
    # Repeated edges: a dark corner goes on outside and stays paper, a stroke that is cut off stays thin.
    closed = cv2.copyMakeBorder(small, wide, wide, wide, wide, cv2.BORDER_REPLICATE)
    closed = cv2.morphologyEx(closed, cv2.MORPH_CLOSE, np.ones((wide, wide), np.uint8))
    closed = cv2.GaussianBlur(closed, (0, 0), 1.0)[wide:-wide, wide:-wide]
    paper = np.asarray(cv2.resize(closed, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    darkest = max(1, round(DARKEST_PAPER * float(np.percentile(closed, 95))))  # on a black desk noise would be ink
    return np.maximum(paper, np.uint8(darkest))


def _least(strength: Strength, pen: float) -> NDArray[np.uint8]:
    """The strength that ink must exceed, by how rough the paper around is: a median of blocks, the least nearby."""
    height, width = strength.shape
    rows, columns = max(1, height // BLOCK), max(1, width // BLOCK)
    if max(rows, columns) < FEWEST_BLOCKS:  # one of them could be all ink
        rows = columns = 1
    sample = np.asarray(
        cv2.resize(strength, (columns * SAMPLE, rows * SAMPLE), interpolation=cv2.INTER_NEAREST), np.uint8
    )
    blocks = sample.reshape(rows, SAMPLE, columns, SAMPLE).swapaxes(1, 2).reshape(rows, columns, -1)
    middle = _middle(blocks)
    spread = _middle(np.abs(blocks.astype(np.int16) - middle[..., None]))
    rough = np.asarray(middle + np.float32(ABOVE_NOISE) * spread, np.float32)
    nearby = int(pen * max(rows, columns)) * 2 + 1
    rough = np.asarray(cv2.erode(rough, np.ones((nearby, nearby), np.uint8)), np.float32)
    least = np.clip(cv2.resize(rough, (width, height), interpolation=cv2.INTER_LINEAR), WEAKEST, 255)
    return np.asarray(least, np.uint8)


def _middle(values: NDArray[np.integer]) -> NDArray[np.integer]:
    """The upper median along the last axis, of the values' own type: quicker than numpy's."""
    half = values.shape[-1] // 2
    return np.partition(values, half, axis=-1)[..., half]
