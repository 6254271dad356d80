"""Drawings beside the digits of generated pages: scribbles, arrows, stars, houses, waves.

In digit heights, around the origin; none looks like a digit. Crossed-out digits are among them.
"""

import numpy as np
from numpy.typing import NDArray

from model.data.handwriting import Strokes
from model.synthesis.lines import Line, along

Corner = NDArray[np.floating] | tuple[float, float]  # x and y


def doodle(digit: Strokes, rng: np.random.Generator) -> Strokes:
    """A random drawing, about one digit height large; `digit` may be crossed out."""
    kind = int(rng.integers(6))
    if kind == 0:
        return crossed_out(digit, rng)
    if kind == 1:
        return scribble(rng)
    shape = (_ARROW, _STAR, _HOUSE, _WAVE)[kind - 2]
    angle, size = rng.normal(0, 0.15), rng.uniform(0.7, 1.4)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * size
    dense = [along(line, np.linspace(0, len(line) - 1, 6 * len(line))).astype(np.float32) for line in shape]
    return [((line + rng.normal(0, 0.012, (1, 2))) @ turn.T).astype(np.float32) for line in dense]


def crossed_out(digit: Strokes, rng: np.random.Generator) -> Strokes:
    """The digit under a dense zigzag, so that it no longer counts."""
    every = np.concatenate(digit)
    return [*digit, zigzag(every.min(axis=0) - 0.1, every.max(axis=0) + 0.1, int(rng.integers(9, 15)), rng)]


def zigzag(low: Corner, high: Corner, turns: int, rng: np.random.Generator) -> Line:
    """A hand-drawn zigzag between the corners `low` and `high`."""
    x = np.linspace(low[0], high[0], turns) + rng.normal(0, 0.04, turns)
    y = np.where(np.arange(turns) % 2, low[1], high[1]) + rng.normal(0, 0.06, turns)
    return np.stack([x, y], axis=1).astype(np.float32)


def scribble(rng: np.random.Generator) -> Strokes:
    """A wandering line with many turns."""
    corners = rng.uniform(0, 1, (int(rng.integers(10, 20)), 2)) * (rng.uniform(1, 2.5), 1)
    line = along(corners, np.linspace(0, len(corners) - 1, 8 * len(corners)))
    for _ in range(5):
        line[1:-1] = (line[:-2] + line[1:-1] + line[2:]) / 3
    return [line.astype(np.float32)]


def _points(text: str) -> Strokes:
    return [np.array([p.split(",") for p in line.split()], np.float32) / np.float32(10) for line in text.split("/")]


_ARROW = _points("0,5 20,5 / 15,1 20,5 15,9")
_STAR = _points("2,10 5,0 8,10 0,4 10,4 2,10")
_HOUSE = _points("0,10 0,4 5,0 10,4 10,10 0,10 10,4 0,4 10,10")
_WAVE = _points("0,5 2,2 4,5 6,8 8,5 10,2 12,5 14,8 16,5 18,2 20,5 22,8 24,5")
