"""Generated photos of handwritten pages: one hand, one pen, some paper, light and a camera; for training and measuring.

Written by real writers' recorded strokes (`handwriting`), arranged by `layout`, on `paper`, seen by `camera`.
"""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from model import camera, handwriting, layout, paper
from model.handwriting import Sample
from model.layout import Hand, Layout, Mark
from model.paper import Picture
from model.reading import Box

SETS = ("unipen_digits", "unipen_letters", "unipen_symbols", "pendigits")  # those whose writers are known
FEWEST = 5  # different digits: who wrote fewer is no hand for a page
SMALLEST = 1 / 40  # of the long side: a digit is at least so high,
READABLE = 18  # pixels, and so high
FULL = 0.92  # of the picture: the writing is at most so large
SHAPES = ((4, 3), (3, 4), (16, 9), (9, 16), (1, 1), (3, 1), (6, 1))  # width and height of a photo
SHARES = (0.35, 0.25, 0.1, 0.08, 0.1, 0.08, 0.04)
STEEPEST = 15  # degrees a page is tilted

Homography = NDArray[np.float64]  # (3, 3): from digit heights to pixels of the photo
Hands = tuple[Hand, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A photo of handwriting and what it shows."""

    photo: bytes  # JPEG, upright, grey, long side 640 to 1280 pixels
    text: str  # the digits in reading order, rows parted by "\n"
    digits: tuple[tuple[int, Box], ...]  # each digit and the box of its ink in pixels of the photo, in reading order


@dataclass(frozen=True, slots=True)
class Pen:
    """What one writes with."""

    widths: tuple[float, float]  # of a digit's height
    dark: tuple[float, float]  # share of the paper's brightness (of the distance to white for chalk) that ink takes
    grain: tuple[float, float]  # how much of the ink the hollows of the paper leave out


PENS = (
    Pen((0.02, 0.07), (0.15, 0.5), (0.2, 0.6)),  # pencil
    Pen((0.012, 0.06), (0.3, 0.85), (0, 0.2)),  # ballpoint
    Pen((0.04, 0.12), (0.5, 0.92), (0, 0.1)),  # fibre pen
    Pen((0.08, 0.17), (0.6, 0.95), (0, 0.1)),  # marker
)
CHALK = Pen((0.05, 0.13), (0.4, 0.95), (0.2, 0.7))


def hands(where: Path, *, held_back: bool) -> Hands:
    """UNIPEN's and pendigits' writers, from the folder `where`: those held back, or those to learn from.

    Raises data.DataError where a set isn't there.
    """
    digits: dict[str, dict[int, list[Sample]]] = defaultdict(lambda: defaultdict(list))
    others: dict[str, list[Sample]] = defaultdict(list)
    for name in SETS:
        for sample in handwriting.samples(name, where):
            if sample.is_ambiguous or sample.held_back != held_back or (sample.validates and not held_back):
                continue
            if sample.label == handwriting.NOT_A_DIGIT:
                others[sample.writer].append(sample)
            else:
                digits[sample.writer][sample.label].append(sample)
    return tuple(
        Hand(dict(digits[writer]), others[writer]) for writer in sorted(digits) if len(digits[writer]) >= FEWEST
    )


def compose(hands: Hands, rng: np.random.Generator) -> Page:
    """One page by one of the hands; the same generator state gives the same page."""
    size = _size(rng)
    least = max(READABLE, SMALLEST * max(size))
    written = layout.write(hands[int(rng.integers(len(hands)))], (FULL * size[0] / least, FULL * size[1] / least), rng)
    view, height = _view(written, size, least, rng)
    sheet = paper.PAPERS[rng.choice(len(paper.PAPERS), p=[share for share, _ in paper.PAPERS])][1]
    grey = paper.blank(sheet, (size[1], size[0]), rng)
    pen = CHALK if grey.mean() < 100 else PENS[int(rng.integers(len(PENS)))]
    width = max(1.5, height * float(np.exp(rng.uniform(*np.log(pen.widths)))))
    _print(grey, [seen(view, rule) for rule in written.rules], rng)
    marks = [mark for row in written.rows for mark in row]
    contrast = _ink(grey, [*marks, *written.others], view, pen, width, rng)
    photo = camera.photograph(grey, contrast, width, height, rng)
    text = "\n".join("".join(str(mark.digit) for mark in row) for row in written.rows)
    return Page(photo, text, tuple((int(mark.digit or 0), _box(mark, view, width, size)) for mark in marks))


def seen(view: Homography, points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Where points (n, 2) of the page are in the photo, in pixels."""
    mapped = points @ view[:, :2].T + view[:, 2]
    return np.asarray(mapped[:, :2] / mapped[:, 2:], np.float32)


def _size(rng: np.random.Generator) -> tuple[int, int]:
    width, height = SHAPES[rng.choice(len(SHAPES), p=SHARES)]
    longest = rng.integers(640, 1281) / max(width, height)
    return round(width * longest), round(height * longest)


def _view(written: Layout, size: tuple[int, int], least: float, rng: np.random.Generator) -> tuple[Homography, float]:
    """How the page lies before the camera, the writing wholly in the picture; and a digit's height in pixels."""
    low, high = written.corners
    corners = np.array([low, [high[0], low[1]], high, [low[0], high[1]]], np.float32)
    centre = np.eye(3)
    centre[:2, 2] = -corners.mean(axis=0)
    degrees = float(np.clip(rng.normal(0, 4), -STEEPEST, STEEPEST))
    lean = rng.normal(0, 0.05, 2) / np.abs(corners - corners.mean(axis=0)).max()
    while True:
        askew = _askew(degrees, lean) @ centre
        outline = seen(askew, corners)
        extent = np.ptp(outline, axis=0) + 0.2  # for the pen
        largest = float(np.min(FULL * np.array(size) / extent))
        if largest >= least or abs(degrees) < 0.1:
            break
        degrees, lean = degrees / 2, lean / 2
    height = float(np.exp(rng.uniform(np.log(min(least, largest)), np.log(largest))))
    free = np.array(size) - extent * height
    corner = free * rng.uniform(0.1, 0.9, 2) - (outline.min(axis=0) - 0.1) * height
    place = np.array([[height, 0, corner[0]], [0, height, corner[1]], [0, 0, 1]])
    return place @ askew, height


def _askew(degrees: float, lean: NDArray[np.float64]) -> Homography:
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[cos, -sin, 0], [sin, cos, 0], [lean[0], lean[1], 1]])


def _print(grey: Picture, lines: list[NDArray[np.float32]], rng: np.random.Generator) -> None:
    """Thin printed lines, in place."""
    tone = float(grey.mean()) * rng.uniform(0.3, 0.9)
    for line in lines:
        cv2.polylines(grey, [_fixed(line)], False, tone, int(rng.integers(1, 3)), cv2.LINE_AA, shift=4)


def _ink(grey: Picture, marks: list[Mark], view: Homography, pen: Pen, width: float, rng: np.random.Generator) -> float:
    """Writes the marks on the paper, in place, and tells how far ink and paper differ, 0 to 255."""
    cover = np.zeros(grey.shape, np.uint8)
    lines = [_fixed(seen(view, stroke)) for mark in marks for stroke in mark.strokes]
    cv2.polylines(cover, [np.repeat(line, 2, axis=0) if len(line) == 1 else line for line in lines], False, 255,
                  max(1, round(width)), cv2.LINE_AA, shift=4)  # fmt: skip
    dark, grain = rng.uniform(*pen.dark), rng.uniform(*pen.grain)
    tone = float(grey.mean())
    ink = tone * (1 - dark) if pen is not CHALK else tone + dark * (235 - tone)
    share = cover.astype(np.float32) * np.float32(1 / 255)
    if grain > 0.05:
        share *= np.clip(1 - grain / 2 + grain / 2 * paper.piece(paper.tile(0.8), grey.shape, rng), 0, 1)
    grey += share * (np.float32(ink) - grey)
    return abs(tone - ink) * (1 - grain / 2)


def _fixed(points: NDArray[np.float32]) -> NDArray[np.int32]:
    return np.asarray(np.round(points * 16), np.int32)


def _box(mark: Mark, view: Homography, width: float, size: tuple[int, int]) -> Box:
    points = seen(view, np.concatenate(mark.strokes))
    left, top = np.maximum(np.floor(points.min(axis=0) - width / 2), 0).astype(int)
    right, bottom = np.minimum(np.ceil(points.max(axis=0) + width / 2) + 1, size).astype(int)
    return Box(int(left), int(top), int(right - left), int(bottom - top))
