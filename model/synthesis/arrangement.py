"""The arrangement of a harder page: rows, columns, tables, words.

In digit heights, x to the right and y down; a row's baseline is at a whole multiple of the pitch.
"""

from collections.abc import Callable

import numpy as np

from model.synthesis import signs
from model.synthesis.characters import Alphabet
from model.synthesis.marks import Sheet
from model.synthesis.scribe import Scribe

DRAWN_BELOW = 0.08  # share of written pages with a drawing below the writing
MOST = 13  # rows or columns
MOST_SCATTERED = 12  # items across or down
WIDTH = 0.65  # width of a usual digit


def arrange(
    alphabet: Alphabet, pen: float, room: tuple[float, float], rng: np.random.Generator, *, full: bool = False
) -> Sheet:
    """Arrange a page for a pen of that width.

    `room` is roughly the largest width and height, which a `full` page reaches.
    """
    return _Arranger(alphabet, pen, room, rng, full).arranged()


class _Arranger(Scribe):
    """Fills a page in one of several forms."""

    def __init__(
        self, alphabet: Alphabet, pen: float, room: tuple[float, float], rng: np.random.Generator, full: bool
    ) -> None:
        super().__init__(alphabet, pen, rng)
        self.wide, self.high = room
        self.full = full

    def arranged(self) -> Sheet:
        """Arrange the page in one of FORMS."""
        _, _, form = FORMS[self.rng.choice(len(FORMS), p=FULL_SHARES if self.full else SHARES)]
        form(self)
        if form not in UNWRITTEN and self.rng.random() < DRAWN_BELOW:
            left, _, _, bottom = self.sheet.corners
            self.drawing(left + self.rng.uniform(0, 2), bottom + self.sheet.pitch)
        return self.sheet

    def empty(self) -> None:
        """Write nothing."""

    def single(self) -> None:
        """One digit, perhaps a word below it."""
        self.adorn(0, self.digit(0, 0), 0, often=3)
        if self.rng.random() < 0.1:
            self.word(self.rng.uniform(-1, 1), self.sheet.pitch)

    def rows(self) -> None:
        """Rows of numbers."""
        count = self._count(self.high / self.sheet.pitch)
        reach = self.wide * self.rng.uniform(0.4, 1)
        for k in range(count):
            self._row(self.rng.uniform(0, 1) * self.rng.choice([0, 0.3, 3]), k * self.sheet.pitch, reach)

    def column(self) -> None:
        """Numbers below each other, perhaps in several columns."""
        rows, longest = self._count(self.high / self.sheet.pitch), int(self.rng.integers(1, 6))
        columns = 1 + self._count(self.wide / 6) if self.full else int(self.rng.choice([1, 1, 2, 3]))
        to_the_right, left = self.rng.random() < 0.5, 0.0
        for _ in range(columns):
            widest = left
            for k in range(rows):
                first = len(self.sheet.marks)
                length = int(self.rng.integers(max(1, longest - 1), longest + 1))
                end = self.number(left, k * self.sheet.pitch, length)
                if to_the_right:
                    self.sheet.shift(first, left + longest * (WIDTH + self.gap) - end)
                widest = max(widest, end)
            left = widest + self.rng.uniform(1.2, 3)

    def scattered(self) -> None:
        """Digits and letters alone, apart from each other."""
        pitch = self.rng.uniform(1.5, 3, 2)
        across, down = (max(1, int(room / step)) for room, step in zip((self.wide, self.high), pitch, strict=True))
        for i in range(min(across, MOST_SCATTERED)):
            for j in range(min(down, MOST_SCATTERED)):
                x, y = np.array([i, j]) * pitch + self.rng.uniform(-0.25, 0.25, 2)
                lot = self.rng.random()
                if lot < 0.5:
                    self.adorn(x, x + self.digit(x, y), y, often=3)
                elif lot < 0.62:
                    self.letter_alone(x, y)

    def table(self) -> None:
        """A grid, some of its cells with a number or a word."""
        each = int(self.rng.choice([1, 1, 1, 2, 3]))
        room = self.rng.uniform(0.3, 1.2, 2) + self.pen
        wide, high = each * (WIDTH + self.gap + self.pen) + room[0], 1.05 + room[1]
        columns, rows = self._count(self.wide / wide), self._count(self.high / high)
        filled, only = self.rng.uniform(0.4, 1.0), 1 if self.rng.random() < 0.1 else None
        wordy = self.rng.random() < 0.25
        for i in range(columns):
            for j in range(rows):
                if self.rng.random() <= filled:
                    worded = wordy and (i == 0 or self.rng.random() < 0.2)
                    self._cell((i + 0.5) * wide, (j + 0.5) * high + 0.5, each, only, worded)
        if self.rng.random() < 0.9:
            self._grid(columns, rows, wide, high)

    def _cell(self, middle: float, y: float, digits: int, only: int | None, worded: bool) -> None:
        """Centre a number or a word in its cell."""
        first = len(self.sheet.marks)
        end = self.word(0, y, most=digits + 1) if worded else self.number(0, y, digits, only)
        self.sheet.shift(first, middle - (end - self.gap) / 2 + self.rng.normal(0, 0.08))

    def _grid(self, columns: int, rows: int, wide: float, high: float) -> None:
        """Draw the table's lines, sometimes with more cells than are used."""
        left, top, right, bottom = self.rng.integers(0, 2, 4) * (self.rng.random() < 0.4)
        xs, ys = np.arange(-left, columns + right + 1) * wide, np.arange(-top, rows + bottom + 1) * high
        self.sheet.cells += [np.array([[xs[0], y], [xs[-1], y]], np.float32) for y in ys]
        self.sheet.cells += [np.array([[x, ys[0]], [x, ys[-1]]], np.float32) for x in xs]

    def addition(self) -> None:
        """A written addition: numbers below each other, a sign, a line, a result."""
        rows, longest = int(self.rng.integers(2, 5)), int(self.rng.integers(1, 5))
        end = longest * (WIDTH + self.gap)
        for k in range(rows + 1):
            first = len(self.sheet.marks)
            length = longest if k == rows else int(self.rng.integers(1, longest + 1))
            self.sheet.shift(first, end - self.number(0, k * self.sheet.pitch, length))
        self.sign(str(self.rng.choice(["+", "-", "x"])), -1.0, (rows - 1) * self.sheet.pitch)
        y = (rows - 0.45) * self.sheet.pitch - 0.2
        self.draw([signs.bent(np.array([[-1.1, y], [end + 0.2, y]], np.float32), self.rng)], 0, 0)

    def words(self) -> None:
        """Text without a digit."""
        for k in range(self._count(self.high / self.sheet.pitch)):
            x = float(self.rng.uniform(0, 0.5))
            for _ in range(int(self.rng.integers(1, 12))):
                x = self.word(x, k * self.sheet.pitch) + self.rng.uniform(0.35, 0.9)
                if x > self.wide:
                    break

    def letters(self) -> None:
        """One letter or sign, or a few apart."""
        for k in range(int(self.rng.choice([1, 1, 1, 2, 3]))):
            self.letter_alone(k * self.rng.uniform(1.4, 2.5), self.rng.normal(0, 0.1))

    def drawings(self) -> None:
        """A few drawings."""
        for k in range(int(self.rng.integers(1, 4))):
            self.drawing(k * 2.5, self.rng.uniform(-1, 1))

    def _count(self, room: float) -> int:
        """A number of rows or columns that fits.

        At least half of what fits if the page is full.
        """
        top = max(2, min(MOST + 1, int(room) + 1))
        return int(self.rng.integers(-(-top // 2) if self.full else 1, top))

    def _row(self, x: float, y: float, reach: float) -> None:
        """Fill a row with numbers and some words."""
        stop = self.rng.uniform(0, 0.15 if self.full else 0.5)
        while True:
            if self.wordy and self.rng.random() < 0.4:
                x = self.word(x, y)
            else:
                first, length = x, int(self.rng.choice([1, 2, 3, 4, 5, 6, 8, 10]))
                x = self.number(x, y, min(length, max(1, int((reach - x) / (0.6 + self.gap)))))
                self.adorn(first, x - self.gap - self.pen, y)
            x += self.rng.uniform(0.5, 1.8)
            if x > reach or self.rng.random() < stop:
                return


FORMS: tuple[tuple[float, float, Callable[[_Arranger], None]], ...] = (  # share of all pages, of full pages
    (0.25, 0.03, _Arranger.single),
    (0.25, 0.36, _Arranger.rows),
    (0.06, 0.09, _Arranger.column),
    (0.06, 0.11, _Arranger.scattered),
    (0.10, 0.15, _Arranger.table),
    (0.03, 0.03, _Arranger.addition),
    (0.09, 0.14, _Arranger.words),
    (0.09, 0.03, _Arranger.letters),
    (0.02, 0.02, _Arranger.drawings),
    (0.05, 0.04, _Arranger.empty),
)
SHARES, FULL_SHARES = [share for share, _, _ in FORMS], [share for _, share, _ in FORMS]
UNWRITTEN = (_Arranger.drawings, _Arranger.empty)
