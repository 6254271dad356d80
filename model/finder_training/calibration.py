"""How both networks' views are joined into one probability: fitted on generated photos of hands kept for validation."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model.data.mnist import Mnist
from model.finder_training.targets import WHOLE
from model.reading import verdict
from model.reading.classifier import Classifier
from model.reading.finder import Finder, overlaps
from model.reading.learned import see
from model.reading.photo import decode
from model.reading.result import NOT_A_DIGIT
from model.synthesis import characters, pages, sheets
from model.synthesis.characters import Alphabet
from model.synthesis.pages import Page
from model.synthesis.sheets import Photo, Sight

SEED = 2026
SAME = 0.35  # intersection over union: a candidate on a digit's box is that digit
UNCLEAR = 0.15  # between this and SAME a candidate is neither surely the digit nor surely none
READABLE = 9  # pixels: smaller digits needn't be found
LONG_SIDES = (48, 640)  # pixels
SHAPES = (0.75, 0.5625, 1.0, 0.4, 0.25)  # short side to long side
SHAPE_SHARES = (0.55, 0.15, 0.15, 0.1, 0.05)
STEPS, RATE, SMALL = 3000, 0.03, 1e-3  # of fitting, its rate, and how strongly weights are held small


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """The candidates of one photo, what the networks say of them, and what they are."""

    edges: NDArray[np.float32]
    views: NDArray[np.float64]
    measures: NDArray[np.float64]
    labels: NDArray[np.intp]  # 0 to 9, NOT_A_DIGIT, or -1 where that isn't clear
    missed: int  # digits of the photo that no candidate lies on


def photos(where: Path, mnist: Mnist, which: Iterable[int], *, held_back: bool) -> Iterator[Photo]:
    """Whole photos of these numbers by hands that aren't learnt from: held back, or kept for validation.

    Every second one is of the older, easier kind, as most photos that people send.
    """
    part = mnist.test if held_back else mnist.validation
    alphabet = characters.alphabet(where, (part.pictures, part.labels), held_back=held_back, validating=not held_back)
    hands = pages.hands(where, held_back=held_back, validating=not held_back)
    for i in which:
        rng = np.random.default_rng([SEED, i])
        yield _easier(pages.compose(hands, rng)) if i % 2 and hands else one(alphabet, rng)


def _easier(page: Page) -> Photo:
    picture = decode(page.photo)
    height, width = picture.colours.shape[:2]
    scale = width / picture.size[0]
    marks = tuple(
        Sight(digit, box.x * scale, box.y * scale, (box.x + box.width) * scale, (box.y + box.height) * scale, 1.0)
        for digit, box in page.digits
    )
    return Photo(picture.colours, marks, np.zeros((height, width), np.uint8))


def one(alphabet: Alphabet, rng: np.random.Generator) -> Photo:
    """A whole photo of any size and shape that a reader decodes to."""
    long = LONG_SIDES[1] if rng.random() < 0.7 else float(np.exp(rng.uniform(*np.log(LONG_SIDES))))
    short = max(28, round(long * rng.choice(SHAPES, p=SHAPE_SHARES)))
    size = (round(long), short) if rng.random() < 0.6 else (short, round(long))
    return sheets.compose(alphabet, size, rng, whole=True)


def judged(photo: Photo, finder: Finder, classifier: Classifier) -> Judged:
    """What the networks say of a photo's places, and what these are."""
    seen = see(photo.picture, finder, classifier)
    labels, missed = matched(seen.edges, photo.marks)
    return Judged(seen.edges, seen.views, seen.measures, labels, missed)


def matched(places: NDArray[np.float32], marks: Sequence[Sight]) -> tuple[NDArray[np.intp], int]:
    """What stands in each of the places (n, 4), and how many readable digits in none of them."""
    labels = np.full(len(places), NOT_A_DIGIT, np.intp)
    free = [mark for mark in marks if mark.digit is not None]
    for i, place in enumerate(places):
        edges = np.array([(mark.left, mark.top, mark.right, mark.bottom) for mark in free], np.float32).reshape(-1, 4)
        _, shares = overlaps(place, edges)
        best = int(np.argmax(shares)) if free else -1
        if best >= 0 and shares[best] >= SAME:
            mark = free.pop(best)
            if mark.digit is not None:
                labels[i] = mark.digit if mark.visible > WHOLE and mark.size >= READABLE / 2 else -1
        elif best >= 0 and shares[best] >= UNCLEAR:
            labels[i] = -1
    return labels, sum(mark.visible > WHOLE and mark.size >= READABLE for mark in free)


def fit(every: Sequence[Judged]) -> NDArray[np.float64]:
    """The weights of `verdict` under which what the candidates are is likeliest."""
    clear = [each.labels >= 0 for each in every]
    views = np.concatenate([e.views[c] for e, c in zip(every, clear, strict=True)])
    measures = np.concatenate([e.measures[c] for e, c in zip(every, clear, strict=True)])
    labels = np.concatenate([e.labels[c] for e, c in zip(every, clear, strict=True)])
    start = np.array([0.5, 0.7, 0.5] + [0.0, -1.0] + [0.0] * (len(verdict.MEASURES) - 2))
    weights = tf.Variable(start)
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(RATE, STEPS))
    optimizer.build([weights])

    @tf.function(jit_compile=False)  # type: ignore[untyped-decorator]
    def step() -> tf.Tensor:
        with tf.GradientTape() as tape:
            digits = weights[0] * views[:, 0] + weights[1] * views[:, 1]
            none = weights[2] * views[:, 2, :1] + tf.linalg.matvec(measures, weights[verdict.POOLED :])[:, None]
            wrong = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, tf.concat([digits, none], 1))
            loss = tf.reduce_mean(wrong) + SMALL * tf.reduce_mean(weights**2)
        optimizer.apply(tape.gradient(loss, [weights]), [weights])
        return loss

    for _ in range(STEPS):
        step()
    return np.asarray(weights.numpy(), np.float64)


def exact(each: Judged, weights: NDArray[np.float64], refuse_below: float) -> bool:
    """Whether every digit of a photo is answered rightly, and nothing else."""
    shares = verdict.probabilities(weights, each.views, each.measures)
    kept = np.zeros(len(shares), bool)
    kept[verdict.distinct(shares, each.edges, refuse_below)] = True
    right = shares[:, :NOT_A_DIGIT].argmax(axis=1) == each.labels
    clear = each.labels >= 0
    return bool(
        each.missed == 0
        and (kept & clear & right).sum() == (clear & (each.labels < NOT_A_DIGIT)).sum()
        and not (kept & clear & ~right).any()
    )


def best_refusal(every: Sequence[Judged], weights: NDArray[np.float64]) -> float:
    """The probability from which on answers make the most photos exact."""
    tried = np.arange(0.2, 0.9, 0.02)
    right = [sum(exact(each, weights, float(least)) for each in every) for least in tried]
    best = np.flatnonzero(np.array(right) == max(right))
    return float(tried[best[len(best) // 2]])


def card(every: Sequence[Judged]) -> dict[str, Any]:
    """What the finder's card holds of joining both views."""
    weights = fit(every)
    least = best_refusal(every, weights)
    return {
        "weights": [round(float(w), 5) for w in weights],
        "weights_of": ["finder", "network", "network: no digit", *verdict.MEASURES],
        "refuse_below": round(least, 3),
        "sure": 0.8,
        "photos": len(every),
        "exact": sum(exact(each, weights, least) for each in every),
    }
