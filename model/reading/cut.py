"""A digit's ink cut out of a coloured picture: how far each pixel lies on the way from its paper to its ink."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model.reading.finder import Candidate, Colours, Edges, Part
from model.reading.mnist_format import BOX as MNIST_BOX
from model.reading.mnist_format import FINE

AROUND = 0.3  # of the box's longer side: paper that is looked at around it
INKED, FADING, PAPER = 0.5, 0.2, 0.1  # how surely a pixel is ink; is ink if it hangs on such; or at most to be paper
ALL_MINE, SHARED = 0.75, 0.2  # of a piece of ink: with so much of it in its box it is the digit's, or touches it
LARGEST = 1.3 * FINE * MNIST_BOX  # pixels: finer than that nothing of a crop is seen
COARSE = 4  # paper is smooth: a quarter of the size is enough for it
NEAR = 9  # of those pixels: paper that is like that under the ink

Ink = NDArray[np.float32]  # (height, width), 0 paper to 1 ink


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """One digit's ink and nothing else."""

    ink: Ink  # some paper around; 0 everywhere where no ink can be told from paper
    edges: (
        Edges  # of the ink, left, top, right and bottom in pixels of the picture; the candidate's where there is none
    )


def cut(picture: Colours, candidate: Candidate) -> Cut:
    """The ink of what the finder saw in a picture."""
    part = around(candidate.edges, picture.shape)
    pixels = picture[part.top : part.bottom, part.left : part.right]
    factor = min(1.0, LARGEST / max(pixels.shape))
    size = max(2, round(pixels.shape[1] * factor)), max(2, round(pixels.shape[0] * factor))
    if factor < 1:
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    likely = candidate.scale.ink(part, size)
    corner = np.array([part.left, part.top] * 2, np.float32)
    mine = own(likely, (candidate.edges - corner) * np.float32(factor))
    if not mine.any():
        return Cut(np.zeros(likely.shape, np.float32), candidate.edges)
    x, y, width, height = cv2.boundingRect(mine)
    edges = np.array([x, y, x + width, y + height], np.float32) / np.float32(factor) + corner
    return Cut(strength(np.asarray(pixels, np.float32), likely, widened(mine)), edges)


def around(edges: Edges, shape: tuple[int, ...]) -> Part:
    """The box with some paper around, within a picture of that shape."""
    margin = AROUND * float(max(edges[2:] - edges[:2])) + 2
    left, top = (max(0, int(edge - margin)) for edge in edges[:2])
    right, bottom = (min(side, int(edge + margin) + 1) for edge, side in zip(edges[2:], shape[1::-1], strict=True))
    return Part(min(left, shape[1] - 1), min(top, shape[0] - 1), max(right, 1), max(bottom, 1))


def own(likely: Ink, inside: Edges) -> NDArray[np.uint8]:
    """This digit's ink (0 or 1): pieces of likely ink in its box, and what lies in it of those that touch it."""
    inked = (likely > FADING).astype(np.uint8)
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(inked, connectivity=8)
    surely = np.bincount(pieces[likely > INKED], minlength=count) > 0
    left, top = (max(0, round(float(edge))) for edge in inside[:2])
    right, bottom = (max(1, round(float(edge))) for edge in inside[2:])
    within = np.bincount(pieces[top:bottom, left:right].ravel(), minlength=count)
    shares = surely * within / np.maximum(stats[:, cv2.CC_STAT_AREA], 1)
    shares[0] = 0
    mine = shares[pieces] > ALL_MINE
    mine[top:bottom, left:right] |= shares[pieces[top:bottom, left:right]] > SHARED
    return np.asarray(mine, np.uint8)


def widened(mine: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The same with the pixels beside it, where ink fades into paper."""
    wider = max(1, round(0.03 * max(mine.shape)))
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * wider + 1, 2 * wider + 1))
    return np.asarray(cv2.dilate(mine, brush), np.uint8)


def strength(pixels: NDArray[np.float32], likely: Ink, mask: NDArray[np.uint8]) -> Ink:
    """How far each of the pixels (h, w, 3) is from paper to ink, where the mask is 1; elsewhere 0.

    Noise around a faint stroke would be ink as well: what the finder doubts counts less.
    """
    sure = likely * mask
    change = pixels - _paper(pixels, (likely < PAPER).astype(np.float32) + np.float32(1e-4))
    way = np.tensordot(sure, change, 2) / sure.sum()  # from paper to the ink's mean colour
    along = np.clip(change @ (way / max(float(way @ way), 1e-6)), 0, 1)
    return np.asarray(along * np.minimum(1, 2 * likely) * mask, np.float32)


def _paper(pixels: NDArray[np.float32], blank: Ink) -> NDArray[np.float32]:
    """What the paper under each pixel would look like: the mean of the pixels around, by how blank they are."""
    height, width = blank.shape
    size = max(2, -(-width // COARSE)), max(2, -(-height // COARSE))
    colours, shares = (
        np.asarray(cv2.blur(cv2.resize(each, size, interpolation=cv2.INTER_AREA), (NEAR, NEAR)), np.float32)
        for each in (pixels * blank[..., None], blank)
    )
    means = colours / shares[..., None]
    return np.asarray(cv2.resize(means, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
