"""Both networks' views of a candidate → one calibrated probability of 11.

A log-linear pool (Genest and Zidek, "Combining probability distributions", 1986): what the finder and the 28×28 network
each say of the ten digits is multiplied, each to its own power, and set against "not a digit", for which a few measures
of the place speak. The weights are fitted on generated pages.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model.reading.finder import Candidate, overlaps
from model.reading.litert import softmax
from model.reading.result import DIGITS, NOT_A_DIGIT

MEASURES = (
    "always",
    "digit seen",
    "seen at two scales",
    "other seen",
    "small",
    "unlike the others",
    "others around",
    "inkless",
)
POOLED = (
    3  # weights before those of the measures: the powers of both views of the digits, and of the network's "no digit"
)
LEAST = 1e-4  # probabilities smaller than that count as this
LIKE = (0.4, 2.5)  # times a digit's height: other marks of such a size may be its neighbours in a word,
AROUND = 2  # heights: as far away as that
SURELY = 4  # power: what is hardly seen counts little for how high digits usually are here, many specks too
WITHIN = 0.4  # share of the smaller of two boxes that lies in the other: they are one thing, or a part of it

Probabilities = NDArray[np.float64]


def measures(
    candidates: Sequence[Candidate], network: NDArray[np.float32], others: Sequence[Candidate], side: int
) -> Probabilities:
    """(n, len(MEASURES)): what speaks for or against a digit in each place of a picture.

    `network` (n, 11) is what the network says of them, all alike where there is no ink; `others` are the other marks
    seen; `side` is the picture's longer one.
    """
    if not candidates:
        return np.zeros((0, len(MEASURES)))
    heats = np.array([each.heat for each in candidates])
    heights = np.log([max(each.height, 1.0) for each in candidates])
    likely = (heats * network[:, :DIGITS].max(axis=1)) ** SURELY + 1e-9
    usual = (likely * heights).sum() / likely.sum()
    return np.stack(
        [
            np.ones(len(candidates)),
            _logit(heats),
            np.array([each.seconded for each in candidates]),
            _logit(np.array([each.other_heat for each in candidates])),
            np.log(side) - heights,
            np.abs(heights - usual),
            np.log1p(_around(candidates, others)),
            (np.ptp(network[:, :DIGITS], axis=1) == 0).astype(float),
        ],
        axis=1,
    )


def distinct(shares: Probabilities, edges: NDArray[np.float32], least: float) -> list[int]:
    """Which of the places (n, 4) are digits with at least that probability, the likeliest where some overlap."""
    chances = shares[:, :NOT_A_DIGIT].max(axis=1)
    kept: list[int] = []
    for i in np.argsort(-chances):
        if chances[i] < least:
            break
        if not kept or overlaps(edges[i], edges[kept])[0].max() < WITHIN:
            kept.append(int(i))
    return sorted(kept)


def _around(candidates: Sequence[Candidate], others: Sequence[Candidate]) -> Probabilities:
    """(n,): how many other marks stand around each place that are about as large, by how surely they were seen."""
    found = np.zeros(len(candidates))
    if others:
        middles, heights, heats = (
            _middles(others),
            np.array([o.height for o in others]),
            np.array([o.heat for o in others]),
        )
        for i, (middle, height) in enumerate(zip(_middles(candidates), (c.height for c in candidates), strict=True)):
            away = np.abs(middles - middle).max(axis=1) / max(height, 1.0)
            near = (away < AROUND) & (away > 0.3) & (heights > LIKE[0] * height) & (heights < LIKE[1] * height)
            found[i] = (heats[near] ** 2).sum()
    return found


def _middles(places: Sequence[Candidate]) -> Probabilities:
    return np.array([(each.edges[:2] + each.edges[2:]) / 2 for each in places], np.float64)


def views(candidates: Sequence[Candidate], network: NDArray[np.float32]) -> Probabilities:
    """(n, 3, 10): logarithms of what the finder and the network say of each digit, and of the network's "no digit"."""
    logits = np.array([each.logits for each in candidates], np.float64).reshape(-1, DIGITS)
    finder, said = (np.log(np.maximum(each, LEAST)) for each in (softmax(logits), network.astype(np.float64)))
    none = np.repeat(said[:, NOT_A_DIGIT:], DIGITS, axis=1)
    return np.stack([finder, said[:, :DIGITS], none], axis=1)


def scores(weights: Probabilities, views: Probabilities, measures: Probabilities) -> Probabilities:
    """(n, 11): logits of the digits 0 to 9, then of "not a digit"."""
    digits = weights[0] * views[:, 0] + weights[1] * views[:, 1]
    none = weights[2] * views[:, 2, :1] + (measures @ weights[POOLED:])[:, None]
    return np.concatenate([digits, none], axis=1)


def probabilities(weights: Probabilities, views: Probabilities, measures: Probabilities) -> Probabilities:
    """(n, 11), each row's sum 1."""
    return softmax(scores(weights, views, measures))


def _logit(share: Probabilities) -> Probabilities:
    held = np.clip(share, 1e-4, 1 - 1e-4)
    return np.asarray(np.log(held / (1 - held)))
