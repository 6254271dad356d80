"""The promotion gate: a new version must not be worse than the one in use.

The exam consists of MNIST's validation split, unchanged and distorted, of non-digits, and of corrections that weren't
trained on. MNIST's test set decides nothing. With implausible corrections no version passes, whatever its figures.
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

SIGNIFICANT = 0.05  # if so many losses are less probable than this by chance, a version is worse
CALIBRATION_BAR = 0.02  # expected calibration error, over the digits of the validation split
BARS = {"calibration": CALIBRATION_BAR, "refused": DIGITS_REFUSED, "answered": OTHERS_ANSWERED}
DOUBTED_AFTER = 3  # a label that the version in use finds less probable than so many digits is doubted,
ONE_DOUBTED_OF = 5  # and one in so many of the new labels may be; of misread digits one in ten is
SEED = 1998  # the same distortions and clutter for every version


@dataclass(frozen=True, slots=True)
class Unlearnt:
    """Corrections to evaluate a version on, and its answers (n,) without training on them."""

    corrections: Corrections
    answers: Answers
    cross_validated: bool  # by networks trained on the others


@dataclass(frozen=True, slots=True)
class Exam:
    """The exam's pictures (n, 28, 28), 0 to 1: digits, distorted digits, non-digits."""

    plain: NDArray[np.float32]
    worn: NDArray[np.float32]
    labels: Labels
    others: NDArray[np.float32]


def reader_of(version: Version) -> Reader:
    """Load the version's file, with its card's temperature and refusal threshold."""
    tflite = (version.folder / "model.tflite").read_bytes()
    return Reader(tflite, version.card["temperature"], version.card["refuse_below"])


def learnt_by(version: Version) -> set[int]:
    """The ids of the corrections that the version was trained on, from its card."""
    return set(version.card.get("corrections", {}).get("learnt", []))


def judge(serving: Version, after: Reader, said: Corrections, unlearnt: Unlearnt, mnist: Mnist) -> dict[str, Any]:
    """Evaluate a version trained on the corrections in `said`, for its card.

    "gate" holds the figures before and after, and under "worse" what the version fails in; it passes if that is empty.
    A share fails if it is above its limit, and above its old value by more than chance. Corrections that the version in
    use was trained on count with its answer from before, and not at all if that isn't known.
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
    """The probability of so many losses or more among the changes, if both are equally good.

    A one-sided exact test. `before` and `after` (n,) say what was right. McNemar 1947, "Note on the sampling error of
    the difference between correlated proportions or percentages".
    """
    lost, gained = int((before & ~after).sum()), int((after & ~before).sum())
    return at_least(lost, lost + gained, one_of=2)


def doubts(reader: Reader, examples: Examples) -> Flags:
    """(n,): which labels the reader finds less probable than DOUBTED_AFTER digits.

    People correct misreadings, so the most probable digit is often wrong, and the reader may have been confident; but
    the true digit nearly always comes next. Random or constant labels can be anywhere.
    """
    said = reader.probabilities(examples.floats())
    said = np.pad(
        said, ((0, 0), (0, DIGITS + 1 - said.shape[1])), constant_values=1
    )  # it can't doubt labels that it has no output for
    labels = said[np.arange(len(examples)), examples.labels, None]
    return np.asarray((said[:, :DIGITS] > labels).sum(axis=1) >= DOUBTED_AFTER)


def at_least(k: int, n: int, one_of: int) -> float:
    """The exact probability of `k` or more successes in `n` trials at one in `one_of`."""
    ways, these = 0, comb(n, k) * (one_of - 1) ** (n - k)
    for i in range(k, n + 1):
        ways += these
        these = these * (n - i) // ((i + 1) * (one_of - 1))
    return float(ways / one_of**n)


def _answers_of(version: Version) -> dict[int, int]:
    """The version's answers to corrections before it was trained on them, by id."""
    return {int(id_): answer for id_, answer in version.card.get("corrections", {}).get("answered", {}).items()}


def _exam(validation: Examples) -> Exam:
    plain = validation.floats()
    worn = augment.distort(plain, np.random.default_rng(SEED), augment.PHOTO)
    others = rehearsal.others(validation, np.random.default_rng(SEED)).astype(np.float32) / np.float32(255)
    return Exam(plain, worn, validation.labels, others)


def _sit(exam: Exam, reader: Reader) -> tuple[dict[str, Flags], dict[str, float]]:
    """Run the exam: what is right, picture by picture, and the shares that have BARS."""
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
