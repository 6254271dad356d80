"""The finder's network: a residual pyramid down to 1/32 and up again to 1/4 of the picture, one set of answers there.

Importing this imports TensorFlow: only training does.
"""

import keras
import tensorflow as tf
from keras import layers

from model.reading.finder import OUTPUTS, STRIDE
from model.training import network  # noqa: F401 (the settings that make TensorFlow quick on a CPU)

CHANNELS = (32, 48, 64, 64)  # at 1/4, 1/8, 1/16 and 1/32 of the picture
LAST = 48  # before the answers


def finder(side: int | None = None) -> keras.Model:
    """Pictures (n, h, w, 3), 0 to 1, sides multiples of 32 → (n, h/4, w/4, OUTPUTS) as in `model.reading.finder`."""
    picture = keras.Input((side, side, 3))
    quarter = _residual(_convolution(picture, CHANNELS[0], size=6, step=STRIDE))
    eighth = _residual(_convolution(quarter, CHANNELS[1], step=2))
    sixteenth = _residual(_residual(_convolution(eighth, CHANNELS[2], step=2)))
    least = _residual(_convolution(sixteenth, CHANNELS[3], step=2))
    sixteenth = _convolution(_joined(sixteenth, least), CHANNELS[2])
    eighth = _convolution(_joined(eighth, sixteenth), CHANNELS[1])
    quarter = _convolution(_joined(quarter, eighth), LAST)
    bias = keras.initializers.Constant([-4.0] * 3 + [0.0] * (OUTPUTS - 3))
    return keras.Model(
        picture, layers.Conv2D(OUTPUTS, 1, bias_initializer=bias, name="answers")(quarter), name="finder"
    )


@keras.saving.register_keras_serializable("digitbot")
class Enlarge(layers.Layer):  # type: ignore[misc]
    """Twice as high and wide, with a quarter of the channels: each cell's channels become four cells."""

    def call(self, maps: tf.Tensor) -> tf.Tensor:
        return tf.nn.depth_to_space(maps, 2)


def _convolution(
    maps: keras.KerasTensor, channels: int, size: int = 3, step: int = 1, *, active: bool = True
) -> keras.KerasTensor:
    maps = layers.Conv2D(channels, size, strides=step, padding="same", use_bias=False)(maps)
    maps = layers.BatchNormalization(momentum=0.97)(maps)
    return layers.ReLU()(maps) if active else maps


def _residual(maps: keras.KerasTensor) -> keras.KerasTensor:
    channels = maps.shape[-1]
    change = _convolution(_convolution(maps, channels), channels, active=False)
    return layers.ReLU()(layers.Add()([maps, change]))


def _joined(fine: keras.KerasTensor, coarse: keras.KerasTensor) -> keras.KerasTensor:
    channels = fine.shape[-1]
    return layers.ReLU()(layers.Add()([fine, Enlarge()(layers.Conv2D(4 * channels, 1)(coarse))]))
