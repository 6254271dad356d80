"""Metrics of a version: accuracy with its interval, calibration, risk and coverage.

Plain functions of arrays, and one that runs a `.tflite`; no TensorFlow. `export` uses them to choose, `evaluation` to
measure.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.reading.litert import Network, softmax
from model.reading.result import DIGITS, NOT_A_DIGIT

Floats = NDArray[np.float64]
Labels = NDArray[np.uint8]  # (n,): 0 to 9, or NOT_A_DIGIT
Answers = NDArray[np.intp]  # (n,): 0 to 9, or NOT_A_DIGIT
Flags = NDArray[np.bool_]  # (n,)

BATCH = 500  # pictures
Z = 1.96  # standard deviations of a 95 % interval
BINS = 10  # equally wide bins of confidence
LEVELS = (0.0, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.99)  # confidences at which risk and coverage are reported
DIGITS_REFUSED = 0.01  # limit of the share of digits refused,
OTHERS_ANSWERED = 0.05  # and of non-digits answered with a digit
EVEN_ODDS = 0.5  # anything more probably a digit than not is never refused


@dataclass(frozen=True, slots=True)
class Reader:
    """A version's `.tflite`, temperature and refusal threshold."""

    tflite: bytes
    temperature: float
    refuse_below: float

    def probabilities(self, pictures: NDArray[np.float32]) -> Floats:
        """(n, 10 or 11) for pictures (n, 28, 28), 0 to 1."""
        return probabilities(run(self.tflite, pictures), self.temperature)

    def answers(self, pictures: NDArray[np.float32]) -> Answers:
        """The answers to pictures (n, 28, 28), 0 to 1."""
        return decide(self.probabilities(pictures), self.refuse_below)[0]


def run(tflite: bytes, pictures: NDArray[np.float32]) -> Floats:
    """The logits (n, outputs) of a `.tflite` for pictures (n, 28, 28), 0 to 1.

    Raises ValueError for other files.
    """
    network = Network(tflite)
    parts = [network(pictures[start : start + BATCH, ..., None]) for start in range(0, len(pictures), BATCH)]
    return np.concatenate([np.zeros((0, network.outputs)), *parts])


def probabilities(logits: Floats, temperature: float) -> Floats:
    """Softmax of the logits divided by the temperature.

    Guo et al. 2017, "On calibration of modern neural networks".
    """
    return softmax(logits / temperature)


def fit_temperature(logits: Floats, labels: Labels) -> float:
    """Find the temperature that maximises the labels' likelihood, on ever finer grids."""
    best, width = 1.0, 4.0
    for _ in range(6):
        tried = best * np.geomspace(1 / width, width, 17)
        best = float(tried[np.argmin([_surprise(logits, labels, temperature) for temperature in tried])])
        width **= 0.25
    return best


def point_of_refusal(confidence: Floats, labels: Labels) -> float:
    """Choose the refusal threshold: the confidence below which to refuse.

    There the shares of digits refused and of others answered are equally far from their limits, DIGITS_REFUSED and
    OTHERS_ANSWERED (a minimax over thresholds in thousandths). One share grows with the threshold and the other
    shrinks, so the place is unique, and a better network has more reserve there. At most EVEN_ODDS. If `labels` are all
    digits, half of DIGITS_REFUSED is refused.
    """
    thresholds = np.arange(0, 1000 * EVEN_ODDS + 1) / 1000
    digits, others = np.sort(confidence[labels < DIGITS]), np.sort(confidence[labels >= DIGITS])
    refused = np.searchsorted(digits, thresholds) / max(1, len(digits)) / DIGITS_REFUSED
    if not len(others):
        return float(thresholds[refused <= 0.5].max())
    answered = (1 - np.searchsorted(others, thresholds) / len(others)) / OTHERS_ANSWERED
    return float(thresholds[np.argmin(np.maximum(refused, answered))])


def decide(said: Floats, refuse_below: float) -> tuple[Answers, Floats]:
    """Answers and confidences (n,) for probabilities (n, 10 or 11).

    The answer is the most probable digit, or NOT_A_DIGIT if that is less probable than `refuse_below`.
    """
    digits = said[:, :DIGITS]
    confidence = digits.max(axis=1)
    return np.where(confidence >= refuse_below, digits.argmax(axis=1), NOT_A_DIGIT), confidence


def wilson(right: int, n: int) -> tuple[float, float]:
    """The 95 % interval of the share `right` of `n`: Wilson 1927."""
    share = right / n
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z * np.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
    return float(middle - half), float(middle + half)


def reliability(confidence: Floats, right: Flags) -> list[dict[str, Any]]:
    """Per bin of confidence: number of answers `of`, number `right`, mean `confidence`."""
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    rows = []
    for inside in (bins == b for b in range(BINS)):
        mean = float(confidence[inside].mean()) if inside.any() else 0.0
        rows.append({"of": int(inside.sum()), "right": int(right[inside].sum()), "confidence": round(mean, 4)})
    return rows


def calibration_error(confidence: Floats, right: Flags) -> float:
    """Expected calibration error, 0 to 1: mean gap between confidence and accuracy."""
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [abs(float((right[bins == b] - confidence[bins == b]).sum())) for b in range(BINS)]
    return sum(gaps) / max(1, len(confidence))


def brier(said: Floats, labels: Labels) -> float:
    """Brier score, 0 to 2: mean squared error of probabilities (n, 10 or 11). Brier 1950."""
    padded = np.pad(said, ((0, 0), (0, DIGITS + 1 - said.shape[1])))
    return float(((padded - np.eye(DIGITS + 1)[labels]) ** 2).sum()) / max(1, len(labels))


def risk_and_coverage(confidence: Floats, answers: Answers, labels: Labels) -> list[dict[str, Any]]:
    """Risk and coverage at each of LEVELS: counts of `digits` and `others` answered, and `wrong`.

    An answer to a non-digit is wrong. `answers` are the most probable digits. El-Yaniv and Wiener 2010, "On the
    foundations of noise-free selective classification".
    """
    rows = []
    for level in LEVELS:
        answered = confidence >= level
        is_digit = labels < DIGITS
        counts = {
            "digits": answered & is_digit,
            "others": answered & ~is_digit,
            "wrong": answered & (answers != labels),
        }
        rows.append({"level": level} | {name: int(found.sum()) for name, found in counts.items()})
    return rows


def measure(logits: Floats, labels: Labels, temperature: float, refuse_below: float) -> dict[str, Any]:
    """A card's figures for one set: counts, accuracy, calibration, Brier, confusion.

    Answers are those of `decide`. `digits` and `likeliest` count the digits and those whose most probable digit is
    right, refused or not. The calibration error is over the digits answered.
    """
    said = probabilities(logits, temperature)
    answers, confidence = decide(said, refuse_below)
    answered, right = answers < DIGITS, answers == labels
    confusion = np.zeros((max(DIGITS, int(labels.max()) + 1), DIGITS + 1), int)
    np.add.at(confusion, (labels, answers), 1)
    return {
        "right": int(right.sum()),
        "of": len(labels),
        "refused": int((~answered).sum()),
        "digits": int((labels < DIGITS).sum()),
        "likeliest": int((said[:, :DIGITS].argmax(axis=1) == labels).sum()),
        "accuracy": round(float(right.mean()), 6),
        "interval": [round(end, 6) for end in wilson(int(right.sum()), len(labels))],
        "calibration_error": round(calibration_error(confidence[answered], right[answered]), 6),
        "brier": round(brier(said, labels), 6),
        "confusion": confusion.tolist(),
    }


def _surprise(logits: Floats, labels: Labels, temperature: float) -> float:
    said = probabilities(logits, temperature)[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(said, 1e-12)).mean())
