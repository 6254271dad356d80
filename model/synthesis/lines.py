"""Operations on lines (n, 2): smooth, round, map, draw."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Line = NDArray[np.float32]  # (n, 2)
Homography = NDArray[np.float64]  # (3, 3)
FINER = 4  # bits: a line's corners are drawn to a sixteenth of a pixel


def smoothed(line: Line) -> Line:
    """Smooth away the steps of a coarse tablet.

    Each point is the mean of three; the ends stay.
    """
    if len(line) < 5:
        return line
    middle = (line[:-2] + line[1:-1] + line[2:]) / 3
    return np.concatenate([line[:1], middle, line[-1:]])


def rounded(line: Line, times: int) -> Line:
    """Cut a line's corners so many times (Chaikin 1974)."""
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
    """Map points (n, 2) by a homography."""
    there = points @ matrix[:, :2].T + matrix[:, 2]
    return np.asarray(there[:, :2] / there[:, 2:], np.float64)


def draw(layer: NDArray[np.uint8], lines: Sequence[NDArray[np.floating]], tone: float, width: int) -> None:
    """Draw lines, in pixels, on the layer in place; a single point is a dot."""
    points = [np.round(line * (1 << FINER)).astype(np.int32) for line in lines]
    points = [np.repeat(line, 2, axis=0) if len(line) == 1 else line for line in points]
    cv2.polylines(layer, points, False, tone, width, cv2.LINE_AA, shift=FINER)


def draw_thin(layer: NDArray[np.uint8], lines: Sequence[NDArray[np.floating]], width: float) -> None:
    """Draw lines of any width in place; thinner than a pixel means fainter."""
    whole = max(1, round(width))
    draw(layer, lines, 255 * min(1.0, width / whole), whole)
