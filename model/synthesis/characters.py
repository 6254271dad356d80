"""Recorded characters to place on a page: digits, letters, signs.

Each is pen strokes or a picture of ink. The unit is a digit's height; y runs down from the baseline, so a digit spans
-1 to 0.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.data import handwriting
from model.data.handwriting import Sample, Strokes
from model.reading.result import NOT_A_DIGIT
from model.synthesis.chance import any_of
from model.synthesis.lines import Line, smoothed

WIDEST = 1.9  # width by height: wider ones, such as dashes or two zeros recorded as one, aren't readable as a digit
SQUARE = 0.8  # scale by at least this share of the width, so that wide characters don't get larger
FEWEST = 5  # least number of different digits that a writer of pages has written
STROKE_SETS = ("unipen_digits", "pendigits", "unipen_letters", "unipen_symbols", "omniglot_strokes")
PICTURE_SETS = ("bhmsds", "semeion", "optdigits", "comnist_qazaq", "hasy20", "mdas_symbols")
DARKEST_PAPER = 60  # of 255: fainter pixels of a recorded picture count as paper
ASCENDERS, DESCENDERS = frozenset("bdfhklt"), frozenset("gjpqy")
X_HEIGHT, DEPTH = 0.62, 0.38  # in capital heights: x-height, and depth of descenders
LONG = 40  # points: longer lines keep every other one


@dataclass(frozen=True, slots=True, eq=False)
class Character:
    """A written character, its lower left corner at (0, 0).

    A digit is one unit high, or less if it is wide.
    """

    digit: int | None  # None: not a digit
    strokes: Strokes  # polylines (m, 2); empty for a picture
    picture: NDArray[np.uint8] | None  # (h, w) ink, 255 full; fills the box (0, -height) to (width, 0)
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Hand:
    """A writer, or a crowd of mixed writers: their characters of each digit."""

    digits: Mapping[int, Sequence[Character]]

    def any_digit(self, rng: np.random.Generator) -> Character:
        """One of its characters, each digit equally probable."""
        return any_of(self.digits[any_of(sorted(self.digits), rng)], rng)


@dataclass(frozen=True, slots=True)
class Alphabet:
    """All characters of one part of the data: training, validation or held out."""

    hands: Sequence[Hand]  # writers with pen strokes
    crowds: Sequence[Hand]  # sets of pictures
    letters: Mapping[str, Sequence[Character]]  # Latin, for words, including look-alikes of digits
    alone: Sequence[Character]  # letters and signs that don't look like a digit


def alphabet(
    where: Path, mnist: tuple[NDArray[np.uint8], NDArray[np.uint8]], *, held_back: bool, validating: bool = False
) -> Alphabet:
    """Load the characters of one part of the sets in the folder `where`.

    `mnist` has pictures and labels of the same part. Held-out writers are never in a training part. Sets without known
    writers are for training only.
    """
    digits: dict[str, dict[int, list[Character]]] = defaultdict(lambda: defaultdict(list))
    letters: dict[str, list[Character]] = defaultdict(list)
    alone: list[Character] = []
    for name, sample in _samples(where, held_back, validating):
        made = _character(sample)
        if made is None:
            continue
        if made.digit is not None:
            digits[name if name in PICTURE_SETS else sample.writer or name][made.digit].append(made)
            continue
        if name == "unipen_letters" and len(sample.character) == 1 and sample.character.isalpha():
            letters[sample.character].append(_as_letter(made, sample.character))
        if not sample.is_ambiguous:
            alone.append(made)
    every = [(name, Hand(dict(known))) for name, known in sorted(digits.items()) if len(known) >= FEWEST]
    hands = [hand for name, hand in every if name not in PICTURE_SETS]
    crowds = [_crowd(*mnist), *(hand for name, hand in every if name in PICTURE_SETS)]
    return Alphabet(hands, crowds, dict(letters), alone)


def _samples(where: Path, held_back: bool, validating: bool) -> Iterator[tuple[str, Sample]]:
    """The samples of one part, each with its set's name."""
    learning = not held_back and not validating
    for name in STROKE_SETS + (PICTURE_SETS if learning else ()):
        for sample in handwriting.samples(name, where):
            if (sample.held_back, sample.validates and not sample.held_back) == (held_back, validating):
                yield name, sample


def _crowd(pictures: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Hand:
    """The digits of many unidentified writers."""
    digits: dict[int, list[Character]] = defaultdict(list)
    for picture, label in zip(pictures, labels, strict=True):
        if (made := from_picture(picture, int(label))) is not None:
            digits[int(label)].append(made)
    return Hand(dict(digits))


def _character(sample: Sample) -> Character | None:
    digit = None if sample.label == NOT_A_DIGIT else sample.label
    if sample.strokes is not None:
        return from_strokes([_thinned(smoothed(line)) for line in sample.strokes], digit)
    return None if sample.picture is None else from_picture(sample.picture, digit)


def from_strokes(strokes: Strokes, digit: int | None) -> Character | None:
    """Make a character of strokes in any unit; None if too wide to be that digit."""
    every = np.concatenate(strokes)
    low, size = every.min(axis=0), np.maximum(np.ptp(every, axis=0), 1e-3)
    if digit is not None and size[0] > WIDEST * size[1]:
        return None
    scale = 1 / max(size[1], SQUARE * size[0])
    moved = [((line - low - (0, size[1])) * scale).astype(np.float32) for line in strokes]
    return Character(digit, moved, None, float(size[0] * scale), float(size[1] * scale))


def from_picture(picture: NDArray[np.uint8], digit: int | None) -> Character | None:
    """Make a character of a picture's ink; None if empty or too wide to be that digit."""
    rows, columns = (np.flatnonzero(picture.max(axis=axis) > DARKEST_PAPER) for axis in (1, 0))
    if not rows.size:
        return None
    ink = np.pad(picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], 1)
    height, width = ink.shape
    if digit is not None and width > WIDEST * height:
        return None
    scale = 1 / max(height, SQUARE * width)
    return Character(digit, [], ink, width * scale, height * scale)


def _as_letter(made: Character, letter: str) -> Character:
    """Scale a letter to its height and depth within a word."""
    down = DEPTH * (letter in DESCENDERS)
    high = 1.0 if letter.isupper() or letter in ASCENDERS else X_HEIGHT + down
    scale = high / max(made.height, SQUARE * made.width)
    strokes = [line * np.float32(scale) + np.array([0, down], np.float32) for line in made.strokes]
    return Character(None, strokes, None, made.width * scale, made.height * scale)


def _thinned(line: Line) -> Line:
    """Drop every other point of a long line, but not the last."""
    return line if len(line) < LONG else np.concatenate([line[:-1:2], line[-1:]])
