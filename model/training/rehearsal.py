"""Rehearsal data, so that fine-tuning forgets nothing: MNIST and non-digits.

Their targets are the old network's own outputs (Li and Hoiem 2016, "Learning without forgetting"), which keeps it in
place where there are no labels, above all for letters.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from model.data.handwriting import Sample
from model.data.mnist import Examples
from model.reading.mnist_format import SIDE, to_mnist
from model.synthesis import clutter, pens
from model.training import augment

DIGITS_SEEN = 10_000  # pictures of MNIST, half of them unchanged
STRANGE = 3_000  # digits mirrored, rotated, cut and joined, like parts of letters
CLUTTER = 1_500
SIGNS = 1_500  # made of two to four lines and arcs
TAKEN_APART = 300  # digits that clutter is made from
OTHERS = 1_000  # pieces of clutter to evaluate on,
NOISE = 200  # and pictures of noise

Pictures = NDArray[np.float32]  # (n, 28, 28), 0 to 1


def pictures(digits: Examples, rng: np.random.Generator) -> Pictures:
    """Make the rehearsal pictures from training `digits`."""
    plain = digits.floats(rng.permutation(len(digits))[:DIGITS_SEEN])
    half = len(plain) // 2
    strange = np.stack([_strange(picture, plain[rng.integers(len(plain))], rng) for picture in plain[:STRANGE]])
    return np.concatenate(
        [
            plain[:half],
            augment.distort(plain[half:], rng, augment.TRAINING),
            augment.distort(strange, rng, augment.DRAWN),
            _clutter(digits, CLUTTER, rng).astype(np.float32) / np.float32(255),
            _until(SIGNS, lambda: _sign(rng)).astype(np.float32) / np.float32(255),
        ]
    )


def others(digits: Examples, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Non-digits to evaluate on (n, 28, 28): clutter made from `digits`, and noise."""
    noise = rng.integers(0, 256, (NOISE, SIDE, SIDE), np.uint8)
    return np.concatenate([_clutter(digits, OTHERS, rng), noise])


def _strange(picture: Pictures, other: Pictures, rng: np.random.Generator) -> Pictures:
    """A picture made from one or both; if it happens to be a digit, the old output is right."""
    half, aside = SIDE // 2, SIDE // 5
    kinds = (
        lambda: picture[:, ::-1],
        lambda: picture[::-1],
        lambda: np.rot90(picture, 1),
        lambda: np.rot90(picture, 3),
        lambda: np.maximum(np.roll(picture, -aside, axis=1), np.roll(other, aside, axis=1)),
        lambda: np.concatenate([picture[:half], other[half:]]),
        lambda: np.concatenate([picture[:, :half], other[:, half:]], axis=1),
    )
    return np.asarray(kinds[rng.integers(len(kinds))](), np.float32)


def _clutter(digits: Examples, n: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    chosen = rng.permutation(len(digits))[:TAKEN_APART]
    inks = [
        pens.drawn(Sample(str(label), "", picture, None), rng)
        for picture, label in zip(digits.pictures[chosen], digits.labels[chosen], strict=True)
    ]
    return _until(n, lambda: pens.worn(clutter.clutter(inks, rng), rng))


def _sign(rng: np.random.Generator) -> pens.Ink:
    """Two to four lines and arcs on a grid, like a letter; it may be a digit."""
    across, down = np.meshgrid(np.linspace(0, rng.uniform(0.6, 1.25), 3), np.linspace(0, 1, 5))
    crossings = np.stack([across.ravel(), down.ravel()], axis=1)
    t = np.linspace(0, 1, 12)[:, None]
    strokes = []
    for _ in range(rng.integers(2, 5)):
        start, end = crossings[rng.choice(len(crossings), 2, replace=False)]
        along = end - start
        bow = rng.uniform(-0.7, 0.7) * (rng.random() < 1 / 3)  # sideways, as a share of its length
        strokes.append(start + along * t + np.array([-along[1], along[0]]) * bow * np.sin(np.pi * t))
    every = np.concatenate(strokes)
    scale = pens.HEIGHT / np.ptp(every, axis=0).max()
    placed = [((line - every.min(axis=0)) * scale).astype(np.float32) for line in strokes]
    ink = pens.draw_strokes(placed, float(rng.uniform(0.02, 0.1)))
    return pens.worn(ink, rng) if rng.random() < 0.5 else ink


def _until(n: int, make: Callable[[], pens.Ink]) -> NDArray[np.uint8]:
    """Collect `n` 28×28 pictures from `make`, skipping empty ones."""
    made: list[NDArray[np.uint8]] = []
    while len(made) < n:
        picture = to_mnist(make())
        if picture.max() > pens.FAINTEST:
            made.append(picture)
    return np.stack(made)
