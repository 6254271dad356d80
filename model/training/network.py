"""The Keras networks and their recipes: the tutorial's, the quick one, the shipped one.

Importing this imports TensorFlow, set up to be fast on a CPU; only training does.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # 11 to 25 % faster
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from model.reading.result import DIGITS, NOT_A_DIGIT

SIDE = 28  # pixels
CLASSES = NOT_A_DIGIT + 1  # of the shipped network: the digits, then "not a digit"


@dataclass(frozen=True, slots=True)
class Recipe:
    """A network and how to train it."""

    build: Callable[[], keras.Model]
    prepare: Callable[[keras.Model, int], None]  # compiles a network for so many training steps
    epochs: int  # unless --epochs says otherwise
    finishing: int  # more epochs at a small learning rate, with more unchanged MNIST and fewer drawn pictures
    batch: int  # pictures per step
    corpus: bool  # trains on model.training.corpus, distorted by model.training.augment; else on unchanged MNIST
    average: float  # decay of the moving average of the weights; 0: use the last weights


def tutorial() -> keras.Model:
    """The network of TensorFlow's CNN tutorial, ending in probabilities: 93k weights, 2.8M multiply-adds."""
    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(DIGITS, activation="softmax"),
        ],
        name="tutorial",
    )


def quick() -> keras.Model:
    """A network for one epoch of MNIST, ending in logits: 32k weights, 1.1M multiply-adds.

    A small network spends its time on its largest maps, so they are kept small and cheap: the first convolution has a
    stride of two and no normalisation, and pooling comes before normalisation.
    """
    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1)),
            layers.Conv2D(24, 4, strides=2, activation="relu"),
            *_convolution(32, "valid", pooled=True),
            *_convolution(64, "valid"),
            layers.Flatten(),
            layers.Dense(DIGITS),
        ],
        name="quick",
    )


def best() -> keras.Model:
    """The shipped network, ending in logits."""
    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 1)),
            *_convolution(16, "same"),
            layers.MaxPooling2D(),
            *_convolution(32, "same"),
            layers.MaxPooling2D(),
            *_convolution(64, "same"),
            *_convolution(64, "valid"),
            *_convolution(128, "valid"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(CLASSES),
        ],
        name="best",
    )


def _prepare_tutorial(network: keras.Model, steps: int) -> None:
    network.compile("adam", keras.losses.CategoricalCrossentropy(), metrics=["accuracy"], jit_compile=False)


def finish(network: keras.Model, steps: int) -> None:
    """Recompile the shipped network for its finishing steps."""
    _prepare(network, steps, rate=1e-3)


def _prepare(network: keras.Model, steps: int, rate: float) -> None:
    schedule = keras.optimizers.schedules.CosineDecay(
        1e-4, steps - steps // 20, alpha=0.0, warmup_target=rate, warmup_steps=steps // 20
    )
    network.compile(
        keras.optimizers.AdamW(schedule, weight_decay=0.02),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.03),
        metrics=["accuracy"],
        jit_compile=False,  # XLA slows training on a CPU down by half
    )


RECIPES = {
    "tutorial": Recipe(tutorial, _prepare_tutorial, epochs=5, finishing=0, batch=32, corpus=False, average=0.999),
    "quick": Recipe(quick, partial(_prepare, rate=8e-3), epochs=1, finishing=0, batch=64, corpus=False, average=0),
    "best": Recipe(best, partial(_prepare, rate=4e-3), epochs=9, finishing=6, batch=192, corpus=True, average=0.999),
}


def follow(average: keras.Model, network: keras.Model, keep: float) -> None:
    """Update `average`, statistics too, as the exponential moving average of `network`."""
    values = ([weight.value for weight in model.weights] for model in (average, network))
    _move_at_once(*values, tf.constant(keep, tf.float32))


def _move(average: list[tf.Variable], towards: list[tf.Variable], keep: tf.Tensor) -> None:
    for slow, fast in zip(average, towards, strict=True):
        slow.assign(fast + keep * (slow - fast))


_move_at_once = tf.function(_move, jit_compile=False)  # one call instead of three per weight


def copy_of(network: keras.Model, last_activation: str | None = None) -> keras.Model:
    """Copy a network without its optimizer; with "linear" the copy ends in logits."""
    config = network.get_config()
    if last_activation:
        config["layers"][-1]["config"]["activation"] = last_activation
    copy = keras.Sequential.from_config(config)
    copy.set_weights(network.get_weights())
    return copy


def parted(network: keras.Model) -> tuple[keras.Model, keras.Model]:
    """The layers up to the last pooling, and those after it, as two networks with the weights of `network`."""
    pooled = max(i for i, layer in enumerate(network.layers) if isinstance(layer, layers.MaxPooling2D)) + 1
    early = keras.Sequential([keras.Input(network.input_shape[1:]), *network.layers[:pooled]])
    return early, keras.Sequential([keras.Input(early.output_shape[1:]), *network.layers[pooled:]])


def multiply_adds(network: keras.Model) -> int:
    """Count the multiply-adds per picture of the convolutions and dense layers."""
    return sum(
        layer.kernel.shape.num_elements() * int(np.prod(layer.output.shape[1:-1]))
        for layer in network.layers
        if isinstance(layer, layers.Conv2D | layers.Dense)
    )


def _convolution(filters: int, padding: str, *, pooled: bool = False) -> list[keras.Layer]:
    return [
        layers.Conv2D(filters, 3, padding=padding, use_bias=False),
        *([layers.MaxPooling2D()] if pooled else []),
        # Keras's momentum of 0.99 needs hundreds of steps before validation means anything.
        layers.BatchNormalization(momentum=0.9),
        layers.ReLU(),
    ]
