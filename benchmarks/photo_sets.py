"""The photos that the benchmarks read: real ones with their labels, and generated pages of hands held back."""

import argparse
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from conditions import ROOT

from model.synthesis import pages

REAL = ROOT.parent / "shared" / "photos" / "dev"
HANDWRITING = Path(os.environ.get("HANDWRITING_PATH", ROOT.parent / "shared" / "data"))
SEED = 10  # page i is made from (SEED, i)


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture and what it shows."""

    file: str
    writer: str
    kind: str  # single, multi or none: how many digits it shows; "page" for a generated one
    source: str  # photo, scan, drawn, scene, letter, blank; how many digits a generated one shows
    label: str  # digits in reading order, without white space
    data: bytes


def real_folder(path: str) -> Path:
    """The folder that an argument names, which must hold a manifest."""
    if not (Path(path) / "manifest.jsonl").exists():
        raise argparse.ArgumentTypeError(f"there is no manifest.jsonl in {path}: name a folder of photos with one")
    return Path(path)


def real_photos(folder: Path) -> list[Photo]:
    """Every photo of the folder's manifest: a line for each with file, repo (the writer), kind, source and label."""
    lines = map(json.loads, (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines())
    return [
        Photo(
            file=line["file"],
            writer=line["repo"],
            kind=line["kind"],
            source=line["source"],
            label="".join(line["label"].split()),
            data=(folder / line["file"]).read_bytes(),
        )
        for line in lines
    ]


def generated_pages(where: Path, count: int) -> Iterator[Photo]:
    """So many pages by the held-back writers of the sets in `where`, always the same. Raises data.DataError."""
    hands = pages.hands(where, held_back=True)
    for i in range(count):
        page = pages.compose(hands, np.random.default_rng((SEED, i)))
        yield Photo(f"page {i}", "", "page", _how_many(len(page.digits)), "".join(page.text.split()), page.photo)


def _how_many(digits: int) -> str:
    return "1 digit" if digits == 1 else "2 to 5" if digits <= 5 else "6 to 12" if digits <= 12 else "over 12"
