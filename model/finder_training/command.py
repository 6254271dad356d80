"""`train.py --recipe finder`: learn, keep checkpoints, export the finder and write its card."""

import ctypes
import json
import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from model.data import handwriting
from model.data.mnist import Mnist, load
from model.finder_training import calibration, export, loop, windows
from model.finder_training.windows import Lessons
from model.reading.classifier import Classifier
from model.reading.finder import Finder
from model.training import child_process
from model.training.progress import Report
from model.versions.atomic_files import new_folder, write_atomically
from model.versions.provenance import circumstances
from model.versions.version import PRETRAINED

EPOCHS = 120  # of 500 steps of 8 windows
STATE = "finder.npz"  # in the folder of the checkpoints
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4  # glibc's malloc.h
COMPARED = 16  # windows on which the exported file must say what Keras says
PHOTOS = 1600  # generated, on which both networks' views are joined


@dataclass(frozen=True, slots=True)
class Order:
    """What the command line asks for."""

    epochs: int | None  # None: as many as EPOCHS
    seed: int
    checkpoints: Path | None
    checkpoint_every: int  # epochs
    resume: bool
    where: Path  # the folder with the sets of handwriting
    mnist: Path | None
    out: Path  # a new folder for finder.tflite and finder.json


def make_finder(order: Order, mnist: Mnist, report: Report) -> None:
    """Train a finder as ordered and write it. Raises DataError, ExportRefused, OSError."""
    made = circumstances()
    checksums = mnist.checksums | {name: handwriting.checksum(name, order.where) for name in handwriting.TRAINED_ON}
    _keep_freed_memory()
    lessons = Lessons(order.where, order.mnist, order.seed)
    epochs = order.epochs or EPOCHS
    kept = order.checkpoints / STATE if order.checkpoints else None
    state = loop.load(kept) if kept and order.resume and kept.exists() else loop.begin(order.seed)
    weights = f"{state.network.count_params():,} weights"
    report("network", summary=weights, epoch=state.step // loop.EPOCH, epochs=epochs)
    learning = loop.learn(state, lessons, epochs, max(1, child_process.cores()), report)
    for epoch, _ in enumerate(learning, state.step // loop.EPOCH + 1):
        report("finder epoch", epoch=epoch, epochs=epochs, seconds=state.seconds, **state.history[-1])
        if kept and (epoch % order.checkpoint_every == 0 or epoch == epochs):
            loop.save(state, kept)
            report("checkpoint", epoch=epoch, path=str(kept))
    tflite = export.to_tflite(state.result)
    alphabet = lessons.alphabet()
    pictures = [windows.one(alphabet, np.random.default_rng([order.seed, i])).picture for i in range(COMPARED)]
    difference = export.compare(tflite, state.result, np.stack(pictures))
    report("export", bytes=len(tflite), difference=difference)
    with new_folder(order.out) as folder:
        write_atomically(folder / "finder.tflite", tflite)
        report("joining", photos=PHOTOS)
        card = {
            "command": f"python train.py --recipe finder --epochs {epochs} --seed {order.seed}",
            "data": checksums,
            "parameters": state.network.count_params(),
            "largest_difference_from_keras": difference,
            "training_seconds": round(state.seconds),
            "history": state.history,
            **joined(folder / "finder.tflite", order.where, order.mnist),
            **made,
        }
        write_atomically(folder / "finder.json", json.dumps(card, indent=1).encode())
    report("finder done", path=str(order.out))


def _keep_freed_memory() -> None:
    """Have glibc reuse large blocks instead of giving them back at each step: a tenth of the CPU time."""
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):  # musl has none
        library.mallopt(M_MMAP_MAX, 0)
        library.mallopt(M_TRIM_THRESHOLD, 2**31 - 1)
        library.mallopt(M_TOP_PAD, 2**28)


def joined(finder: Path, where: Path, mnist: Path | None, network: Path = PRETRAINED) -> dict[str, Any]:
    """How the finder's and the network's views are joined: the part of the card that readers need."""
    processes = os.cpu_count() or 1
    work = [(finder, network, where, mnist, range(part, PHOTOS, processes)) for part in range(processes)]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, spawn, initializer=child_process.end_with_parent) as pool:
        every = [judged for part in pool.map(_judge, work) for judged in part]
    return calibration.card(every)


def _judge(work: tuple[Path, Path, Path, Path | None, range]) -> list[calibration.Judged]:
    finder_file, network, where, mnist, mine = work
    finder, classifier = Finder(finder_file), Classifier(network)
    photos = calibration.photos(where, load(mnist), mine, held_back=False)
    return [calibration.judged(photo, finder, classifier) for photo in photos]
