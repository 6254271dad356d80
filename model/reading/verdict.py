"""Both networks' views of a candidate → one calibrated probability of 11.

A log-linear pool (Genest and Zidek, "Combining probability distributions", 1986): what the finder and the 28×28 network
each say of the ten digits is multiplied, each to its own power, and set against "not a digit", for which a few measures
of the place speak. The weights are fitted on generated pages.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model.reading.finder import Candidate
from model.reading.result import DIGITS, NOT_A_DIGIT

MEASURES = ("always", "digit seen", "seen at two scales", "other seen", "unlike the others", "others around", "inkless")
POOLED = (
    3  # weights before those of the measures: the powers of both views of the digits, and of the network's "no digit"
)
LEAST = 1e-4  # probabilities smaller than that count as this

Probabilities = NDArray[np.float64]


def measures(candidates: Sequence[Candidate], crops: NDArray[np.uint8], others: Sequence[Candidate]) -> Probabilities:
    """(n, len(MEASURES)): what speaks for or against a digit in each place of a picture.

    `crops` (n, 28, 28) are the candidates' ink; `others` the other marks seen.
    """
    if not candidates:
        return np.zeros((0, len(MEASURES)))
    heats = np.array([each.heat for each in candidates])
    heights = np.log([max(each.height, 1.0) for each in candidates])
    usual = np.average(heights, weights=heats**4) if len(candidates) > 1 else heights[0]
    middles = np.array([(each.edges[:2] + each.edges[2:]) / 2 for each in candidates])
    around = np.zeros(len(candidates))
    for other in others:
        away = np.abs(middles - (other.edges[:2] + other.edges[2:]) / 2).max(axis=1)
        around += other.heat * (away < 2 * np.exp(heights))
    return np.stack(
        [
            np.ones(len(candidates)),
            _logit(heats),
            np.array([each.seconded for each in candidates]),
            _logit(np.array([each.other_heat for each in candidates])),
            np.abs(heights - usual),
            np.log1p(around),
            (crops.reshape(len(crops), -1).max(axis=1) == 0).astype(float),
        ],
        axis=1,
    )


def views(candidates: Sequence[Candidate], network: NDArray[np.float32]) -> Probabilities:
    """(n, 3, 10): logarithms of what the finder and the network say of each digit, and of the network's "no digit"."""
    logits = np.array([each.logits for each in candidates], np.float64).reshape(-1, DIGITS)
    finder = logits - np.log(np.exp(logits - logits.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True))
    finder -= logits.max(axis=1, keepdims=True)
    said = np.log(np.maximum(network.astype(np.float64), LEAST))
    none = np.repeat(said[:, NOT_A_DIGIT:], DIGITS, axis=1)
    return np.stack([np.maximum(finder, np.log(LEAST)), said[:, :DIGITS], none], axis=1)


def scores(weights: Probabilities, views: Probabilities, measures: Probabilities) -> Probabilities:
    """(n, 11): logits of the digits 0 to 9, then of "not a digit"."""
    digits = weights[0] * views[:, 0] + weights[1] * views[:, 1]
    none = weights[2] * views[:, 2, :1] + (measures @ weights[POOLED:])[:, None]
    return np.concatenate([digits, none], axis=1)


def probabilities(weights: Probabilities, views: Probabilities, measures: Probabilities) -> Probabilities:
    """(n, 11), each row's sum 1."""
    logits = scores(weights, views, measures)
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def _logit(share: Probabilities) -> Probabilities:
    held = np.clip(share, 1e-4, 1 - 1e-4)
    return np.asarray(np.log(held / (1 - held)))
