"""What the finder should say of a window: heat maps, classes, boxes and ink, and where either answer would be right."""

from dataclasses import dataclass
from math import isqrt

import cv2
import numpy as np
from numpy.typing import NDArray

from model.reading.finder import LARGEST, SMALLEST, STRIDE
from model.synthesis.sheets import Photo, Sight

SIDE = 256  # pixels of a window
EDGE = 12  # pixels at the least between a whole photo and a window's edge, a copy of the photo's own edge
CLEARLY_SMALL, CLEARLY_LARGE = 0.85, 1.2  # times the smallest and the largest: beyond, a digit is none of this scale
TINY = 0.45  # times the smallest: what is smaller can't be read at the next finer scale either
WHOLE, PART = 0.88, 0.5  # visible share of a digit: from here on it is one; up to here it is none
SPREAD = 0.12  # of a mark's sides: standard deviation of its Gaussian,
LEAST_SPREAD = 0.6  # and of a cell at the least
NEAR = 0.25  # of the Gaussian's height: from here on a place tells the digit and its box
NO_CLASS = -1


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """Of one window; maps are (SIDE / STRIDE, SIDE / STRIDE)."""

    heat: NDArray[np.float16]  # (…, 3): a digit, another mark, and digits too small for this scale; 1 at their centres
    counts: NDArray[np.uint8]  # (…, 3): 0 where any answer is as good
    classes: NDArray[np.int8]  # (…): the digit, or NO_CLASS
    boxes: NDArray[np.float16]  # (…, 4): from the cell's middle to the left, top, right and bottom edge, in pixels
    ink: NDArray[np.uint8]  # (SIDE, SIDE): how much digit ink covers each pixel
    ink_counts: NDArray[np.uint8]  # (SIDE, SIDE): 0 where any answer is as good


def target(photo: Photo) -> Target:
    """What the finder should say of a picture of SIDE × SIDE pixels."""
    cells = SIDE // STRIDE
    heat, counts = np.zeros((cells, cells, 3), np.float32), np.ones((cells, cells, 3), np.uint8)
    classes, boxes = np.full((cells, cells), NO_CLASS, np.int8), np.zeros((cells, cells, 4), np.float16)
    nearest = np.full((cells, cells), NEAR, np.float32)
    ink_counts = np.ones((SIDE, SIDE), np.uint8)
    for mark in photo.marks:
        size = mark.size
        if mark.digit is None:
            if SMALLEST / 2 <= size <= LARGEST * CLEARLY_LARGE and mark.visible > PART:
                _put(heat[..., 1], mark)
            continue
        if mark.visible <= PART or size > LARGEST * CLEARLY_LARGE or size < TINY * SMALLEST:
            _ignore(ink_counts, mark, 1)
        elif mark.visible < WHOLE or size > LARGEST:
            _ignore(ink_counts, mark, 1)
            _ignore(counts, mark, STRIDE)
        elif size < SMALLEST:
            _put(heat[..., 2], mark)
            _ignore(ink_counts, mark, 1)
            if size > SMALLEST * CLEARLY_SMALL:
                _ignore(counts[..., 0], mark, STRIDE)
        else:
            if size < SMALLEST / CLEARLY_SMALL:
                _ignore(counts[..., 2], mark, STRIDE)
            rows, columns, bell = _put(heat[..., 0], mark)
            better = bell > nearest[rows, columns]
            nearest[rows, columns][better] = bell[better]
            classes[rows, columns][better] = mark.digit
            y, x = np.mgrid[rows, columns] * STRIDE + STRIDE / 2
            edges = np.stack([x - mark.left, y - mark.top, mark.right - x, mark.bottom - y], axis=-1)
            boxes[rows, columns][better] = edges[better]
    counts[heat >= 0.999] = 1
    return Target(heat.astype(np.float16), counts, classes, boxes, photo.ink, ink_counts)


def _put(heat: NDArray[np.float32], mark: Sight) -> tuple[slice, slice, NDArray[np.float32]]:
    """Adds the mark's Gaussian, 1 in the cell of its centre; gives where and what was added."""
    x, y = (mark.left + mark.right) / 2 / STRIDE, (mark.top + mark.bottom) / 2 / STRIDE
    spreads = [max(LEAST_SPREAD, SPREAD * side / STRIDE) for side in (mark.right - mark.left, mark.bottom - mark.top)]
    cells = heat.shape[0]
    middle = min(int(x), cells - 1), min(int(y), cells - 1)
    reach = [int(np.ceil(3 * spread)) for spread in spreads]
    columns = slice(max(0, middle[0] - reach[0]), min(cells, middle[0] + reach[0] + 1))
    rows = slice(max(0, middle[1] - reach[1]), min(cells, middle[1] + reach[1] + 1))
    dx = (np.arange(columns.start, columns.stop) + 0.5 - x) / spreads[0]
    dy = (np.arange(rows.start, rows.stop) + 0.5 - y) / spreads[1]
    bell = np.exp(-0.5 * (dy[:, None] ** 2 + dx**2)).astype(np.float32)
    bell[middle[1] - rows.start, middle[0] - columns.start] = 1
    np.maximum(heat[rows, columns], bell, out=heat[rows, columns])
    return rows, columns, bell


def _ignore(counts: NDArray[np.uint8], mark: Sight, step: int) -> None:
    left, top = int(mark.left / step), int(mark.top / step)
    right, bottom = int(np.ceil(mark.right / step)), int(np.ceil(mark.bottom / step))
    counts[top : bottom + 1, left : right + 1] = 0


def window(photos: list[Photo], places: list[tuple[int, int]]) -> Photo:
    """One picture of SIDE × SIDE pixels: photos in its equal squares, at these places in them, their edges copied."""
    picture, ink = np.zeros((SIDE, SIDE, 3), np.uint8), np.zeros((SIDE, SIDE), np.uint8)
    across = isqrt(len(photos))
    side = SIDE // across
    marks: list[Sight] = []
    for k, (photo, (x, y)) in enumerate(zip(photos, places, strict=True)):
        height, width = photo.ink.shape
        left, top = k % across * side, k // across * side
        borders = y, side - height - y, x, side - width - x
        part = np.s_[top : top + side, left : left + side]
        picture[part] = cv2.copyMakeBorder(photo.picture, *borders, cv2.BORDER_REPLICATE)
        ink[part] = cv2.copyMakeBorder(photo.ink, *borders, cv2.BORDER_CONSTANT, value=0)
        marks += [mark.moved(left + x, top + y) for mark in photo.marks]
    return Photo(picture, tuple(marks), ink)
