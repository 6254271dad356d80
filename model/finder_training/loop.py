"""The finder's training: step after step, kept now and then so that it can go on after an interruption."""

import io
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import keras
import numpy as np
import tensorflow as tf

from model.finder_training.loss import losses, total
from model.finder_training.network import finder
from model.finder_training.targets import SIDE
from model.finder_training.windows import Batch, Lessons, batches
from model.training.network import follow
from model.training.progress import Report
from model.versions.atomic_files import write_atomically

BATCH = 8  # windows a step
RATE, DECAY = 2e-3, 0.02  # of AdamW, at its highest; of the weights
WARMING = 400  # steps until the rate is at its highest
COOLING = 0.25  # the last share of the steps, in which the rate falls to nothing
AVERAGE = 0.9985  # share of the averaged weights that a step keeps
CLIP = 8.0  # the gradient is at most so long
EPOCH = 500  # steps
FALSE = 0.3  # how surely the finder saw a digit where none is: such windows are learnt again,
AGAIN_EVERY, REMEMBERED = 8, 96  # every so many steps, of the latest so many


@dataclass(slots=True)
class State:
    """A training between two steps."""

    network: keras.Model
    optimizer: keras.optimizers.Optimizer
    result: keras.Model  # what is exported: the average of the network's weights over time
    step: int = 0
    seconds: float = 0.0  # by the clock
    history: list[dict[str, float]] = field(default_factory=list)


def begin(seed: int) -> State:
    """A fresh network, ready to learn."""
    keras.utils.set_random_seed(seed)
    network, result = finder(SIDE), finder(SIDE)
    result.set_weights(network.get_weights())
    optimizer = keras.optimizers.AdamW(RATE, weight_decay=DECAY, global_clipnorm=CLIP, beta_2=0.99)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    optimizer.build(network.trainable_variables)
    return State(network, optimizer, result)


def learn(state: State, lessons: Lessons, epochs: int, processes: int, report: Report) -> Iterator[None]:
    """Learn what is left of so many epochs, one at each `next`; so many processes make what is learnt from."""
    step_once = _compiled(state)
    mistaken: list[Batch] = []  # single windows
    means: dict[str, float] = {}
    started = time.monotonic()
    for batch in batches(lessons, state.step, epochs * EPOCH, BATCH, processes):
        state.optimizer.learning_rate.assign(rate(state.step, epochs * EPOCH))
        parts, false = step_once(*_tensors(batch))
        state.step += 1
        follow(state.result, state.network, min(AVERAGE, state.step / (state.step + 20)))
        mistaken += [Batch(*(array[i] for array in batch)) for i in np.flatnonzero(false.numpy() > FALSE)]
        del mistaken[:-REMEMBERED]
        if state.step % AGAIN_EVERY == 0 and len(mistaken) >= BATCH:
            chosen = np.random.default_rng([lessons.seed, state.step]).choice(len(mistaken), BATCH, replace=False)
            step_once(*_tensors(Batch(*map(np.stack, zip(*(mistaken[i] for i in chosen), strict=True)))))
        epoch, step = divmod(state.step - 1, EPOCH)
        for name, part in parts.items():
            means[name] = means.get(name, 0.0) + (float(part) - means.get(name, 0.0)) / (step + 1)
        report("step", epoch=epoch + 1, epochs=epochs, step=step + 1, steps=EPOCH, **means)
        if state.step % EPOCH == 0:
            state.seconds += time.monotonic() - started
            state.history.append({name: round(mean, 5) for name, mean in means.items()})
            yield
            means, started = {}, time.monotonic()


def rate(step: int, steps: int) -> float:
    """The learning rate of a step: warmed up, constant, and at last falling to nothing."""
    left = (steps - step) / max(1.0, COOLING * steps)
    return RATE * min(1.0, (step + 1) / WARMING, max(left, 0.0))


def save(state: State, file: Path) -> None:
    """Write the whole state to `file` (.npz), or leave the old one."""
    arrays = {f"network_{i:03}": weights for i, weights in enumerate(state.network.get_weights())}
    arrays |= {f"result_{i:03}": weights for i, weights in enumerate(state.result.get_weights())}
    arrays |= {f"optimizer_{i:03}": variable.numpy() for i, variable in enumerate(state.optimizer.variables)}
    told = json.dumps({"step": state.step, "seconds": state.seconds, "history": state.history})
    packed = io.BytesIO()
    np.savez(packed, told=np.array(told), **arrays)
    write_atomically(file, packed.getvalue())


def load(file: Path) -> State:
    """The state that `save` wrote."""
    state = begin(0)
    with np.load(file, allow_pickle=False) as kept:
        told: dict[str, Any] = json.loads(str(kept["told"]))
        state.network.set_weights([kept[name] for name in kept.files if name.startswith("network_")])
        state.result.set_weights([kept[name] for name in kept.files if name.startswith("result_")])
        for i, variable in enumerate(state.optimizer.variables):
            variable.assign(kept[f"optimizer_{i:03}"])
    state.step, state.seconds, state.history = told["step"], told["seconds"], told["history"]
    return state


def _compiled(state: State) -> Callable[..., tuple[dict[str, tf.Tensor], tf.Tensor]]:
    network, optimizer = state.network, state.optimizer

    @tf.function(jit_compile=False)  # type: ignore[untyped-decorator]
    def step(pictures: tf.Tensor, *truth: tf.Tensor) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
        with tf.GradientTape() as tape:
            answers = network(tf.cast(pictures, tf.float32) / 255, training=True)
            parts = losses(answers, truth)
            loss = total(parts)
        optimizer.apply(tape.gradient(loss, network.trainable_variables), network.trainable_variables)
        return parts, false_hits(answers, *truth[:2])

    return cast("Callable[..., tuple[dict[str, tf.Tensor], tf.Tensor]]", step)


def false_hits(answers: tf.Tensor, heat: tf.Tensor, counts: tf.Tensor) -> tf.Tensor:
    """How surely a digit was seen where none is, at the most, in each window of a batch (n,)."""
    elsewhere = tf.cast(heat[..., 0] < 0.1, tf.float32) * tf.cast(counts[..., 0], tf.float32)
    return tf.reduce_max(tf.sigmoid(answers[..., 0]) * elsewhere, (1, 2))


def _tensors(batch: Batch) -> list[tf.Tensor]:
    return [tf.constant(array) for array in batch]
