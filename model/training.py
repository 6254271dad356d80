"""The training command: learns, resumes, evaluates and exports a version. Runs in a process of its own.

`python train.py` in a checkout, `python -m model.training` anywhere. The story is `train`; TensorFlow is imported only
once the arguments and the data are known to be good.
"""

import argparse
import importlib.util
import math
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from model import augment, data
from model.registry import Refusal, Version, VersionError

if TYPE_CHECKING:
    import keras

    from model.checkpoints import State
    from model.network import Recipe
    from model.progress import Report

NO_TENSORFLOW = (
    "Training isn't available here: TensorFlow isn't installed. `pip install -e '.[train]'` installs it; where it has "
    "no wheel (Python 3.14 and later, Intel Macs), train on another machine and bring the version's folder."
)


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for."""

    recipe: str
    epochs: int | None  # None: as many as the recipe has
    seed: int
    checkpoints: Path | None
    checkpoint_every: int  # epochs
    resume: bool
    mnist: Path | None
    out: Path | None  # None: into the registry
    progress: str


def train(options: Options, mnist: data.Mnist, report: "Report") -> Version:
    """Learn, evaluate and export a version as `options` say; the test set is looked at once, at the end."""
    from model import checkpoints, export, network

    recipe = network.RECIPES[options.recipe]
    epochs = options.epochs or recipe.epochs
    settings = {"recipe": options.recipe, "epochs": epochs, "seed": options.seed, "data": mnist.checksums}
    state = _begin(options, recipe, settings, len(mnist.train))
    report("summary", text=_summary(state.network))
    if state.epoch:
        report("resume", epoch=state.epoch, epochs=epochs)
    while state.epoch < epochs:
        started = time.monotonic()
        figures = _learn_an_epoch(state, recipe, settings, mnist.train, report)
        figures["validation"] = _accuracy(state.result, mnist.validation)
        state.epoch += 1
        state.seconds += time.monotonic() - started
        state.history.append(figures)
        report("epoch", epoch=state.epoch, epochs=epochs, seconds=state.seconds, **figures)
        if options.checkpoints and (state.epoch % options.checkpoint_every == 0 or state.epoch == epochs):
            checkpoints.save(state, options.checkpoints, settings)
            report("checkpoint", epoch=state.epoch, path=str(options.checkpoints))
    learnt = {"history": state.history, "training_seconds": round(state.seconds)}
    return export.make_version(state.result, mnist, settings, learnt, options.out, report)


def _begin(options: Options, recipe: "Recipe", settings: dict[str, Any], pictures: int) -> "State":
    import keras
    import tensorflow as tf

    from model import checkpoints
    from model.network import copy_of

    keras.utils.set_random_seed(options.seed)
    tf.config.experimental.enable_op_determinism()  # costs 7 % and makes resuming exact
    state = None
    if options.checkpoints and options.resume:
        state = checkpoints.latest(options.checkpoints, settings)
    elif options.checkpoints and checkpoints.all_in(options.checkpoints):
        raise checkpoints.CheckpointError(
            f"{options.checkpoints} holds checkpoints of an earlier training: continue it with --resume, or give "
            "another folder."
        )
    if state is None:
        network = recipe.build()
        recipe.prepare(network, settings["epochs"] * math.ceil(pictures / recipe.batch))
        state = checkpoints.State(network, copy_of(network) if recipe.average else None)
    return state


def _learn_an_epoch(
    state: "State", recipe: "Recipe", settings: dict[str, Any], examples: data.Examples, report: "Report"
) -> dict[str, float]:
    from model.network import follow

    """One epoch's mean loss and accuracy, of the pictures as they were distorted."""
    steps = math.ceil(len(examples) / recipe.batch)
    means = {"loss": 0.0, "accuracy": 0.0}
    for step, (pictures, truth) in enumerate(_batches(examples, recipe, settings["seed"], state.epoch), 1):
        figures = state.network.train_on_batch(pictures, truth, return_dict=True)
        means = {name: mean + (float(figures[name]) - mean) / step for name, mean in means.items()}
        if state.average:
            done = state.epoch * steps + step
            follow(state.average, state.network, min(recipe.average, done / (done + 10)))  # the first weights fade
        report("step", epoch=state.epoch + 1, epochs=settings["epochs"], step=step, steps=steps, **means)
    return means


def _batches(
    examples: data.Examples, recipe: "Recipe", seed: int, epoch: int
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Every picture once, in an order and with distortions that seed and epoch decide, and its digit as ten shares."""
    order = np.random.default_rng([seed, epoch]).permutation(len(examples))
    for start in range(0, len(order), recipe.batch):
        chosen = order[start : start + recipe.batch]
        pictures = examples.floats(chosen)
        if recipe.distorted:
            pictures = augment.distort(pictures, np.random.default_rng([seed, epoch, start]))
        yield pictures[..., None], np.eye(10, dtype=np.float32)[examples.labels[chosen]]


def _accuracy(network: "keras.Model", examples: data.Examples) -> float:
    answers = network.predict(examples.floats()[..., None], batch_size=500, verbose=0).argmax(axis=1)
    return float((answers == examples.labels).mean())


def _summary(network: "keras.Model") -> str:
    lines: list[str] = []
    network.summary(print_fn=lambda text, line_break=True: lines.append(text))
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; gives its exit status: 0, 1 with a sentence on standard error, 130 after Ctrl-C."""
    options = _parse(arguments)
    if importlib.util.find_spec("tensorflow") is None:
        return _fail(NO_TENSORFLOW)
    from model.progress import JsonLines, Terminal

    report: Report = JsonLines() if options.progress == "json" else Terminal()
    try:
        if options.out and options.out.exists():
            raise VersionError(f"{options.out} is there already: give a folder that isn't.")
        mnist = data.load(options.mnist)
        parts = {"training": len(mnist.train), "validation": len(mnist.validation), "test": len(mnist.test)}
        report("data", name=mnist.name, **parts)
        train(options, mnist, report)
    except Refusal as refusal:
        return _fail(str(refusal))
    except KeyboardInterrupt:
        return _fail(_how_to_go_on(options), status=130)
    return 0


def _parse(arguments: list[str] | None) -> Options:
    parser = argparse.ArgumentParser(
        prog="train.py",
        description="Trains a network to read handwritten digits, measures it on MNIST and exports it as a version "
        "that `digitbot read --model` and the bot can use.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    say = parser.add_argument
    say("--recipe", choices=("tutorial", "best"), default="best", help="the network and how it learns")
    say("--epochs", type=_positive, help="how often to go through the data; left out: as the recipe says")
    say("--seed", type=int, default=0, help="decides first weights, order and distortions")
    say("--checkpoints", type=Path, metavar="DIR", help="where to keep checkpoints; without, none are kept")
    say("--checkpoint-every", type=_positive, default=1, metavar="N", help="epochs between two checkpoints")
    say("--resume", action="store_true", help="go on from the newest checkpoint in --checkpoints, exactly as it was")
    say("--mnist", type=Path, metavar="PATH", help="MNIST as .npz or as a folder; else MNIST_PATH, the cache, the net")
    say(
        "--out", type=Path, metavar="DIR", help="a new folder for the version; left out: into the registry, not serving"
    )
    say("--progress", choices=("bars", "json"), default="bars", help="json: one object a line, for programs")
    options = Options(**vars(parser.parse_args(arguments)))
    if options.resume and options.checkpoints is None:
        parser.error("--resume needs --checkpoints DIR: the folder with the checkpoints to go on from")
    return options


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _how_to_go_on(options: Options) -> str:
    if options.checkpoints is None:
        return "Stopped. Nothing is kept; with --checkpoints DIR a training can be continued."
    return "Stopped. Give the same command with --resume to go on from the newest checkpoint."


def _fail(sentence: str, status: int = 1) -> int:
    sys.stderr.write(f"{sentence}\n")
    return status


if __name__ == "__main__":
    raise SystemExit(main())
