"""The ways to read a photo that the benchmarks compare: the product's, and either of the two that it joins."""

import argparse
from pathlib import Path
from typing import Protocol

from model.evaluation import one_way
from model.reading.finder import FILE
from model.reading.reader import DigitReader
from model.reading.result import Reading

WAYS = ("both", "rules", "finder")


class Reader(Protocol):
    """Reads the digits in photos."""

    version: str  # of the model

    def read(self, photo: bytes) -> Reading:
        """The digits in a photo, in reading order. Raises a PhotoError for bytes that can't be read."""


def add_reader(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say which reader to measure: --model, --finder and --way."""
    parser.add_argument("--model", type=Path, help="a version's folder; the shipped one by default")
    parser.add_argument("--finder", type=_finder, default=FILE, metavar="FILE", help="another finder that has learnt")
    parser.add_argument("--way", choices=WAYS, default=WAYS[0], help="as the product reads, or in one of its two ways")


def reader_for(args: argparse.Namespace) -> Reader:
    """The reader that those arguments name."""
    if args.way == "rules":
        return one_way.by_rules(args.model)
    return one_way.learned(args.model, args.finder) if args.way == "finder" else DigitReader(args.model, args.finder)


def name_of(reader: Reader, args: argparse.Namespace) -> str:
    """What a table's head says of the reader."""
    names = [f"model {reader.version}", *([] if args.way == WAYS[0] else [f"{args.way} alone"])]
    return " · ".join(names + ([] if args.finder == FILE else [f"finder {args.finder}"]))


def _finder(path: str) -> Path:
    """The finder's file, with its card beside it."""
    file = Path(path)
    for needed in (file, file.with_suffix(".json")):
        if not needed.is_file():
            raise argparse.ArgumentTypeError(f"there is no {needed}: name a finder's .tflite with its .json beside it")
    return file
