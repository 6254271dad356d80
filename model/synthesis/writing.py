"""Pens and their ink on generated paper: pencil, ballpoint, fibre pen, marker, chalk."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model.synthesis.lines import rounded
from model.synthesis.paper import MIDDLE, SPREAD, Paper, Picture, piece

THINNEST = 1.5  # pixels
LARGE = 70  # pixels: larger digits would show the corners of recorded strokes
BROAD = 4  # pixels: wider strokes vary in width
ROUNDED = 2  # times that their corners are cut
PIECE = 3  # points of a stroke with the same width
LIGHTEST = 240  # of 255: chalk
LEAST_INK = 128  # of 255: least ink where the pen barely touches
SKIPS = 0.08  # share of pages on which the ink skips


@dataclass(frozen=True, slots=True)
class Pen:
    """A pen."""

    widths: tuple[float, float]  # widths by digit height
    dark: tuple[float, float]  # share of brightness that ink removes, or of the missing one that chalk adds
    grain: tuple[float, float]  # share of the ink missing in the hollows of the paper
    pressure: float  # variation of width and darkness


PENCIL = Pen((0.02, 0.08), (0.25, 0.6), (0.1, 0.5), 0.25)
BALLPOINT = Pen((0.015, 0.07), (0.3, 0.85), (0, 0.15), 0.15)
FIBRE = Pen((0.04, 0.12), (0.45, 0.92), (0, 0.05), 0.12)
MARKER = Pen((0.08, 0.17), (0.55, 0.95), (0, 0.1), 0.1)
CHALK = Pen((0.05, 0.13), (0.4, 0.95), (0.1, 0.6), 0.2)


def pen_for(paper: Paper, rng: np.random.Generator) -> Pen:
    """A random pen that suits the paper."""
    if paper.is_dark:
        return CHALK
    if paper.is_board:
        return MARKER
    return (PENCIL, BALLPOINT, FIBRE, MARKER)[rng.choice(4, p=[0.24, 0.36, 0.24, 0.16])]


def width_of(pen: Pen, rng: np.random.Generator) -> float:
    """A random stroke width, by digit height."""
    return float(np.exp(rng.uniform(*np.log(pen.widths))))


def write_on(
    page: Picture, lines: list[NDArray[np.float32]], pen: Pen, width: float, height: float, rng: np.random.Generator
) -> float:
    """Draw lines (n, 2), in pixels, in ink of that width, in place.

    Returns the contrast of ink and paper, 0 to 255.
    """
    cover = np.zeros(page.shape, np.uint8)
    for line in lines:
        _stroke(cover, rounded(line, ROUNDED) if height > LARGE else line, width, pen.pressure, rng)
    if rng.random() < SKIPS:
        _skip(cover, lines, width, rng)
    x, y, w, h = cv2.boundingRect(np.concatenate(lines))
    reach = round(width) + 2
    part = np.s_[max(0, y - reach) : y + h + reach, max(0, x - reach) : x + w + reach]
    tone, dark, grain = float(page[::8, ::8].mean()), rng.uniform(*pen.dark), rng.uniform(*pen.grain)
    ink = tone + dark * (LIGHTEST - tone) if pen is CHALK else tone * (1 - dark)
    share = _uneven(cover[part], grain, pen.pressure, rng)
    paper = page[part]
    page[part] = paper + share * (np.float32(ink) - paper)
    return abs(tone - ink) * LEAST_INK / 255


def _uneven(cover: Picture, grain: float, pressure: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """The amount of ink on each pixel, 0 to 1, by varying pressure and paper grain."""
    pressed, hollows = piece(12, cover.shape, rng), piece(0.8, cover.shape, rng)
    deep, press = 255 * grain / 2 / SPREAD, 255 * pressure / 5 / SPREAD
    most = 255 * (1 - grain / 2 - pressure / 4)
    field = cv2.addWeighted(hollows, deep, pressed, press, most - MIDDLE * (deep + press))
    field = np.maximum(np.asarray(field, np.uint8), np.uint8(LEAST_INK))
    share = cv2.multiply(cover, field, scale=1 / 255)
    return np.asarray(share, np.float32) * np.float32(1 / 255)


def _stroke(cover: Picture, line: NDArray[np.float32], width: float, pressure: float, rng: np.random.Generator) -> None:
    """Draw a line; wide ones vary in width, thin ones get fainter."""
    points = np.round(line * 16).astype(np.int32)
    if len(points) == 1:
        points = np.repeat(points, 2, axis=0)
    if width < BROAD:
        whole = int(np.ceil(width))
        cv2.polylines(cover, [points], False, 255 * width / whole, whole, cv2.LINE_AA, shift=4)
        return
    phase, pace = rng.uniform(0, 2 * np.pi), rng.uniform(0.02, 0.08)
    for first in range(0, len(points) - 1, PIECE):
        thick = round(width * (1 + pressure * np.sin(phase + pace * first)))
        cv2.polylines(cover, [points[first : first + PIECE + 1]], False, 255, thick, cv2.LINE_AA, shift=4)


def _skip(cover: Picture, lines: list[NDArray[np.float32]], width: float, rng: np.random.Generator) -> None:
    """Cut short gaps into some strokes."""
    for i in rng.integers(len(lines), size=len(lines)):
        x, y = lines[i][int(rng.integers(len(lines[i])))]
        dx, dy = rng.normal(0, 1.5 * width, 2)
        ends = np.round(np.array([[x - dx, y - dy], [x + dx, y + dy]]) * 16).astype(np.int32)
        cv2.polylines(cover, [ends], False, 0, max(1, round(rng.uniform(0.3, 0.8) * width)), cv2.LINE_AA, shift=4)
