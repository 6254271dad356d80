"""The whole reader on generated photos of hands that no training has seen: what it finds, and whether it is as sure as
it is right. `calibration` uses the writers kept for validation, `evaluation` those held back.
"""

import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from model.evaluation import metrics
from model.evaluation.metrics import Floats, Labels
from model.reading.reader import DigitReader
from model.reading.result import NOT_A_DIGIT, Box, Digit, Reading
from model.synthesis import pages
from model.synthesis.pages import Page

SEED = 1998  # photo i is made from (SEED, i), in whatever process
SAME = 0.25  # intersection over union: boxes that share so much are around the same digit


@dataclass(frozen=True, slots=True)
class Checked:
    """What was answered to one photo, and what stands there."""

    exact: bool  # the text, but for white space
    shown: int  # digits in the photo
    answers: tuple[Digit, ...]
    labels: tuple[int, ...]  # of each answer: the digit in that place, or NOT_A_DIGIT


def read_photos(folder: Path, where: Path, photos: int, *, held_back: bool) -> list[Checked]:
    """What the version in `folder` answers to so many photos by the held-back hands of the sets in `where`, or by those
    kept for validation; in no particular order, and nothing where there are no such hands.

    Raises DataError where a set isn't there.
    """
    processes = min(os.cpu_count() or 1, photos)
    work = [(folder, where, range(part, photos, processes), held_back) for part in range(processes)]
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        return [checked for part in pool.map(_read, work) for checked in part]


def check(page: Page, reading: Reading) -> Checked:
    """Hold a reading against the page that was read: each answered box against the digit that shares most with it."""
    labels = [NOT_A_DIGIT] * len(reading.digits)
    free = set(range(len(page.digits)))
    shared = [
        (_shared(answer.box, box), i, j)
        for i, answer in enumerate(reading.digits)
        for j, (_, box) in enumerate(page.digits)
    ]
    for share, i, j in sorted(shared, reverse=True):
        if share >= SAME and labels[i] == NOT_A_DIGIT and j in free:
            labels[i] = page.digits[j][0]
            free.remove(j)
    exact = "".join(reading.text.split()) == "".join(page.text.split())
    return Checked(exact, len(page.digits), reading.digits, tuple(labels))


def answers(photos: Sequence[Checked]) -> tuple[Floats, Labels]:
    """Of all answers the probabilities (n, 11) and what stands there (n,)."""
    said = [answer.probabilities for photo in photos for answer in photo.answers]
    labels = [label for photo in photos for label in photo.labels]
    return np.array(said, np.float64).reshape(-1, NOT_A_DIGIT + 1), np.array(labels, np.uint8)


def figures(photos: Sequence[Checked]) -> dict[str, Any]:
    """What a card says of photos that were read, of one digit or several: counts of photos and of digits, and
    calibration_error, brier, reliability and risk_and_coverage over the boxes answered.
    """
    said, labels = answers(photos)
    digits, confidence = metrics.decide(said, refuse_below=0)
    right, found = digits == labels, labels != NOT_A_DIGIT
    alone = [photo for photo in photos if photo.shown == 1]
    return {
        "photos": len(photos),
        "exact": sum(photo.exact for photo in photos),
        "one_digit": len(alone),
        "one_digit_exact": sum(photo.exact for photo in alone),
        "one_digit_refused": sum(not photo.answers for photo in alone),
        "digits": sum(photo.shown for photo in photos),
        "right": int(right.sum()),
        "misread": int((found & ~right).sum()),
        "answers_to_no_digit": int((~found).sum()),
        "calibration_error": round(metrics.calibration_error(confidence, right), 6),
        "brier": round(metrics.brier(said, labels), 6),
        "reliability": metrics.reliability(confidence, right),
        "risk_and_coverage": metrics.risk_and_coverage(confidence, digits, labels),
    }


def _read(work: tuple[Path, Path, range, bool]) -> list[Checked]:
    folder, where, mine, held_back = work
    reader, hands = DigitReader(folder), pages.hands(where, held_back=held_back, validating=not held_back)
    composed = (pages.compose(hands, np.random.default_rng([SEED, i])) for i in (mine if hands else ()))
    return [check(page, reader.read(page.photo)) for page in composed]


def _shared(one: Box, other: Box) -> float:
    """Intersection over union."""
    both = one.shared(other)
    return both / (one.width * one.height + other.width * other.height - both) if both else 0.0
