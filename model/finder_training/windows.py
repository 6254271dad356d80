"""Windows onto generated pages, endlessly, made by processes of their own while the network learns."""

import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from multiprocessing.queues import Queue
from pathlib import Path
from queue import Empty
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from model.data.mnist import load
from model.finder_training.targets import EDGE, SIDE, target, window
from model.synthesis import characters, sheets
from model.synthesis.characters import Alphabet
from model.synthesis.sheets import Photo
from model.training import child_process

WINDOWS = (  # share; whole photos across, 0: a part of a page; shortest long side of such a photo, in pixels
    (0.40, 0, 0),
    (0.15, 1, 140),
    (0.33, 2, 56),
    (0.12, 4, 28),
)
AHEAD = 4  # batches that a process makes before they are needed
LOOK = 5.0  # seconds between two looks at a process that lets us wait


@dataclass(frozen=True, slots=True)
class Lessons:
    """What the finder learns from."""

    where: Path  # the folder with the sets of handwriting
    mnist: Path | None  # where MNIST is, if not where `data` looks for it
    seed: int

    def alphabet(self) -> Alphabet:
        """The characters to learn from."""
        mnist = load(self.mnist).train
        return characters.alphabet(self.where, (mnist.pictures, mnist.labels), held_back=False)


class Batch(NamedTuple):
    """Arrays of n windows and of what the finder should say of them, as `targets.Target` has them."""

    pictures: NDArray[np.uint8]
    heat: NDArray[np.float16]
    counts: NDArray[np.uint8]
    classes: NDArray[np.int8]
    boxes: NDArray[np.float16]
    ink: NDArray[np.uint8]
    ink_counts: NDArray[np.uint8]


def one(alphabet: Alphabet, rng: np.random.Generator) -> Photo:
    """A window: onto a page, or with a whole photo, or with four or sixteen small ones."""
    _, across, shortest = WINDOWS[rng.choice(len(WINDOWS), p=[share for share, _, _ in WINDOWS])]
    if not across:
        return sheets.compose(alphabet, (SIDE, SIDE), rng, whole=False)
    side = SIDE // across
    photos = []
    for _ in range(across**2):
        long = float(np.exp(rng.uniform(np.log(shortest), np.log(side - 2 * EDGE))))
        short = max(16.0, long * rng.choice([0.75, 0.5625, 1, rng.uniform(0.25, 1)], p=[0.5, 0.1, 0.15, 0.25]))
        size = (round(long), round(short)) if rng.random() < 0.55 else (round(short), round(long))
        photos.append(sheets.compose(alphabet, size, rng, whole=True))
    places = [tuple(int(rng.integers(EDGE, side - n - EDGE + 1)) for n in p.ink.shape[::-1]) for p in photos]
    return window(photos, places)  # type: ignore[arg-type]


def batch(alphabet: Alphabet, seed: int, index: int, size: int) -> Batch:
    """The batch of that index; the same seed and index give the same batch in whatever process."""
    made = [one(alphabet, np.random.default_rng([seed, index, i])) for i in range(size)]
    wanted = [target(photo) for photo in made]
    return Batch(
        np.stack([photo.picture for photo in made]),
        *(np.stack([getattr(t, name) for t in wanted]) for name in Batch._fields[1:]),
    )


def batches(lessons: Lessons, first: int, last: int, size: int, processes: int) -> Iterator[Batch]:
    """Batches first to last - 1 in their order, made by so many processes. Raises ChildProcessError if one ends."""
    spawn = multiprocessing.get_context("spawn")
    queues: list[Queue[Batch]] = [spawn.Queue(AHEAD) for _ in range(processes)]
    workers = [
        spawn.Process(target=_work, args=(queue, lessons, range(first + k, last, processes), size), daemon=True)
        for k, queue in enumerate(queues)
    ]
    for worker in workers:
        worker.start()
    try:
        for index in range(first, last):
            turn = (index - first) % processes
            yield _next(queues[turn], workers[turn])
    finally:
        for worker in workers:
            worker.kill()


def _next(queue: "Queue[Batch]", worker: BaseProcess) -> Batch:
    while True:
        try:
            return queue.get(timeout=LOOK)
        except Empty:
            if not worker.is_alive():
                raise ChildProcessError("a process that makes windows to learn from has ended") from None


def _work(queue: "Queue[Batch]", lessons: Lessons, indices: range, size: int) -> None:
    child_process.end_with_parent()
    cv2.setNumThreads(1)
    alphabet = lessons.alphabet()
    for index in indices:
        queue.put(batch(alphabet, lessons.seed, index, size))
