"""Boxes in the order in which people read them, also on a page that was photographed askew."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model.reading.result import Box

TILTS = np.radians(np.arange(-15, 16))  # a page is photographed askew by at most this much


def rows(boxes: Sequence[Box]) -> list[list[int]]:
    """Indices of the boxes in reading order: lines top to bottom, each left to right, on a page that may be tilted."""
    if len(boxes) < 2:
        return [[0]] if boxes else []
    centres = np.array([(b.x + b.width / 2, b.y + b.height / 2) for b in boxes])
    gap = 0.6 * float(np.median([b.height for b in boxes]))
    level = min(TILTS, key=lambda tilt: (_untidiness(centres, tilt, gap), abs(tilt)))
    lines = _lines(centres, level, gap)
    return [sorted(line, key=lambda i: float(centres[i, 0])) for line in lines]


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
