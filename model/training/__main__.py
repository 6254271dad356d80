"""The training command: trains, resumes, evaluates and exports a version.

`python train.py` in a checkout, `python -m model.training` anywhere. `train` is the main part; TensorFlow is imported
only once the arguments and the data are known to be good.
"""

import argparse
import errno
import importlib.util
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.data import handwriting, sources
from model.data.mnist import URL, DataError, Mnist, load
from model.reading.result import DIGITS
from model.training import child_process, corpus, corrections
from model.training.child_process import ELSEWHERE, MAKE_ROOM, Missing
from model.training.corrections import Corrections
from model.training.progress import JsonLines, Report
from model.versions.provenance import circumstances
from model.versions.store import data_folder, local_store
from model.versions.version import Refusal, Version, VersionError

if TYPE_CHECKING:
    from model.evaluation.metrics import Reader

NO_TENSORFLOW = (
    "Training isn't available here: TensorFlow isn't installed. `pip install -e '.[train]'` installs it; where it has "
    "no wheel (Python 3.14 and later, Intel Macs), train on another machine and bring the version's folder."
)
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # errors of a full disk


@dataclass(frozen=True, slots=True)
class Options:
    """The command line's arguments."""

    recipe: str
    epochs: int | None  # None: the recipe's
    seed: int
    checkpoints: Path | None
    checkpoint_every: int  # epochs
    resume: bool
    mnist: Path | None
    handwriting: Path | None  # the folder with the other sets; None: the cache, downloaded if needed
    mnist_alone: bool  # train without the other sets
    fine_tune: str | None  # the version to fine-tune; None: train from scratch
    corrections: Path | None
    against: str | None  # the version to compare one trained from scratch with
    out: Path | None  # None: the store
    progress: str
    child: bool


def work(options: Options, report: Report) -> None:
    """Train the version, or the finder, that `options` ask for. Raises Refusal, OSError."""
    learnt = corrections.load(options.corrections) if options.corrections else None
    beside = _version(options.fine_tune or options.against)
    child_process.check_room(options.out and options.out.parent)
    mnist = _mnist(options)
    parts = {"training": len(mnist.train), "validation": len(mnist.validation), "test": len(mnist.test)}
    report("data", name=mnist.name, **parts)
    if options.recipe == "finder":
        return _make_finder(options, mnist, report)
    if options.fine_tune and learnt and beside:
        from model.training.fine_tuning import fine_tune  # imports TensorFlow

        fine_tune(beside, learnt, mnist, options.seed, options.out, report)
    else:
        train(options, mnist, learnt, beside, report)
    return None


def _make_finder(options: Options, mnist: Mnist, report: Report) -> None:
    from model.finder_training import command  # imports TensorFlow

    where = options.handwriting or _other_sets(report)
    out = options.out or data_folder() / "finder"
    keeping = options.checkpoints, options.checkpoint_every, options.resume
    command.make_finder(command.Order(options.epochs, options.seed, *keeping, where, options.mnist, out), mnist, report)


def train(options: Options, mnist: Mnist, said: Corrections | None, serving: Version | None, report: Report) -> Version:
    """Train, evaluate and export a version as `options` say.

    The test set is used once, at the end. Corrections in `said` are trained on too, except those held out; the card
    then says whether the version may replace `serving`.
    """
    # TensorFlow takes seconds to import; by now the arguments and the data are known to be good.
    from model.training import checkpoints, export, loop
    from model.training.network import CLASSES, RECIPES

    recipe = RECIPES[options.recipe]
    epochs = options.epochs or recipe.epochs
    made = circumstances()
    lessons, where = corpus.mnist_alone(mnist), None
    if recipe.corpus:
        where = None if options.mnist_alone else options.handwriting or _other_sets(report)
        report("drawing", sets=", ".join(handwriting.TRAINED_ON) if where else "none")
        processes = child_process.cores() if options.child else os.cpu_count() or 1
        lessons = corpus.build(mnist, where, options.seed, processes)
    if said:
        said = said.readable(CLASSES if recipe.corpus else DIGITS)
        lessons = corpus.with_corrections(lessons, said)
    settings = loop.TrainingSettings(options.recipe, epochs, options.seed, lessons.checksums)
    loop.make_repeatable(options.seed)
    state = checkpoints.latest(options.checkpoints, settings) if options.checkpoints and options.resume else None
    state = state or loop.begin(settings, len(lessons.train))
    every = epochs + recipe.finishing
    report("network", summary=loop.summary(state.network), epoch=state.epoch, epochs=every)
    while state.epoch < every:
        loop.learn_an_epoch(state, settings, lessons, report)
        report("epoch", epoch=state.epoch, epochs=every, seconds=state.seconds, **state.history[-1])
        if options.checkpoints and (state.epoch % options.checkpoint_every == 0 or state.epoch == every):
            checkpoints.save(state, options.checkpoints, settings)
            report("checkpoint", epoch=state.epoch, path=str(options.checkpoints))
    judged = _judged(said, serving, mnist, report)
    return export.make_version(state, settings, mnist, lessons, where, made, judged, options.out, report)


def _judged(
    said: Corrections | None, serving: Version | None, mnist: Mnist, report: Report
) -> "Callable[[Reader], dict[str, Any]]":
    """Compare a version trained from scratch with the one in use, for its card."""
    from model.training import promotion_gate

    def judged(reader: "Reader") -> dict[str, Any]:
        if not said or not serving:
            return {}
        examining = said.chosen(said.held_back)
        unlearnt = promotion_gate.Unlearnt(
            examining, reader.answers(examining.examples.floats()), cross_validated=False
        )
        found = promotion_gate.judge(serving, reader, said, unlearnt, mnist)
        report("gate", **found["gate"])
        return found

    return judged


def _version(named: str | None) -> Version | None:
    return local_store().find(named) if named else None


def _other_sets(report: Report) -> Path:
    try:
        return sources.gathered(report)
    except DataError as problem:
        raise Missing("handwriting", str(problem)) from problem


def _mnist(options: Options) -> Mnist:
    try:
        return load(options.mnist)
    except DataError as problem:
        raise Missing("mnist", f"{problem} `curl -LO {URL}` fetches it.") from problem


def main(arguments: list[str] | None = None) -> int:
    """Run the command. Returns 0, 1 with a sentence on standard error, 130 after Ctrl-C."""
    options = _parse(arguments)
    try:
        if options.child:
            child_process.give_way()
        if importlib.util.find_spec("tensorflow") is None:
            raise Missing("tensorflow", NO_TENSORFLOW)
        if options.out and options.out.exists():
            raise VersionError(f"{options.out} is there already: give a folder that isn't.")
        checkpoints = "finder.npz" if options.recipe == "finder" else "epoch-*"
        if options.checkpoints and not options.resume and any(options.checkpoints.glob(checkpoints)):
            raise Refusal(
                f"{options.checkpoints} holds checkpoints of an earlier training: continue it with --resume, or give "
                "another folder."
            )
        with child_process.temporary_files_together():
            work(options, _report(options))
    except Refusal as refusal:
        return _fail(str(refusal), getattr(refusal, "what", ""), options)
    except OSError as problem:
        if problem.errno in FULL:
            return _fail(f"The disk is full ({problem}): {MAKE_ROOM}", "disk", options)
        return _fail(f"The training can't go on: {problem}", "", options)
    except MemoryError:
        return _fail(f"The training ran out of memory: end other programs, or {ELSEWHERE}", "memory", options)
    except KeyboardInterrupt:
        sys.stderr.write(_how_to_go_on(options) + "\n")
        return 130
    return 0


def _report(options: Options) -> Report:
    if options.progress == "json":
        return JsonLines()
    from model.training.terminal import Terminal

    return Terminal()


def _parse(arguments: list[str] | None) -> Options:
    parser = argparse.ArgumentParser(
        prog="train.py",
        description="Trains a network to read handwritten digits, measures it on MNIST and exports it as a version "
        "that `digitbot read --model` and the bot can use.",
    )
    say = parser.add_argument
    say("--recipe", choices=("tutorial", "quick", "best", "finder"), default="best", help="what learns, and how (best)")
    say("--epochs", type=_positive, metavar="N", help="how often to go through the data; left out: as the recipe says")
    say("--seed", type=int, default=0, metavar="S", help="decides first weights, order and distortions (0)")
    say("--checkpoints", type=Path, metavar="DIR", help="where to keep checkpoints; without, none are kept")
    say("--checkpoint-every", type=_positive, default=1, metavar="N", help="epochs from one checkpoint to the next (1)")
    say("--resume", action="store_true", help="go on from the newest checkpoint in --checkpoints, exactly as it was")
    say("--mnist", type=Path, metavar="PATH", help="MNIST as .npz or as a folder; else MNIST_PATH, the cache, the net")
    say(
        "--handwriting",
        type=Path,
        metavar="DIR",
        default=handwriting.folder(),
        help="a folder with the other sets, for --recipe best; else HANDWRITING_PATH, the cache, the net",
    )
    say(
        "--fine-tune",
        metavar="VERSION",
        help="learn --corrections, beginning with this version's network; see docs/retraining.md",
    )
    say("--corrections", type=Path, metavar="FILE", help=".npz of images, labels and ids: what people said")
    say(
        "--against",
        metavar="VERSION",
        help="with --corrections and a recipe: tell in the card whether the result may take this one's place",
    )
    say("--mnist-alone", action="store_true", help="let --recipe best do without the other sets")
    say("--out", type=Path, metavar="DIR", help="a new folder for the version; left out: into the store, not serving")
    say("--progress", choices=("bars", "json"), default="bars", help="json: one object a line, for programs")
    say(
        "--child",
        action="store_true",
        help="for programs: low priority, half the cores, ends when its input closes",
    )
    options = Options(**vars(parser.parse_args(arguments)))
    if bool(options.fine_tune or options.against) != bool(options.corrections):
        parser.error("--corrections FILE goes with --fine-tune VERSION, or with --against VERSION")
    if options.fine_tune and (options.against or options.checkpoints or options.epochs):
        parser.error("--fine-tune takes minutes: it goes with no --against, --checkpoints, --resume or --epochs")
    if options.resume and options.checkpoints is None:
        parser.error("--resume needs --checkpoints DIR: the folder with the checkpoints to go on from")
    return options


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _how_to_go_on(options: Options) -> str:
    if options.checkpoints:
        return "Stopped. Give the same command with --resume to go on from the newest checkpoint."
    if options.fine_tune:
        return "Stopped. Nothing is kept; the same command begins anew."
    return "Stopped. Nothing is kept; with --checkpoints DIR a training can be continued."


def _fail(sentence: str, what: str, options: Options) -> int:
    sys.stderr.write(f"{sentence}\n")
    if options.progress == "json":
        JsonLines()("refused", what=what, why=sentence)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
