"""The handwriting datasets beside MNIST: digits of many styles, and non-digits.

The sets are read from a folder of `.npz` files, your own (`HANDWRITING_PATH`) or the one that `sources` fills: pictures
as `images` (n, h, w) uint8, white ink on black, or pen strokes as `points` (m, 2) float32 with `stroke_ids` and
`sample_ids`; `labels` (n,) are the characters.
"""

import hashlib
import os
import string
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.data.mnist import NO_ARRAYS, DataError
from model.reading.result import NOT_A_DIGIT

DIGIT_SIGNS = frozenset(string.digits)
HELD_BACK = 5  # one writer in so many is held out and never trained on
VALIDATING = 20  # one in so many of the others is for validation

# Sets whose licence allows shipping a model trained on them, and that licence.
TRAINED_ON = {
    "bhmsds": "MIT",
    "comnist_qazaq": "CC BY-SA 4.0",
    "hasy20": "ODbL 1.0",
    "mdas_symbols": "MIT",
    "omniglot_strokes": "MIT",
    "optdigits": "CC BY 4.0",
    "pendigits": "CC BY 4.0",
    "semeion": "CC BY 4.0",
    "unipen_digits": "CC BY 4.0",
    "unipen_letters": "CC BY 4.0",
    "unipen_symbols": "CC BY 4.0",
}
# Sets that no network of ours is trained on: for research only, or of unclear licence.
MEASURED_ON = ("usps", "chars74k_hand", "choice", "cyrillic_mnist")

# Written alone, these look like a digit: as negatives they would teach a network to refuse real digits.
LOOK_ALIKES = frozenset(
    "OoОоDQaаBөӨ□lIiІіJj|/\\!'()[]rгГлЛZzғЗзЭэВЧчУуҮүyqSsБбbЬьGҒFT?ҰұЇ>В&вδθ$∞gРрPд.,:;-_`\"~·"
) | {"greek_omicron", "greek_iota", "greek_epsilon", "greek_zeta", "greek_xi", "greek_delta", "greek_sigma",
     "greek_theta", "greek_rho", "greek_nu", "greek_tau", "greek_upsilon", "greek_eta"}  # fmt: skip
LOOK_ALIKE_ALPHABETS = ("early_aramaic", "korean")  # some of their characters look like a 1, a 0 or a 9

Strokes = list[NDArray[np.float32]]  # polylines (m, 2), x to the right and y down


@dataclass(frozen=True, slots=True)
class Sample:
    """A written character: its picture or its strokes."""

    character: str
    writer: str  # "" where unknown
    picture: NDArray[np.uint8] | None  # (h, w), white ink on black
    strokes: Strokes | None

    @property
    def label(self) -> int:
        """The digit, or NOT_A_DIGIT."""
        return int(self.character) if self.character in DIGIT_SIGNS else NOT_A_DIGIT

    @property
    def is_ambiguous(self) -> bool:
        """Whether it is a non-digit that looks just like a digit."""
        alike = self.character in LOOK_ALIKES or self.character.startswith(LOOK_ALIKE_ALPHABETS)
        return self.label == NOT_A_DIGIT and alike

    @property
    def held_back(self) -> bool:
        """Whether its writer is held out from training: a fifth are, by a hash of the name."""
        return bool(self.writer) and self._lot[0] % HELD_BACK == 0

    @property
    def validates(self) -> bool:
        """Whether its writer, not being held out, is for validation."""
        return bool(self.writer) and self._lot[1] % VALIDATING == 0

    @property
    def _lot(self) -> bytes:
        return hashlib.sha256(self.writer.encode()).digest()


def folder() -> Path | None:
    """Your own folder with the sets, HANDWRITING_PATH; None if it isn't set."""
    path = os.environ.get("HANDWRITING_PATH")
    return Path(path) if path else None


def checksum(name: str, where: Path) -> str:
    """SHA-256 of the set's file. Raises DataError if it is missing."""
    try:
        return hashlib.sha256((where / f"{name}.npz").read_bytes()).hexdigest()
    except OSError as problem:
        raise DataError(
            f"There is no {name}.npz in {where}: HANDWRITING_PATH names the folder with all the other sets of "
            "handwriting, see docs/data.md; leave it unset to have them fetched."
        ) from problem


def samples(name: str, where: Path) -> Iterator[Sample]:
    """All samples of the set `name`, in file order."""
    try:
        with np.load(where / f"{name}.npz", allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
        labels = [str(label) for label in arrays["labels"]]
    except NO_ARRAYS as problem:
        raise DataError(
            f"{where / name}.npz can't be read ({problem}): see docs/data.md for where it comes from."
        ) from problem
    writers = _writers(name, arrays, len(labels))
    usable = ~arrays["suspect"] if "suspect" in arrays else np.ones(len(labels), bool)
    if name == "comnist_qazaq":  # its к and о are really қ and ө
        usable &= ~(np.isin(arrays["labels"], ["к", "о"]) & (arrays["sources"] == "qazaq"))
    pictures = arrays.get("images")
    drawn = _strokes(arrays) if pictures is None else iter(())
    for i, character in enumerate(labels):
        strokes = None if pictures is not None else next(drawn)
        if usable[i]:
            yield Sample(character, writers[i], None if pictures is None else pictures[i], strokes)


def _writers(name: str, arrays: dict[str, NDArray[np.generic]], n: int) -> list[str]:
    if "writers" not in arrays:
        return [""] * n
    people = name.split("_")[0]  # UNIPEN's three sets have the same writers
    if people == "omniglot":  # its writers are numbered per alphabet
        alphabets = [str(label).rpartition("_")[0] for label in arrays["labels"]]
        return [f"omniglot {alphabet} {w}" for alphabet, w in zip(alphabets, arrays["writers"], strict=True)]
    return [f"{people} {writer}" for writer in arrays["writers"]]


def _strokes(arrays: dict[str, NDArray[np.generic]]) -> Iterator[Strokes]:
    points = arrays["points"].astype(np.float32)
    sample_ids, stroke_ids = arrays["sample_ids"], arrays["stroke_ids"]
    ends = np.searchsorted(sample_ids, np.arange(len(arrays["labels"]) + 1))
    for first, last in pairwise(ends):
        breaks = np.flatnonzero(np.diff(stroke_ids[first:last])) + 1
        yield [line for line in np.split(points[first:last], breaks) if len(line)]
