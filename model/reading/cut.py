"""A digit's ink cut out of a coloured picture: how far each pixel lies on the way from its paper to its ink."""

from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from model.reading.finder import Candidate, Colours, Edges
from model.reading.mnist_format import BOX as MNIST_BOX
from model.reading.mnist_format import FINE

AROUND = 0.3  # of the box's longer side: paper that is looked at around it
INKED, PAPER = 0.4, 0.15  # how surely a pixel is ink, or at most to be paper
MINE = 0.5  # of a connected piece of ink: so much of it lies in the box of the digit that it belongs to
LARGEST = 1.4 * FINE * MNIST_BOX  # pixels: finer than that nothing of a crop is seen
DARKEST = 80  # percentile of a digit's ink: as dark as that is all ink

T = TypeVar("T", np.uint8, np.float32)
Ink = NDArray[np.float32]  # (height, width), 0 paper to 1 ink


def cut(picture: Colours, candidate: Candidate) -> Ink:
    """The ink of one digit and of nothing else, some paper around; 0 everywhere where no ink can be told from paper."""
    left, top, right, bottom = region(candidate.edges, picture.shape)
    part = picture[top:bottom, left:right]
    likely = candidate.scale.ink(left, top, right, bottom)
    factor = min(1.0, LARGEST / max(part.shape))
    if factor < 1:
        part, likely = _smaller(part, factor), _smaller(likely, factor)
    inside = (candidate.edges - np.array([left, top, left, top], np.float32)) * np.float32(factor)
    mask = own(likely, inside)
    return strength(np.asarray(part, np.float32), likely, mask)


def _smaller(pixels: NDArray[T], factor: float) -> NDArray[T]:
    size = max(2, round(pixels.shape[1] * factor)), max(2, round(pixels.shape[0] * factor))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), pixels.dtype)


def region(edges: Edges, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the box with some paper around, within a picture of that shape."""
    margin = AROUND * float(max(edges[2:] - edges[:2])) + 2
    left, top = (max(0, int(edge - margin)) for edge in edges[:2])
    right, bottom = (min(side, int(edge + margin) + 1) for edge, side in zip(edges[2:], shape[1::-1], strict=True))
    return min(left, shape[1] - 1), min(top, shape[0] - 1), max(right, 1), max(bottom, 1)


def own(likely: Ink, inside: Edges) -> NDArray[np.uint8]:
    """Where this digit's ink may be (0 or 1): pieces of likely ink that lie mostly in its box, a little widened."""
    inked = (likely > INKED).astype(np.uint8)
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(inked, connectivity=8)
    left, top = (max(0, round(float(edge))) for edge in inside[:2])
    right, bottom = (max(1, round(float(edge))) for edge in inside[2:])
    within = np.bincount(pieces[top:bottom, left:right].ravel(), minlength=count)
    mine = within > MINE * stats[:, cv2.CC_STAT_AREA]
    mine[0] = False
    wider = max(1, round(0.04 * max(inside[3] - inside[1], inside[2] - inside[0])))
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * wider + 1, 2 * wider + 1))
    return np.asarray(cv2.dilate(mine[pieces].astype(np.uint8), brush), np.uint8)


def strength(part: NDArray[np.float32], likely: Ink, mask: NDArray[np.uint8]) -> Ink:
    """How far each pixel of `part` (h, w, 3) is from paper to ink, where the mask is 1; elsewhere 0."""
    sure = likely * mask
    weight = float(sure.sum())
    if weight < 1:
        return np.zeros(likely.shape, np.float32)
    blank = (likely < PAPER).astype(np.float32) + np.float32(1e-4)
    spread = 0.15 * max(likely.shape)
    share = np.asarray(cv2.GaussianBlur(blank, (0, 0), spread), np.float32)
    paper = np.asarray(cv2.GaussianBlur(part * blank[..., None], (0, 0), spread), np.float32) / share[..., None]
    change = part - paper
    way = (change * sure[..., None]).sum(axis=(0, 1)) / weight
    along = change @ (way / max(float(way @ way), 1e-6))
    darkest = float(np.percentile(along[sure > INKED], DARKEST)) if (sure > INKED).any() else 1.0
    return np.asarray(np.clip(along / max(darkest, 0.2), 0, 1) * mask, np.float32)
