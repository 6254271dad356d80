"""Ink → where the digits may be: shapes made of connected ink, loose strokes joined.

What is found here are candidates: rules, specks and edges are dropped, whether a shape is a digit is for the network.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model.reading.frames import is_frame
from model.reading.ink import Ink
from model.reading.result import Box

MANY = 80  # pieces of ink: no page has more that matter

SMALLEST = 1 / 50  # of the long side: lower pieces are specks, unless they belong to a larger one
SCRAP = 1 / 200  # of the long side: shorter pieces belong to nothing
FAINT = 0.45  # of the usual strength: fainter shapes were not written with the page's pen
ALONG = 0.6  # of an edge of the picture: ink on more of it is a frame or what lies beside the page
LOW = 0.3  # of the usual height: a lower shape is a dot, a dash or a scrap
EDGE = 0.012  # of the width: a sliver at the side of the picture is the edge of something
AROUND = 0.3  # of all four edges: ink on more of them is what the page lies on
ALL_OVER = 0.9  # of the page, or of 64 equal parts of it
SPARSE = 0.3  # of the page: more ink than that isn't lines
LEAST_FRAME = 24  # pixels: a smaller one holds no digit
IN_FRAME = 0.08  # of a frame's height: smaller scraps in it don't make it one
FLAT, LONGER = 8, 1.5  # times its height, times the usual height: what is as wide is a line, no stroke
SLENDER = 12  # times longer than wide: a rule or an edge of the page, no stroke
WHOLE = Box(0, 0, 0, 0)  # where the page begins


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Connected ink: its box in pixels of the ink, the mask of it in there, its strength in all and at its darkest."""

    box: Box
    mask: NDArray[np.bool_]
    weight: float
    peak: int


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """Ink that may be one digit: its box in pixels of the ink, and the crop, (height, width) float32, 0 to 1."""

    box: Box
    crop: NDArray[np.float32]
    peak: int  # the strength of its darkest ink, which is 1 in the crop

    @property
    def weight(self) -> float:
        """Its strength in all."""
        return self.peak * float(self.crop.sum())


def shapes(ink: Ink) -> tuple[list[Shape], float]:
    """The candidates on a page, and how much ink there is in all, rules left out, as the sum of its strength."""
    everything = float(cv2.sumElems(cv2.copyTo(ink.strength, ink.mask.view(np.uint8)))[0])
    pieces, frames = _without_frames(_pieces(ink))
    everything -= sum(frame.weight for frame in frames)
    if not pieces:
        return [], everything
    height = _usual_height(pieces, SMALLEST * max(ink.mask.shape))
    flat = [p for p in pieces if p.box.width > max(FLAT * p.box.height, LONGER * height)]
    everything -= sum(piece.weight for piece in flat)
    pieces = [piece for piece in pieces if piece not in flat]
    if not pieces:
        return [], everything
    lowest = max(SMALLEST * max(ink.mask.shape), LOW * height)
    found = []
    for group in _joined(pieces, height):
        box = around([piece.box for piece in group])
        if _is_rule(box, ink) or _is_grid(box, group, ink.mask.shape):
            everything -= sum(piece.weight for piece in group)
        elif max(box.width, box.height) >= lowest:
            found.append(_shape(ink, box, group))
    return _of_one_pen(found), everything


def around(boxes: Sequence[Box]) -> Box:
    """The smallest box that holds all of some."""
    x, y = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(box.x + box.width for box in boxes), max(box.y + box.height for box in boxes)
    return Box(x, y, right - x, bottom - y)


def is_within(inner: Box, outer: Box) -> bool:
    """Whether most of a box lies in another, larger one."""
    smaller = inner.width * inner.height < outer.width * outer.height
    return smaller and inner.shared(outer) > 0.6 * inner.width * inner.height


def _pieces(ink: Ink) -> list[Piece]:
    """The heaviest connected ink, each piece cut off at a share of its peak, whatever a smear connects parted by it."""
    smooth = cv2.blur(ink.strength, (3, 3))
    shortest = max(2, SCRAP * max(ink.mask.shape))
    pieces: list[Piece] = []
    for box, mask in _connected(ink.mask, shortest):
        strength, smoothed = ink.strength[_inside(box)], smooth[_inside(box)] * mask
        peak = smoothed.max()
        strong = mask & (strength > ink.cut * peak)
        if np.count_nonzero(strong) == np.count_nonzero(mask):
            pieces.append(Piece(box, mask, float(strength[mask].sum()), int(peak)))
            continue
        for part, inside in _connected(strong, shortest):
            weight, peak = strength[_inside(part)][inside].sum(), (smoothed[_inside(part)] * inside).max()
            place = Box(box.x + part.x, box.y + part.y, part.width, part.height)
            pieces.append(Piece(place, inside, float(weight), int(peak)))
    pieces.sort(key=lambda piece: -piece.weight)
    return pieces[:MANY]


def _without_frames(pieces: list[Piece]) -> tuple[list[Piece], list[Piece]]:
    """The pieces that aren't frames around others, and the frames."""
    hollow = [p for p in pieces if min(p.mask.shape) >= LEAST_FRAME and np.count_nonzero(p.mask) < 0.5 * p.mask.size]
    frames = [p for p in hollow if any(_holds(p.box, other.box) for other in pieces) and is_frame(p.mask)]
    return [piece for piece in pieces if piece not in frames], frames


def _holds(frame: Box, box: Box) -> bool:
    return (
        frame.x < box.x
        and frame.y < box.y
        and box.x + box.width < frame.x + frame.width
        and box.y + box.height < frame.y + frame.height
        and box.height > IN_FRAME * frame.height
    )


def _connected(mask: NDArray[np.bool_], shortest: float) -> Iterator[tuple[Box, NDArray[np.bool_]]]:
    """The connected parts of a mask that are long enough, the largest first: the box of each and its own mask."""
    try:
        _, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(
            mask.view(np.uint8), 8, cv2.CV_16U, cv2.CCL_SPAGHETTI
        )
    except cv2.error:  # more parts than 16 bits can count: noise
        return
    long = np.flatnonzero(stats[1:, 2:4].max(axis=1, initial=0) >= shortest) + 1
    for i in long[np.argsort(-stats[long, 4], kind="stable")][:MANY]:
        box = Box(*stats[i, :4].tolist())
        yield box, labels[_inside(box)] == i


def _shape(ink: Ink, box: Box, group: Sequence[Piece]) -> Shape:
    peak = max(piece.peak for piece in group)
    crop = np.zeros((box.height, box.width), np.uint8)
    for piece in group:
        np.copyto(crop[_inside(piece.box, box)], ink.strength[_inside(piece.box)], where=piece.mask)
    return Shape(box, np.minimum(crop, peak).astype(np.float32) / np.float32(peak), peak)


def _inside(box: Box, outer: Box = WHOLE) -> tuple[slice, slice]:
    top, left = box.y - outer.y, box.x - outer.x
    return slice(top, top + box.height), slice(left, left + box.width)


def _usual_height(pieces: Sequence[Piece], lowest: float) -> float:
    """The height of most of what may be digits; a large blot counts as one piece, however much ink it has."""
    tall = [piece for piece in pieces if max(piece.box[2:]) >= lowest] or pieces
    return _middle([max(p.box.height, p.box.width / 2) for p in tall], [p.weight**0.5 for p in tall])


def _middle(values: Sequence[float], weights: Sequence[float]) -> float:
    """The weighted median."""
    order = np.argsort(values)
    total = np.cumsum(np.array(weights)[order])
    return float(np.array(values)[order][np.searchsorted(total, total[-1] / 2)])


def _joined(pieces: Sequence[Piece], height: float) -> list[list[Piece]]:
    """Loose strokes go with the stroke that they belong to."""
    x, y, w, h = np.array([piece.box for piece in pieces], np.float32).T
    right, bottom = x + w, y + h
    across = np.minimum.outer(right, right) - np.maximum.outer(x, x)
    down = np.minimum.outer(bottom, bottom) - np.maximum.outer(y, y)
    together_high = np.maximum.outer(bottom, bottom) - np.minimum.outer(y, y)
    narrower, lower = np.minimum.outer(w, w), np.minimum.outer(h, h)
    not_too_high = together_high <= 1.35 * np.maximum(height, np.maximum.outer(h, h))
    inside = (across >= 0.6 * narrower) & (down >= 0.6 * lower)
    stacked = (across >= 0.5 * narrower) & (down >= -0.15 * height) & (lower < 0.75 * height)
    group_of = np.arange(len(pieces))
    for one, other in np.argwhere(np.triu(not_too_high & (inside | stacked), 1)):
        group_of[group_of == group_of[other]] = group_of[one]
    return [[pieces[int(i)] for i in np.flatnonzero(group_of == group)] for group in np.unique(group_of)]


def _of_one_pen(found: list[Shape]) -> list[Shape]:
    """Without what is much fainter than most of the ink: creases, print from behind, the edge of a shadow."""
    if not found:
        return []
    usual = _middle([shape.peak for shape in found], [shape.weight for shape in found])
    return [shape for shape in found if shape.peak >= FAINT * usual]


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


def _is_grid(box: Box, group: Sequence[Piece], page: tuple[int, ...]) -> bool:
    """Squares printed all over the page: one thin piece that is nearly everywhere."""
    height, width = page
    if box.width < ALL_OVER * width or box.height < ALL_OVER * height:
        return False
    inked = np.zeros((box.height, box.width), np.float32)
    for piece in group:
        inked[_inside(piece.box, box)][piece.mask] = 1
    cells = cv2.resize(inked, (8, 8), interpolation=cv2.INTER_AREA)
    return float((cells > 0).mean()) > ALL_OVER and float(inked.mean()) < SPARSE
