"""Evaluates a network on generated photos by unseen writers, in which rules find the digits.

`calibration` uses the validation writers, `evaluation` the held-out ones.
"""

import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from model.evaluation import metrics, one_way
from model.evaluation.metrics import Floats, Labels
from model.reading.result import NOT_A_DIGIT, Box, Digit, Reading
from model.synthesis import pages
from model.synthesis.pages import Page

SEED = 1998  # photo i is made from (SEED, i), in any process
SAME = 0.25  # intersection over union from which two boxes are around the same digit


@dataclass(frozen=True, slots=True)
class Checked:
    """The answers to a photo and the truth."""

    exact: bool  # whether the text matches, ignoring white space
    shown: int  # digits in the photo
    answers: tuple[Digit, ...]
    labels: tuple[int, ...]  # for each answer the digit in that place, or NOT_A_DIGIT


def read_photos(folder: Path, where: Path, photos: int, *, held_back: bool) -> list[Checked]:
    """Read so many photos by the held-out or the validation writers of the sets in `where`.

    With the version in `folder`; in no particular order, empty if there are no such writers. Raises DataError if a set
    is missing.
    """
    processes = min(os.cpu_count() or 1, photos)
    work = [(folder, where, range(part, photos, processes), held_back) for part in range(processes)]
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        return [checked for part in pool.map(_read, work) for checked in part]


def check(page: Page, reading: Reading) -> Checked:
    """Compare a reading with its page: each answered box with the digit it overlaps most."""
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
    """The probabilities (n, 11) of all answers, and the truth (n,)."""
    said = [answer.probabilities for photo in photos for answer in photo.answers]
    labels = [label for photo in photos for label in photo.labels]
    return np.array(said, np.float64).reshape(-1, NOT_A_DIGIT + 1), np.array(labels, np.uint8)


def figures(photos: Sequence[Checked]) -> dict[str, Any]:
    """A card's figures for photos: counts of photos and of digits, and calibration.

    That is calibration_error, brier, reliability and risk_and_coverage over the answered boxes.
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
    reader, hands = one_way.by_rules(folder), pages.hands(where, held_back=held_back, validating=not held_back)
    composed = (pages.compose(hands, np.random.default_rng([SEED, i])) for i in (mine if hands else ()))
    return [check(page, reader.read(page.photo)) for page in composed]


def _shared(one: Box, other: Box) -> float:
    """Intersection over union."""
    both = one.shared(other)
    return both / (one.width * one.height + other.width * other.height - both) if both else 0.0
