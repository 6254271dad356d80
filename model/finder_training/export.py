"""From the finder's Keras network to the file that readers run, and the proof that both say the same."""

import tempfile

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model.finder_training.network import finder
from model.finder_training.targets import SIDE
from model.reading.litert import Network, silence
from model.training.export import ExportRefused

LARGEST_DIFFERENCE = 0.25  # of a logit; float16 weights move them by about 0.02


def to_tflite(network: keras.Model) -> bytes:
    """The network as LiteRT runs it: weights in float16, pictures of any sides that are multiples of 32."""
    fixed = finder(SIDE)  # of free sides the converter makes a file that can't be run
    fixed.set_weights(network.get_weights())
    with tempfile.TemporaryDirectory() as folder, silence(1, 2):
        fixed.export(folder, format="tf_saved_model", verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
        return bytes(converter.convert())


def compare(tflite: bytes, network: keras.Model, pictures: NDArray[np.uint8]) -> float:
    """The largest difference of a logit between the two on pictures (n, SIDE, SIDE, 3). Raises ExportRefused."""
    exported = Network(tflite)
    largest = 0.0
    for picture in pictures:
        floats = picture[None].astype(np.float32) / 255
        expected = keras.ops.convert_to_numpy(network(floats, training=False))
        largest = max(largest, float(np.abs(exported(floats) - expected).max()))
    if not largest <= LARGEST_DIFFERENCE:
        raise ExportRefused(f"The exported finder isn't the network: its logits differ by up to {largest:.3g}.")
    return largest
