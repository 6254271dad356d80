"""The evaluation command: measures a version, and prints its model card.

`python -m model.evaluation [VERSION]` prints a version's `card.json` as a page, the model card. With `--measure` it
first evaluates the version's `.tflite`, without TensorFlow, and puts the figures into its card.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

from model.data import handwriting
from model.data.mnist import Examples, Mnist, load
from model.evaluation import robustness
from model.evaluation.metrics import decide, measure, probabilities, risk_and_coverage, run
from model.evaluation.model_card import page
from model.evaluation.photo_exam import figures, read_photos
from model.training import corpus
from model.versions.provenance import circumstances
from model.versions.store import local_store
from model.versions.version import PRETRAINED, Refusal, Version, add_to_card

PHOTOS = 1000  # generated photos, with about 7 digits each
SEED = 0  # of the pens that unseen writers' strokes are drawn with


def examine(version: Version, mnist: Mnist, where: Path | None, photos: int) -> dict[str, Any]:
    """Measure the card's "exam": `spoilt` MNIST test pictures, unseen `hands`, generated `photos`.

    The last two are None without a folder `where` of handwriting. Raises DataError if it lacks a set.
    """
    tflite = (version.folder / "model.tflite").read_bytes()
    reader = (float(version.card["temperature"]), float(version.card["refuse_below"]))
    return {
        **{name: found for name, found in circumstances().items() if name in ("date", "commit")},
        "spoilt": _spoilt(tflite, mnist.test, reader),
        "hands": _hands(tflite, where, reader) if where else None,
        "photos": figures(read_photos(version.folder, where, photos, held_back=True)) if where else None,
    }


def _spoilt(tflite: bytes, test: Examples, reader: tuple[float, float]) -> dict[str, dict[str, int]]:
    found = {}
    for name, spoil in robustness.SPOILT.items():
        logits = run(tflite, robustness.spoilt(test.floats(), spoil))
        found[name] = _counts(measure(logits, test.labels, *reader))
    return found


def _hands(tflite: bytes, where: Path, reader: tuple[float, float]) -> dict[str, Any]:
    """Measure set by set, all digits together, then risk and coverage without look-alikes."""
    sets = corpus.unseen(where, SEED)
    logits = {name: run(tflite, examples.floats()) for name, examples in sets.items()}
    digits = [name for name in sets if name.endswith(": digits")]
    told_apart = digits + [name for name in sets if name.endswith(": others")]
    labels = np.concatenate([sets[name].labels for name in told_apart])
    said = np.concatenate([probabilities(logits[name], reader[0]) for name in told_apart])
    answers, confidence = decide(said, refuse_below=0)
    return {
        "sets": {name: _counts(measure(logits[name], sets[name].labels, *reader)) for name in sets},
        "digits": measure(
            np.concatenate([logits[name] for name in digits]),
            np.concatenate([sets[name].labels for name in digits]),
            *reader,
        ),
        "risk_and_coverage": risk_and_coverage(confidence, answers, labels),
    }


def _counts(measured: dict[str, Any]) -> dict[str, int]:
    return {name: measured[name] for name in ("of", "right", "refused", "likeliest")}


def main(arguments: list[str] | None = None) -> int:
    """Print a version's card as a page, measuring first if asked to; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m model.evaluation", description="Prints a version's model card.")
    say = parser.add_argument
    say("version", nargs="?", default=PRETRAINED, help="name or folder; left out: the shipped version")
    say("--measure", action="store_true", help="measure it first and write the figures into its card: takes minutes")
    say("--photos", type=int, default=PHOTOS, metavar="N", help=f"generated photos to read for --measure ({PHOTOS})")
    say("--mnist", type=Path, metavar="PATH", help="MNIST, for --measure; else MNIST_PATH, the cache, the net")
    say("--handwriting", type=Path, metavar="DIR", default=handwriting.folder(), help="the other sets, for --measure")
    options = parser.parse_args(arguments)
    if options.photos < 1:
        parser.error("--photos must be 1 or more")
    try:
        version = local_store().find(options.version)
        if options.measure:
            exam = examine(version, load(options.mnist), options.handwriting, options.photos)
            exam["command"] = f"python -m model.evaluation --measure --photos {options.photos}"
            version = add_to_card(version, exam=exam)
    except Refusal as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    sys.stdout.write(page(version))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
