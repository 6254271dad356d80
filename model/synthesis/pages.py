"""Generates photos of handwritten pages, each by one writer; for training and evaluation.

Real writers' recorded strokes (`handwriting`), arranged (`layout`) before a camera (`view`), in ink (`writing`) on
`paper`, photographed (`camera`).
"""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from model.data import handwriting
from model.data.handwriting import Sample
from model.reading.result import NOT_A_DIGIT, Box
from model.synthesis import camera, layout, paper, view, writing
from model.synthesis.layout import Hand, Layout, Mark
from model.synthesis.paper import Picture
from model.synthesis.view import View

SETS = ("unipen_digits", "unipen_letters", "unipen_symbols", "pendigits")  # the sets with known writers
WIDEST = 1.9  # width by height: wider ones, such as dashes or two zeros recorded as one, aren't readable as a digit
FEWEST = 5  # least number of different digits that a writer of pages has written
ON_A_DESK = 0.2  # share of pages with visible edges
SHOWING_THROUGH = 0.08  # share of pages with writing on their back

Hands = tuple[Hand, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A photo of handwriting and what it shows."""

    photo: bytes  # JPEG, upright, grey, long side 640 to 1280 pixels
    text: str  # the digits in reading order, rows separated by "\n"
    digits: tuple[tuple[int, Box], ...]  # each digit and the box of its ink in pixels of the photo, in reading order


def hands(where: Path, *, held_back: bool, validating: bool = False) -> Hands:
    """UNIPEN's and pendigits' writers in the folder `where`: training, validation or held out.

    Raises DataError if a set is missing.
    """
    digits: dict[str, dict[int, list[Sample]]] = defaultdict(lambda: defaultdict(list))
    others: dict[str, list[Sample]] = defaultdict(list)
    for name in SETS:
        for sample in handwriting.samples(name, where):
            part = (sample.held_back, sample.validates and not sample.held_back)
            if sample.is_ambiguous or part != (held_back, validating):
                continue
            if sample.label == NOT_A_DIGIT:
                others[sample.writer].append(sample)
            elif _is_upright(sample):
                digits[sample.writer][sample.label].append(sample)
    return tuple(
        Hand(dict(digits[writer]), others[writer]) for writer in sorted(digits) if len(digits[writer]) >= FEWEST
    )


def compose(hands: Hands, rng: np.random.Generator) -> Page:
    """Compose a page by one of the writers; reproducible from the generator's state."""
    hand = hands[int(rng.integers(len(hands)))]
    sheet = paper.kind(rng)
    pen = writing.pen_for(sheet, rng)
    width = writing.width_of(pen, rng)
    on_a_desk = not sheet.is_board and rng.random() < ON_A_DESK
    written, seen = _laid_out(hand, width, on_a_desk, rng)
    width = max(writing.THINNEST, width * seen.height)
    page = paper.blank(sheet, seen.size, rng)
    paper.print_on(page, sheet, written, seen, rng)
    if not sheet.is_board and rng.random() < SHOWING_THROUGH:
        _show_through(page, layout.write(hand, 0.1, rng), seen, width, rng)
    lines = [seen.seen(stroke) for mark in (*written.digits, *written.others) for stroke in mark.strokes]
    contrast = writing.write_on(page, lines, pen, width, seen.height, rng)
    paper.punch(page, written, seen, rng)
    page = paper.laid_on_desk(page, seen, rng)
    paper.hold(page, np.concatenate(lines), rng)
    photo = camera.photograph(page, contrast, width, seen.height, rng)
    text = "\n".join("".join(str(mark.digit) for mark in row) for row in written.rows)
    return Page(photo, text, tuple((mark.digit or 0, _box(mark, seen, width)) for mark in written.digits))


def _is_upright(sample: Sample) -> bool:
    width, height = np.ptp(np.concatenate(sample.strokes or []), axis=0)
    return bool(width < WIDEST * height)


def _laid_out(hand: Hand, pen: float, on_a_desk: bool, rng: np.random.Generator) -> tuple[Layout, View]:
    """Lay out a page with a view in which it is readable.

    Most layouts fit at once, a single digit always does.
    """
    size = view.photo_size(rng)
    while True:
        written = layout.write(hand, pen, rng)
        seen = view.look(written.corners, size, rng, with_edges=on_a_desk)
        if seen is not None:
            return written, seen


def _show_through(page: Picture, back: Layout, seen: View, width: float, rng: np.random.Generator) -> None:
    """Add the page's other side, mirrored, blurred and faint, in place."""
    cover = np.zeros(page.shape, np.uint8)
    mirrored = np.array([-1, 1], np.float32)
    low, high = back.corners
    shift = seen.shown().mean(axis=0) - (low + high) / 2 * mirrored + rng.normal(0, 1, 2)
    lines = [stroke * mirrored + shift.astype(np.float32) for mark in back.digits for stroke in mark.strokes]
    seen_lines = [np.round(seen.seen(line) * 16).astype(np.int32) for line in lines]
    cv2.polylines(cover, seen_lines, False, 255, max(2, round(width)), cv2.LINE_AA, shift=4)
    small = cv2.resize(cover, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    soft = cv2.resize(cv2.GaussianBlur(small, (0, 0), 1.5), page.shape[::-1], interpolation=cv2.INTER_LINEAR)
    cv2.addWeighted(page, 1, soft, -rng.uniform(0.02, 0.07), 0, dst=page)


def _box(mark: Mark, seen: View, width: float) -> Box:
    points: NDArray[np.float32] = seen.seen(np.concatenate(mark.strokes))
    left, top = np.maximum(np.floor(points.min(axis=0) - width / 2), 0).astype(int)
    right, bottom = np.minimum(np.ceil(points.max(axis=0) + width / 2) + 1, seen.size).astype(int)
    return Box(int(left), int(top), int(right - left), int(bottom - top))
