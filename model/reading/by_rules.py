"""A photo → the digits in it, by rules: ink, printed lines, shapes, and what the network makes of them."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from model.reading.classifier import Classifier
from model.reading.ink import CUTS, PENS, ink, looks_light_on_dark
from model.reading.judge import SURE, Judge, Page, Seen
from model.reading.photo import Photo
from model.reading.result import Box, Digit, Found
from model.reading.rules import without_rules

GOOD = 0.9  # score of a page: no other way to see it is tried
LEAST_SCORE = 0.72  # score of a page: with less, what looks like digits are pieces of something else
SCENE = 40  # shapes: with more and no digit among them, other ways to see the picture find none either
LINES_SCORE = 0.86  # of several 1s and nothing else: edges and lines of things look like them


class RulesReader:
    """Finds and reads digits by rules. One thread at a time."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    def find(self, picture: Photo) -> tuple[Found, NDArray[np.uint8]]:
        """The digits in a photo, and what was taken for ink (height, width), 0 to 255."""
        page = _best_page(Judge(self._classifier), picture.grey)
        least = LINES_SCORE if len(page.digits) > 1 and all(s.digit == 1 for s in page.digits) else LEAST_SCORE
        seen = page.digits if page.score >= least else ()
        digits = tuple(_digit(each, page.box_on(picture.size, each.shape.box)) for each in seen)
        return Found(digits, () if digits else tuple(_meant(page, picture.size))), _ink(page)


def _best_page(judge: Judge, grey: NDArray[np.uint8]) -> Page:
    """The way to see the picture that explains most of its ink; the likely ways first, until one is good enough.

    With either pen, with or without printed lines; then the other cut, if there is something to read at all.
    """
    light_on_dark = looks_light_on_dark(grey)
    pages: list[Page] = []
    for pen in PENS:
        pages.append(judge.page(ink(grey, pen=pen, light_on_dark=light_on_dark)))
        if pages[-1].score > GOOD:
            return pages[-1]
    if not any(page.digits for page in pages) and min(len(page.candidates) for page in pages) > SCENE:
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
    if not best.score:
        return best
    return max(best, judge.page(replace(best.view, cut=CUTS[1])), key=lambda page: page.score)


def _ink(page: Page) -> NDArray[np.uint8]:
    view = page.view
    height, width = view.mask.shape
    inside = slice(view.margin, height - view.margin), slice(view.margin, width - view.margin)
    return np.where(view.mask, view.strength, 0)[inside].astype(np.uint8)


def _meant(page: Page, size: tuple[int, int]) -> list[Box]:
    """The one thing on a picture without digits, as a box on it: it may have been meant as one."""
    return [page.box_on(size, box) for box in page.candidates] if len(page.candidates) == 1 else []


def _digit(seen: Seen, box: Box) -> Digit:
    return Digit(
        digit=seen.digit,
        confidence=seen.confidence,
        probabilities=tuple(float(p) for p in seen.probabilities),
        sure=seen.confidence >= SURE,
        box=box,
        pixels=seen.pixels.tobytes(),
    )
