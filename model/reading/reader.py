"""A photo → a Reading: the whole way. What serves imports this, never TensorFlow.

Two ways to find digits look at each photo, by a network that has learnt and by rules, for they fail on different ones.
What the first sees is told at once if it is sure of all of it, also that there is no digit. Else what both see counts,
what one alone is sure of, and what the first sees beside such digits.
"""

import time
from collections.abc import Sequence
from itertools import compress
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from model.reading.by_rules import RulesReader
from model.reading.classifier import Classifier
from model.reading.dates import slashes
from model.reading.finder import FILE, overlaps
from model.reading.hints import hint
from model.reading.ink import Ink, ink, looks_light_on_dark
from model.reading.judge import SURE
from model.reading.learned import LearnedReader
from model.reading.mnist_format import to_mnist
from model.reading.photo import Photo, decode
from model.reading.reading_order import rows
from model.reading.result import Box, Digit, Found, Reading

DOUBTED = 0.14  # probability from which on the finder's digits count, if the rules see them too
ALONE = 0.95  # how sure one way to find digits must be of what the other doesn't see
BESIDE = 0.5  # how sure the finder must be of what stands on the page with digits
SAME = 0.2  # intersection over union: both see the same digit
APART = 0.1  # as well: they see different ones

cv2.setNumThreads(1)  # one reader, one core


class DigitReader:
    """Reads the digits in photos with one version of the model. One thread at a time."""

    def __init__(self, model: Path | None = None, finder: Path = FILE) -> None:
        """`model`: a version's folder; None: the one that serves. `finder`: the network that has learnt to find."""
        self._classifier = Classifier(model)
        self._rules = RulesReader(self._classifier)
        self._learned = LearnedReader(self._classifier, finder)
        self.version = self._classifier.version

    def read(self, photo: bytes) -> Reading:
        """The digits in a photo, in reading order. Raises a PhotoError for bytes that can't be read."""
        started = time.perf_counter()
        picture = decode(photo)
        return reading_of(self._find(picture), picture, self.version, started)

    def ink(self, photo: bytes) -> NDArray[np.uint8]:
        """What the rules take for ink in a photo (height, width), 0 to 255. Raises as `read`."""
        return self._rules.find(decode(photo))[1]

    def cut(self, photo: bytes, boxes: Sequence[Box]) -> list[bytes]:
        """The 28×28 pixels in each of the boxes, which an earlier reading found, by an earlier version maybe.

        What is found there again is cut as it is read; anything else as ink on plain paper. Raises as `read`.
        """
        return [pixels for pixels, _ in self._seen_again(decode(photo), boxes)]

    def recall(self, photo: bytes, known: Sequence[tuple[Box, int, float]]) -> Reading:
        """An earlier reading of the photo, by an earlier version maybe.

        `known` of it are each digit's box, digit and confidence. These stay; the probabilities are this version's, and
        `text` is in one line. Raises as `read`.
        """
        picture = decode(photo)
        again = self._seen_again(picture, [box for box, _, _ in known])
        digits = tuple(
            Digit(digit, confidence, probabilities, confidence >= SURE, box, pixels)
            for (box, digit, confidence), (pixels, probabilities) in zip(known, again, strict=True)
        )
        return Reading(_text(digits), digits, picture.size, marks=(), hint=None, model=self.version, milliseconds=0.0)

    def _find(self, picture: Photo) -> Found:
        """What is believed of what both find; where the finder is in no doubt, the rules aren't asked."""
        learned = self._learned.find(picture, DOUBTED)
        if all(digit.confidence >= ALONE for digit in learned.digits):
            return learned
        by_rules, _ = self._rules.find(picture)
        digits = believed(learned.digits, by_rules.digits)
        return Found(digits, () if digits else by_rules.meant, learned.marks)

    def _seen_again(self, picture: Photo, boxes: Sequence[Box]) -> list[tuple[bytes, tuple[float, ...]]]:
        """What is in each of the boxes: 28×28 pixels and probabilities."""
        found = self._find(picture)
        again = [_found_again(box, found.digits) for box in boxes]
        if all(again):
            return [(digit.pixels, digit.probabilities) for digit in again if digit]
        plain = ink(picture.grey, light_on_dark=looks_light_on_dark(picture.grey))
        cuts = np.stack([_cut_plainly(plain, picture.size, box) for box in boxes])
        shares = [tuple(map(float, each)) for each in self._classifier.probabilities(cuts)]
        return [
            (digit.pixels, digit.probabilities) if digit else (pixels.tobytes(), share)
            for digit, pixels, share in zip(again, cuts, shares, strict=True)
        ]


def believed(learned: Sequence[Digit], by_rules: Sequence[Digit]) -> tuple[Digit, ...]:
    """What both see, as the surer one reads it, and what one alone is sure of; beside these, what the finder sees."""
    places = _edges(by_rules)
    shared = np.array([overlaps(each, places)[1] for each in _edges(learned)]).reshape(len(learned), len(by_rules))
    apart = shared < APART
    alone = list(compress(by_rules, np.all(apart, axis=0).tolist()))
    unseen = list(compress(learned, np.all(apart, axis=1).tolist()))  # by the rules
    digits = [each for each in alone if each.confidence >= ALONE]
    for i, digit in enumerate(learned if by_rules else ()):
        j = int(shared[i].argmax())
        if shared[i, j] > SAME:
            shared[:, j] = 0  # each of them once
            digits.append(max(by_rules[j], digit, key=lambda each: each.confidence))
    if not digits and all(each.confidence < ALONE for each in unseen):
        return ()
    return (*digits, *(each for each in unseen if each.confidence >= BESIDE))


def _edges(digits: Sequence[Digit]) -> NDArray[np.float32]:
    """(n, 4): left, top, right and bottom of each."""
    boxes = [digit.box for digit in digits]
    edges = [(box.x, box.y, box.x + box.width, box.y + box.height) for box in boxes]
    return np.array(edges, np.float32).reshape(-1, 4)


def reading_of(found: Found, picture: Photo, version: str, started: float) -> Reading:
    """What was found in a picture, in reading order; `started`: when, by `time.perf_counter()`."""
    lines = [[found.digits[i] for i in row] for row in rows([digit.box for digit in found.digits])]
    signs = [line[i] for line in lines for i in slashes(_text(line))]
    lines = [[digit for digit in line if digit not in signs] for line in lines]
    digits = [digit for line in lines for digit in line]
    doubt = not digits or not all(digit.sure for digit in digits)
    boxes = [digit.box for digit in digits] or found.meant
    return Reading(
        text="\n".join(map(_text, lines)),
        digits=tuple(digits),
        size=picture.size,
        marks=(*found.marks, *(sign.box for sign in signs)),
        hint=hint(picture.grey, boxes, picture.size) if doubt else None,
        model=version,
        milliseconds=1000 * (time.perf_counter() - started),
    )


def _text(line: Sequence[Digit]) -> str:
    return "".join(str(each.digit) for each in line)


def _cut_plainly(seen: Ink, size: tuple[int, int], box: Box) -> NDArray[np.uint8]:
    """The ink in a box on a picture of this size."""
    height, width = seen.strength.shape
    across, down = (width - 2 * seen.margin) / size[0], (height - 2 * seen.margin) / size[1]
    top, left = round(box.y * down) + seen.margin, round(box.x * across) + seen.margin
    bottom, right = top + max(1, round(box.height * down)), left + max(1, round(box.width * across))
    strength = np.where(seen.mask, seen.strength, 0)[top:bottom, left:right]
    return to_mnist(np.asarray(strength / 255, np.float32))


def _found_again(box: Box, digits: Sequence[Digit]) -> Digit | None:
    for digit in digits:
        shared = box.shared(digit.box)
        if 2 * shared > box.width * box.height + digit.box.width * digit.box.height - shared:  # half of both together
            return digit
    return None
