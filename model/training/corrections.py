"""Corrections as input of a training: an `.npz` of 28×28 pictures, labels and ids.

Whether one is trained on or held out depends only on its id. So it stays the same from one training to the next, and no
version is evaluated on what an earlier one was trained on.
"""

import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.data.mnist import NO_ARRAYS, Examples
from model.reading.mnist_format import SIDE
from model.reading.result import NOT_A_DIGIT
from model.versions.version import Refusal

LEAST = 10  # corrections; fewer are too few to train on and evaluate
SHARE = 5  # one in so many is held out
FOLDS = 3  # if that would be fewer than LEAST, cross-validate instead
LOTS = 1 << 48


@dataclass(frozen=True, slots=True)
class Corrections:
    """`examples` and their unique ids (n,) int64."""

    examples: Examples
    ids: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)

    def chosen(self, which: NDArray[np.bool_]) -> "Corrections":
        """The corrections selected by a mask (n,)."""
        return Corrections(Examples(self.examples.pictures[which], self.examples.labels[which]), self.ids[which])

    def readable(self, outputs: int) -> "Corrections":
        """The ones that a network with so many outputs can learn.

        Raises Refusal for fewer than LEAST.
        """
        found = self.chosen(self.examples.labels < outputs)
        if len(found) < LEAST:
            raise Refusal(f"There are {len(found)} corrections of digits, and it takes {LEAST} to learn from them.")
        return found

    @property
    def held_back(self) -> NDArray[np.bool_]:
        """(n,): the held-out ones: one in SHARE, at least LEAST, at most half of them.

        The lowest hashes: when more corrections arrive, those trained on stay in training.
        """
        n = min(max(LEAST, self._drawn), len(self) // 2)
        return np.argsort(np.argsort(self._lots)) < n

    @property
    def are_few(self) -> bool:
        """Whether one in SHARE would be fewer than LEAST: then use `folds`, if time allows."""
        return min(self._drawn, len(self) // 2) < LEAST

    @property
    def folds(self) -> list[NDArray[np.bool_]]:
        """Masks (n,) of the folds of a cross-validation, by the order of the ids."""
        turns = np.argsort(np.argsort(self.ids)) % FOLDS
        return [turns == turn for turn in range(FOLDS)]

    @property
    def _drawn(self) -> int:
        """The number of corrections whose hash is among the lowest in SHARE."""
        return int((self._lots < LOTS // SHARE).sum())

    @property
    def _lots(self) -> NDArray[np.int64]:
        """(n,): each id's hash, a number below LOTS."""
        return np.array([int.from_bytes(hashlib.sha256(b"correction %d" % id_).digest()[:6]) for id_ in self.ids])


def load(path: Path) -> Corrections:
    """Load corrections. Raises Refusal for fewer than LEAST, or a damaged file."""
    try:
        with np.load(path, allow_pickle=False) as file:
            images, labels, ids = (file[name] for name in ("images", "labels", "ids"))
    except NO_ARRAYS as problem:
        raise Refusal(f"{path} can't be read as corrections ({problem}): it needs images, labels and ids.") from problem
    n = len(ids) if ids.ndim == 1 else -1
    fits = (images.dtype, images.shape) == (np.uint8, (n, SIDE, SIDE)) and labels.shape == (n,)
    numbers = fits and labels.dtype.kind in "ui" and ids.dtype.kind in "ui"
    if not numbers or not np.isin(labels, range(NOT_A_DIGIT + 1)).all() or len(set(ids.tolist())) != n:
        raise Refusal(
            f"{path} holds no corrections: images are (n, 28, 28) uint8, labels (n,) 0 to 10, ids (n,) whole numbers "
            "that differ."
        )
    if n < LEAST:
        raise Refusal(f"There are {n} corrections, and it takes {LEAST} to learn from them.")
    return Corrections(Examples(images, labels.astype(np.uint8)), ids.astype(np.int64))


def packed(pixels: Iterable[bytes], labels: Sequence[int], ids: Sequence[int]) -> bytes:
    """Encode such a file; each picture's `pixels` are 28×28 uint8, white ink on black."""
    images = np.frombuffer(b"".join(pixels), np.uint8).reshape(-1, SIDE, SIDE)
    file = io.BytesIO()
    np.savez(file, images=images, labels=np.array(labels, np.uint8), ids=np.array(ids, np.int64))
    return file.getvalue()
