"""How well real photos are read: k of n exactly right for each kind, source and writer, and a table of what went wrong.

    python benchmarks/photos.py [--photos FOLDER] [--model VERSION] [--sheet FILE.png]

The folder holds pictures and a manifest.jsonl, a line for each: file, repo (the writer), kind (single, multi, none),
label (digits in reading order, lines parted by a newline) and source (photo, scan, drawn, scene, letter, blank).
White space does not count. Nothing is trained on these photos.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

from model.drawing import explain
from model.measures import wilson
from model.reader import DigitReader
from model.reading import PhotoError, Reading

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "photos" / "dev"


@dataclass(frozen=True, slots=True)
class Result:
    """One photo, what it shows and what was read."""

    file: str
    writer: str
    kind: str
    source: str
    label: str
    reading: Reading | None
    cpu_ms: float

    @property
    def text(self) -> str:
        """What was read, without white space."""
        return "".join(self.reading.text.split()) if self.reading else "(refused file)"

    @property
    def right(self) -> bool:
        """Whether that is exactly what the photo shows."""
        return self.text == "".join(self.label.split())


def main() -> int:
    """Read every photo and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, default=BESIDE, help="folder with manifest.jsonl")
    parser.add_argument("--model", type=Path, help="a version's folder; the shipped one by default")
    parser.add_argument("--sheet", type=Path, help="write the failures as one picture")
    args = parser.parse_args()
    if not (args.photos / "manifest.jsonl").exists():
        print(f"No photos at {args.photos}: name a folder with --photos.", file=sys.stderr)
        return 2
    results = read_all(args.photos, DigitReader(args.model))
    print(f"{' '.join(sys.argv)} · commit {_commit()} · {os.cpu_count()} cores · model {_version(results)}\n")
    print_shares("kind", results, lambda r: r.kind)
    print_shares("kind and source", results, lambda r: f"{r.kind} {r.source}")
    print_shares("writer", results, lambda r: r.writer)
    print_writers_mean(results)
    print_refusals(results)
    times = sorted(r.cpu_ms for r in results)
    print(f"CPU ms a photo: median {times[len(times) // 2]:.1f}, p95 {times[int(len(times) * 0.95)]:.1f}\n")
    print_failures(results)
    if args.sheet:
        write_sheet(args.photos, [r for r in results if not r.right], args.sheet)
    return 0


def read_all(folder: Path, reader: DigitReader) -> list[Result]:
    """Every photo of the manifest, read."""
    results = []
    for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        photo = json.loads(line)
        started = time.process_time()
        try:
            reading = reader.read((folder / photo["file"]).read_bytes())
        except PhotoError:
            reading = None
        cpu_ms = 1000 * (time.process_time() - started)
        results.append(
            Result(photo["file"], photo["repo"], photo["kind"], photo["source"], photo["label"], reading, cpu_ms)
        )
    return results


def print_shares(title: str, results: Iterable[Result], by: Callable[[Result], str]) -> None:
    """A table: k of n right with its interval, for each group."""
    groups = defaultdict(list)
    for result in results:
        groups[by(result)].append(result.right)
    width = max(map(len, [title, *groups]))
    print(f"{title:<{width}}  right    of   share   95 % interval")
    for name, right in sorted(groups.items()):
        low, high = wilson(sum(right), len(right))
        print(
            f"{name:<{width}}  {sum(right):5d} {len(right):5d}  {sum(right) / len(right):6.1%}"
            f"   {low:6.1%} – {high:6.1%}"
        )
    print()


def print_writers_mean(results: Iterable[Result]) -> None:
    """Each writer counts the same, however many photos are theirs."""
    groups: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for result in results:
        groups[result.kind][result.writer].append(result.right)
    for kind, writers in sorted(groups.items()):
        mean = sum(sum(right) / len(right) for right in writers.values()) / len(writers)
        print(f"mean over the {len(writers)} writers of {kind}: {mean:.1%}")
    print()


def print_refusals(results: Iterable[Result]) -> None:
    """Single digits that were answered with "no digit"."""
    single = [r for r in results if r.kind == "single"]
    refused = sum(r.text == "" for r in single)
    low, high = wilson(refused, len(single))
    print(f"single digits refused: {refused} of {len(single)}, {refused / len(single):.1%} ({low:.1%} – {high:.1%})\n")


def print_failures(results: Iterable[Result]) -> None:
    """A line for each photo that was read wrongly."""
    print("what went wrong:")
    for r in results:
        if not r.right:
            least = min((d.confidence for d in r.reading.digits), default=0) if r.reading else 0
            print(f"  {r.kind:<6} {r.label!r:>16} read as {r.text!r:<16} {least:6.1%}  {r.cpu_ms:6.1f} ms  {r.file}")


def write_sheet(folder: Path, failures: list[Result], file: Path, columns: int = 4, tile: int = 460) -> None:
    """The failures on one picture: each with what the reader saw."""
    lines = (len(failures) + columns - 1) // columns
    sheet = Image.new("RGB", (columns * tile, max(1, lines) * (tile + 16)), "grey")
    draw = ImageDraw.Draw(sheet)
    for i, result in enumerate(failures):
        left, top = i % columns * tile, i // columns * (tile + 16)
        draw.text((left + 4, top + 2), f"{result.label!r} read as {result.text!r}  {result.file[-46:]}", fill="white")
        if result.reading:
            picture = explain((folder / result.file).read_bytes(), result.reading)
            picture.thumbnail((tile - 4, tile - 4))
            sheet.paste(picture, (left, top + 16))
    sheet.save(file)


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or "unknown"


def _version(results: Iterable[Result]) -> str:
    return next((r.reading.model for r in results if r.reading), "unknown")


if __name__ == "__main__":
    sys.exit(main())
