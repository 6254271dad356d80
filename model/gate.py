"""Whether a version that learnt corrections may serve: it sits the exam of the one that serves, and mustn't be worse.

The exam is MNIST's validation split, as it is and worn, what is no digit, and the corrections that weren't learnt from.
MNIST's test set has no say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np

from model import augment, measures, rehearsal
from model.corrections import Corrections
from model.data import Examples, Mnist
from model.measures import DIGITS_REFUSED, OTHERS_ANSWERED, Answers, Flags, Reader
from model.reading import DIGITS
from model.registry import Version

SIGNIFICANT = 0.05  # probability of so many losses by chance, below which a version is worse
CALIBRATION_BAR = 0.02  # expected calibration error, over the digits of the validation split
SEED = 1998  # the same wear, and the same clutter, for every version


@dataclass(frozen=True, slots=True)
class Unlearnt:
    """Corrections that examine a version, and what it answered (n,) without having learnt them."""

    corrections: Corrections
    answers: Answers
    cross_validated: bool  # by networks that had learnt the others


def reader_of(version: Version) -> Reader:
    """The version's file, with what its card says of temperature and refusal."""
    tflite = (version.folder / "model.tflite").read_bytes()
    return Reader(tflite, version.card["temperature"], version.card["refuse_below"])


def judge(serving: Version, after: Reader, unlearnt: Unlearnt, learnt: Corrections, mnist: Mnist) -> dict[str, Any]:
    """What a card says of a version that learnt corrections: which, by their ids, and how it did in the exam.

    "gate" holds figures before and after, and under "worse" in what the version is too bad to serve; it may serve where
    that is empty. What the serving version has learnt itself, it is examined on by what it answered before it did.
    """
    before, examples = reader_of(serving), unlearnt.corrections.examples
    ids = [str(id_) for id_ in unlearnt.corrections.ids]
    known = serving.card.get("corrections", {}).get("answered", {})
    now = before.answers(examples.floats())
    answered = np.array([known.get(id_, answer) for id_, answer in zip(ids, now.tolist(), strict=True)], np.intp)
    right = {"corrections": (answered == examples.labels, unlearnt.answers == examples.labels)}
    right |= _on_validation(before, after, mnist.validation)
    shares = _shares(before, after, mnist.validation)
    worse = [name for name, flags in right.items() if chance_of_losses(*flags) < SIGNIFICANT]
    worse += [name for name, found in shares.items() if found["after"] > max(found["bar"], found["before"])]
    return {
        "corrections": {
            "learnt": learnt.ids.tolist(),
            "answered": dict(zip(ids, unlearnt.answers.tolist(), strict=True)),
        },
        "gate": {
            "serving": serving.name,
            "learnt": len(learnt),
            **{name: _counted(*flags) for name, flags in right.items()},
            **shares,
            "cross_validated": unlearnt.cross_validated,
            "confusion": [_confusion(examples.labels, answers) for answers in (answered, unlearnt.answers)],
            "worse": worse,
        },
    }


def chance_of_losses(before: Flags, after: Flags) -> float:
    """How probable so many losses or more are beside so many gains, if both are as good: a one-sided exact test.

    `before` and `after` (n,) tell what was right. McNemar 1947, "Note on the sampling error of the difference between
    correlated proportions or percentages".
    """
    lost, gained = int((before & ~after).sum()), int((after & ~before).sum())
    changed = lost + gained
    ways: int = sum(comb(changed, i) for i in range(lost, changed + 1))
    return float(ways / 2**changed)


def _on_validation(before: Reader, after: Reader, validation: Examples) -> dict[str, tuple[Flags, Flags]]:
    """What both read right of the validation split, as it is and worn as pens and phones do."""
    plain = validation.floats()
    worn = augment.distort(plain, np.random.default_rng(SEED), augment.PHOTO)
    return {
        name: (before.answers(pictures) == validation.labels, after.answers(pictures) == validation.labels)
        for name, pictures in (("validation", plain), ("worn", worn))
    }


def _shares(before: Reader, after: Reader, validation: Examples) -> dict[str, Mapping[str, float]]:
    """What has a bar, before and after: calibration error, digits refused, and others answered."""
    others = rehearsal.others(validation, np.random.default_rng(SEED)).astype(np.float32) / np.float32(255)
    plain = validation.floats()
    found: dict[str, list[float]] = {"calibration": [], "refused": [], "answered": []}
    for reader in (before, after):
        answers, confidence = measures.decide(reader.probabilities(plain), refuse_below=0)
        found["calibration"].append(measures.calibration_error(confidence, answers == validation.labels))
        found["refused"].append(float((confidence < reader.refuse_below).mean()))
        found["answered"].append(float((reader.answers(others) < DIGITS).mean()))
    bars = {"calibration": CALIBRATION_BAR, "refused": DIGITS_REFUSED, "answered": OTHERS_ANSWERED}
    return {
        name: {"before": round(one, 6), "after": round(other, 6), "bar": bars[name]}
        for name, (one, other) in found.items()
    }


def _counted(before: Flags, after: Flags) -> dict[str, Any]:
    chance = round(chance_of_losses(before, after), 4)
    return {"of": len(before), "before": int(before.sum()), "after": int(after.sum()), "chance": chance}


def _confusion(labels: measures.Labels, answers: Answers) -> list[list[int]]:
    counts = np.zeros((DIGITS + 1, DIGITS + 1), int)
    np.add.at(counts, (labels, answers), 1)
    return counts.tolist()
