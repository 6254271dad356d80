"""From a Keras network to the `.tflite` that readers run, and the proof that both say the same."""

import contextlib
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as package_version
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model import augment, corpus, data, evaluation
from model.corpus import Lessons
from model.learning import Settings, State
from model.network import DIGITS, copy_of, multiply_adds
from model.progress import Report
from model.registry import Refusal, Registry, Version, write_version

REFUSED_AT_MOST = 0.003  # share of MNIST's validation digits whose confidence may lie below `refuse_below`
EVEN_ODDS = 0.5  # what is rather a digit than not is never refused
COMPARED = 1000  # validation pictures on which an export must say what Keras says
LARGEST_DIFFERENCE = 0.1  # of a logit; float16 weights move them by about 0.01
LEAST_AGREEMENT = 0.998  # share of same answers: two digits within the difference above may change places
PACKAGES = ("tensorflow-cpu", "tensorflow", "keras", "numpy", "ai-edge-litert", "opencv-python-headless")


class ExportRefused(Refusal):
    """The exported file doesn't say what the network says."""


def make_version(
    state: State,
    settings: Settings,
    mnist: data.Mnist,
    lessons: Lessons,
    where: Path | None,
    circumstances: dict[str, Any],
    out: Path | None,
    report: Report,
) -> Version:
    """Export, calibrate and measure what was learnt, and write it with its card to `out` or into the registry.

    `where` is the folder with the other sets of handwriting, for figures on unseen hands.
    What is measured is the `.tflite`. Raises ExportRefused.
    """
    network, registry = state.result, Registry()
    tflite = to_tflite(network)
    difference = compare(tflite, network, mnist.validation.floats()[:COMPARED])
    report("export", bytes=len(tflite), difference=difference)
    figures = _figures(tflite, mnist, lessons, settings.seed)
    if where:
        figures["unseen"] = unseen_figures(tflite, where, figures)
    report("test", **{name: figures["test"][name] for name in ("right", "of", "accuracy")})
    card = {
        "version": registry.next_name(),
        "recipe": settings.recipe,
        "epochs": settings.epochs,
        "seed": settings.seed,
        "command": f"python train.py --recipe {settings.recipe} --epochs {settings.epochs} --seed {settings.seed}",
        "data": {"name": mnist.name, "published": mnist.published, "md5": mnist.checksums, "sets": lessons.sets},
        "pictures": {
            "train": len(lessons.train),
            "validation": len(lessons.validation),
            "mnist_validation": len(mnist.validation),
            "test": len(mnist.test),
        },
        **figures,
        "largest_difference_from_keras": difference,
        "parameters": network.count_params(),
        "multiply_adds": multiply_adds(network),
        "history": state.history,
        "training_seconds": round(state.seconds),
        "training_cpu_seconds": round(state.cpu_seconds),
        **circumstances,
    }
    files = {"model.tflite": tflite, "model.keras": to_keras(network)}
    if out is not None:
        made = write_version(out, files, card)
    else:
        with tempfile.TemporaryDirectory() as folder:
            made = registry.add(write_version(Path(folder) / "version", files, card).folder)
    report("done", version=made.name, path=str(made.folder))
    return made


def _figures(tflite: bytes, mnist: data.Mnist, lessons: Lessons, seed: int) -> dict[str, Any]:
    """Temperature and point of refusal, chosen on validation pictures as a photo would have them; then the measures."""
    rng = np.random.default_rng(seed)
    labels = lessons.validation.labels
    worn = evaluation.run(tflite, augment.distort(lessons.validation.floats(), rng, augment.PHOTO))
    temperature = round(evaluation.fit_temperature(worn, labels), 4)
    plain, test = mnist.validation, mnist.test
    clean = evaluation.run(tflite, plain.floats())
    confidence = evaluation.probabilities(clean, temperature)[:, :DIGITS].max(axis=1)
    refuse_below = float(np.floor(min(EVEN_ODDS, float(np.quantile(confidence, REFUSED_AT_MOST))) * 1000) / 1000)
    reader = (temperature, refuse_below)
    return {
        "temperature": temperature,
        "refuse_below": refuse_below,
        "validation": evaluation.measure(clean, plain.labels, *reader),
        "validation_distorted": evaluation.measure(worn, labels, *reader),
        "test": evaluation.measure(evaluation.run(tflite, test.floats()), test.labels, *reader),
    }


def unseen_figures(tflite: bytes, where: Path, figures: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """On hands that were never learnt from: how many digits are read right and refused, how many others are refused."""
    found = {}
    for name, examples in corpus.unseen(where, seed=0).items():
        said = evaluation.probabilities(evaluation.run(tflite, examples.floats()), figures["temperature"])
        answers, confidence = said[:, :DIGITS].argmax(axis=1), said[:, :DIGITS].max(axis=1)
        refused = confidence < figures["refuse_below"]
        found[name] = {
            "of": len(examples),
            "right": int(((answers == examples.labels) & ~refused).sum()),
            "refused": int(refused.sum()),
        }
    return found


def circumstances() -> dict[str, Any]:
    """When, from which code and on what a training runs; asked at its start, for the code may change under it."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "commit": _commit(),
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "packages": {name: found for name in PACKAGES if (found := _package_version(name))},
    }


def _commit() -> str | None:
    """The last commit of the code that ran, with "+changes" where it differs from that; None outside a checkout."""
    files = [str(module.__file__) for name, module in sys.modules.items() if name.startswith("model.")]
    try:
        commit, changes = _git("log", "-1", "--format=%H", "--", *files), _git("status", "--porcelain", "--", *files)
    except (OSError, subprocess.SubprocessError):
        return None
    return commit + ("+changes" if changes else "") if commit else None


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=Path(__file__).parent, capture_output=True, check=True, timeout=10)  # noqa: S603, S607
    return done.stdout.decode().strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _package_version(name: str) -> str | None:
    try:
        return package_version(name)
    except PackageNotFoundError:
        return None


def to_tflite(network: keras.Model) -> bytes:
    """The network as LiteRT runs it: logits, weights in float16, any number of pictures at once."""
    converter = tf.lite.TFLiteConverter.from_keras_model(copy_of(network, "linear"))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    with _silence():
        return bytes(converter.convert())


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Nothing on standard output and error, from C++ neither: the converter chats on both, and raises what matters."""
    sys.stdout.flush()
    kept = [os.dup(stream) for stream in (1, 2)]
    with Path(os.devnull).open("w") as nowhere:
        for stream in (1, 2):
            os.dup2(nowhere.fileno(), stream)
        try:
            yield
        finally:
            sys.stdout.flush()
            for stream, handle in zip((1, 2), kept, strict=True):
                os.dup2(handle, stream)
                os.close(handle)


def to_keras(network: keras.Model) -> bytes:
    """The network as a `.keras` file, without its optimizer."""
    with tempfile.TemporaryDirectory() as folder:
        copy_of(network).save(Path(folder) / "model.keras")
        return (Path(folder) / "model.keras").read_bytes()


def compare(tflite: bytes, network: keras.Model, pictures: NDArray[np.float32]) -> float:
    """The largest difference of a logit between the two on pictures (n, 28, 28), 0 to 1. Raises ExportRefused."""
    expected = keras.ops.convert_to_numpy(copy_of(network, "linear")(pictures[..., None], training=False))
    try:
        exported = evaluation.run(tflite, pictures)
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
