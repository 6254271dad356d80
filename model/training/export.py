"""Exports a Keras network as the `.tflite` that readers run, and compares the two."""

import errno
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model.data.mnist import Examples, Mnist
from model.evaluation import metrics
from model.evaluation.metrics import Reader
from model.reading.litert import silence
from model.training import augment
from model.training.calibration import calibrate
from model.training.corpus import Lessons
from model.training.loop import State, TrainingSettings
from model.training.network import copy_of, multiply_adds
from model.training.progress import Report
from model.versions.store import local_store
from model.versions.version import Refusal, Version, write_version

COMPARED = 1000  # validation pictures on which an export must agree with Keras
LARGEST_DIFFERENCE = 0.1  # of a logit; float16 weights move them by about 0.01
LEAST_AGREEMENT = 0.998  # share of equal answers: two digits within that difference may swap


class ExportRefused(Refusal):
    """The exported file disagrees with the network."""


def make_version(
    state: State,
    settings: TrainingSettings,
    mnist: Mnist,
    lessons: Lessons,
    where: Path | None,
    circumstances: dict[str, Any],
    judged: Callable[[Reader], dict[str, Any]],
    out: Path | None,
    report: Report,
) -> Version:
    """Export, calibrate and measure the result; write it with its card.

    To `out`, or into the store. `where` is the folder with the other sets, to calibrate on; `judged` adds a comparison
    with another version to the card. The `.tflite` is what is measured; anything that takes minutes is left to
    `evaluation`. Raises ExportRefused.
    """
    network = state.result
    tflite = to_tflite(network)
    difference = compare(tflite, network, mnist.validation.floats()[:COMPARED])
    report("export", bytes=len(tflite), difference=difference)
    logits, labels = metrics.run(tflite, worn(lessons.validation, settings.seed)), lessons.validation.labels
    chosen = calibrate(tflite, logits, labels, where)
    reader = Reader(tflite, chosen["temperature"], chosen["refuse_below"])
    found = judged(reader)
    beside = f" --corrections FILE --against {found['gate']['serving']}" if found else ""
    learnt = {"name": mnist.name, "published": mnist.published, "checksums": lessons.checksums, "sets": lessons.sets}
    card = {
        "recipe": settings.recipe,
        "epochs": settings.epochs,
        "seed": settings.seed,
        "command": f"python train.py --recipe {settings.recipe} --epochs {settings.epochs} --seed {settings.seed}"
        + beside,
        "data": learnt,
        "pictures": {
            "train": len(lessons.train),
            "validation": len(lessons.validation),
            "mnist_validation": len(mnist.validation),
            "test": len(mnist.test),
        },
        "calibrated_on": chosen["calibrated_on"],
        **measured(reader, mnist, logits, labels),
        **found,
        "largest_difference_from_keras": difference,
        "parameters": network.count_params(),
        "multiply_adds": multiply_adds(network),
        "history": state.history,
        "training_seconds": round(state.seconds),
        "training_cpu_seconds": round(state.cpu_seconds),
        **circumstances,
    }
    return keep({"model.tflite": tflite, "model.keras": to_keras(network)}, card, out, report)


def worn(validation: Examples, seed: int) -> NDArray[np.float32]:
    """Distort validation pictures as pens, paper and phones do: (n, 28, 28), 0 to 1."""
    return augment.distort(validation.floats(), np.random.default_rng(seed), augment.PHOTO)


def measured(reader: Reader, mnist: Mnist, distorted: metrics.Floats, labels: metrics.Labels) -> dict[str, Any]:
    """Measure a version for its card; `distorted` are its logits of `worn` pictures of `labels`.

    The test set is used here, once, and decides nothing.
    """
    plain, test = mnist.validation, mnist.test
    said = (reader.temperature, reader.refuse_below)
    return {
        "temperature": reader.temperature,
        "refuse_below": reader.refuse_below,
        "validation": metrics.measure(metrics.run(reader.tflite, plain.floats()), plain.labels, *said),
        "validation_distorted": metrics.measure(distorted, labels, *said),
        "test": metrics.measure(metrics.run(reader.tflite, test.floats()), test.labels, *said),
    }


def keep(files: dict[str, bytes], card: dict[str, Any], out: Path | None, report: Report) -> Version:
    """Write a version to the new folder `out`, or into the store under the next free name."""
    report("test", **{name: card["test"][name] for name in ("right", "of", "accuracy")})
    report("writing")
    store = local_store()
    card = {"version": store.next_name()} | card
    if out is not None:
        made = write_version(out, files, card)
    else:
        with tempfile.TemporaryDirectory() as folder:
            made = store.add(write_version(Path(folder) / "version", files, card).folder)
    report("done", version=made.name, path=str(made.folder))
    return made


def to_tflite(network: keras.Model) -> bytes:
    """Convert a network for LiteRT: logits, float16 weights, any batch size."""
    with tempfile.TemporaryDirectory() as folder, silence(1, 2):
        try:  # from_keras_model does the same, but hides that the disk is full
            copy_of(network, "linear").export(folder, format="tf_saved_model", verbose=False)
        except (tf.errors.ResourceExhaustedError, tf.errors.OutOfRangeError) as problem:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from problem
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
        return bytes(converter.convert())


def to_keras(network: keras.Model) -> bytes:
    """Encode a network as a `.keras` file, without its optimizer."""
    with tempfile.TemporaryDirectory() as folder:
        copy_of(network).save(Path(folder) / "model.keras")
        return (Path(folder) / "model.keras").read_bytes()


def compare(tflite: bytes, network: keras.Model, pictures: NDArray[np.float32]) -> float:
    """The largest difference between their logits on pictures (n, 28, 28), 0 to 1.

    Raises ExportRefused.
    """
    expected = keras.ops.convert_to_numpy(copy_of(network, "linear")(pictures[..., None], training=False))
    try:
        exported = metrics.run(tflite, pictures)
    except (ValueError, RuntimeError) as problem:
        raise ExportRefused(f"The exported model can't be run: {problem}") from problem
    if exported.shape != expected.shape:
        raise ExportRefused(f"The exported model answers {exported.shape}, the network {expected.shape}.")
    difference = float(np.abs(exported - expected).max())
    agreement = float((exported.argmax(axis=1) == expected.argmax(axis=1)).mean())
    if not difference <= LARGEST_DIFFERENCE or agreement < LEAST_AGREEMENT:
        raise ExportRefused(
            f"The exported model isn't the network: on {len(pictures)} pictures its logits differ by up to "
            f"{difference:.3g}, and {agreement:.1%} of its answers agree."
        )
    return difference
