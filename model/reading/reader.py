"""A photo → a Reading: the whole way, with the network's judgement. What serves imports this, never TensorFlow."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from model.reading.classifier import Classifier
from model.reading.hints import hint
from model.reading.ink import CUTS, PENS, Ink, ink, looks_light_on_dark, sheets, without_border
from model.reading.judge import SURE, Judge, Page, Seen
from model.reading.mnist_format import SIDE, to_mnist
from model.reading.photo import Photo, decode
from model.reading.reading_order import rows
from model.reading.result import Box, Digit, Reading
from model.reading.rules import without_rules

cv2.setNumThreads(1)  # one reader, one core

GOOD = 0.9  # score of a page: no other way to see it is tried
LEAST_SCORE = 0.72  # score of a page: with less, what looks like digits are pieces of something else
SCENE = 40  # shapes: with more and no digit among them, other ways to see the picture find none either
LINES_SCORE = 0.86  # of several 1s and nothing else: edges and lines of things look like them
OTHERWISE = 0.8  # score of a page: with less, ink isn't taken for the other of dark and light
DOUBTFUL = 0.72  # score of a page: with less, the ink may as well be light on dark


class DigitReader:
    """Reads the digits in photos with one version of the model. One thread at a time."""

    def __init__(self, model: Path | None = None) -> None:
        """`model`: a version's folder; None: the one that serves."""
        self._classifier = Classifier(model)
        self.version = self._classifier.version

    def read(self, photo: bytes) -> Reading:
        """The digits in a photo, in reading order. Raises a PhotoError for bytes that can't be read."""
        return self.read_with_ink(photo)[0]

    def read_with_ink(self, photo: bytes) -> tuple[Reading, NDArray[np.uint8]]:
        """As `read`, and what was taken for ink (height, width), 0 to 255, at the size at which it was looked for."""
        started = time.perf_counter()
        picture = decode(photo)
        page = self._best_page(without_border(picture.grey))
        return self._reading(picture, page, started), _ink(page)

    def cut(self, photo: bytes, boxes: Sequence[Box]) -> list[bytes]:
        """The 28×28 pixels in each of the boxes, which an earlier reading found, by an earlier version maybe.

        What is found there again is cut as it is read; anything else as ink on plain paper. Raises as `read`.
        """
        return self._cut(decode(photo), boxes)

    def recall(self, photo: bytes, known: Sequence[tuple[Box, int, float]]) -> Reading:
        """An earlier reading of the photo, by an earlier version maybe.

        `known` of it are each digit's box, digit and confidence. These stay; the probabilities are this version's, and
        `text` is in one line. Raises as `read`.
        """
        picture = decode(photo)
        pixels = self._cut(picture, [box for box, _, _ in known])
        pictures = np.frombuffer(b"".join(pixels), np.uint8).reshape(-1, SIDE, SIDE)
        digits = tuple(
            Digit(digit, confidence, tuple(float(p) for p in probabilities), confidence >= SURE, box, pixels_of_it)
            for (box, digit, confidence), pixels_of_it, probabilities in zip(
                known, pixels, self._classifier.probabilities(pictures), strict=True
            )
        )
        text = "".join(str(each.digit) for each in digits)
        return Reading(text, digits, picture.size, marks=(), hint=None, model=self.version, milliseconds=0.0)

    def _reading(self, picture: Photo, page: Page, started: float) -> Reading:
        least = LINES_SCORE if len(page.digits) > 1 and all(s.digit == 1 for s in page.digits) else LEAST_SCORE
        seen = page.digits if page.score >= least else ()
        digits = [_digit(each, page.box_on(picture.size, each.shape.box)) for each in seen]
        lines = rows([digit.box for digit in digits])
        doubt = not digits or not all(digit.sure for digit in digits)
        boxes = [digit.box for digit in digits] or _meant(page, picture.size)
        return Reading(
            text="\n".join("".join(str(digits[i].digit) for i in line) for line in lines),
            digits=tuple(digits[i] for line in lines for i in line),
            size=picture.size,
            marks=(),
            hint=hint(picture.grey, boxes, picture.size) if doubt else None,
            model=self.version,
            milliseconds=1000 * (time.perf_counter() - started),
        )

    def _cut(self, picture: Photo, boxes: Sequence[Box]) -> list[bytes]:
        started = time.perf_counter()
        found = self._reading(picture, self._best_page(without_border(picture.grey)), started).digits
        again = [_found_again(box, found) for box in boxes]
        if all(again):
            return [pixels for pixels in again if pixels]
        seen = ink(picture.grey, light_on_dark=looks_light_on_dark(picture.grey))
        return [pixels or _cut_plainly(seen, picture.size, box) for pixels, box in zip(again, boxes, strict=True)]

    def _best_page(self, grey: NDArray[np.uint8]) -> Page:
        """The way to see the picture that explains most of its ink; the likely ways first, until one is good enough."""
        judge = Judge(self._classifier)
        likelier = looks_light_on_dark(grey)
        page = _best_view(judge, grey, light_on_dark=likelier)
        if page.score > DOUBTFUL:
            return page
        for sheet in sheets(grey):
            page = _better(page, _best_view(judge, sheet, light_on_dark=False))
            if page.score > DOUBTFUL:
                return page
        other = _best_view(judge, grey, light_on_dark=not likelier, thorough=False)
        trusted = not page.digits or any(seen.digit != 1 for seen in other.digits)  # not the edge of something, a 1
        return other if trusted and other.score > max(OTHERWISE, page.score) else page


def _best_view(judge: Judge, grey: NDArray[np.uint8], *, light_on_dark: bool, thorough: bool = True) -> Page:
    """The best of the pens and with or without printed lines; then of cuts, if there is something to read at all."""
    pages: list[Page] = []
    for pen in PENS:
        pages.append(judge.page(ink(grey, pen=pen, light_on_dark=light_on_dark)))
        if pages[-1].score > GOOD:
            return pages[-1]
    if not any(page.digits for page in pages) and (not thorough or min(len(page.candidates) for page in pages) > SCENE):
        return pages[0]
    for plain in pages[::-1]:
        unruled = without_rules(plain.view)
        if unruled is not plain.view:
            pages.append(judge.page(unruled))
            if pages[-1].score > GOOD:
                return pages[-1]
        if not any(page.digits for page in pages):
            break
    best = max(pages, key=lambda page: page.score)
    return _better(best, judge.page(replace(best.view, cut=CUTS[1]))) if best.score else best


def _ink(page: Page) -> NDArray[np.uint8]:
    view = page.view
    height, width = view.mask.shape
    inside = slice(view.margin, height - view.margin), slice(view.margin, width - view.margin)
    return np.where(view.mask, view.strength, 0)[inside].astype(np.uint8)


def _cut_plainly(seen: Ink, size: tuple[int, int], box: Box) -> bytes:
    """The ink in a box on a picture of this size."""
    height, width = seen.strength.shape
    across, down = (width - 2 * seen.margin) / size[0], (height - 2 * seen.margin) / size[1]
    top, left = round(box.y * down) + seen.margin, round(box.x * across) + seen.margin
    bottom, right = top + max(1, round(box.height * down)), left + max(1, round(box.width * across))
    strength = np.where(seen.mask, seen.strength, 0)[top:bottom, left:right]
    return to_mnist(np.asarray(strength / 255, np.float32)).tobytes()


def _meant(page: Page, size: tuple[int, int]) -> list[Box]:
    """The one thing on a picture without digits, as a box on it: it may have been meant as one."""
    return [page.box_on(size, box) for box in page.candidates] if len(page.candidates) == 1 else []


def _better(one: Page, other: Page) -> Page:
    return other if other.score > one.score else one


def _found_again(box: Box, digits: Sequence[Digit]) -> bytes | None:
    for digit in digits:
        shared = box.shared(digit.box)
        if 2 * shared > box.width * box.height + digit.box.width * digit.box.height - shared:  # half of both together
            return digit.pixels
    return None


def _digit(seen: Seen, box: Box) -> Digit:
    return Digit(
        digit=seen.digit,
        confidence=seen.confidence,
        probabilities=tuple(float(p) for p in seen.probabilities),
        sure=seen.confidence >= SURE,
        box=box,
        pixels=seen.pixels.tobytes(),
    )
