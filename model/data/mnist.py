"""MNIST, read from your own path, the cache, or Keras's public copy.

The first step of training. Checksums identify the data, so that a model's card can name them.
"""

import gzip
import hashlib
import io
import os
import tokenize
import zipfile
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import platformdirs
from numpy.typing import NDArray

from model.data.download import fetch
from model.versions.atomic_files import write_atomically
from model.versions.version import Refusal

URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
LICENCE = "Creative Commons Attribution-Share Alike 3.0"
CACHE = platformdirs.user_cache_path("digitbot") / "mnist.npz"
LARGEST_DOWNLOAD = 50_000_000  # bytes; the file has 11 MB
VALIDATION_SEED = 1998  # the same for every run: no version may be trained on what another is measured on
VALIDATION_SHARE = 12  # one picture in twelve: 5,000 of MNIST's 60,000

# The published files: array name, file name without extension, MD5.
PUBLISHED = {
    "x_train": ("train-images-idx3-ubyte", "6bbc9ace898e44ae57da46a324031adb"),
    "y_train": ("train-labels-idx1-ubyte", "a25bea736e30d166cdddb491f175f624"),
    "x_test": ("t10k-images-idx3-ubyte", "2646ac647ad5339dbf082846283269ea"),
    "y_test": ("t10k-labels-idx1-ubyte", "27ae3e4e09519cfbb04c329615203637"),
}

Arrays = dict[str, NDArray[np.uint8]]
# Errors of damaged files; a single array instead of an archive is a TypeError.
NO_ARRAYS = (
    OSError, EOFError, ValueError, KeyError, TypeError, RuntimeError, MemoryError,
    zipfile.BadZipFile, zlib.error, tokenize.TokenError,
)  # fmt: skip


class DataError(Refusal):
    """Data that aren't available; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Pictures (n, 28, 28) uint8, white ink on black, and their labels (n,) uint8."""

    pictures: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.labels)

    def floats(self, chosen: NDArray[np.intp] | slice = slice(None)) -> NDArray[np.float32]:
        """The chosen pictures as floats, 0 to 1."""
        return self.pictures[chosen].astype(np.float32) / np.float32(255)


@dataclass(frozen=True, slots=True)
class Mnist:
    """A dataset in three parts; `test` is only for the final figure."""

    train: Examples
    validation: Examples
    test: Examples
    checksums: dict[str, str]  # MD5 of each array, encoded as an idx file

    @property
    def published(self) -> bool:
        """Whether it is the dataset published by LeCun, Cortes and Burges, not somebody's own."""
        return self.checksums == dict(PUBLISHED.values())

    @property
    def name(self) -> str:
        return f"MNIST ({LICENCE})" if self.published else "an own data set in MNIST's form, not the published MNIST"


def load(path: Path | None = None) -> Mnist:
    """Load the dataset from `path`, MNIST_PATH, the cache or the network, in this order.

    A path is an `.npz` file in Keras's layout, or a folder with `mnist.npz` or the four idx files, gzipped or
    not. Raises DataError.
    """
    if path is None and os.environ.get("MNIST_PATH"):
        path = Path(os.environ["MNIST_PATH"])
    arrays = _from_path(path) if path else _from_cache_or_net()
    learnt, held_back = _split(arrays["x_train"], arrays["y_train"])
    return Mnist(learnt, held_back, Examples(arrays["x_test"], arrays["y_test"]), _checksums(arrays))


def _split(pictures: NDArray[np.uint8], labels: NDArray[np.uint8]) -> tuple[Examples, Examples]:
    """Split into training and validation: every twelfth in random order within each digit."""
    order = np.lexsort((np.random.default_rng(VALIDATION_SEED).random(len(labels)), labels))
    held_back = np.zeros(len(labels), bool)
    held_back[order[::VALIDATION_SHARE]] = True
    return Examples(pictures[~held_back], labels[~held_back]), Examples(pictures[held_back], labels[held_back])


def _from_path(path: Path) -> Arrays:
    if (path / "mnist.npz").is_file():
        path = path / "mnist.npz"
    try:
        return _idx_files(path) if path.is_dir() else _npz(path.read_bytes())
    except FileNotFoundError as missing:
        raise DataError(
            f"There is no {missing.filename}: give a file mnist.npz in Keras's layout, or a folder with it or with "
            "MNIST's four idx files."
        ) from missing
    except NO_ARRAYS as problem:
        raise DataError(
            f"{path} can't be read as MNIST ({problem}): it needs the arrays x_train, y_train, x_test and y_test, "
            "28×28 pictures of bytes and labels from 0 to 9."
        ) from problem


def _from_cache_or_net() -> Arrays:
    if CACHE.is_file():
        with suppress(DataError):
            arrays = _from_path(CACHE)
            if _checksums(arrays) == dict(PUBLISHED.values()):
                return arrays
    try:
        content = fetch(URL, LARGEST_DOWNLOAD)
        arrays = _npz(content)
        if _checksums(arrays) != dict(PUBLISHED.values()):
            raise ValueError("what came is not the published MNIST")
    except NO_ARRAYS as problem:
        raise DataError(
            f"MNIST isn't here and can't be fetched ({problem}): fetch {URL} where there is a network, and give "
            "the file with --mnist or in MNIST_PATH."
        ) from problem
    write_atomically(CACHE, content)
    return arrays


def _npz(content: bytes) -> Arrays:
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        return _checked({name: file[name] for name in PUBLISHED})


def _idx_files(folder: Path) -> Arrays:
    return _checked({name: _idx(folder, file) for name, (file, _) in PUBLISHED.items()})


def _idx(folder: Path, name: str) -> NDArray[np.uint8]:
    """Read an idx file: two zeros, type (8: bytes), number of dimensions, each size, data."""
    zipped = folder / f"{name}.gz"
    content = gzip.decompress(zipped.read_bytes()) if zipped.is_file() else (folder / name).read_bytes()
    if content[:3] != b"\0\0\x08":
        raise ValueError(f"{name} is no idx file of bytes")
    sides = np.frombuffer(content, ">u4", content[3], offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + sides.nbytes).reshape(sides)


def _checksums(arrays: Arrays) -> dict[str, str]:
    sums = {}
    for name, (file, _) in PUBLISHED.items():
        array = arrays[name]
        header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
        sums[file] = hashlib.md5(header + array.tobytes(), usedforsecurity=False).hexdigest()
    return sums


def _checked(arrays: Arrays) -> Arrays:
    for part in ("train", "test"):
        pictures, labels = arrays[f"x_{part}"], arrays[f"y_{part}"]
        if pictures.dtype != np.uint8 or pictures.shape != (len(labels), 28, 28) or not len(labels):
            raise ValueError(f"x_{part} is {pictures.dtype} {pictures.shape}")
        if labels.dtype.kind not in "ui" or labels.ndim != 1 or not np.isin(labels, range(10)).all():
            raise ValueError(f"y_{part} isn't a row of digits")
        arrays[f"y_{part}"] = labels.astype(np.uint8)
    return arrays
