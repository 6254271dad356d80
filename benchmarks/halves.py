"""How well photos are read when the constants that decide were chosen on other people's photos: on one half of the
writers each is chosen, the figures are the other half's, then the halves change places.

    python benchmarks/halves.py [--photos FOLDER] [--model VERSION]

The folder is one as for photos.py. Each constant may be what it is in the code, a step less or a step more; coordinate
descent takes whatever makes the mean share exactly right of the kinds (single, multi, none) highest, and keeps what is
in the code on ties. So what was chosen for all photos and doesn't matter to a half stays: the figures tell how much
the constants were fitted to the photos, within those steps, not how the way of reading was.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from conditions import conditions
from photo_sets import REAL, SEED, Photo, real_folder, real_photos
from photos import Result, read_all

from model.evaluation.metrics import wilson
from model.reading import judge, reader
from model.reading.ink import CUTS
from model.reading.reader import DigitReader

PASSES = 2  # over the constants, at most
HALVES = ("first", "second")


@dataclass(frozen=True, slots=True)
class Constant:
    """A number that decides, and what it may be."""

    owner: object  # the module or the classifier that has it
    name: str
    values: tuple[object, ...]  # the first is what it is in the code


Chosen = tuple[object, ...]  # a value for each constant
GROUPS: dict[str, Callable[[Photo], bool]] = {
    "single": lambda photo: photo.kind == "single",
    "multi": lambda photo: photo.kind == "multi",
    "none": lambda photo: photo.kind == "none",
    "none, letters": lambda photo: photo.kind == "none" and photo.source == "letter",
    "none, others": lambda photo: photo.kind == "none" and photo.source != "letter",
}


def main() -> int:
    """Choose on each half, read the other, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=real_folder, default=str(REAL), help="folder with manifest.jsonl")
    parser.add_argument("--model", type=Path, help="a version's folder; the shipped one by default")
    args = parser.parse_args()
    photos = real_photos(args.photos)
    if len({photo.writer for photo in photos}) < len(HALVES):
        parser.error("the photos are by one writer: halves of the writers need two")
    digit_reader = DigitReader(args.model)
    constants = deciding(digit_reader)
    halves = halves_of_writers(photos)
    print(f"{conditions()} · model {digit_reader.version}\n")
    print_halves(halves)
    shipped = [read_all(half, digit_reader) for half in halves]
    chosen = [choose(constants, results, digit_reader, name) for name, results in zip(HALVES, shipped, strict=True)]
    print_chosen(constants, chosen)
    figures = []
    for half, others in zip(halves, reversed(chosen), strict=True):
        with set_to(constants, others):
            figures.append(read_all(half, digit_reader))
    for name, other, here, there in zip(HALVES, reversed(HALVES), figures, shipped, strict=True):
        print_figures(f"{name} half, constants of the {other}", here, there)
    print_figures("both halves", [*figures[0], *figures[1]], [*shipped[0], *shipped[1]])
    return 0


def deciding(digit_reader: DigitReader) -> list[Constant]:
    """The constants by which a page, a stroke or a digit is taken or left, and their values."""
    classifier = digit_reader._classifier
    faint = [(CUTS[0], cut) for cut in _around(CUTS[1], 0.06)]
    return [
        Constant(reader, "LEAST_SCORE", _around(reader.LEAST_SCORE, 0.05)),
        Constant(reader, "LINES_SCORE", _around(reader.LINES_SCORE, 0.04)),
        Constant(reader, "GOOD", _around(reader.GOOD, 0.05)),
        Constant(reader, "OTHERWISE", _around(reader.OTHERWISE, 0.05)),
        Constant(reader, "DOUBTFUL", _around(reader.DOUBTFUL, 0.1)),
        Constant(reader, "SCENE", _around(reader.SCENE, 20)),
        Constant(reader, "CUTS", tuple(faint)),
        Constant(judge, "LEAST_EXPLAINED", _around(judge.LEAST_EXPLAINED, 0.1)),
        Constant(judge, "CERTAIN", _around(judge.CERTAIN, 0.03)),
        Constant(judge, "LEAST_BESIDE", _around(judge.LEAST_BESIDE, 0.05)),
        Constant(judge, "BESIDE", _around(judge.BESIDE, 0.1)),
        Constant(judge, "SURE", _around(judge.SURE, 0.1)),  # of parts: the reader's own says what is told as sure
        Constant(judge, "WIDE", _around(judge.WIDE, 0.1)),
        Constant(judge, "CLUTTER", _around(judge.CLUTTER, 20)),
        Constant(classifier, "refuse_below", _around(classifier.refuse_below, 0.1)),
    ]


def halves_of_writers(photos: Sequence[Photo]) -> tuple[list[Photo], list[Photo]]:
    """The photos of either half of the writers, about as many of each kind, letters being one, in both.

    Writers are sorted by name, shuffled by SEED, and those with the most photos go first (the shuffle breaks ties),
    each to the half that leaves the lesser sum of differences between the halves, each as a share of the kind.
    """
    kinds = [(photo.kind, photo.source == "letter") for photo in photos]
    of_kind, of_writer = Counter(kinds), Counter(photo.writer for photo in photos)
    written = Counter(zip((photo.writer for photo in photos), kinds, strict=True))
    writers = np.random.default_rng(SEED).permutation(sorted(of_writer)).tolist()
    ahead = dict.fromkeys(of_kind, Fraction())  # by how much the first half is
    first = set()
    for writer in sorted(writers, key=lambda name: -of_writer[name]):
        more = {kind: Fraction(written[writer, kind], n) for kind, n in of_kind.items()}
        if sum(abs(ahead[k] + more[k]) for k in ahead) <= sum(abs(ahead[k] - more[k]) for k in ahead):
            first.add(writer)
        ahead = {k: ahead[k] + (more[k] if writer in first else -more[k]) for k in ahead}
    return [p for p in photos if p.writer in first], [p for p in photos if p.writer not in first]


def choose(constants: Sequence[Constant], shipped: Sequence[Result], digit_reader: DigitReader, half: str) -> Chosen:
    """The values under which a half is read best, by coordinate descent from those in the code.

    `shipped` is the half as these read it. Says on stderr what is tried.
    """
    chosen: list[object] = [constant.values[0] for constant in constants]
    of_kind = Counter(r.photo.kind for r in shipped)
    costs = {r.photo.file: Fraction(1, len(of_kind) * of_kind[r.photo.kind]) for r in shipped}
    photos = [r.photo for r in shipped]
    wrong = {r.photo.file for r in shipped if not r.right}
    for _ in range(PASSES):
        before = list(chosen)
        for i, constant in enumerate(constants):
            for value in constant.values:
                if value == before[i]:
                    continue
                tried = [*chosen[:i], value, *chosen[i + 1 :]]
                with set_to(constants, tried):
                    less_wrong = read_if_better(photos, wrong, costs, digit_reader)
                print(
                    f"{half} half: {constant.name} {value}{': better' if less_wrong is not None else ''}",
                    file=sys.stderr,
                )
                if less_wrong is not None:
                    chosen, wrong = tried, less_wrong
        if chosen == before:
            break
    return tuple(chosen)


def read_if_better(
    photos: Sequence[Photo], wrong: set[str], costs: dict[str, Fraction], digit_reader: DigitReader
) -> set[str] | None:
    """The files of the photos that are read wrongly, if these cost less than those in `wrong`; None otherwise.

    Those in `wrong` are read first: where none of them comes out right, nothing can be better and no other is read.
    """
    most = sum(costs[file] for file in wrong)
    cost, found = Fraction(), set()
    for photo in sorted(photos, key=lambda photo: photo.file not in wrong):
        if cost >= most:
            return None
        if not read_all([photo], digit_reader)[0].right:
            cost += costs[photo.file]
            found.add(photo.file)
    return found if cost < most else None


@contextmanager
def set_to(constants: Sequence[Constant], values: Sequence[object]) -> Iterator[None]:
    """The constants hold these values meanwhile, for whoever reads them by their module; then those of the code."""
    try:
        for constant, value in zip(constants, values, strict=True):
            setattr(constant.owner, constant.name, value)
        yield
    finally:
        for constant in constants:
            setattr(constant.owner, constant.name, constant.values[0])


def print_halves(halves: Sequence[Sequence[Photo]]) -> None:
    """How many writers and photos of each group either half has."""
    for name, half in zip(HALVES, halves, strict=True):
        counts = ", ".join(f"{sum(map(belongs, half))} {group}" for group, belongs in GROUPS.items())
        print(f"{name} half: {len({photo.writer for photo in half})} writers; {counts}")
    print()


def print_chosen(constants: Sequence[Constant], chosen: Sequence[Chosen]) -> None:
    """What each half chose, beside what is in the code."""
    print(f"{'constant':<16} {'in the code':>14}" + "".join(f"{f'{name} half':>14}" for name in HALVES))
    for i, constant in enumerate(constants):
        values = [constant.values[0], *(values[i] for values in chosen)]
        print(f"{constant.name:<16} " + "".join(f"{value!s:>14}" for value in values))
    print()


def print_figures(title: str, chosen: Sequence[Result], shipped: Sequence[Result]) -> None:
    """k of n exactly right with its interval for each group, and single digits refused: by what was chosen on the other
    half, and by what is in the code."""
    print(f"{title:<36}  {'chosen on the other half':<34}  in the code")
    for group, belongs in GROUPS.items():
        both = ([r.right for r in results if belongs(r.photo)] for results in (chosen, shipped))
        _print_row(group, both)
    both = ([r.text == "" for r in results if r.photo.kind == "single"] for results in (chosen, shipped))
    _print_row("single refused", both)
    print(f"{'mean of the kinds':<36}  {_mean_of_kinds(chosen):<34.1%}  {_mean_of_kinds(shipped):.1%}\n")


def _print_row(name: str, both: Iterable[Sequence[bool]]) -> None:
    cells = []
    for true in both:
        if not true:
            return
        low, high = wilson(sum(true), len(true))
        share = f"{sum(true)} of {len(true)}, {sum(true) / len(true):.1%} ({low:.1%} – {high:.1%})"
        cells.append(f"{share:<34}")
    print(f"  {name:<34}  {'  '.join(cells)}".rstrip())


def _mean_of_kinds(results: Sequence[Result]) -> float:
    kinds = {r.photo.kind for r in results}
    return float(np.mean([np.mean([r.right for r in results if r.photo.kind == kind]) for kind in kinds]))


def _around(value: float, step: float) -> tuple[float, ...]:
    return value, round(value - step, 3), round(value + step, 3)


if __name__ == "__main__":
    sys.exit(main())
