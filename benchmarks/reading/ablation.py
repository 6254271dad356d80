"""What each method of the rules is worth: every one left out by itself, and all photos read without it.

    python -m benchmarks.reading.ablation [--photos FOLDER] [--model VERSION] [--pages N]

The folder is one as for photos.py. A row for each method, in Markdown: how many photos of each kind, and how many
generated pages of hands that no training has seen, the product reads exactly right without it, the finder that has
learnt looking as well, and the CPU time a real photo takes. Methods are numbers and functions of the code, set to what
does nothing meanwhile; docs/finding-digits.md tells what they are for. The pages' handwriting comes from
HANDWRITING_PATH.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from unittest.mock import patch

import numpy as np

from benchmarks.conditions import conditions, parsed
from benchmarks.reading.photo_sets import HANDWRITING, REAL, Photo, generated_pages, real_folder, real_photos
from benchmarks.reading.photos import EACH, Result, read_all
from model.data.mnist import DataError
from model.reading import by_rules, judge, reading_order, segment
from model.reading.ink import CUTS, PENS, Ink
from model.reading.judge import Judge, Page, Seen
from model.reading.reader import DigitReader

PAGES = 200
EVERYTHING = "everything on"
GROUPS: dict[str, Callable[[Photo], bool]] = {
    "single": lambda photo: photo.kind == "single",
    "several": lambda photo: photo.kind == "multi",
    "none": lambda photo: photo.kind == "none",
    "letters": lambda photo: photo.kind == "none" and photo.source == "letter",
    "pages": lambda photo: photo.kind == "page",
}


def main() -> int:
    """Read all photos with everything on, then without each method, and print a row for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=real_folder, default=str(REAL), help="folder with manifest.jsonl")
    parser.add_argument("--model", type=Path, help="a version's folder; the shipped one by default")
    parser.add_argument("--pages", type=int, default=PAGES, metavar="N", help="generated pages; 0: none")
    args = parsed(parser, pages=2)
    photos = [*real_photos(args.photos)[:: EACH if args.quick else 1], *pages(args.pages)]
    reader = DigitReader(args.model)
    print(f"{conditions()} · model {reader.version}\n")
    read_all(photos[:1], reader)  # so that the first row isn't charged for the network's start
    width = max(map(len, METHODS))
    print_head(photos, width)
    for name, switches in METHODS.items():
        with ExitStack() as off:
            for switch in switches:
                off.enter_context(switch)
            print_row(name.ljust(width), read_all(photos, reader))
    return 0


def pages(count: int) -> list[Photo]:
    """So many generated pages, always the same; none where there is no handwriting to make them of."""
    try:
        return list(generated_pages(HANDWRITING, count)) if count else []
    except DataError as missing:
        print(f"No generated pages: {missing}\n")
        return []


def print_head(photos: Sequence[Photo], width: int) -> None:
    """The table's columns: the groups that there are, each with its size, and the CPU time."""
    sizes = {group: sum(map(belongs, photos)) for group, belongs in GROUPS.items()}
    names = [*(f"{group} of {size}" for group, size in sizes.items() if size), "ms, median", "ms, p95"]
    print(f"| {'left out'.ljust(width)} | {' | '.join(names)} |\n| --- |{' ---: |' * len(names)}")


def print_row(name: str, results: Sequence[Result]) -> None:
    """How many of each group are right, and the CPU time of a real photo."""
    groups = ([r.right for r in results if belongs(r.photo)] for belongs in GROUPS.values())
    cells = [str(sum(right)) for right in groups if right]
    times = np.percentile([r.cpu_ms for r in results if not GROUPS["pages"](r.photo)], (50, 95))
    print(f"| {name} | {' | '.join([*cells, *(f'{ms:.0f}' for ms in times)])} |", flush=True)


def _off(owner: object, name: str, without: object) -> AbstractContextManager[object]:
    """A name of the code holds `without` for a block, which leaves its method out."""
    return patch.object(owner, name, without)


def _nothing_seen(view: Ink) -> Page:
    return Page(view, (), 0.0, ())


def _page_at_one_cut(self: Judge, view: Ink, page: Callable[[Judge, Ink], Page] = Judge.page) -> Page:
    return page(self, view) if view.cut == CUTS[0] else _nothing_seen(view)


def _as_it_is(ink_or_grey: object) -> object:
    return ink_or_grey


def _all_kept(digits: list[Seen], _: Ink) -> list[Seen]:
    return digits


METHODS: dict[str, tuple[AbstractContextManager[object], ...]] = {
    EVERYTHING: (),
    "the second pen": (_off(by_rules, "PENS", PENS[:1]),),
    "printed lines taken off": (_off(by_rules, "without_rules", _as_it_is),),
    "frames dropped": (_off(segment, "is_frame", lambda _: False),),
    "a second cut for fading strokes": (_off(Judge, "page", _page_at_one_cut),),
    "1s unlike the others dropped": (_off(judge, "_without_edges", _all_kept),),
    "a higher bar for 1s alone": (_off(by_rules, "LINES_SCORE", by_rules.LEAST_SCORE),),
    "tilt in the reading order": (_off(reading_order, "TILTS", reading_order.TILTS[reading_order.TILTS == 0]),),
    "every way to see it but the first": (_off(by_rules, "GOOD", -1.0),),
}


if __name__ == "__main__":
    sys.exit(main())
