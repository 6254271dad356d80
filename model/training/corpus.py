"""The shipped network's training data: MNIST, the other sets as 28×28, and clutter.

Built for each training from a seed, in several processes; the result doesn't depend on their number.
"""

import hashlib
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from model.data import handwriting
from model.data.handwriting import Sample
from model.data.mnist import Examples, Mnist
from model.reading.mnist_format import to_mnist
from model.reading.result import NOT_A_DIGIT
from model.synthesis import clutter, pages, pens
from model.synthesis.crops import crops
from model.training import child_process
from model.training.corrections import Corrections

# Pictures drawn of each sample, each with another pen and paper. Small sets by many writers count more.
DRAWN = {
    "bhmsds": 1,
    "comnist_qazaq": 2,
    "hasy20": 1,
    "mdas_symbols": 1,
    "mnist": 1,
    "omniglot_strokes": 3,
    "optdigits": 3,
    "pendigits": 2,
    "semeion": 4,
    "unipen_digits": 3,
    "unipen_letters": 2,
    "unipen_symbols": 2,
}
PLUSES = 4  # keep one plus sign in so many: three sets have thousands of them
CLUTTER = 0.2  # clutter pictures per drawn one
PAGES = 8000  # generated photos of pages, cut by the finder
PARTS = 16  # pieces of work
TAKEN_APART = 0.15  # share of the drawn digits that clutter is made from
REPEATED = 20  # times that a correction is repeated in each epoch


class Source(IntEnum):
    """The source of a training picture."""

    MNIST = 0  # MNIST's, unchanged
    REDRAWN = 1  # MNIST's, with another pen on another paper
    SETS = 2  # the other sets: digits, letters, signs
    CLUTTER = 3
    PAGES = 4  # cut from generated photos
    CORRECTIONS = 5  # people's corrections


@dataclass(frozen=True, slots=True)
class Lessons:
    """The training and validation data; labels are 0 to 9, and 10 for "not a digit"."""

    train: Examples
    source: NDArray[np.uint8]  # (n,): the Source of each training picture
    validation: Examples  # by other writers than those trained on
    sets: tuple[str, ...]  # names of the sets beside MNIST
    checksums: dict[str, str]  # of the training data

    @property
    def drawn(self) -> NDArray[np.bool_]:
        """(n,): pictures already distorted by `pens` or a page's photo; the others are MNIST's."""
        return np.asarray(self.source != Source.MNIST)


def mnist_alone(mnist: Mnist) -> Lessons:
    """MNIST without anything else, as in the tutorial."""
    source = np.full(len(mnist.train), Source.MNIST, np.uint8)
    return Lessons(mnist.train, source, mnist.validation, (), mnist.checksums)


def build(mnist: Mnist, where: Path | None, seed: int, processes: int, parts: int = PARTS) -> Lessons:
    """Build it from MNIST, the sets in the folder `where` (None: MNIST alone) and clutter.

    `parts` out of PARTS make a smaller corpus: that share of everything. Raises DataError if the folder lacks a set.
    """
    sets = tuple(handwriting.TRAINED_ON) if where else ()
    checksums = mnist.checksums | {name: handwriting.checksum(name, where) for name in sets if where}
    work = [(part, where, seed) for part in range(parts)]
    written = [(mnist.train.pictures[part::PARTS], mnist.train.labels[part::PARTS]) for part in range(parts)]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, spawn, initializer=child_process.end_with_parent) as pool:
        found = list(pool.map(_draw, work, written))
    pictures, labels, validates, source = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
    mine = np.arange(len(mnist.train)) % PARTS < parts
    plain = Examples(mnist.train.pictures[mine], mnist.train.labels[mine])
    learnt = _joined(Examples(pictures[~validates], labels[~validates]), plain)
    source = np.concatenate([source[~validates], np.full(len(plain), Source.MNIST, np.uint8)])
    held_back = Examples(pictures[validates], labels[validates])
    return Lessons(learnt, source, _joined(held_back, mnist.validation), sets, checksums)


def with_corrections(lessons: Lessons, said: Corrections) -> Lessons:
    """Add corrections, except those held out; each is repeated REPEATED times."""
    learnt = said.chosen(~said.held_back).examples
    pictures = np.concatenate([lessons.train.pictures, np.repeat(learnt.pictures, REPEATED, axis=0)])
    labels = np.concatenate([lessons.train.labels, np.repeat(learnt.labels, REPEATED)])
    source = np.concatenate([lessons.source, np.full(REPEATED * len(learnt), Source.CORRECTIONS, np.uint8)])
    checksum = hashlib.sha256(learnt.pictures.tobytes() + learnt.labels.tobytes()).hexdigest()
    return replace(
        lessons,
        train=Examples(pictures, labels),
        source=source,
        checksums=lessons.checksums | {"corrections": checksum},
    )


def unseen(where: Path, seed: int) -> dict[str, Examples]:
    """Characters by unseen writers, set by set: digits, others, and look-alikes of digits.

    By the held-out writers of the training sets, and from whole sets that are never trained on. Pen strokes are drawn
    with a usual pen; nothing is distorted.
    """
    rng = np.random.default_rng(seed)
    parts: dict[str, list[tuple[NDArray[np.uint8], int]]] = {}
    for name in (*handwriting.MEASURED_ON, *handwriting.TRAINED_ON):
        for sample in handwriting.samples(name, where):
            if name in handwriting.MEASURED_ON or sample.held_back:
                kind = "look-alikes" if sample.is_ambiguous else "others" if sample.label == NOT_A_DIGIT else "digits"
                picture = to_mnist(pens.clean(sample, rng))
                parts.setdefault(f"{name}: {kind}", []).append((picture, sample.label))
    return {
        name: Examples(np.stack([p for p, _ in part]), np.array([label for _, label in part], np.uint8))
        for name, part in sorted(parts.items())
    }


def _joined(one: Examples, other: Examples) -> Examples:
    return Examples(np.concatenate([one.pictures, other.pictures]), np.concatenate([one.labels, other.labels]))


def _draw(
    work: tuple[int, Path | None, int], mnist: tuple[NDArray[np.uint8], NDArray[np.uint8]]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.bool_], NDArray[np.uint8]]:
    """Draw one part: pictures, labels, whether each is for validation, and its Source."""
    cv2.setNumThreads(1)
    part, where, seed = work
    rng = np.random.default_rng([seed, part])
    drawn: list[tuple[NDArray[np.uint8], int, bool, Source]] = []
    digits = []
    for sample, times, source in _samples(part, where, mnist):
        for _ in range(times):
            ink = pens.drawn(sample, rng)
            if sample.label != NOT_A_DIGIT and rng.random() < TAKEN_APART:
                digits.append(ink)
            drawn.append((to_mnist(pens.worn(ink, rng)), sample.label, sample.validates, source))
    for i in range(round(CLUTTER * len(drawn))):
        ink = pens.worn(clutter.clutter(digits or [ink], rng), rng)
        drawn.append((to_mnist(ink), NOT_A_DIGIT, i % handwriting.VALIDATING == 0, Source.CLUTTER))
    if where:
        drawn += [(*crop, False, Source.PAGES) for crop in _cut_from_pages(where, PAGES // PARTS, rng)]
    drawn = [each for each in drawn if each[0].max() > pens.FAINTEST]
    pictures, labels, held_back, sources = zip(*drawn, strict=True)
    return np.stack(pictures), np.array(labels, np.uint8), np.array(held_back, bool), np.array(sources, np.uint8)


def _cut_from_pages(where: Path, n: int, rng: np.random.Generator) -> Iterator[tuple[NDArray[np.uint8], int]]:
    """The finder's crops of `n` generated photos: pictures and labels."""
    hands = pages.hands(where, held_back=False)
    for _ in range(n if hands else 0):
        yield from crops(pages.compose(hands, rng), rng)


def _samples(
    part: int, where: Path | None, mnist: tuple[NDArray[np.uint8], NDArray[np.uint8]]
) -> Iterator[tuple[Sample, int, Source]]:
    """The part's share of all training samples, how often to draw each, and its Source."""
    for name in handwriting.TRAINED_ON:
        for i, sample in enumerate(handwriting.samples(name, where) if where else ()):
            mine = i % PARTS == part
            too_many = sample.character == "+" and (i // PARTS) % PLUSES
            if mine and not too_many and not sample.held_back and not sample.is_ambiguous:
                yield sample, DRAWN[name], Source.SETS
    for picture, label in zip(*mnist, strict=True):
        yield Sample(str(label), "", picture, None), DRAWN["mnist"], Source.REDRAWN
