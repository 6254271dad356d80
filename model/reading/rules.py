"""Ink without the lines that were printed on the paper: ruled and squared pages, tables.

A line is long, straight or slightly bent, about level or upright, and thin along its whole length; where it is thick, a
stroke crosses it, and the stroke stays.
"""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from model.reading.frames import frames
from model.reading.ink import Ink

SLOPES = np.tan(np.radians(np.arange(-15, 16, 2.5)))  # a page is photographed askew by at most this much
REACH = 0.1  # of the side: so long must a piece of a line be straight
LEAST_IN_A_ROW = 0.2  # of the side: with less ink in every row, no line runs along them
DENSEST = 0.35  # of the page: more ink than that isn't lines
FULLEST = 0.75  # of the most ink in a row at any slope: lines lie about parallel
LONG = 0.55  # of the side: so long must a line be in all,
FRAMED = 0.75  # of its side: so long must a line of a frame be
LONG_BESIDE = 0.25  # and so long beside the other side,
SPANNING = 0.9  # but it needn't be longer than that: the lines of a table in a strip
THIN = 0.035  # of the side across: so thick may a line be
MISFIT = 0.5  # of its thickness: so far may the middle of a line be from a smooth curve
DARKER = 1.5  # times a line's usual strength: more than that is a stroke along it
ALONE = 30  # percentile: at so much of its length, no stroke hides how thick a line is
CROSSED = 1.6  # times a line's usual thickness: more than that is a stroke that crosses it

Mask = NDArray[np.uint8]  # (height, width), 0 or 1


def without_rules(ink: Ink) -> Ink:
    """The page without its printed lines; strokes that cross them stay. The same page where there are none."""
    mask = ink.mask.view(np.uint8)
    if cv2.countNonZero(mask) > DENSEST * mask.size:
        return ink
    lines = _lines(mask, ink.strength, LONG)
    for x, y, width, height in frames(mask & ~lines.view(np.uint8)):
        part = np.s_[y : y + height, x : x + width]
        lines[part] |= _lines(mask[part], ink.strength[part], FRAMED)
    if not lines.any():
        return ink
    return replace(ink, strength=np.where(lines, np.uint8(0), ink.strength), mask=ink.mask & ~lines)


def _lines(mask: Mask, strength: NDArray[np.uint8], long: float) -> NDArray[np.bool_]:
    across = _level_lines(mask, strength, long)
    return across | _level_lines(np.ascontiguousarray(mask.T), strength.T, long).T


def _level_lines(mask: Mask, strength: NDArray[np.uint8], long: float) -> NDArray[np.bool_]:
    """Where lines run that are about level. Looked for at half size, where a line is still a line."""
    height, width = mask.shape
    size = (max(1, width // 2), max(1, height // 2))
    half = np.asarray(cv2.resize(cv2.dilate(mask, np.ones((2, 2), np.uint8)), size), np.uint8)
    darkness = np.asarray(cv2.resize(strength, size, interpolation=cv2.INTER_AREA), np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(_straight_runs(half), connectivity=8)
    thickness = _thickness(half)
    shortest = max(long * size[0], min(SPANNING * size[0], LONG_BESIDE * size[1]))
    line = np.zeros_like(half)
    for i in range(1, count):
        x, y, w, h, _ = (int(v) for v in stats[i])
        part = np.s_[y : y + h, x : x + w]
        along = (labels[part] == i) & (half[part] > 0)
        if w < shortest or not along.any():
            continue
        usual = np.percentile(np.where(along, thickness[part], 0).max(axis=0), ALONE)
        thin = along & (thickness[part] <= CROSSED * usual + 1)
        if usual <= max(3.0, THIN * size[1]) and _is_one_curve(thin):
            dark = np.percentile(darkness[part][thin], 75)
            line[part] |= (thin & (darkness[part] <= DARKER * dark)).view(np.uint8)
    line = np.asarray(cv2.dilate(line, np.ones((3, 1), np.uint8)), np.uint8)
    full = cv2.resize(line, (width, height), interpolation=cv2.INTER_NEAREST)
    return np.asarray((full > 0) & (mask > 0))


def _is_one_curve(along: NDArray[np.bool_]) -> bool:
    """Whether a piece of ink is one slightly bent line: a parabola through the middles of its columns fits it."""
    columns = np.flatnonzero(along.any(axis=0))
    if columns.size < 3:
        return False
    ink = along[:, columns]
    middles = (np.arange(len(ink)) @ ink) / ink.sum(axis=0)
    curve = np.polynomial.Polynomial.fit(columns, middles, 2)
    rough = float(np.median(np.abs(middles - curve(columns))))
    return rough <= MISFIT * max(1.0, float(np.median(ink.sum(axis=0))))


def _straight_runs(mask: Mask) -> Mask:
    """Pixels on straight pieces of REACH at any of the SLOPES: openings of the sheared picture (Serra 1982)."""
    width, found = mask.shape[1], np.zeros_like(mask)
    slopes = _slopes(mask)
    bridged = cv2.dilate(mask, np.ones((1, 5), np.uint8)) if slopes else mask
    reach = np.ones((1, max(15, round(REACH * width))), np.uint8)
    for slope in slopes:
        level = cv2.warpAffine(bridged, _shear(slope, width), mask.shape[::-1], flags=cv2.INTER_NEAREST)
        opened = cv2.morphologyEx(level, cv2.MORPH_OPEN, reach)
        back = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
        np.maximum(found, cv2.warpAffine(opened, _shear(slope, width), mask.shape[::-1], flags=back), out=found)
    return np.asarray(cv2.bitwise_and(found, bridged), np.uint8)


def _slopes(mask: Mask) -> list[float]:
    """Those of the SLOPES at which rows are full of ink, as along lines; told from a small picture."""
    size = (max(1, mask.shape[1] // 2), max(1, mask.shape[0] // 2))
    small = cv2.resize(cv2.dilate(mask, np.ones((2, 2), np.uint8)), size, interpolation=cv2.INTER_NEAREST)
    level = (cv2.warpAffine(small, _shear(slope, size[0]), size, flags=cv2.INTER_NEAREST) for slope in SLOPES)
    fullest = [int(cv2.reduce(each, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S).max()) for each in level]
    least = max(FULLEST * max(fullest), LEAST_IN_A_ROW * size[0])
    full = np.convolve(np.array(fullest) >= least, np.ones(3), "same") > 0  # and those beside: lines are bent
    return [float(slope) for slope in SLOPES[full]]


def _shear(slope: float, width: int) -> NDArray[np.float32]:
    return np.array([[1, 0, 0], [slope, 1, -slope * width / 2]], np.float32)


def _thickness(mask: Mask) -> NDArray[np.int16]:
    """For each pixel of ink, how many pixels of ink its column has without a break around it."""
    height = len(mask)
    y = np.arange(1, height + 1, dtype=np.int16)[:, None]
    above = np.maximum.accumulate(np.where(mask, np.int16(0), y), axis=0)
    below = np.minimum.accumulate(np.where(mask, np.int16(height + 1), y)[::-1], axis=0)[::-1]
    return np.asarray(np.where(mask, below - above - 1, 0))
