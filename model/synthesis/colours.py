"""Colours of paper, boards and inks: red, green and blue from 0 to 1."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Colour = NDArray[np.float32]  # (3,)
FAINTEST = 0.13  # least contrast of ink and ground in some channel, of the full range


@dataclass(frozen=True, slots=True)
class Ground:
    """A writing surface."""

    colour: Colour
    fine: float  # standard deviation of its texture of single pixels, of 255
    coarse: float  # of its fibres and blots
    is_board: bool = False  # nothing is printed on it
    is_screen: bool = False  # drawn on a screen: no light, no lens, no noise


def ground(rng: np.random.Generator) -> Ground:
    """A random paper, board or screen; common ones are more frequent."""
    lot = rng.random()
    if lot < 0.10:  # screen
        tone = np.float32(rng.choice([1.0, 1.0, 0.97, 0.0, 0.0, 0.07]))
        return Ground(np.full(3, tone), 0, 0, is_board=True, is_screen=True)
    if lot < 0.22:  # blackboard, slate, dark paper
        return Ground(_tinted(rng.uniform(0.05, 0.35), 0.25, rng), rng.uniform(0, 2), rng.uniform(0, 5), is_board=True)
    if lot < 0.27:  # whiteboard
        return Ground(_tinted(rng.uniform(0.8, 1), 0.04, rng), rng.uniform(0, 0.5), rng.uniform(0, 1.5), is_board=True)
    if lot < 0.62:  # white
        return Ground(_tinted(rng.uniform(0.82, 1), 0.06, rng), rng.uniform(0, 1.5), rng.uniform(0, 1))
    if lot < 0.82:  # cream, grey
        return Ground(_tinted(rng.uniform(0.62, 0.88), 0.12, rng), rng.uniform(0, 3), rng.uniform(0, 2.5))
    if lot < 0.90:  # pastel, coloured
        return Ground(_tinted(rng.uniform(0.6, 0.95), 0.4, rng), rng.uniform(0, 2), rng.uniform(0, 2))
    if lot < 0.97:  # recycled, kraft, wood, skin
        warm = np.array([1.0, rng.uniform(0.7, 0.95), rng.uniform(0.45, 0.9)], np.float32)
        return Ground(warm * np.float32(rng.uniform(0.3, 0.8)), rng.uniform(0.5, 4), rng.uniform(1, 7))
    return Ground(rng.uniform(0, 1, 3).astype(np.float32), rng.uniform(0, 3), rng.uniform(0, 4))


def ink(of: Colour, dark: float, rng: np.random.Generator) -> Colour:
    """A random ink colour that is visible on the ground `of`.

    The smaller `dark` (above 0, at most 1), the fainter.
    """
    light_on_dark = float(of.mean()) < rng.uniform(0.25, 0.45)
    target = _chalk(rng) if light_on_dark else _pen(rng)
    found = _strong_enough(of, target, dark)
    if contrast(of, found) < FAINTEST:  # black on black: invert
        found = _strong_enough(of, np.full(3, of.mean() < 0.5, np.float32), dark)
    return found


def contrast(one: Colour, other: Colour) -> float:
    """The largest difference of two colours in any channel, 0 to 1."""
    return float(np.abs(one - other).max())


def _strong_enough(of: Colour, target: Colour, strength: float) -> Colour:
    """The colour at this share of the way from `of` to `target`, or farther until visible."""
    strong = np.float32(strength)
    found = of + strong * (target - of)
    while contrast(of, found) < FAINTEST and strong < 1:
        strong = min(np.float32(1), strong * np.float32(1.25))
        found = of + strong * (target - of)
    return np.asarray(found, np.float32)


def _pen(rng: np.random.Generator) -> Colour:
    """A pen colour: mostly black, else blue, red, green or any."""
    lot = rng.random()
    if lot < 0.5:
        return _tinted(rng.uniform(0, 0.2), 0.2, rng)
    if lot < 0.76:  # blue
        return np.array([rng.uniform(0, 0.3), rng.uniform(0, 0.35), rng.uniform(0.4, 0.9)], np.float32)
    if lot < 0.86:  # red
        return np.array([rng.uniform(0.6, 1), rng.uniform(0, 0.25), rng.uniform(0, 0.3)], np.float32)
    if lot < 0.93:  # green
        return np.array([rng.uniform(0, 0.25), rng.uniform(0.3, 0.6), rng.uniform(0, 0.35)], np.float32)
    return rng.uniform(0, 0.8, 3).astype(np.float32)


def _chalk(rng: np.random.Generator) -> Colour:
    """A chalk colour: mostly white, else light and coloured."""
    if rng.random() < 0.75:
        return _tinted(rng.uniform(0.85, 1), 0.1, rng)
    return rng.uniform(0.3, 1, 3).astype(np.float32) ** np.float32(0.5)


def _tinted(tone: float, most: float, rng: np.random.Generator) -> Colour:
    """A grey of that tone, tinted by at most the share `most`."""
    shift = rng.uniform(-1, 1, 3) * most * rng.random()
    return np.clip(np.float32(tone) * (1 + shift), 0, 1).astype(np.float32)
