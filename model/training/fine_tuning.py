"""Fine-tunes a version on corrections without forgetting; in the training process only.

Each fine-tuning starts from the last version trained from scratch and uses all corrections accepted by then: versions
don't drift, and a correction that was undone isn't in the next one.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from model.data.mnist import Examples, Mnist
from model.evaluation import metrics
from model.evaluation.metrics import Floats, Labels, Reader
from model.reading.result import DIGITS
from model.training import augment, export, promotion_gate, rehearsal
from model.training.corrections import Corrections
from model.training.loop import make_repeatable
from model.training.network import copy_of, parted
from model.training.progress import Report
from model.training.promotion_gate import Unlearnt
from model.versions.provenance import circumstances
from model.versions.store import local_store
from model.versions.version import Version, VersionError, open_version

STEPS, STEPS_EACH, MOST_STEPS = 100, 0.2, 300  # training steps: minimum, more per correction, maximum
OF_CORRECTIONS, OF_REHEARSAL = 64, 192  # pictures per step
RATE = 1.5e-3
SMOOTHING = 0.03  # label smoothing of corrections: people make mistakes too
WAY = 0.6  # share of the way from the old weights to the new ones
INHERITED = (
    "recipe", "epochs", "data", "pictures", "calibrated_on", "parameters", "multiply_adds", "history",
    "training_seconds", "training_cpu_seconds",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Old:
    """The network to fine-tune, ending in logits, and its rehearsal data."""

    network: keras.Model
    early: keras.Model  # its layers that don't learn,
    features: rehearsal.Pictures  # (n, height, width, filters): what they make of the rehearsal pictures
    said: rehearsal.Pictures  # (n, outputs): the probabilities that it gives them
    seed: int


def fine_tune(
    serving: Version, corrections: Corrections, mnist: Mnist, seed: int, out: Path | None, report: Report
) -> Version:
    """Fine-tune on corrections; the card's "gate" says whether the result passes.

    Raises Refusal.
    """
    made = circumstances()
    origin = origin_of(serving)
    make_repeatable(seed)
    report("rehearsal", corrections=len(corrections), origin=origin.name)
    old = prepare(origin, mnist, seed)
    corrections = corrections.readable(old.network.output_shape[-1])
    rounds = 1 + len(corrections.folds) if corrections.are_few else 1
    learnt = corrections if corrections.are_few else corrections.chosen(~corrections.held_back)
    network = learn(old, learnt.examples, lambda **steps: report("step", epoch=1, epochs=rounds, **steps))
    tflite = export.to_tflite(network)
    difference = export.compare(tflite, network, mnist.validation.floats()[: export.COMPARED])
    report("export", bytes=len(tflite), difference=difference)
    labels, worn = mnist.validation.labels, export.worn(mnist.validation, seed)
    logits = metrics.run(tflite, worn)
    before = promotion_gate.reader_of(origin)
    after = _as_ready_to_refuse(_calibrated(tflite, logits, before, worn, labels), before, mnist.train, seed)
    # Don't evaluate on what the origin was trained on.
    new = ~np.isin(corrections.ids, list(promotion_gate.learnt_by(origin)))
    unlearnt = (
        _cross_validated(old, corrections, new, after, report)
        if corrections.are_few
        else _held_back(corrections, new, after)
    )
    judged = promotion_gate.judge(serving, after, corrections, unlearnt, mnist)
    report("gate", **judged["gate"])
    card = {
        **{name: origin.card[name] for name in INHERITED},
        "parent": origin.name,
        "seed": seed,
        "command": f"python train.py --fine-tune {serving.name} --corrections FILE --seed {seed}",
        **export.measured(after, mnist, logits, labels),
        **judged,
        "largest_difference_from_keras": difference,
        **made,
    }
    return export.keep({"model.tflite": tflite, "model.keras": export.to_keras(network)}, card, out, report)


def origin_of(version: Version) -> Version:
    """The version that `version` was fine-tuned from; itself if none or gone."""
    parent = version.parent
    if parent:
        with suppress(VersionError):  # versions are side by side, in the store or a bot's folder
            return open_version(version.folder.parent / parent)
        with suppress(VersionError):
            return local_store().find(parent)
    return version


def prepare(origin: Version, mnist: Mnist, seed: int) -> Old:
    """Load the version's network and its rehearsal data."""
    network = copy_of(keras.models.load_model(origin.folder / "model.keras"), "linear")
    pictures = rehearsal.pictures(mnist.train, np.random.default_rng(seed))
    said = replace(promotion_gate.reader_of(origin), temperature=1).probabilities(pictures).astype(np.float32)
    early, _ = parted(network)
    features = early.predict(pictures[..., None], batch_size=metrics.BATCH, verbose=0)
    return Old(network, early, features, said, seed)


def learn(old: Old, corrections: Examples, tell: Callable[..., None]) -> keras.Model:
    """Train the later layers on the corrections while keeping the old outputs on everything else.

    Strokes look alike in every hand: the early layers stay as they are, so that what they make of the rehearsal
    pictures is computed once. The new weights are a mixture of the old and the trained ones: Wortsman et al. 2022,
    "Robust fine-tuning of zero-shot models". Calls `tell(step, steps, loss, accuracy)` after each step.
    """
    rng = np.random.default_rng([old.seed, len(corrections)])
    steps = min(MOST_STEPS, STEPS + round(STEPS_EACH * len(corrections)))
    network = copy_of(old.network)
    _, late = parted(network)
    for layer in late.layers:  # a few pictures would spoil the statistics of all
        layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
    _compile(late, steps)
    truth = np.eye(network.output_shape[-1], dtype=np.float32)
    truth = (1 - SMOOTHING) * truth + SMOOTHING / len(truth)
    for step in range(1, steps + 1):
        chosen = rng.choice(len(corrections), OF_CORRECTIONS, replace=len(corrections) < OF_CORRECTIONS)
        again = rng.choice(len(old.said), OF_REHEARSAL, replace=len(old.said) < OF_REHEARSAL)
        distorted = augment.distort(corrections.floats(chosen), rng, augment.PHOTO)
        features = np.concatenate([old.early.predict_on_batch(distorted[..., None]), old.features[again]])
        shares = np.concatenate([truth[corrections.labels[chosen]], old.said[again]])
        figures = late.train_on_batch(features, shares, return_dict=True)
        tell(step=step, steps=steps, loss=float(figures["loss"]), accuracy=float(figures["accuracy"]))
    weights = zip(old.network.get_weights(), network.get_weights(), strict=True)
    network.set_weights([before + WAY * (after - before) for before, after in weights])
    return network


def _compile(network: keras.Model, steps: int) -> None:
    schedule = keras.optimizers.schedules.CosineDecay(
        RATE / 10, steps - steps // 10, alpha=0.0, warmup_target=RATE, warmup_steps=steps // 10
    )
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    network.compile(keras.optimizers.Adam(schedule), loss, metrics=["accuracy"], jit_compile=False)


def _calibrated(tflite: bytes, logits: Floats, old: Reader, worn: rehearsal.Pictures, labels: Labels) -> Reader:
    """Carry the old version's calibration over to the new one.

    It reads no photos: the temperature changes as it would if both were fitted on distorted validation pictures, of
    which `logits` are the new one's.
    """
    new = metrics.fit_temperature(logits, labels)
    was = metrics.fit_temperature(metrics.run(old.tflite, worn), labels)
    return Reader(tflite, round(old.temperature * new / was, 4), old.refuse_below)


def _as_ready_to_refuse(new: Reader, old: Reader, digits: Examples, seed: int) -> Reader:
    """Raise the threshold until the new version reads no more clutter as digits than the old.

    Measured on a thousand pieces it wasn't trained on. Learning unusual digits makes a network readier to see digits
    elsewhere.
    """
    others = rehearsal.others(digits, np.random.default_rng([seed, 1])).astype(np.float32) / np.float32(255)
    taken = int((old.answers(others) < DIGITS).sum())
    confidence = np.sort(metrics.decide(new.probabilities(others), refuse_below=0)[1])[::-1]
    refused = float(confidence[taken:].max(initial=0))
    return replace(new, refuse_below=max(old.refuse_below, round(refused + 1e-4, 4)))


def _held_back(said: Corrections, new: NDArray[np.bool_], after: Reader) -> Unlearnt:
    examining = said.chosen(said.held_back & new)
    return Unlearnt(examining, after.answers(examining.examples.floats()), cross_validated=False)


def _cross_validated(old: Old, said: Corrections, new: NDArray[np.bool_], after: Reader, report: Report) -> Unlearnt:
    """Cross-validate: train without each fold in turn, and answer that fold."""
    answers = np.zeros(len(said), np.intp)
    folds = said.folds
    for turn, fold in enumerate(folds, 2):

        def tell(epoch: int = turn, **steps: float) -> None:
            report("step", epoch=epoch, epochs=1 + len(folds), **steps)

        network = learn(old, said.chosen(~fold).examples, tell)
        logits = _logits(network, said.chosen(fold).examples.floats())
        answers[fold] = metrics.decide(metrics.probabilities(logits, after.temperature), after.refuse_below)[0]
    return Unlearnt(said.chosen(new), answers[new], cross_validated=True)


def _logits(network: keras.Model, pictures: rehearsal.Pictures) -> Floats:
    starts = range(0, len(pictures), metrics.BATCH)
    parts = [network(pictures[at : at + metrics.BATCH, ..., None], training=False) for at in starts]
    return np.concatenate([keras.ops.convert_to_numpy(part) for part in parts]).astype(np.float64)
