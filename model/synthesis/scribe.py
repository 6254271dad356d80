"""A scribe, who writes a page: digits, numbers, words, signs, drawings.

In digit heights, x to the right and y down. The writing goes onto the scribe's sheet.
"""

from dataclasses import replace

import numpy as np

from model.data.handwriting import Strokes
from model.synthesis import doodles, signs
from model.synthesis.chance import any_of, log_uniform
from model.synthesis.characters import Alphabet, Character, Hand, from_strokes
from model.synthesis.marks import Mark, Sheet, corners, drawn, scaled

WORDY = 0.3  # share of row pages with words among the numbers
SIGNED = 0.35  # share of pages with signs between and around digits
TOUCHING = 0.12  # share of pages on which neighbours sometimes touch,
TOUCH = 0.25  # and their share there
CROWDED = 0.35  # share of pages from sets without known writers
LONGEST_WORD = 9  # letters
COMMON = "etaoinshrdlucmfwypvbgkjqxz"  # letters by frequency in English
LETTER_ODDS = 1 / (2 + np.arange(26)) / (1 / (2 + np.arange(26))).sum()
CROSSED, RINGED, BOXED, UNDERLINED, TICKED = 0.012, 0.02, 0.02, 0.05, 0.01  # shares of the items in a row
MOST = 99  # digits: more than any number has
SMALL, CAPITALS, CAPITAL_FIRST = range(3)  # how words are written


class Scribe:
    """A writer and their style, chosen at random once per page."""

    def __init__(self, alphabet: Alphabet, pen: float, rng: np.random.Generator) -> None:
        """`pen` is the pen's width."""
        self.alphabet, self.pen, self.rng = alphabet, pen, rng
        self.hand = self._any_hand()
        self.gap = log_uniform(0.06, 0.9, rng)  # between digits
        self.touch = TOUCH if rng.random() < TOUCHING else 0.0
        self.sheet = Sheet(pitch=float(rng.uniform(1.3, 2.6)) + pen)
        self.lift = float(rng.uniform(0, 0.1))  # standard deviation of a digit's offset from its row
        self.sizes = float(rng.uniform(0.02, 0.12))  # standard deviation of the logarithm of its size
        self.slant = float(rng.normal(0, 0.12))  # lean of upright strokes, by their height
        self.signed = rng.random() < SIGNED
        self.wordy = rng.random() < WORDY
        self.letter_size = float(rng.uniform(0.8, 1.25))  # relative to the digits
        self.case = int(rng.integers(3))

    def _any_hand(self) -> Hand:
        if self.rng.random() >= CROWDED:
            return any_of(self.alphabet.hands, self.rng)
        if self.rng.random() < 0.5:
            return self.alphabet.crowds[0]  # MNIST, the largest
        return any_of(self.alphabet.crowds, self.rng)

    def number(self, x: float, y: float, length: int, only: int | None = None) -> float:
        """Write digits next to each other, with signs on some pages.

        If `only` is given, every digit is that one. Returns where the next item may start.
        """
        signed = self.signed and self.rng.random() < 0.7
        if signed and self.rng.random() < 0.3:
            x = self.sign(str(self.rng.choice(signs.BEFORE)), x, y)
        grouped = int(self.rng.integers(1, 5)) if signed else MOST
        between = str(self.rng.choice(signs.BETWEEN))
        for i in range(length):
            x += self.digit(x, y, only)
            gap = self.pen + self.gap * self.rng.uniform(0.6, 1.4)
            x += self.pen * self.rng.uniform(0, 0.9) if self.rng.random() < self.touch else gap
            if (i + 1) % grouped == 0 and i + 1 < length:
                x = self.sign(between, x, y)
        if signed and self.rng.random() < 0.25:
            x = self.sign(str(self.rng.choice(signs.AFTER)), x, y)
        return float(x)

    def digit(self, x: float, y: float, only: int | None = None) -> float:
        """Write a digit, sometimes crossed out. Returns its width."""
        known = None if only is None else self.hand.digits.get(only)
        character = any_of(known, self.rng) if known else self.hand.any_digit(self.rng)
        if self.rng.random() < CROSSED:
            self.draw(signs.crossing(character.width, self.rng), x, y)
            mark = Mark(self._varied(character), x, y, taken_back=True)
        else:
            mark = Mark(self._varied(character), x, y + self.rng.normal(0, self.lift))
        self.sheet.marks.append(mark)
        return mark.what.width

    def word(self, x: float, y: float, most: int = LONGEST_WORD) -> float:
        """Write a word of up to `most` letters. Returns where the next item may start.

        It may contain look-alikes of digits: in a word an o isn't a 0.
        """
        length = int(self.rng.integers(2, max(3, most + 1)))
        gap = self.rng.uniform(-0.04, 0.25) + self.pen * 0.6
        for k in range(length):
            letter = COMMON[self.rng.choice(26, p=LETTER_ODDS)]
            capital = self.case == CAPITALS or (self.case == CAPITAL_FIRST and k == 0)
            known = self.alphabet.letters.get(letter.upper() if capital else letter, ())
            if not known:
                continue
            varied = self._varied(scaled(any_of(known, self.rng), self.letter_size))
            self.sheet.marks.append(Mark(varied, x, y + self.rng.normal(0, 0.03)))
            x += varied.width + gap
        if self.rng.random() < 0.15:
            x = self.sign(str(self.rng.choice([".", ",", ":", "!", "?"])), x, y)
        return float(x)

    def letter_alone(self, x: float, y: float) -> None:
        """Write a letter or sign that doesn't look like a digit."""
        if self.rng.random() < 0.4 or not self.alphabet.alone:
            self.sign(str(self.rng.choice(signs.ALONE)), x, y)
            return
        character = any_of(self.alphabet.alone, self.rng)
        self.sheet.marks.append(Mark(self._varied(character), x, y))

    def sign(self, name: str, x: float, y: float) -> float:
        """Write the sign of that name. Returns where the next item may start."""
        size = np.float32(self.rng.uniform(0.8, 1.15))
        lines = [line * size for line in signs.sign(name, self.rng)]
        low, high = corners(lines)
        strokes = [line - np.array([low[0], 0], np.float32) for line in lines]
        what = Character(None, strokes, None, high[0] - low[0], high[1] - low[1])
        x += self.pen * 0.6 + self.rng.uniform(0.02, 0.15)
        self.sheet.marks.append(Mark(what, x, y))
        return float(x + what.width + self.pen + self.rng.uniform(0.05, 0.3))

    def drawing(self, x: float, y: float) -> None:
        """Draw a doodle, its lower left corner at (x, y)."""
        crossed_out = any_of(self.alphabet.hands, self.rng).any_digit(self.rng).strokes
        made = from_strokes(doodles.doodle(crossed_out, self.rng), None)
        if made is not None:
            self.sheet.marks.append(Mark(scaled(made, self.rng.uniform(0.8, 2.2)), x, y))

    def adorn(self, left: float, right: float, y: float, often: int = 1) -> None:
        """Sometimes add a ring, box, line or tick to the writing between `left` and `right`.

        `often` times as frequently as for the items in a row.
        """
        lot = self.rng.random() / often
        width = max(right - left, 0.0)  # with touching digits, right may be before left
        if lot < RINGED:
            self.draw(signs.ring(width, self.rng), left, y)
        elif lot < RINGED + BOXED:
            self.draw(signs.box(width, self.rng), left, y)
        elif lot < RINGED + BOXED + UNDERLINED:
            self.draw(signs.underline(width, self.rng), left, y)
        elif lot < RINGED + BOXED + UNDERLINED + TICKED:
            self.sign("✓", right + 0.3, y)

    def draw(self, lines: Strokes, x: float, y: float) -> None:
        """Draw lines that aren't a mark by themselves, moved by x and y."""
        self.sheet.marks.append(drawn([line + np.array([x, y], np.float32) for line in lines]))

    def _varied(self, character: Character) -> Character:
        """Vary a character's size, rotation and slant slightly, as a hand does."""
        size = float(np.exp(self.rng.normal(0, self.sizes)))
        if character.picture is not None:
            wide = character.width * size * self.rng.uniform(0.9, 1.1)
            return replace(character, width=wide, height=character.height * size)
        turn, slant = self.rng.normal(0, 0.05), self.slant + self.rng.normal(0, 0.03)
        matrix = np.array([[self.rng.uniform(0.88, 1.12), turn], [slant - turn, 1]], np.float32) * np.float32(size)
        strokes = [line @ matrix for line in character.strokes]
        every = np.concatenate(strokes)
        low, high = every.min(axis=0), every.max(axis=0)
        shift = np.array([-low[0], 0 if character.digit is None else -high[1]], np.float32)
        moved = [line + shift for line in strokes]
        return Character(character.digit, moved, None, float(high[0] - low[0]), float(high[1] - low[1]))
