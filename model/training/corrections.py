"""What people say that digits are, as a training is given it: an `.npz` of 28×28 pictures, labels and ids.

Which of them are learnt from, and which only examine, is told by a lot that each draws by its id alone: it stays the
same from one training to the next, so no version is examined on what an earlier one had learnt.
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

LEAST = 10  # corrections: of fewer nothing can be learnt that could also be examined
SHARE = 5  # one of so many examines
FOLDS = 3  # where that would be fewer than LEAST, each examines once
LOTS = 1 << 48


@dataclass(frozen=True, slots=True)
class Corrections:
    """`examples` and their ids (n,) int64, each its own."""

    examples: Examples
    ids: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)

    def chosen(self, which: NDArray[np.bool_]) -> "Corrections":
        """Those that the mask (n,) names."""
        return Corrections(Examples(self.examples.pictures[which], self.examples.labels[which]), self.ids[which])

    def readable(self, outputs: int) -> "Corrections":
        """Those that a network of so many outputs can be told. Raises Refusal for fewer than LEAST."""
        found = self.chosen(self.examples.labels < outputs)
        if len(found) < LEAST:
            raise Refusal(f"There are {len(found)} corrections of digits, and it takes {LEAST} to learn from them.")
        return found

    @property
    def held_back(self) -> NDArray[np.bool_]:
        """(n,): those that examine and aren't learnt: one of SHARE, at least LEAST, at most half of them.

        The lowest lots: where more corrections come, what was learnt is still learnt.
        """
        n = min(max(LEAST, self._drawn), len(self) // 2)
        return np.argsort(np.argsort(self._lots)) < n

    @property
    def are_few(self) -> bool:
        """Whether one of SHARE would be fewer than LEAST: then `folds` examine better, where time allows."""
        return min(self._drawn, len(self) // 2) < LEAST

    @property
    def folds(self) -> list[NDArray[np.bool_]]:
        """Masks (n,) of parts that examine in turn, by the order of their ids: each correction is in one."""
        turns = np.argsort(np.argsort(self.ids)) % FOLDS
        return [turns == turn for turn in range(FOLDS)]

    @property
    def _drawn(self) -> int:
        """How many drew a lot among the lowest of SHARE."""
        return int((self._lots < LOTS // SHARE).sum())

    @property
    def _lots(self) -> NDArray[np.int64]:
        """(n,): a number below LOTS for each, drawn by its id."""
        return np.array([int.from_bytes(hashlib.sha256(b"correction %d" % id_).digest()[:6]) for id_ in self.ids])


def load(path: Path) -> Corrections:
    """The corrections in the file at `path`. Raises Refusal for fewer than LEAST, and for a file that isn't whole."""
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
    """The content of such a file; each picture's `pixels` are 28×28 uint8, white ink on black."""
    images = np.frombuffer(b"".join(pixels), np.uint8).reshape(-1, SIDE, SIDE)
    file = io.BytesIO()
    np.savez(file, images=images, labels=np.array(labels, np.uint8), ids=np.array(ids, np.int64))
    return file.getvalue()
