"""What the shipped network learns from: MNIST, and every other set brought to 28×28 by one path, with clutter.

Built anew for each training, by several processes, from a seed; the result doesn't depend on how many there were.
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

# Pictures drawn of each sample, another pen and another paper each time. Small sets of many hands count more.
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
PLUSES = 4  # only one plus of so many: three sets hold thousands of them
CLUTTER = 0.2  # pictures of it for each drawn one
PAGES = 8000  # generated photos of pages, cut by the finder
PARTS = 16  # pieces of work
TAKEN_APART = 0.15  # share of the drawn digits that clutter is made of
REPEATED = 20  # times that a correction is learnt in each epoch


class Source(IntEnum):
    """Where a picture that is learnt from comes from."""

    MNIST = 0  # as MNIST holds it
    REDRAWN = 1  # MNIST's, with another pen on another paper
    SETS = 2  # the other sets: digits, letters, signs
    CLUTTER = 3
    PAGES = 4  # cut from generated photos
    CORRECTIONS = 5  # what people said


@dataclass(frozen=True, slots=True)
class Lessons:
    """What a training learns from, and what it validates on; labels are 0 to 9, or 10 for what is no digit."""

    train: Examples
    source: NDArray[np.uint8]  # (n,): the Source of each picture learnt from
    validation: Examples  # of writers that aren't learnt from
    sets: tuple[str, ...]  # names of the sets beside MNIST
    checksums: dict[str, str]  # of what is learnt from

    @property
    def drawn(self) -> NDArray[np.bool_]:
        """(n,): pictures worn by `pens` or a page's photo already; the others are as MNIST holds them."""
        return np.asarray(self.source != Source.MNIST)


def mnist_alone(mnist: Mnist) -> Lessons:
    """The tutorial's way."""
    source = np.full(len(mnist.train), Source.MNIST, np.uint8)
    return Lessons(mnist.train, source, mnist.validation, (), mnist.checksums)


def build(mnist: Mnist, where: Path | None, seed: int, processes: int, parts: int = PARTS) -> Lessons:
    """MNIST, everything drawn from the sets in the folder `where`, and clutter; without a folder from MNIST alone.

    A small corpus is the first so many `parts` of PARTS: that share of everything. Raises DataError where the
    folder lacks a set.
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
    """Lessons with what people said as well, but for what is held back; each correction counts REPEATED times."""
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
    """Hands that no training sees, set by set: digits, other characters, and characters that look like digits.

    Writers held back of the sets that are learnt from, and whole sets that aren't. Pen strokes are drawn as a usual
    pen does, nothing is worn.
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
    """One part: pictures, labels, whether each is of a writer to validate on, and its Source."""
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
    """What the finder cuts out of `n` generated photos: pictures and labels."""
    hands = pages.hands(where, held_back=False)
    for _ in range(n if hands else 0):
        yield from crops(pages.compose(hands, rng), rng)


def _samples(
    part: int, where: Path | None, mnist: tuple[NDArray[np.uint8], NDArray[np.uint8]]
) -> Iterator[tuple[Sample, int, Source]]:
    """The part's share of all samples that may be trained on, how often to draw each, and where it comes from."""
    for name in handwriting.TRAINED_ON:
        for i, sample in enumerate(handwriting.samples(name, where) if where else ()):
            mine = i % PARTS == part
            too_many = sample.character == "+" and (i // PARTS) % PLUSES
            if mine and not too_many and not sample.held_back and not sample.is_ambiguous:
                yield sample, DRAWN[name], Source.SETS
    for picture, label in zip(*mnist, strict=True):
        yield Sample(str(label), "", picture, None), DRAWN["mnist"], Source.REDRAWN
