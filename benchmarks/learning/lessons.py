"""What each part of the data, distortions and size are worth: short trainings, all alike but for one thing.

    python -m benchmarks.learning.lessons [--steps N] [--cache FOLDER] [--only ROW …] [--mnist PATH]

A row for each, in Markdown: on MNIST's validation split, as it is and spoilt, and on digits of unseen hands, how many
have the right likeliest digit; and how much else is refused where 1 % of the corpus's validation digits are. All see
equally many pictures, of a corpus built from a share of everything: what is left out makes room for the rest. The sets
come from HANDWRITING_PATH; docs/learning-to-read.md tells what they are for.
"""

import argparse
import io
import math
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.conditions import conditions, parsed
from benchmarks.reading.photo_sets import HANDWRITING
from model.data.mnist import DataError, Examples, Mnist, load
from model.evaluation import metrics, robustness
from model.reading.result import DIGITS
from model.training import corpus
from model.training.corpus import Lessons, Source
from model.versions.atomic_files import write_atomically

if TYPE_CHECKING:
    import keras

PARTS = 4  # of the corpus's 16: a quarter of everything is learnt from
SEED = 0  # of the corpus and of the unseen hands' pens
MOST = 1000  # of each set of unseen hands, so that none outweighs the others
EVERY = 5  # one of so many of MNIST's validation pictures is spoilt, in all ways
STEPS = 500
KEPT = ("train", "validation", "digits", "others")
HEAD = (
    "| training | pictures | million multiply-adds | MNIST | MNIST, distorted | digits, unseen writers "
    "| others refused | CPU s |\n| --- |" + 7 * " ---: |"
)


Chosen = Callable[[Lessons], NDArray[np.bool_]]  # for each picture that is learnt from


class Subject(NamedTuple):
    """What all the trainings learn from and are measured on."""

    lessons: Lessons
    mnist: Examples  # its validation split
    digits: Examples  # of hands that no training sees
    others: Examples  # what these hands wrote that is no digit and doesn't look like one


@dataclass(frozen=True, slots=True)
class Row:
    """One training: what is different in it."""

    leave_out: Chosen = lambda lessons: np.zeros(len(lessons.train), np.bool_)
    distorted: bool = True
    width: float = 1.0  # times the filters of each convolution
    seed: int = 0


def main() -> int:
    """Train and measure row after row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=STEPS, metavar="N", help=f"of each training ({STEPS})")
    parser.add_argument("--cache", type=Path, metavar="FOLDER", help="where the corpus is kept; empty it after changes")
    parser.add_argument("--only", nargs="+", choices=ROWS, default=list(ROWS), metavar="ROW", help="else all rows")
    parser.add_argument("--mnist", type=Path, metavar="PATH", help="else MNIST_PATH, the cache, the net")
    args = parsed(parser, steps=2, only=["everything"])
    started = time.monotonic()
    try:
        subject = kept_or_built(args.cache, load(args.mnist))
    except DataError as missing:
        sys.exit(str(missing))
    print(f"{conditions()}\n\n{HEAD}", flush=True)
    for name in args.only:
        print(f"| {name} | {' | '.join(trained_and_measured(ROWS[name], subject, args.steps))} |", flush=True)
    sizes = (
        f"{len(subject.mnist)} of MNIST, {len(subject.digits)} digits and {len(subject.others)} others of unseen hands"
    )
    print(f"\nMeasured on {sizes}; {args.steps} steps; {time.monotonic() - started:.0f} s in all.")
    return 0


def kept_or_built(cache: Path | None, mnist: Mnist) -> Subject:
    """The corpus and the unseen hands: from the cache, where they are kept otherwise."""
    kept = cache / f"lessons-{PARTS}.npz" if cache else None
    if kept and kept.exists():
        return _kept(kept, mnist)
    lessons = corpus.build(mnist, HANDWRITING, SEED, os.cpu_count() or 1, PARTS)
    unseen = corpus.unseen(HANDWRITING, SEED)
    subject = Subject(lessons, mnist.validation, _of_each(unseen, ": digits"), _of_each(unseen, ": others"))
    if kept:
        _keep(subject, kept)
    return subject


def trained_and_measured(row: Row, subject: Subject, steps: int) -> list[str]:
    """A row's cells."""
    from model.training import loop  # TensorFlow comes with it: here the data are known to be there
    from model.training.network import RECIPES, multiply_adds

    best = RECIPES["best"]
    # Without `corpus` a recipe learns from pictures as they are.
    RECIPES["lesson"] = replace(best, build=partial(_network, row.width), corpus=row.distorted)
    settings = loop.TrainingSettings("lesson", 1, row.seed, {})
    loop.make_repeatable(row.seed)
    seen = _seen(subject, row, steps * best.batch)
    state = loop.begin(settings, len(seen.train))
    loop.learn_an_epoch(state, settings, seen, lambda stage, **details: None)

    said = partial(_said, state.result)
    validation = subject.lessons.validation
    written = validation.floats(np.flatnonzero(validation.labels < DIGITS))
    refuse_below = np.quantile(_confidence(said(written)), metrics.DIGITS_REFUSED)
    few = subject.mnist.floats(slice(None, None, EVERY))
    spoilt = [said(robustness.spoilt(few, spoil)) for spoil in robustness.SPOILT.values()]
    return [
        str((~row.leave_out(subject.lessons)).sum()),
        f"{multiply_adds(state.result) / 1e6:.1f}",
        f"{_likeliest_right(said(subject.mnist.floats()), subject.mnist.labels):.2%}",
        f"{np.mean([_likeliest_right(each, subject.mnist.labels[::EVERY]) for each in spoilt]):.1%}",
        f"{_likeliest_right(said(subject.digits.floats()), subject.digits.labels):.1%}",
        f"{(_confidence(said(subject.others.floats())) < refuse_below).mean():.1%}",
        f"{state.cpu_seconds:.0f}",
    ]


def _seen(subject: Subject, row: Row, pictures: int) -> Lessons:
    """As many pictures as a training sees, at random; again and again where there are fewer."""
    lessons, rng = subject.lessons, np.random.default_rng(row.seed)
    allowed = np.flatnonzero(~row.leave_out(lessons))
    chosen = np.concatenate([rng.permutation(allowed) for _ in range(math.ceil(pictures / len(allowed)))])[:pictures]
    train = Examples(lessons.train.pictures[chosen], lessons.train.labels[chosen])
    return Lessons(train, lessons.source[chosen], subject.mnist, (), {})


def _network(width: float) -> "keras.Model":
    """The network that ships with so many times the filters."""
    import keras

    from model.training.network import best

    config = best().get_config()
    for layer in config["layers"]:
        layer.pop("build_config", None)  # shapes of the usual width
        if "filters" in layer["config"]:
            layer["config"]["filters"] = round(width * layer["config"]["filters"])
    return keras.Sequential.from_config(config)


def _said(network: "keras.Model", pictures: NDArray[np.float32]) -> metrics.Floats:
    """Probabilities (n, 11) of pictures (n, 28, 28), 0 to 1."""
    parts = np.array_split(pictures[..., None], math.ceil(len(pictures) / metrics.BATCH))
    return metrics.probabilities(np.concatenate([network.predict_on_batch(part) for part in parts]), 1.0)


def _likeliest_right(said: metrics.Floats, labels: metrics.Labels) -> float:
    return float((said[:, :DIGITS].argmax(axis=1) == labels).mean())


def _confidence(said: metrics.Floats) -> metrics.Floats:
    return metrics.decide(said, 0)[1]


def _of_each(unseen: dict[str, Examples], kind: str) -> Examples:
    """At most MOST of each set's pictures of that kind, evenly."""
    parts = [part for name, part in unseen.items() if name.endswith(kind)]
    few = [(part, np.linspace(0, len(part) - 1, min(MOST, len(part))).astype(int)) for part in parts]
    pictures, labels = ([part.pictures[at] for part, at in few], [part.labels[at] for part, at in few])
    return Examples(np.concatenate(pictures), np.concatenate(labels))


def _keep(subject: Subject, kept: Path) -> None:
    arrays = {"source": subject.lessons.source}
    for name, part in zip(KEPT, (subject.lessons.train, subject.lessons.validation, *subject[2:]), strict=True):
        arrays |= {f"{name} pictures": part.pictures, f"{name} labels": part.labels}
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **arrays)
    write_atomically(kept, content.getvalue())


def _kept(kept: Path, mnist: Mnist) -> Subject:
    with np.load(kept) as file:
        train, validation, *unseen = (Examples(file[f"{name} pictures"], file[f"{name} labels"]) for name in KEPT)
        return Subject(Lessons(train, file["source"], validation, (), {}), mnist.validation, *unseen)


ROWS = {
    "everything": Row(),
    "everything, another seed": Row(seed=1),
    "MNIST alone": Row(lambda lessons: lessons.source != Source.MNIST),
    "without MNIST redrawn": Row(lambda lessons: lessons.source == Source.REDRAWN),
    "without the other sets' digits, on pages too": Row(
        lambda lessons: np.isin(lessons.source, (Source.SETS, Source.PAGES)) & (lessons.train.labels < DIGITS)
    ),
    "without letters and signs": Row(
        lambda lessons: (lessons.source == Source.SETS) & (lessons.train.labels >= DIGITS)
    ),
    "without clutter": Row(lambda lessons: lessons.source == Source.CLUTTER),
    "without crops of pages": Row(lambda lessons: lessons.source == Source.PAGES),
    "without distortions": Row(distorted=False),
    "half the width": Row(width=0.5),
    "twice the width": Row(width=2.0),
}


if __name__ == "__main__":
    sys.exit(main())
