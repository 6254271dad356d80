"""The photos that the benchmarks read: real ones with their labels, and made ones of hands held back."""

import argparse
import io
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count as numbers
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.conditions import ROOT
from model.data import mnist
from model.reading.reading_order import rows
from model.reading.result import DIGITS, Box
from model.synthesis import pages, sheets, signs
from model.synthesis.chance import any_of, log_uniform
from model.synthesis.characters import Alphabet, Character, Hand, alphabet
from model.synthesis.marks import Mark, Sheet, drawn

REAL = ROOT.parent / "shared" / "photos" / "dev"
HANDWRITING = Path(os.environ.get("HANDWRITING_PATH", ROOT.parent / "shared" / "data"))
SEED = 10  # page i is made from (SEED, i),
HARDER_SEED, CLEAN_SEED, WRITTEN_SEED = 11, 12, 13  # and those of the other sets
QUALITY = 92  # of JPEGs

HARDER_SIDES = (640, 1280)  # pixels: the long side
SHAPES = (0.75, 0.5625, 1.0, 0.4, 0.25)  # short side to long side: as a finder's training has them
SHAPE_SHARES = (0.55, 0.15, 0.15, 0.1, 0.05)
UPRIGHT = 0.4  # share of pages
FINDERS_SIDE = 512  # pixels: a finder sees no photo larger,
READABLE = 10  # pixels: and there a digit is at least so large
VISIBLE = 0.99  # share of its box

CLEAN_SIZE = (640, 480)  # pixels
PAPER, INK = 235, 30  # tones
CLEAN_HEIGHTS = (60, 300)  # pixels: a digit's
FADE = 2  # MNIST's pixels around the digit, so that its edges fade

WRITTEN_SIZE = (1280, 960)  # pixels
PENS = (0.04, 0.09)  # widths of a usual pen, of a digit's height
APART = (0.15, 0.35)  # heights of a digit: gap between neighbours, and the pen's width
LIFT = 0.03  # heights: standard deviation of how far a digit stands above its row
IN_A_ROW = 10  # digits, and as many rows: a hundred


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture and what it shows."""

    file: str
    writer: str
    kind: str  # single, multi or none: how many digits it shows; page, date, brackets, ring, hundred: made ones
    source: str  # photo, scan, drawn, scene, letter, blank; how many digits a generated page shows, or its set
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
    """So many pages by the held-back writers of the sets in `where`, always the same. Raises DataError."""
    hands = pages.hands(where, held_back=True)
    for i in range(count):
        page = pages.compose(hands, np.random.default_rng((SEED, i)))
        yield Photo(f"page {i}", "", "page", how_many(len(page.digits)), "".join(page.text.split()), page.photo)


def harder_pages(where: Path, count: int) -> Iterator[Photo]:
    """So many harder pages on which all digits are readable and wholly seen, always the same. Raises DataError."""
    hands = held_back(where)
    made = ((i, _harder(hands, np.random.default_rng((HARDER_SEED, i)))) for i in numbers())
    for i, photo in islice(((i, photo) for i, photo in made if _is_clear(photo)), count):
        yield Photo(f"harder page {i}", "", "page", "harder", label(photo), _jpeg(photo.picture))


def clean_pages(count: int) -> Iterator[Photo]:
    """MNIST's first test digits, each on a clean page, always the same. Raises DataError."""
    test = mnist.load().test
    for i in range(min(count, len(test))):
        page = _clean(test.pictures[i], np.random.default_rng((CLEAN_SEED, i)))
        png = cv2.imencode(".png", page)[1].tobytes()
        yield Photo(f"MNIST {i}", "", "single", "MNIST on a page", str(test.labels[i]), png)


def written(where: Path) -> Iterator[Photo]:
    """Dates, numbers in brackets, digits in a ring and hundreds of digits by held-back writers on clean paper.

    Always the same. Raises DataError.
    """
    hands = [hand for hand in held_back(where).hands if len(hand.digits) == DIGITS]
    first = 0
    for kind, count, write, full in WRITTEN:
        for i in range(first, first + count):
            rng = np.random.default_rng((WRITTEN_SEED, i))
            pen = log_uniform(*PENS, rng)
            sheet = write(any_of(hands, rng), pen, rng)
            photo = sheets.plain(sheet, WRITTEN_SIZE, pen, rng.uniform(*full), rng)
            digits = "".join(str(mark.digit) for mark in sheet.marks if mark.digit is not None)
            yield Photo(f"{kind} {i - first}", "", kind, "written", digits, _jpeg(photo.picture))
        first += count


@cache
def held_back(where: Path) -> Alphabet:
    """The characters of the held-back writers of the sets in `where`, with MNIST's test set. Raises DataError."""
    test = mnist.load().test
    return alphabet(where, (test.pictures, test.labels), held_back=True)


def how_many(digits: int) -> str:
    """A group of pages: those with about so many digits."""
    few = ("no digit", "1 digit")
    return few[digits] if digits < 2 else "2 to 5" if digits <= 5 else "6 to 12" if digits <= 12 else "over 12"


def label(photo: sheets.Photo) -> str:
    """The digits in reading order, by where they truly are."""
    digits = [mark for mark in photo.marks if mark.digit is not None]
    boxes = [
        Box(round(m.left), round(m.top), max(1, round(m.right - m.left)), max(1, round(m.bottom - m.top)))
        for m in digits
    ]
    return "".join(str(digits[i].digit) for line in rows(boxes) for i in line)


def _harder(hands: Alphabet, rng: np.random.Generator) -> sheets.Photo:
    long = int(rng.integers(*HARDER_SIDES, endpoint=True))
    short = round(long * rng.choice(SHAPES, p=SHAPE_SHARES))
    size = (short, long) if rng.random() < UPRIGHT else (long, short)
    return sheets.compose(hands, size, rng, whole=True)


def _is_clear(photo: sheets.Photo) -> bool:
    """Whether every digit can be read and is wholly in the picture."""
    scale = FINDERS_SIDE / max(photo.picture.shape)
    digits = [mark for mark in photo.marks if mark.digit is not None]
    return all(mark.size * scale >= READABLE and mark.visible > VISIBLE for mark in digits)


def _clean(picture: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """A digit of MNIST, enlarged, somewhere on a clean page in grey."""
    left, top, width, height = cv2.boundingRect(picture)
    ink = np.pad(picture[top : top + height, left : left + width], FADE)
    scale = min(rng.uniform(*CLEAN_HEIGHTS) / height, *(np.array(CLEAN_SIZE) / ink.shape[::-1]))
    size = (int(ink.shape[1] * scale), int(ink.shape[0] * scale))
    large = cv2.resize(ink, size, interpolation=cv2.INTER_CUBIC)
    page = np.full(CLEAN_SIZE[::-1], PAPER, np.uint8)
    y, x = (
        int(rng.integers(0, room - side, endpoint=True)) for room, side in zip(page.shape, large.shape, strict=True)
    )
    page[y : y + large.shape[0], x : x + large.shape[1]] = np.round(PAPER - (PAPER - INK) * (large / 255))
    return page


def _date(hand: Hand, pen: float, rng: np.random.Generator) -> Sheet:
    day, month, year = rng.integers((1, 1, 1950), (28, 12, 2049), endpoint=True)
    return _in_rows([f"{day:02d}/{month:02d}/{year}"], hand, pen, rng)


def _in_brackets(hand: Hand, pen: float, rng: np.random.Generator) -> Sheet:
    return _in_rows([f"({_digits(int(rng.integers(1, 5)), rng)})"], hand, pen, rng)


def _ringed(hand: Hand, pen: float, rng: np.random.Generator) -> Sheet:
    sheet = _in_rows([_digits(1, rng)], hand, pen, rng)
    sheet.marks.append(drawn(signs.ring(sheet.marks[0].what.width, rng)))
    return sheet


def _hundred(hand: Hand, pen: float, rng: np.random.Generator) -> Sheet:
    return _in_rows([_digits(IN_A_ROW, rng) for _ in range(IN_A_ROW)], hand, pen, rng)


WRITTEN: tuple[tuple[str, int, Callable[[Hand, float, np.random.Generator], Sheet], tuple[float, float]], ...] = (
    ("date", 25, _date, (0.5, 0.9)),  # how many, and how much of the page's width or height they take
    ("brackets", 9, _in_brackets, (0.3, 0.7)),
    ("ring", 9, _ringed, (0.2, 0.6)),
    ("hundred", 3, _hundred, (0.9, 0.95)),
)


def _digits(count: int, rng: np.random.Generator) -> str:
    return "".join(map(str, rng.integers(0, DIGITS, count)))


def _in_rows(texts: list[str], hand: Hand, pen: float, rng: np.random.Generator) -> Sheet:
    """Digits, slashes and brackets in rows."""
    sheet = Sheet()
    gap = pen + rng.uniform(*APART)
    for k, text in enumerate(texts):
        x = 0.0
        for each in text:
            what = any_of(hand.digits[int(each)], rng) if each.isdigit() else _sign(each, rng)
            sheet.marks.append(Mark(what, x, k * sheet.pitch + rng.normal(0, LIFT)))
            x += what.width + gap
    return sheet


def _sign(name: str, rng: np.random.Generator) -> Character:
    """A slash or a round bracket."""
    lines = signs.sign(name, rng) if name == "/" else [_round_bracket(name, rng)]
    every = np.concatenate(lines)
    low, size = every.min(axis=0), np.ptp(every, axis=0)
    moved = [line - np.array([low[0], 0], np.float32) for line in lines]
    return Character(None, moved, None, float(size[0]), float(size[1]))


def _round_bracket(name: str, rng: np.random.Generator) -> NDArray[np.float32]:
    """A bracket that is round: those of `signs` are square now and then."""
    t = np.linspace(-1, 1, 14)
    x = rng.uniform(0.12, 0.35) * (t**2 if name == "(" else -(t**2))
    return np.stack([x, rng.uniform(0.1, 0.3) - rng.uniform(1.2, 1.5) * (1 + t) / 2], axis=1).astype(np.float32)


def _jpeg(picture: NDArray[np.uint8]) -> bytes:
    encoded = io.BytesIO()
    Image.fromarray(picture).save(encoded, "JPEG", quality=QUALITY)
    return encoded.getvalue()
