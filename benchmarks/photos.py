"""How well photos are read: k of n exactly right for each kind, source and writer, how honest the confidence is, and
what went wrong; on real photos and on generated pages of hands that no training has seen.

    python benchmarks/photos.py [--photos FOLDER] [--model VERSION] [--pages N] [--others TUTORIAL] [--sheet FILE.png]

The folder holds pictures and a manifest.jsonl, a line for each: file, repo (the writer), kind (single, multi, none),
label (digits in reading order, lines parted by a newline) and source (photo, scan, drawn, scene, letter, blank).
White space does not count. Nothing is trained on these photos. The pages' handwriting comes from HANDWRITING_PATH.
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from conditions import conditions
from others import general_ocr, need_general_ocr, tutorial, usual_bot
from photo_sets import HANDWRITING, REAL, Photo, generated_pages, real_folder, real_photos
from PIL import Image, ImageDraw

from model.data import DataError
from model.drawing import explain
from model.measures import brier, calibration_error, wilson
from model.reading.reader import DigitReader
from model.reading.result import PhotoError, Reading

MOST_FAILURES = 100  # are listed


@dataclass(frozen=True, slots=True)
class Result:
    """A photo and what was read."""

    photo: Photo
    reading: Reading | None  # None: refused as a file
    cpu_ms: float

    @property
    def text(self) -> str:
        """What was read, without white space."""
        return "".join(self.reading.text.split()) if self.reading else "(refused file)"

    @property
    def right(self) -> bool:
        """Whether that is exactly what the photo shows."""
        return self.text == self.photo.label


def main() -> int:
    """Read every photo and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=real_folder, default=str(REAL), help="folder with manifest.jsonl")
    parser.add_argument("--model", type=Path, help="a version's folder; the shipped one by default")
    parser.add_argument("--pages", type=int, default=1000, metavar="N", help="generated pages; 0: none")
    parser.add_argument(
        "--others",
        type=Path,
        metavar="TUTORIAL",
        help="also how others read the real photos, 2 CPU seconds each; the folder of a version by train.py --recipe "
        "tutorial",
    )
    parser.add_argument("--sheet", type=Path, help="write the failures as one picture")
    args = parser.parse_args()
    if args.others:
        need_general_ocr()
    reader = DigitReader(args.model)
    results = read_all(real_photos(args.photos), reader)
    print(f"{conditions()} · model {reader.version}\n")
    print_shares("kind", results, lambda r: r.photo.kind)
    print_shares("kind and source", results, lambda r: f"{r.photo.kind} {r.photo.source}")
    print_shares("writer", results, lambda r: r.photo.writer)
    print_writers_mean(results)
    print_refusals(results)
    if args.others:
        print_others(args.others, args.model, results)
    pages = read_pages(args.pages, reader)
    print_shares("generated pages", pages, lambda r: r.photo.source)
    print_shares("generated pages", pages, lambda r: "all")
    print_confidence({"real photos": results, "generated pages": pages})
    print_times({"real photos": results, "generated pages": pages})
    failures = [r for r in results + pages if not r.right][:MOST_FAILURES]
    print_failures(failures)
    if args.sheet:
        write_sheet(failures, args.sheet)
    return 0


def read_all(photos: Iterable[Photo], reader: DigitReader) -> list[Result]:
    """Every photo, read."""
    results = []
    for photo in photos:
        started = time.process_time()
        try:
            reading = reader.read(photo.data)
        except PhotoError:
            reading = None
        results.append(Result(photo, reading, 1000 * (time.process_time() - started)))
    return results


def read_pages(count: int, reader: DigitReader) -> list[Result]:
    """So many generated pages, read; none where there is no handwriting to make them of."""
    try:
        return read_all(generated_pages(HANDWRITING, count), reader)
    except DataError as missing:
        print(f"No generated pages: {missing}\n")
        return []


def print_shares(title: str, results: Iterable[Result], by: Callable[[Result], str]) -> None:
    """A table: k of n right with its interval, for each group."""
    groups = defaultdict(list)
    for result in results:
        groups[by(result)].append(result.right)
    if not groups:
        return
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
        groups[result.photo.kind][result.photo.writer].append(result.right)
    for kind, writers in sorted(groups.items()):
        mean = sum(sum(right) / len(right) for right in writers.values()) / len(writers)
        print(f"mean over the {len(writers)} writers of {kind}: {mean:.1%}")
    print()


def print_refusals(results: Iterable[Result]) -> None:
    """Single digits that were answered with "no digit"."""
    single = [r for r in results if r.photo.kind == "single"]
    if single:
        refused = sum(r.text == "" for r in single)
        low, high = wilson(refused, len(single))
        share = refused / len(single)
        print(f"single digits refused: {refused} of {len(single)}, {share:.1%} ({low:.1%} – {high:.1%})\n")


def print_others(tutorial_version: Path, our_version: Path | None, results: Sequence[Result]) -> None:
    """Shares exactly right of each kind, by this reader and by others."""
    kinds = sorted({r.photo.kind for r in results})
    print(f"{'exactly right':<36}" + "".join(f"{kind:>9}" for kind in kinds))
    right = {"this reader": [r.right for r in results]}
    for name, read in {
        "the tutorial's pipeline": tutorial(tutorial_version),
        "the usual bot's way, by our network": usual_bot(our_version),
        "a general OCR (PP-OCRv6 small)": general_ocr(),
    }.items():
        right[name] = [read(r.photo.data) == r.photo.label for r in results]
    for name, each in right.items():
        shares = [np.mean([ok for ok, r in zip(each, results, strict=True) if r.photo.kind == kind]) for kind in kinds]
        print(f"{name:<36}" + "".join(f"{share:9.1%}" for share in shares))
    print()


def print_confidence(groups: dict[str, Sequence[Result]]) -> None:
    """How honest the confidence is, over the boxes of photos that were answered with as many digits as they show."""
    print(f"{'confidence':<16}  boxes   right   said   calibration error   Brier score")
    for name, results in groups.items():
        boxes = [
            (digit, int(truth))
            for r in results
            if r.reading and len(r.reading.digits) == len(r.photo.label)
            for digit, truth in zip(r.reading.digits, r.photo.label, strict=True)
        ]
        if boxes:
            said = np.array([digit.probabilities for digit, _ in boxes])
            confidence = np.array([digit.confidence for digit, _ in boxes])
            right = np.array([digit.digit == truth for digit, truth in boxes])
            error, score = calibration_error(confidence, right), brier(said, np.array([t for _, t in boxes], np.uint8))
            print(
                f"{name:<16} {len(boxes):6d}  {right.mean():6.2%} {confidence.mean():6.2%} {error:19.2%} {score:13.4f}"
            )
    print()


def print_times(groups: dict[str, Sequence[Result]]) -> None:
    """CPU time of each photo; benchmarks/reading.py compares it with others'."""
    for name, results in groups.items():
        if results:
            middle, high = np.percentile([r.cpu_ms for r in results], (50, 95))
            print(f"CPU ms a photo, {name}: median {middle:.1f}, p95 {high:.1f}")
    print()


def print_failures(failures: Iterable[Result]) -> None:
    """A line for each photo that was read wrongly."""
    print(f"what went wrong, {MOST_FAILURES} at most:")
    for r in failures:
        least = min((d.confidence for d in r.reading.digits), default=0) if r.reading else 0
        print(
            f"  {r.photo.kind:<6} {r.photo.label!r:>16} read as {r.text!r:<16} {least:6.1%}  {r.cpu_ms:6.1f} ms"
            f"  {r.photo.file}"
        )


def write_sheet(failures: Sequence[Result], file: Path, columns: int = 4, tile: int = 460) -> None:
    """The failures on one picture: each with what the reader saw."""
    lines = (len(failures) + columns - 1) // columns
    sheet = Image.new("RGB", (columns * tile, max(1, lines) * (tile + 16)), "grey")
    draw = ImageDraw.Draw(sheet)
    for i, r in enumerate(failures):
        left, top = i % columns * tile, i // columns * (tile + 16)
        draw.text((left + 4, top + 2), f"{r.photo.label!r} read as {r.text!r}  {r.photo.file[-46:]}", fill="white")
        if r.reading:
            picture = explain(r.photo.data, r.reading)
            picture.thumbnail((tile - 4, tile - 4))
            sheet.paste(picture, (left, top + 16))
    sheet.save(file)


if __name__ == "__main__":
    sys.exit(main())
