"""The training loop: the state between two epochs, and one epoch."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model.data.mnist import Examples
from model.training import augment
from model.training.corpus import Lessons
from model.training.network import RECIPES, copy_of, finish, follow
from model.training.progress import Report

# Pictures (n, 28, 28, 1), 0 to 1, and their targets (n, outputs).
Batch = tuple[NDArray[np.float32], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """What determines the result; must be the same when a training is resumed."""

    recipe: str
    epochs: int
    seed: int
    data: dict[str, str]  # checksums of the training data


@dataclass(slots=True)
class State:
    """A training between two epochs."""

    network: keras.Model  # compiled, with its optimizer's state
    result: keras.Model  # to be exported: the moving average of its weights
    epoch: int = 0  # epochs done
    seconds: float = 0.0  # wall-clock time of these epochs
    cpu_seconds: float = 0.0  # CPU time of all cores
    history: list[dict[str, Any]] = field(default_factory=list)  # per epoch: loss, accuracy, validation


def make_repeatable(seed: int) -> None:
    """Make training bit-reproducible on one machine; costs 7 % and makes resuming exact."""
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def begin(settings: TrainingSettings, pictures: int) -> State:
    """Create a fresh network of the recipe, compiled for so many pictures and all epochs."""
    recipe = RECIPES[settings.recipe]
    network = recipe.build()
    recipe.prepare(network, settings.epochs * math.ceil(pictures / recipe.batch))
    return State(network, copy_of(network))


def learn_an_epoch(state: State, settings: TrainingSettings, lessons: Lessons, report: Report) -> None:
    """Train one epoch: see the examples, validate the result, record figures and time."""
    started, cpu_started = time.monotonic(), time.process_time()
    figures = _see_the_examples(state, settings, lessons, report)
    figures["validation"] = accuracy(state.result, lessons.validation)
    state.epoch += 1
    state.seconds += time.monotonic() - started
    state.cpu_seconds += time.process_time() - cpu_started
    state.history.append(figures)


def accuracy(network: keras.Model, examples: Examples) -> float:
    """The share of examples that the network gets right, 0 to 1."""
    parts = np.array_split(examples.floats()[..., None], math.ceil(len(examples) / 500))
    answers = np.concatenate([network.predict_on_batch(part).argmax(axis=1) for part in parts])
    return float((answers == examples.labels).mean())


def summary(network: keras.Model) -> str:
    """Keras's summary of the network's layers."""
    lines: list[str] = []
    network.summary(print_fn=lambda text, line_break=True: lines.append(text))
    return "\n".join(lines)


def _see_the_examples(state: State, settings: TrainingSettings, lessons: Lessons, report: Report) -> dict[str, float]:
    """Train on the epoch's batches; returns their mean loss and accuracy."""
    recipe = RECIPES[settings.recipe]
    order = _order(lessons, settings, state.epoch)
    steps = math.ceil(len(order) / recipe.batch)
    if state.epoch == settings.epochs:
        finish(state.network, steps * recipe.finishing)
    means = {"loss": 0.0, "accuracy": 0.0}
    for step, (pictures, truth) in enumerate(_batches(lessons, settings, state, order), 1):
        figures = state.network.train_on_batch(pictures, truth, return_dict=True)
        means = {name: mean + (float(figures[name]) - mean) / step for name, mean in means.items()}
        if recipe.average or step == steps:  # without an average only the last weights matter
            done = state.epoch * steps + step
            keep = min(recipe.average, done / (done + 10))  # forget the first weights quickly
            follow(state.result, state.network, keep)
        report(
            "step", epoch=state.epoch + 1, epochs=settings.epochs + recipe.finishing, step=step, steps=steps, **means
        )
    return means


def _order(lessons: Lessons, settings: TrainingSettings, epoch: int) -> NDArray[np.intp]:
    """The epoch's examples, in an order determined by seed and epoch.

    All of them; in a finishing epoch half of the drawn ones, and unchanged MNIST, usually a sixth of them, twice.
    """
    rng = np.random.default_rng([settings.seed, epoch])
    order = rng.permutation(len(lessons.train))
    if epoch < settings.epochs:
        return order
    drawn, plain = order[lessons.drawn[order]], order[~lessons.drawn[order]]
    return rng.permutation(np.concatenate([drawn[: len(drawn) // 2], plain, plain]))


def _batches(lessons: Lessons, settings: TrainingSettings, state: State, order: NDArray[np.intp]) -> Iterator[Batch]:
    """Batches of examples in that order, with distortions from seed and epoch."""
    recipe, examples = RECIPES[settings.recipe], lessons.train
    shares = np.eye(state.network.output_shape[-1], dtype=np.float32)
    for start in range(0, len(order), recipe.batch):
        chosen = order[start : start + recipe.batch]
        pictures = examples.floats(chosen)
        if recipe.corpus:
            rng = np.random.default_rng([settings.seed, state.epoch, start])
            drawn = lessons.drawn[chosen]
            pictures[drawn] = augment.distort(pictures[drawn], rng, augment.DRAWN)
            finishing = state.epoch >= settings.epochs  # barely distorted then
            distortion = augment.DRAWN if finishing else augment.TRAINING
            pictures[~drawn] = augment.distort(pictures[~drawn], rng, distortion)
        yield pictures[..., None], shares[examples.labels[chosen]]
