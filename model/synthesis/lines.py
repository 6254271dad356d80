"""Lines as points (n, 2), x and y: smoothed, rounded, seen in perspective, drawn."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Line = NDArray[np.float32]  # (n, 2)
Homography = NDArray[np.float64]  # (3, 3)
FINER = 4  # bits: a line's corners are drawn to a sixteenth of a pixel


def smoothed(line: Line) -> Line:
    """The line without the stairs of a coarse tablet.

    Each point is the mean of three; the ends stay.
    """
    if len(line) < 5:
        return line
    middle = (line[:-2] + line[1:-1] + line[2:]) / 3
    return np.concatenate([line[:1], middle, line[-1:]])


def rounded(line: Line, times: int) -> Line:
    """The line with its corners cut so many times (Chaikin 1974)."""
    for _ in range(times):
        if len(line) < 3:
            break
        near, far = 0.75 * line[:-1] + 0.25 * line[1:], 0.25 * line[:-1] + 0.75 * line[1:]
        line = np.concatenate([line[:1], np.stack([near, far], axis=1).reshape(-1, 2)[1:-1], line[-1:]])
    return line


def along(line: NDArray[np.floating], places: NDArray[np.floating]) -> NDArray[np.float64]:
    """The points (n, 2) at these places of a line.

    Its corners are at 0, 1, 2 and so on.
    """
    corners = np.arange(len(line))
    return np.stack([np.interp(places, corners, line[:, axis]) for axis in (0, 1)], axis=1)


def mapped(matrix: NDArray[np.floating], points: NDArray[np.floating]) -> NDArray[np.float64]:
    """Where a homography takes points (n, 2)."""
    there = points @ matrix[:, :2].T + matrix[:, 2]
    return np.asarray(there[:, :2] / there[:, 2:], np.float64)


def draw(layer: NDArray[np.uint8], lines: Sequence[NDArray[np.floating]], tone: float, width: int) -> None:
    """Lines in pixels drawn on the layer, in place; a line of one point is a dot."""
    points = [np.round(line * (1 << FINER)).astype(np.int32) for line in lines]
    points = [np.repeat(line, 2, axis=0) if len(line) == 1 else line for line in points]
    cv2.polylines(layer, points, False, tone, width, cv2.LINE_AA, shift=FINER)


def draw_thin(layer: NDArray[np.uint8], lines: Sequence[NDArray[np.floating]], width: float) -> None:
    """Lines of any width, in place: what is thinner than a pixel is fainter instead."""
    whole = max(1, round(width))
    draw(layer, lines, 255 * min(1.0, width / whole), whole)
