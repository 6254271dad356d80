"""What each method of finding digits is worth: every one left out by itself, and all photos read without it.

    python -m benchmarks.reading.ablation [--photos FOLDER] [--model VERSION] [--pages N]

The folder is one as for photos.py. A row for each method, in Markdown: how many photos of each kind, and how many
generated pages of hands that no training has seen, are read exactly right without it, and the CPU time a real photo
takes. Methods are numbers and functions of the code, set to what does nothing meanwhile; docs/finding-digits.md tells
what they are for. The pages' handwriting comes from HANDWRITING_PATH.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from benchmarks.conditions import conditions, parsed
from benchmarks.reading.photo_sets import HANDWRITING, REAL, Photo, generated_pages, real_folder, real_photos
from benchmarks.reading.photos import EACH, Result, read_all
from model.data.mnist import DataError
from model.evaluation import one_way
from model.reading import by_rules, judge, reading_order, segment
from model.reading.ink import CUTS, PENS, Ink
from model.reading.judge import Judge, Page, Seen

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
    reader = one_way.by_rules(args.model)
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


def _likelier_view(
    judge: Judge,
    grey: NDArray[np.uint8],
    *,
    light_on_dark: bool,
    thorough: bool = True,
    best_view: Callable[..., Page] = by_rules._best_view,
) -> Page:
    """The reader looks less thoroughly for nothing but the other of dark and light."""
    return best_view(judge, grey, light_on_dark=light_on_dark) if thorough else _nothing_seen(Ink(grey, grey > 0))


def _as_it_is(ink_or_grey: object) -> object:
    return ink_or_grey


def _all_kept(digits: list[Seen], _: Ink) -> list[Seen]:
    return digits


METHODS: dict[str, tuple[AbstractContextManager[object], ...]] = {
    EVERYTHING: (),
    "the other of dark and light": (_off(by_rules, "_best_view", _likelier_view),),
    "the even border overpainted": (_off(by_rules, "without_border", _as_it_is),),
    "sheets told from the table": (_off(by_rules, "sheets", lambda _: ()),),
    "the second pen": (_off(by_rules, "PENS", PENS[:1]),),
    "printed lines taken off": (_off(by_rules, "without_rules", _as_it_is),),
    "frames dropped": (_off(segment, "is_frame", lambda _: False),),
    "a second cut for fading strokes": (_off(Judge, "page", _page_at_one_cut),),
    "loose strokes joined": (_off(Judge, "_with_strokes_joined", lambda _, seen: seen),),
    "touching shapes parted": (_off(Judge, "_parted", lambda _, whole: [whole]),),
    "1s unlike the others dropped": (_off(judge, "_without_edges", _all_kept),),
    "certain digits beside other things": (_off(judge, "BESIDE", 0.0),),
    "tilt in the reading order": (_off(reading_order, "TILTS", reading_order.TILTS[reading_order.TILTS == 0]),),
    "every way to see it but the first": (_off(by_rules, "GOOD", -1.0), _off(by_rules, "DOUBTFUL", -1.0)),
}


if __name__ == "__main__":
    sys.exit(main())
