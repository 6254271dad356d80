"""A page's writing: placed marks, and the lines printed around them.

In digit heights, x to the right and y down.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from model.data.handwriting import Strokes
from model.synthesis.characters import Character


@dataclass(frozen=True, slots=True)
class Mark:
    """A character, a sign or a drawing in its place."""

    what: Character
    x: float  # of its left edge
    y: float  # of its baseline
    counts: bool = True  # False: a line or ring, drawn but not a mark by itself
    taken_back: bool = False  # crossed out: no longer a digit

    @property
    def digit(self) -> int | None:
        """The digit that a reader should find here."""
        return None if self.taken_back else self.what.digit


@dataclass(slots=True)
class Sheet:
    """Everything written on a page, and the lines printed around it."""

    marks: list[Mark] = field(default_factory=list)
    cells: Strokes = field(default_factory=list)
    pitch: float = 1.8  # from one row's baseline to the next

    def shift(self, first: int, x: float) -> None:
        """Move the marks from number `first` on to the right, in place."""
        self.marks[first:] = [replace(mark, x=mark.x + x) for mark in self.marks[first:]]

    @property
    def corners(self) -> tuple[float, float, float, float]:
        """The left, top, right and bottom of writing and print; a unit square if empty."""
        edges = [(m.x, m.y - m.what.height, m.x + m.what.width, m.y) for m in self.marks]
        edges += [(*line.min(axis=0), *line.max(axis=0)) for line in self.cells]
        if not edges:
            return 0.0, -1.0, 1.0, 0.0
        every = np.array(edges)
        low, high = every[:, :2].min(axis=0), every[:, 2:].max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def drawn(lines: Sequence[NDArray[np.float32]]) -> Mark:
    """Placed lines as a mark that doesn't count by itself."""
    low, high = corners(lines)
    strokes = [line - np.array([low[0], high[1]], np.float32) for line in lines]
    return Mark(Character(None, strokes, None, high[0] - low[0], high[1] - low[1]), low[0], high[1], counts=False)


def corners(lines: Sequence[NDArray[np.float32]]) -> tuple[tuple[float, float], tuple[float, float]]:
    """The least and greatest x and y of lines."""
    every = np.concatenate(lines)
    low, high = every.min(axis=0), every.max(axis=0)
    return (float(low[0]), float(low[1])), (float(high[0]), float(high[1]))


def scaled(character: Character, size: float) -> Character:
    """A scaled copy of a character."""
    strokes = [line * np.float32(size) for line in character.strokes]
    return replace(character, strokes=strokes, width=character.width * size, height=character.height * size)
