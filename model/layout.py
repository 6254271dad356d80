"""What is written where on a generated page: digits in rows, columns or cells, and words beside them.

One length is the unit: a digit's height. x runs to the right and y down; `pages` turns this into pixels.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.handwriting import Sample, Strokes

COUNTS = ((1, 1, 0.15), (2, 4, 0.3), (5, 12, 0.4), (13, 20, 0.1), (21, 40, 0.05))  # digits on a page: from, to, share
WORD = 0.33  # share of pages with a word or signs apart
APART = 2.2  # heights between a word and a digit in the same row
SQUARE = 0.8  # a digit's height counts at least so much of its width: a wide digit is no larger than the others


@dataclass(frozen=True, slots=True)
class Hand:
    """One writer: samples of each digit that they wrote, and of characters that look like none."""

    digits: Mapping[int, Sequence[Sample]]
    others: Sequence[Sample]


@dataclass(frozen=True, slots=True)
class Mark:
    """One written character in its place."""

    strokes: Strokes
    digit: int | None  # None: no digit

    @property
    def corners(self) -> NDArray[np.float32]:
        """(2, 2): least and greatest x and y."""
        points = np.concatenate(self.strokes)
        return np.stack([points.min(axis=0), points.max(axis=0)])


@dataclass(frozen=True, slots=True)
class Layout:
    """A page's writing."""

    rows: tuple[tuple[Mark, ...], ...]  # digits in reading order
    others: tuple[Mark, ...]
    rules: Strokes  # lines printed around the digits: cells
    pitch: float  # from one row to the next

    @property
    def corners(self) -> NDArray[np.float32]:
        """(2, 2): least and greatest x and y of all that is written or printed."""
        points = [mark.corners for mark in (*self.others, *(mark for row in self.rows for mark in row))]
        every = np.concatenate([*points, *self.rules])
        return np.stack([every.min(axis=0), every.max(axis=0)])


def write(hand: Hand, room: tuple[float, float], rng: np.random.Generator) -> Layout:
    """A page by that hand: at least one digit, and no more than there is `room` for (width, height)."""
    style = _Style(hand, rng)
    in_cells = rng.random() < 0.15
    widest = room[0] / (1.3 if in_cells else 1 + max(style.gap, 0))
    rows = _rows(_count(rng), max(1, int(widest)), max(1, int((room[1] - 1) / style.pitch)), rng)
    if in_cells:
        return style.cells(rows)
    return style.with_words(style.free(rows), room)


def _count(rng: np.random.Generator) -> int:
    first, last, _ = COUNTS[rng.choice(len(COUNTS), p=[share for *_, share in COUNTS])]
    return int(rng.integers(first, last + 1))


def _rows(count: int, widest: int, most: int, rng: np.random.Generator) -> list[int]:
    """How many digits each row has."""
    if rng.random() < 0.2:  # a column of numbers
        length = int(rng.integers(1, min(5, widest) + 1))
        return [int(rng.integers(max(1, length - 1), length + 1)) for _ in range(min(most, max(1, count // length)))]
    fewest = -(-count // widest)
    rows = min(most, int(rng.integers(fewest, max(fewest, min(4, count)) + 1)))
    even = min(widest, -(-count // rows))
    uneven = rng.integers(0, 1 + even // 3, rows) * (rng.random() < 0.5)
    return [max(1, even - int(fewer)) for fewer in uneven]


class _Style:
    """How this hand writes on this page."""

    def __init__(self, hand: Hand, rng: np.random.Generator) -> None:
        self.hand, self.rng = hand, rng
        self.gap = float(np.exp(rng.uniform(np.log(0.1), np.log(1.0)))) if rng.random() > 0.06 else 0.0
        self.pitch = float(rng.uniform(1.35, 2.6))
        self.slant = float(rng.normal(0, 0.1))
        self.uneven = float(rng.uniform(0, 0.12))
        self.sizes = float(rng.uniform(0.02, 0.1))

    def free(self, lengths: list[int]) -> Layout:
        """Rows without cells."""
        indents = self.rng.uniform(0, 1, len(lengths)) * self.rng.choice([0, 0.3, 3])
        slope, wave = self.rng.normal(0, 0.015), self.rng.normal(0, 0.08)
        rows = []
        for k, length in enumerate(lengths):
            x, row = float(indents[k]), []
            for digit in self._digits(length):
                y = k * self.pitch + slope * x + wave * np.sin(0.7 * x + k) + self.rng.normal(0, self.uneven)
                row.append(self._set_down(digit, x, y))
                x = float(row[-1].corners[1, 0]) + self.gap * self.rng.uniform(0.7, 1.4)
            rows.append(tuple(row))
        return Layout(tuple(rows), (), [], self.pitch)

    def cells(self, lengths: list[int]) -> Layout:
        """A table or a form: each digit in a cell."""
        wide, high = self.rng.uniform(1.25, 2.2), self.rng.uniform(1.35, 2.2)
        columns = max(lengths)
        rows = []
        for k, length in enumerate(lengths):
            row = []
            for i, digit in enumerate(self._digits(length)):
                mark = self._set_down(digit, 0, 0)
                middle = np.array([(i + 0.5) * wide, (k + 0.5) * high]) + self.rng.normal(0, 0.05, 2)
                shift = (middle - mark.corners.mean(axis=0)).astype(np.float32)
                row.append(Mark([line + shift for line in mark.strokes], mark.digit))
            rows.append(tuple(row))
        right, bottom = columns * wide, len(lengths) * high
        lines = [[[0, k * high], [right, k * high]] for k in range(len(lengths) + 1)]
        lines += [[[i * wide, 0], [i * wide, bottom]] for i in range(columns + 1)]
        return Layout(tuple(rows), (), [np.array(line, np.float32) for line in lines], high)

    def with_words(self, layout: Layout, room: tuple[float, float]) -> Layout:
        """The same with a word above, below or far to the side, where there is room for it."""
        if not self.hand.others or self.rng.random() > WORD:
            return layout
        low, high = layout.corners
        places = []
        if high[0] - low[0] + APART + 2 < room[0]:
            places.append((high[0] + APART, high[1]))
        if high[1] - low[1] + self.pitch < room[1]:
            places += [(low[0], high[1] + self.pitch), (low[0], low[1] - self.pitch + 1)]
        if not places:
            return layout
        x, y = places[int(self.rng.integers(len(places)))]
        word: list[Mark] = []
        for sample in self._others(int(self.rng.integers(1, 6))):
            mark = self._set_down(sample, x, y)
            x = float(mark.corners[1, 0]) + self.rng.uniform(0.1, 0.3)
            if word and x - low[0] > room[0]:
                break
            word.append(mark)
        return Layout(layout.rows, tuple(word), layout.rules, layout.pitch)

    def _digits(self, count: int) -> Iterator[Sample]:
        known = sorted(self.hand.digits)
        for _ in range(count):
            samples = self.hand.digits[known[int(self.rng.integers(len(known)))]]
            yield samples[int(self.rng.integers(len(samples)))]

    def _others(self, count: int) -> list[Sample]:
        return [self.hand.others[int(i)] for i in self.rng.integers(len(self.hand.others), size=count)]

    def _set_down(self, sample: Sample, x: float, y: float) -> Mark:
        """The sample one high, its left lower corner at (x, y), a little different each time."""
        assert sample.strokes is not None  # noqa: S101 (all hands' samples are strokes)
        strokes = [_smooth(line) for line in sample.strokes]
        every = np.concatenate(strokes)
        width, height = np.maximum(np.ptp(every, axis=0), 1e-3)
        size = float(np.exp(self.rng.normal(0, self.sizes))) / max(height, SQUARE * width)
        turn = self.rng.normal(0, 0.04)
        matrix = np.array([[1, self.slant - turn], [turn, 1]]) * size
        strokes = [(line @ matrix.T).astype(np.float32) for line in strokes]
        every = np.concatenate(strokes)
        shift = np.array([x - every[:, 0].min(), y - every[:, 1].max()], np.float32)
        return Mark([line + shift for line in strokes], sample.label if sample.label < 10 else None)


def _smooth(line: NDArray[np.float32]) -> NDArray[np.float32]:
    """Without the stairs of a coarse tablet: a running mean of three, ends kept."""
    if len(line) < 5:
        return line
    middle = (line[:-2] + line[1:-1] + line[2:]) / 3
    return np.concatenate([line[:1], middle, line[-1:]])
