"""Ink → where the digits may be: shapes made of connected ink, loose strokes joined, in reading order.

What is found here are candidates: rules, specks and edges are dropped, whether a shape is a digit is for the network.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model.ink import Ink
from model.reading import Box

MANY = 300  # pieces of ink: more than that is a scene, not a page
Labels = NDArray[np.int32]  # (height, width): 0 paper, then a number for each piece of ink

SMALLEST = 1 / 50  # of the long side: lower pieces are specks, unless they belong to a larger one
FAINT = 0.45  # of the usual strength: fainter shapes were not written with the page's pen
CLOSE = 0.12  # of the height: strokes of one digit are no further apart
ALONG = 0.6  # of an edge of the picture: ink on more of it is a frame or what lies beside the page
LOW = 0.3  # of the usual height: a lower shape is a dot, a dash or a scrap
EDGE = 0.012  # of the width: a sliver at the side of the picture is the edge of something
AROUND = 0.3  # of all four edges: ink on more of them is what the page lies on
ALL_OVER = 0.9  # of the page, or of 64 equal parts of it
SPARSE = 0.3  # of the page: more ink than that isn't lines
SLENDER = 12  # times longer than wide: a rule or an edge of the page, no stroke
TILTS = np.radians(np.arange(-15, 16))  # a page is photographed askew by at most this much


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """Ink that may be one digit: its box in pixels of the ink, and the crop, (height, width) float32, 0 to 1."""

    box: Box
    crop: NDArray[np.float32]
    peak: float  # the strength of its darkest ink, which is 1 in the crop


def shapes(ink: Ink) -> tuple[list[Shape], float]:
    """The candidates on a page, and how much ink there is in all, rules left out, as the sum of its strength."""
    labels, boxes, weights, peaks = _pieces(ink)
    everything = float(ink.strength[ink.mask].sum(dtype=np.float64))
    if not len(boxes):
        return [], everything
    height = _usual_height(boxes, weights)
    lowest = max(SMALLEST * max(ink.mask.shape), LOW * height)
    group_of = _joined(boxes, height)
    found = []
    for group in np.unique(group_of):
        members = np.flatnonzero(group_of == group)
        box = _around(boxes[members])
        if _is_rule(box, ink) or _is_grid(box, labels, members + 1):
            everything -= float(weights[members].sum())
        elif max(box.width, box.height) >= lowest:
            peak = float(peaks[members].max())
            found.append(Shape(box, _crop(ink, labels, box, members + 1, peak), peak))
    return _of_one_pen(found), everything


def rows(boxes: Sequence[Box]) -> list[list[int]]:
    """Indices of the boxes in reading order: lines top to bottom, each left to right, on a page that may be tilted."""
    if not boxes:
        return []
    centres = np.array([(b.x + b.width / 2, b.y + b.height / 2) for b in boxes])
    gap = 0.6 * float(np.median([b.height for b in boxes]))
    level = min(TILTS, key=lambda tilt: (_untidiness(centres, tilt, gap), abs(tilt)))
    lines = _lines(centres, level, gap)
    return [sorted(line, key=lambda i: float(centres[i, 0])) for line in lines]


def between(shape: Shape, left: int, right: int) -> Shape:
    """The part of a shape between two columns of its crop, cropped to its ink."""
    part = shape.crop[:, left:right]
    inked_rows, inked_columns = np.flatnonzero(part.max(axis=1)), np.flatnonzero(part.max(axis=0))
    if not inked_rows.size:
        return Shape(Box(shape.box.x + left, shape.box.y, 0, 0), part[:0, :0], shape.peak)
    top, bottom, first, last = (
        int(v) for v in (inked_rows[0], inked_rows[-1] + 1, inked_columns[0], inked_columns[-1] + 1)
    )
    box = Box(shape.box.x + left + first, shape.box.y + top, last - first, bottom - top)
    return Shape(box, part[top:bottom, first:last], shape.peak)


def together(one: Shape, other: Shape) -> Shape:
    """Two shapes as one."""
    x, y = min(one.box.x, other.box.x), min(one.box.y, other.box.y)
    right = max(one.box.x + one.box.width, other.box.x + other.box.width)
    bottom = max(one.box.y + one.box.height, other.box.y + other.box.height)
    crop = np.zeros((bottom - y, right - x), np.float32)
    for shape in (one, other):
        top, left = shape.box.y - y, shape.box.x - x
        part = crop[top : top + shape.box.height, left : left + shape.box.width]
        np.maximum(part, shape.crop, out=part)
    return Shape(Box(x, y, right - x, bottom - y), crop, max(one.peak, other.peak))


def may_be_one(one: Box, other: Box) -> bool:
    """Whether two boxes side by side may be strokes of one digit: an open 4, a 5 whose flag flew away."""
    gap = max(one.x, other.x) - min(one.x + one.width, other.x + other.width)
    height = max(one.y + one.height, other.y + other.height) - min(one.y, other.y)
    width = max(one.x + one.width, other.x + other.width) - min(one.x, other.x)
    taller = max(one.height, other.height)
    return gap < CLOSE * taller and width < 1.1 * height and height < 1.3 * taller


def is_within(inner: Box, outer: Box) -> bool:
    """Whether most of a box lies in another, larger one."""
    smaller = inner.width * inner.height < outer.width * outer.height
    across = min(inner.x + inner.width, outer.x + outer.width) - max(inner.x, outer.x)
    down = min(inner.y + inner.height, outer.y + outer.height) - max(inner.y, outer.y)
    return smaller and across > 0 and down > 0 and across * down > 0.6 * inner.width * inner.height


def thin_columns(shape: Shape, most: int = 6) -> list[int]:
    """Columns of the crop where two touching digits may be parted: least ink to cross, away from the ends."""
    height, width = shape.crop.shape
    profile = cv2.blur(shape.crop.sum(axis=0).reshape(1, -1), (3, 1)).ravel()
    apart = max(3, round(0.2 * height))
    found: list[int] = []
    for column in np.argsort(profile, kind="stable"):
        if apart <= column <= width - apart and all(abs(column - other) >= apart for other in found):
            found.append(int(column))
            if len(found) == most:
                break
    return sorted(found)


def _pieces(ink: Ink) -> tuple[Labels, NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]:
    """Connected ink: labels from 1, boxes (n, 4), weights and peaks (n,), each piece cut off at a share of its peak."""
    smooth = cv2.blur(ink.strength, (3, 3)).ravel()
    inked = np.flatnonzero(ink.mask)  # the few pixels that matter
    loose = _connected(ink.mask)[0].ravel()[inked]
    peaks = np.ones(int(loose.max(initial=0)) + 1, np.float32)
    np.maximum.at(peaks, loose, smooth[inked].astype(np.float32))
    strength = ink.strength.ravel()
    inked = inked[strength[inked] > ink.cut * peaks[loose]]
    strong = np.zeros(ink.mask.size, bool)
    strong[inked] = True
    labels, stats = _connected(strong.reshape(ink.mask.shape))
    pieces, count = labels.ravel()[inked], len(stats)
    weights = np.bincount(pieces, strength[inked], minlength=count).astype(np.float32)
    piece_peaks = np.ones(count, np.float32)
    np.maximum.at(piece_peaks, pieces, smooth[inked].astype(np.float32))
    large = np.flatnonzero(stats[:, 2:4].max(axis=1) >= max(2, SMALLEST * max(ink.mask.shape) / 4))
    large = large[large > 0]
    heaviest = np.sort(large[np.argsort(-weights[large], kind="stable")[:MANY]])
    renumbered = np.zeros(count, np.int32)
    renumbered[heaviest] = np.arange(1, len(heaviest) + 1)
    labels.ravel()[inked] = renumbered[pieces]
    return labels, stats[heaviest, :4], weights[heaviest], piece_peaks[heaviest]


def _connected(mask: NDArray[np.bool_]) -> tuple[Labels, NDArray[np.int32]]:
    _, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(
        mask.view(np.uint8), 8, cv2.CV_32S, cv2.CCL_SPAGHETTI
    )
    return np.asarray(labels, np.int32), np.asarray(stats, np.int32)


def _crop(ink: Ink, labels: Labels, box: Box, members: NDArray[np.intp], peak: float) -> NDArray[np.float32]:
    part = np.s_[box.y : box.y + box.height, box.x : box.x + box.width]
    inside = np.isin(labels[part], members)
    return np.where(inside, np.clip(ink.strength[part] / peak, 0, 1), 0).astype(np.float32)


def _usual_height(boxes: NDArray[np.int32], weights: NDArray[np.float32]) -> float:
    """The height that most of the ink has."""
    heights = np.maximum(boxes[:, 3], boxes[:, 2] / 2)
    order = np.argsort(heights)
    return float(heights[order][np.searchsorted(weights[order].cumsum(), weights.sum() / 2)])


def _joined(boxes: NDArray[np.int32], height: float) -> NDArray[np.intp]:
    """A group number for each piece: loose strokes go with the stroke that they belong to."""
    x, y, w, h = boxes.T.astype(np.float32)
    right, bottom = x + w, y + h
    across = np.minimum.outer(right, right) - np.maximum.outer(x, x)
    down = np.minimum.outer(bottom, bottom) - np.maximum.outer(y, y)
    together_high = np.maximum.outer(bottom, bottom) - np.minimum.outer(y, y)
    narrower, lower = np.minimum.outer(w, w), np.minimum.outer(h, h)
    not_too_high = together_high <= 1.35 * np.maximum(height, np.maximum.outer(h, h))
    inside = (across >= 0.6 * narrower) & (down >= 0.6 * lower)
    stacked = (across >= 0.5 * narrower) & (down >= -0.15 * height) & (lower < 0.75 * height)
    group_of = np.arange(len(boxes))
    for one, other in np.argwhere(np.triu(not_too_high & (inside | stacked), 1)):
        group_of[group_of == group_of[other]] = group_of[one]
    return group_of


def _of_one_pen(found: list[Shape]) -> list[Shape]:
    """Without what is much fainter than most of the ink: creases, print from behind, the edge of a shadow."""
    if not found:
        return []
    peaks = np.array([shape.peak for shape in found])
    weights = np.array([shape.peak * float(shape.crop.sum()) for shape in found])
    order = np.argsort(peaks)
    usual = peaks[order][np.searchsorted(weights[order].cumsum(), weights.sum() / 2)]
    return [shape for shape in found if shape.peak >= FAINT * usual]


def _around(boxes: NDArray[np.int32]) -> Box:
    x, y = boxes[:, 0].min(), boxes[:, 1].min()
    right, bottom = (boxes[:, 0] + boxes[:, 2]).max(), (boxes[:, 1] + boxes[:, 3]).max()
    return Box(int(x), int(y), int(right - x), int(bottom - y))


def _is_rule(box: Box, ink: Ink) -> bool:
    """Lines that lie flat, and what runs along the picture's edges: frames, the table around the page."""
    height, width = ink.mask.shape
    x, y, w, h = box
    if w > SLENDER * h or (h > SLENDER * w and h > 0.5 * height):
        return True
    if w < EDGE * width and (x <= 1 or x + w >= width - 1):
        return True
    rows, columns = slice(y, y + h), slice(x, x + w)
    left = int(ink.mask[rows, 1].sum()) if x <= 1 else 0
    right = int(ink.mask[rows, -2].sum()) if x + w >= width - 1 else 0
    top = int(ink.mask[1, columns].sum()) if y <= 1 else 0
    bottom = int(ink.mask[-2, columns].sum()) if y + h >= height - 1 else 0
    return bool(
        max(left, right) > ALONG * height
        or max(top, bottom) > ALONG * width
        or left + right + top + bottom > AROUND * 2 * (height + width)
    )


def _is_grid(box: Box, labels: Labels, members: NDArray[np.intp]) -> bool:
    """Squares printed all over the page: one thin piece that is nearly everywhere."""
    height, width = labels.shape
    if box.width < ALL_OVER * width or box.height < ALL_OVER * height:
        return False
    inked = np.isin(labels, members)
    cells = cv2.resize(inked.astype(np.float32), (8, 8), interpolation=cv2.INTER_AREA)
    return float((cells > 0).mean()) > ALL_OVER and float(inked.mean()) < SPARSE


def _untidiness(centres: NDArray[np.float64], tilt: float, gap: float) -> float:
    """How badly centres fit level lines at a tilt: their spread within the lines, and a gap for each line."""
    levels = centres[:, 1] * np.cos(tilt) - centres[:, 0] * np.sin(tilt)
    lines = _lines(centres, tilt, gap)
    return float(sum(np.abs(levels[line] - levels[line].mean()).sum() for line in lines)) + gap * len(lines)


def _lines(centres: NDArray[np.float64], tilt: float, gap: float) -> list[list[int]]:
    levels = centres[:, 1] * np.cos(tilt) - centres[:, 0] * np.sin(tilt)
    order = np.argsort(levels, kind="stable")
    breaks = np.flatnonzero(np.diff(levels[order]) > gap) + 1
    return [[int(i) for i in line] for line in np.split(order, breaks)]
