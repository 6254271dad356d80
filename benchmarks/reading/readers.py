"""The ways to read a photo that the benchmarks compare: by rules, as today, and by a finder that has learnt."""

import argparse
from pathlib import Path
from typing import Protocol

from model.reading.learned import LearnedReader
from model.reading.reader import DigitReader
from model.reading.result import Reading


class Reader(Protocol):
    """Reads the digits in photos."""

    version: str  # of the model

    def read(self, photo: bytes) -> Reading:
        """The digits in a photo, in reading order. Raises a PhotoError for bytes that can't be read."""


def add_reader(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say which reader to measure: --model and --finder."""
    parser.add_argument("--model", type=Path, help="a version's folder; the shipped one by default")
    parser.add_argument(
        "--finder", type=_finder, metavar="FILE", help="read by this finder that has learnt, not by the rules of today"
    )


def reader_for(model: Path | None, finder: Path | None) -> Reader:
    """The reader that those arguments name."""
    return LearnedReader(model, finder) if finder else DigitReader(model)


def name_of(reader: Reader, finder: Path | None) -> str:
    """What a table's head says of the reader."""
    return f"model {reader.version}" + (f" · finder {finder}" if finder else "")


def _finder(path: str) -> Path:
    """The finder's file, with its card beside it."""
    file = Path(path)
    for needed in (file, file.with_suffix(".json")):
        if not needed.is_file():
            raise argparse.ArgumentTypeError(f"there is no {needed}: name a finder's .tflite with its .json beside it")
    return file
