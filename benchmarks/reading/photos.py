"""How well photos are read: k of n exactly right for each kind, source and writer, how honest the confidence is, and
what went wrong; on real photos and on made ones by hands that no training has seen.

    python -m benchmarks.reading.photos [--photos FOLDER] [--model VERSION] [--finder FILE] [--pages N] [--harder N]
                                        [--clean N] [--others TUTORIAL] [--sheet FILE.png]

The folder holds pictures and a manifest.jsonl, a line for each: file, repo (the writer), kind (single, multi, none),
label (digits in reading order, lines parted by a newline) and source (photo, scan, drawn, scene, letter, blank).
White space does not count. Nothing is trained on these photos. The handwriting of made ones comes from
HANDWRITING_PATH and MNIST_PATH; photo_sets.py says what each set is.
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.conditions import conditions, parsed
from benchmarks.reading.others import general_ocr, need_general_ocr, tutorial, usual_bot
from benchmarks.reading.photo_sets import (
    HANDWRITING,
    REAL,
    Photo,
    clean_pages,
    generated_pages,
    harder_pages,
    how_many,
    real_folder,
    real_photos,
    written,
)
from benchmarks.reading.readers import Reader, add_reader, name_of, reader_for
from model.data.mnist import DataError
from model.drawing.drawing import explain
from model.evaluation.metrics import brier, calibration_error, wilson
from model.reading.result import PhotoError, Reading

MOST_FAILURES = 50  # of each set are listed
QUICK = 40  # of each made set,
EACH = 10  # and every tenth photo
LONGEST = 24  # characters of a label that are shown


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
    add_reader(parser)
    parser.add_argument("--pages", type=int, default=1000, metavar="N", help="generated pages; 0: none")
    parser.add_argument("--harder", type=int, default=1000, metavar="N", help="harder pages, in colours; 0: none")
    parser.add_argument("--clean", type=int, default=2000, metavar="N", help="MNIST's digits on clean pages; 0: none")
    parser.add_argument(
        "--others",
        type=Path,
        metavar="TUTORIAL",
        help="also how others read the real photos, 2 CPU seconds each; the folder of a version by train.py --recipe "
        "tutorial",
    )
    parser.add_argument("--sheet", type=Path, help="write the failures as one picture")
    args = parsed(parser, pages=QUICK, harder=QUICK, clean=QUICK)
    if args.others:
        need_general_ocr()
    reader = reader_for(args)
    results = read_all(real_photos(args.photos)[:: EACH if args.quick else 1], reader)
    print(f"{conditions()} · {name_of(reader, args)}\n")
    print_shares("kind", results, lambda r: r.photo.kind)
    print_shares("kind and source", results, lambda r: f"{r.photo.kind} {r.photo.source}")
    print_shares("writer", results, lambda r: r.photo.writer)
    print_writers_mean(results)
    print_refusals("single digits", results)
    if args.others:
        print_others(args.others, args.model, results)
    made = {
        "generated pages": read_made("generated pages", generated_pages(HANDWRITING, args.pages), reader)
        if args.pages
        else [],
        "harder pages": read_made("harder pages", harder_pages(HANDWRITING, args.harder), reader)
        if args.harder
        else [],
        "clean pages": read_made("clean pages", clean_pages(args.clean), reader) if args.clean else [],
        "dates and others": read_made("dates, brackets, rings and hundreds", written(HANDWRITING), reader),
    }
    print_made(made)
    groups = {"real photos": results, **made}
    print_confidence(groups)
    print_times(groups)
    failures = [r for each in groups.values() for r in [r for r in each if not r.right][:MOST_FAILURES]]
    print_failures(failures)
    if args.sheet:
        write_sheet(failures, args.sheet)
    return 0


def read_all(photos: Iterable[Photo], reader: Reader) -> list[Result]:
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


def read_made(name: str, photos: Iterator[Photo], reader: Reader) -> list[Result]:
    """The photos of a set that is made, read; none where there is no handwriting to make them of."""
    try:
        return read_all(photos, reader)
    except DataError as missing:
        print(f"No {name}: {missing}\n")
        return []


def print_made(sets: Mapping[str, Sequence[Result]]) -> None:
    """The shares right of each set that is made, and what else is told of it."""
    by: dict[str, Callable[[Result], str]] = {
        "generated pages": lambda r: r.photo.source,
        "harder pages": lambda r: how_many(len(r.photo.label)),
        "dates and others": lambda r: r.photo.kind,
    }
    for name, results in sets.items():
        if name in by:
            print_shares(name, results, by[name])
        print_shares(name, results, lambda r: "all")
    print_refusals("clean pages", sets["clean pages"])
    print_hundreds([r for r in sets["dates and others"] if r.photo.kind == "hundred"])


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


def print_refusals(name: str, results: Iterable[Result]) -> None:
    """Single digits that were answered with "no digit"."""
    single = [r for r in results if r.photo.kind == "single"]
    if single:
        refused = sum(r.text == "" for r in single)
        low, high = wilson(refused, len(single))
        share = refused / len(single)
        print(f"{name} refused: {refused} of {len(single)}, {share:.1%} ({low:.1%} – {high:.1%})\n")


def print_hundreds(results: Sequence[Result]) -> None:
    """Digits of the pages of a hundred that were read rightly and in order, by the longest common subsequence."""
    if results:
        right, of = sum(in_common(r.text, r.photo.label) for r in results), sum(len(r.photo.label) for r in results)
        low, high = wilson(right, of)
        print(f"digits right on pages of a hundred: {right} of {of}, {right / of:.1%} ({low:.1%} – {high:.1%})\n")


def in_common(one: str, other: str) -> int:
    """The length of the longest common subsequence."""
    longest = [0] * (len(other) + 1)  # of what was seen of `one` and each beginning of `other`
    for character in one:
        before = longest.copy()
        for i, each in enumerate(other):
            longest[i + 1] = before[i] + 1 if each == character else max(before[i + 1], longest[i])
    return longest[-1]


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


def print_confidence(groups: Mapping[str, Sequence[Result]]) -> None:
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


def print_times(groups: Mapping[str, Sequence[Result]]) -> None:
    """CPU time of each photo; cpu_time.py compares it with others'."""
    for name, results in groups.items():
        if results:
            middle, high = np.percentile([r.cpu_ms for r in results], (50, 95))
            print(f"CPU ms a photo, {name}: median {middle:.1f}, p95 {high:.1f}")
    print()


def print_failures(failures: Iterable[Result]) -> None:
    """A line for each photo that was read wrongly."""
    print(f"what went wrong, {MOST_FAILURES} of each set at most:")
    for r in failures:
        least = min((d.confidence for d in r.reading.digits), default=0) if r.reading else 0
        said = f"{shown(r.photo.label):>16} read as {shown(r.text):<16}"
        print(f"  {r.photo.kind:<8} {said} {least:6.1%}  {r.cpu_ms:6.1f} ms  {r.photo.file}")


def shown(text: str) -> str:
    """A label or a reading, in quotes, a long one cut short."""
    return repr(text if len(text) <= LONGEST else f"{text[:LONGEST]}…")


def write_sheet(failures: Sequence[Result], file: Path, columns: int = 4, tile: int = 460) -> None:
    """The failures on one picture: each with what the reader saw."""
    lines = (len(failures) + columns - 1) // columns
    sheet = Image.new("RGB", (columns * tile, max(1, lines) * (tile + 16)), "grey")
    draw = ImageDraw.Draw(sheet)
    for i, r in enumerate(failures):
        left, top = i % columns * tile, i // columns * (tile + 16)
        said = f"{shown(r.photo.label)} read as {shown(r.text)}  {r.photo.file[-46:]}"
        draw.text((left + 4, top + 2), said, fill="white")
        if r.reading:
            picture = explain(r.photo.data, r.reading)
            picture.thumbnail((tile - 4, tile - 4))
            sheet.paste(picture, (left, top + 16))
    sheet.save(file)


if __name__ == "__main__":
    sys.exit(main())
