"""Whether a version that learnt corrections may serve: it sits the exam of the one that serves, and mustn't be worse.

The exam is MNIST's validation split, as it is and worn, what is no digit, and the corrections that weren't learnt from.
MNIST's test set has no say. Corrections that nobody can have meant let no version pass, whatever came of them.
"""

from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.data.mnist import Examples, Mnist
from model.evaluation import metrics
from model.evaluation.metrics import DIGITS_REFUSED, OTHERS_ANSWERED, Answers, Flags, Labels, Reader
from model.reading.result import DIGITS
from model.training import augment, rehearsal
from model.training.corrections import Corrections
from model.versions.version import Version

SIGNIFICANT = 0.05  # probability of so many losses by chance, below which a version is worse
CALIBRATION_BAR = 0.02  # expected calibration error, over the digits of the validation split
BARS = {"calibration": CALIBRATION_BAR, "refused": DIGITS_REFUSED, "answered": OTHERS_ANSWERED}
DOUBTED_AFTER = 3  # digits: a label that the version which serves finds less probable than these is doubted,
ONE_DOUBTED_OF = 5  # and so many may be of those that are new to it; of misread digits a tenth is
SEED = 1998  # the same wear, and the same clutter, for every version


@dataclass(frozen=True, slots=True)
class Unlearnt:
    """Corrections that examine a version, and what it answered (n,) without having learnt them."""

    corrections: Corrections
    answers: Answers
    cross_validated: bool  # by networks that had learnt the others


@dataclass(frozen=True, slots=True)
class Exam:
    """Pictures (n, 28, 28), 0 to 1: digits as they are and worn, with their labels, and what is no digit."""

    plain: NDArray[np.float32]
    worn: NDArray[np.float32]
    labels: Labels
    others: NDArray[np.float32]


def reader_of(version: Version) -> Reader:
    """The version's file, with what its card says of temperature and refusal."""
    tflite = (version.folder / "model.tflite").read_bytes()
    return Reader(tflite, version.card["temperature"], version.card["refuse_below"])


def learnt_by(version: Version) -> set[int]:
    """The ids of the corrections that the version has learnt, as its card says."""
    return set(version.card.get("corrections", {}).get("learnt", []))


def judge(serving: Version, after: Reader, said: Corrections, unlearnt: Unlearnt, mnist: Mnist) -> dict[str, Any]:
    """What a card says of a version to which people `said` this: what it learnt of it, and how it did in the exam.

    "gate" holds figures before and after, and under "worse" in what the version is too bad to serve; it may serve where
    that is empty. A share leaves its bar where it is above it, and above what it was by more than chance. What the
    serving version has learnt itself, it is examined on by what it answered before it did, and not at all where that
    isn't known.
    """
    before, answered, learnt_before = reader_of(serving), _answers_of(serving), learnt_by(serving)
    ids = unlearnt.corrections.ids.tolist()
    fair = np.array([id_ in answered or id_ not in learnt_before for id_ in ids], bool)
    labels = unlearnt.corrections.examples.labels[fair]
    now = before.answers(unlearnt.corrections.examples.floats()).tolist()
    answers = [
        np.array([answered.get(*each) for each in zip(ids, now, strict=True)], np.intp)[fair],
        unlearnt.answers[fair],
    ]
    exam = _exam(mnist.validation)
    (right_before, shares_before), (right_after, shares_after) = (_sit(exam, reader) for reader in (before, after))
    right = {
        "corrections": (answers[0] == labels, answers[1] == labels),
        **{name: (right_before[name], right_after[name]) for name in right_before},
    }
    shares = {
        name: {"before": shares_before[name], "after": shares_after[name], "bar": bar} for name, bar in BARS.items()
    }
    new = said.chosen(~np.isin(said.ids, [*answered, *learnt_before]))
    doubted = doubts(before, new.examples)
    too_many = at_least(int(doubted.sum()), len(new), ONE_DOUBTED_OF)
    worse = [name for name, flags in right.items() if name not in BARS and chance_of_losses(*flags) < SIGNIFICANT]
    beyond = [name for name, found in shares.items() if found["after"] > max(found["bar"], found["before"])]
    worse += [name for name in beyond if name not in right or chance_of_losses(*right[name]) < SIGNIFICANT]
    worse += ["labels"] if too_many < SIGNIFICANT else []
    learnt = said.ids if unlearnt.cross_validated else said.ids[~np.isin(said.ids, ids)]
    return {
        "corrections": {
            "learnt": learnt.tolist(),
            "answered": dict(zip(map(str, ids), unlearnt.answers.tolist(), strict=True)),
            "doubted": new.ids[doubted].tolist(),
        },
        "gate": {
            "serving": serving.name,
            "learnt": len(learnt),
            **{name: _counted(*flags) for name, flags in right.items() if name not in BARS},
            **shares,
            "labels": {"of": len(new), "doubted": int(doubted.sum()), "chance": round(too_many, 4)},
            "cross_validated": unlearnt.cross_validated,
            "confusion": [_confusion(labels, each) for each in answers],
            "worse": worse,
        },
    }


def chance_of_losses(before: Flags, after: Flags) -> float:
    """How probable so many losses or more are beside so many gains, if both are as good: a one-sided exact test.

    `before` and `after` (n,) tell what was right. McNemar 1947, "Note on the sampling error of the difference between
    correlated proportions or percentages".
    """
    lost, gained = int((before & ~after).sum()), int((after & ~before).sum())
    return at_least(lost, lost + gained, one_of=2)


def doubts(reader: Reader, examples: Examples) -> Flags:
    """(n,): which labels the reader finds less probable than DOUBTED_AFTER digits.

    People correct what is read wrong, so the likeliest digit is often not theirs, and the reader may have been sure of
    it; but what a picture shows comes next, nearly always. Labels by chance, or all the same, stand anywhere.
    """
    said = reader.probabilities(examples.floats())
    said = np.pad(
        said, ((0, 0), (0, DIGITS + 1 - said.shape[1])), constant_values=1
    )  # what it can't say it can't doubt
    labels = said[np.arange(len(examples)), examples.labels, None]
    return np.asarray((said[:, :DIGITS] > labels).sum(axis=1) >= DOUBTED_AFTER)


def at_least(k: int, n: int, one_of: int) -> float:
    """How probable it is that `k` or more of `n` things happen, each by a chance of one in `one_of`: exact."""
    ways, these = 0, comb(n, k) * (one_of - 1) ** (n - k)
    for i in range(k, n + 1):
        ways += these
        these = these * (n - i) // ((i + 1) * (one_of - 1))
    return float(ways / one_of**n)


def _answers_of(version: Version) -> dict[int, int]:
    """What the version answered for corrections before it learnt them, by their ids."""
    return {int(id_): answer for id_, answer in version.card.get("corrections", {}).get("answered", {}).items()}


def _exam(validation: Examples) -> Exam:
    plain = validation.floats()
    worn = augment.distort(plain, np.random.default_rng(SEED), augment.PHOTO)
    others = rehearsal.others(validation, np.random.default_rng(SEED)).astype(np.float32) / np.float32(255)
    return Exam(plain, worn, validation.labels, others)


def _sit(exam: Exam, reader: Reader) -> tuple[dict[str, Flags], dict[str, float]]:
    """What it does right, picture by picture, and the shares that have BARS."""
    said = reader.probabilities(exam.plain)
    likeliest, confidence = metrics.decide(said, refuse_below=0)
    right = {
        "validation": metrics.decide(said, reader.refuse_below)[0] == exam.labels,
        "worn": reader.answers(exam.worn) == exam.labels,
        "refused": confidence >= reader.refuse_below,
        "answered": reader.answers(exam.others) >= DIGITS,
    }
    shares = {
        "calibration": metrics.calibration_error(confidence, likeliest == exam.labels),
        "refused": float(1 - right["refused"].mean()),
        "answered": float(1 - right["answered"].mean()),
    }
    return right, {name: round(share, 6) for name, share in shares.items()}


def _counted(before: Flags, after: Flags) -> dict[str, Any]:
    chance = round(chance_of_losses(before, after), 4)
    return {"of": len(before), "before": int(before.sum()), "after": int(after.sum()), "chance": chance}


def _confusion(labels: Labels, answers: Answers) -> list[list[int]]:
    counts = np.zeros((DIGITS + 1, DIGITS + 1), int)
    np.add.at(counts, (labels, answers), 1)
    return counts.tolist()
