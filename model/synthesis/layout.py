"""The layout of a generated page: digits in rows, columns or cells; other marks apart.

The unit is a digit's height; x runs to the right and y down. `view` maps it to pixels.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from model.data.handwriting import Sample, Strokes
from model.reading.result import NOT_A_DIGIT
from model.synthesis import doodles
from model.synthesis.lines import smoothed

COUNTS = ((1, 1, 0.15), (2, 4, 0.3), (5, 12, 0.4), (13, 20, 0.1), (21, 40, 0.05))  # digits on a page: from, to, share
LONGEST = 14  # digits in a row
FORMS = ("rows", "column", "scattered", "cells")
FORM_SHARES = (0.58, 0.14, 0.12, 0.16)
WORD = 0.3  # share of pages with a separate word or signs
DOODLE = 0.07  # share with a scribble, a drawing or something crossed out
APART = 2.2  # least distance of such a mark from a digit in the same row
TOUCHING = 0.04  # share of pages on which neighbours sometimes touch,
TOUCH = 0.2  # and their share there
SQUARE = 0.8  # scale by at least this share of the width, so that wide digits don't get larger


@dataclass(frozen=True, slots=True)
class Hand:
    """A writer: their samples of each digit, and of characters unlike any digit."""

    digits: Mapping[int, Sequence[Sample]]
    others: Sequence[Sample]


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """A written character or a drawing in its place."""

    strokes: Strokes
    digit: int | None  # None: not a digit

    @property
    def corners(self) -> NDArray[np.float32]:
        """(2, 2): the least and greatest x and y."""
        return _corners(self.strokes)

    def moved(self, x: float, y: float) -> "Mark":
        """A copy moved to the right and down."""
        shift = np.array([x, y], np.float32)
        return replace(self, strokes=[line + shift for line in self.strokes])


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The writing of a page."""

    rows: tuple[tuple[Mark, ...], ...]  # digits in reading order
    pitch: float  # from one row to the next
    others: tuple[Mark, ...] = ()
    cells: Strokes = field(default_factory=list)  # lines printed around the digits

    @property
    def digits(self) -> list[Mark]:
        """The digits in reading order."""
        return [mark for row in self.rows for mark in row]

    @property
    def corners(self) -> NDArray[np.float32]:
        """(2, 2): the least and greatest x and y of writing and cells."""
        marks = [line for mark in (*self.digits, *self.others) for line in mark.strokes]
        return _corners([*marks, *self.cells])


def write(hand: Hand, pen: float, rng: np.random.Generator) -> Layout:
    """Lay out a page of at least one digit by this writer with a pen of that width."""
    return _Writer(hand, pen, rng).page()


class _Writer:
    """A writer at work on one page."""

    def __init__(self, hand: Hand, pen: float, rng: np.random.Generator) -> None:
        self.hand, self.pen, self.rng = hand, pen, rng
        self.gap = float(np.exp(rng.uniform(np.log(0.1), np.log(0.9))))
        self.touch = TOUCH if rng.random() < TOUCHING else 0.0
        self.pitch = float(rng.uniform(1.4, 2.6)) + pen
        self.slant = float(rng.normal(0, 0.1))
        self.lift = float(rng.uniform(0, 0.1))
        self.sizes = float(rng.uniform(0.02, 0.09))

    def page(self) -> Layout:
        form = self.rng.choice(FORMS, p=FORM_SHARES)
        count = self._count()
        if form == "cells":
            return self._cells(count)
        if form == "scattered":
            self.gap, self.lift, self.pitch = self.rng.uniform(0.8, 2.5), 0.15, self.pitch + 1
        lengths = self._column(count) if form == "column" else self._rows(count)
        return self._with_marks_apart(self._free(lengths))

    def _count(self) -> int:
        first, last, _ = COUNTS[self.rng.choice(len(COUNTS), p=[share for *_, share in COUNTS])]
        return int(self.rng.integers(first, last + 1))

    def _rows(self, count: int) -> list[int]:
        rows = int(self.rng.integers(-(-count // LONGEST), min(4, count) + 1))
        even = -(-count // rows)
        fewer = self.rng.integers(0, 1 + even // 2, rows) * (self.rng.random() < 0.5)
        return [max(1, even - int(less)) for less in fewer]

    def _column(self, count: int) -> list[int]:
        """Numbers below each other."""
        longest = int(self.rng.integers(1, 6))
        rows = min(8, max(2, count // longest))
        return [int(n) for n in self.rng.integers(max(1, longest - 1), longest + 1, rows)]

    def _free(self, lengths: list[int]) -> Layout:
        indents = self.rng.uniform(0, 1, len(lengths)) * self.rng.choice([0, 0.3, 3])
        slope, wave = self.rng.normal(0, 0.015), self.rng.normal(0, 0.06)
        to_the_right = len(lengths) > 1 and self.rng.random() < 0.2  # right-aligned
        rows = []
        for k, length in enumerate(lengths):
            number = self._number(length, grouped=self.rng.random() < 0.15)
            left = float(indents[k]) - (number[-1].corners[1, 0] if to_the_right else 0)
            y = k * self.pitch + wave * np.sin(1.3 * k)
            rows.append(tuple(mark.moved(left, y + slope * mark.corners[0, 0]) for mark in number))
        return Layout(tuple(rows), self.pitch)

    def _cells(self, count: int) -> Layout:
        """A table or form: a digit or short number per cell, some cells empty."""
        each = int(self.rng.choice([1, 1, 1, 2, 3]))
        columns = int(self.rng.integers(1, min(10, max(2, count // each)) + 1))
        filled = max(1, count // (each * columns))
        numbers = [[self._number(each) for _ in range(columns)] for _ in range(min(6, filled))]
        room = self.rng.uniform(0.35, 1.1, 2) + self.pen
        wide = max(float(number[-1].corners[1, 0]) for row in numbers for number in row) + room[0]
        high = 1.1 + room[1]
        empty = self.rng.choice([0, 0, 0.25])
        rows = []
        for k, row in enumerate(numbers):
            kept = [i for i in range(columns) if i == k % columns or self.rng.random() >= empty]
            placed = [self._centred(row[i], (i + 0.5) * wide, (k + 0.5) * high) for i in kept]
            rows.append(tuple(mark for number in placed for mark in number))
        return Layout(tuple(rows), high, cells=self._grid(columns, len(numbers), wide, high))

    def _centred(self, number: Sequence[Mark], x: float, y: float) -> list[Mark]:
        middle = _corners([line for mark in number for line in mark.strokes]).mean(axis=0)
        dx, dy = np.array([x, y]) - middle + self.rng.normal(0, 0.05, 2)
        return [mark.moved(dx, dy) for mark in number]

    def _grid(self, columns: int, rows: int, wide: float, high: float) -> Strokes:
        """The lines of the cells, perhaps with empty cells around."""
        left, top, right, bottom = self.rng.integers(0, 2, 4) * (self.rng.random() < 0.4)
        across, down = np.arange(-left, columns + right + 1) * wide, np.arange(-top, rows + bottom + 1) * high
        level = [np.array([[across[0], y], [across[-1], y]], np.float32) for y in down]
        return level + [np.array([[x, down[0]], [x, down[-1]]], np.float32) for x in across]

    def _with_marks_apart(self, layout: Layout) -> Layout:
        """Add a word or drawing, in its own row or far to the side, on some pages."""
        low, high = layout.corners
        below, above, beside = (
            (low[0], high[1] + self.pitch),
            (low[0], low[1] - self.pitch + 1),
            (high[0] + APART, high[1]),
        )
        places = np.array([below, above, beside]) + self.rng.uniform(0, 0.5, (3, 1)) * [[0, 1], [0, -1], [1, 0]]
        others: list[Mark] = []
        for x, y in self.rng.permutation(places)[:2]:
            if self.hand.others and self.rng.random() < WORD / 2:
                others += self._word(x, y)
            elif self.rng.random() < DOODLE / 2:
                drawn = Mark(doodles.doodle(self._one_digit().strokes, self.rng), None)
                others.append(drawn.moved(x - drawn.corners[0, 0], y - drawn.corners[1, 1]))
        return replace(layout, others=tuple(others))

    def _word(self, x: float, y: float) -> list[Mark]:
        word, count = [], int(self.rng.integers(1, 7))
        for i in self.rng.integers(len(self.hand.others), size=count):
            word.append(self._set_down(self.hand.others[int(i)], x, y))
            x = float(word[-1].corners[1, 0]) + self.pen + self.rng.uniform(0.05, 0.3)
        return word

    def _number(self, length: int, *, grouped: bool = False) -> list[Mark]:
        """Digits next to each other on a line, from (0, 0)."""
        x, number, group = 0.0, [], int(self.rng.integers(2, 5))
        for i in range(length):
            number.append(self._set_down(next(self._digits()), x, self.rng.normal(0, self.lift)))
            gap = self.pen + self.gap * self.rng.uniform(0.7, 1.4)
            if self.rng.random() < self.touch:
                gap = self.pen * self.rng.uniform(0.2, 0.9)
            elif grouped and (i + 1) % group == 0:
                gap += self.rng.uniform(0.6, 1.5)
            x = float(number[-1].corners[1, 0]) + gap
        return number

    def _one_digit(self) -> Mark:
        return self._set_down(next(self._digits()), 0, 0)

    def _digits(self) -> Iterator[Sample]:
        known = sorted(self.hand.digits)
        while True:
            samples = self.hand.digits[known[int(self.rng.integers(len(known)))]]
            yield samples[int(self.rng.integers(len(samples)))]

    def _set_down(self, sample: Sample, x: float, y: float) -> Mark:
        """Place a sample, one unit high and slightly varied, its lower left corner at (x, y)."""
        strokes = [smoothed(line) for line in cast("Strokes", sample.strokes)]  # all writers' samples have strokes
        low, high = _corners(strokes)
        width, height = np.maximum(high - low, 1e-3)
        size = float(np.exp(self.rng.normal(0, self.sizes))) / max(height, SQUARE * width)
        turn, slant = self.rng.normal(0, 0.04), self.slant + self.rng.normal(0, 0.03)
        matrix = np.array([[self.rng.uniform(0.9, 1.1), slant - turn], [turn, 1]]) * size
        mark = Mark([(line @ matrix.T).astype(np.float32) for line in strokes], _digit(sample))
        return mark.moved(x - mark.corners[0, 0], y - mark.corners[1, 1])


def _digit(sample: Sample) -> int | None:
    return None if sample.label == NOT_A_DIGIT else sample.label


def _corners(lines: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    every = np.concatenate(lines)
    return np.stack([every.min(axis=0), every.max(axis=0)])
