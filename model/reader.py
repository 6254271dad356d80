"""A photo → a Reading: the whole way, with the network's judgement. What serves imports this, never TensorFlow."""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from model.ink import CUTS, PENS, Ink, ink, looks_light_on_dark, sheets
from model.mnist_format import SIDE, to_mnist
from model.photo import decode
from model.reading import Box, Digit, Hint, Reading
from model.registry import PRETRAINED, Registry
from model.rules import without_rules
from model.segment import Shape, between, is_within, may_be_one, rows, shapes, thin_columns, together

cv2.setNumThreads(1)  # one reader, one core

SURE = 0.8  # probability below which the runner-up is said too
WIDE = 1.15  # times its height: a shape as wide as that may be two digits
GOOD = 0.9  # score of a page: no other way to see it is tried
LEAST_SCORE = 0.72  # score of a page: with less, what looks like digits are pieces of something else
LEAST_EXPLAINED = 0.3  # share of the ink: a few shapes among so much else aren't digits but parts of a scene
DOUBTFUL = 0.6  # score of a page: with less, the ink may as well be light on dark
SCENE = 40  # shapes: with more and no digit among them, other ways to see the picture find none either
CLUTTER = 80  # shapes: more aren't read
NOT_A_DIGIT = 10  # index of its probability


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A shape, the 28×28 picture made of it, and what the network says of that."""

    shape: Shape
    pixels: NDArray[np.uint8]
    probabilities: NDArray[np.float32]

    @property
    def confidence(self) -> float:
        """Of the likeliest digit."""
        return float(self.probabilities[:NOT_A_DIGIT].max())


@dataclass(frozen=True, slots=True)
class Page:
    """One way to see a picture, and the digits read in it."""

    view: Ink
    digits: list[Seen]
    ink: float  # all the ink there is in this view, without rules: the sum of its strength
    shapes: int  # candidates that there were

    @property
    def is_scene(self) -> bool:
        """Whether there is much to see and nothing to read."""
        return self.shapes > SCENE and not self.digits

    @property
    def explained(self) -> float:
        """Share of the ink that is digits, each weighted by its confidence: 0 to 1."""
        read = sum(
            seen.confidence * float(self.view.strength[_span(seen.shape.box)][_inked(seen)].sum())
            for seen in self.digits
        )
        return read / max(self.ink, 1.0)

    @property
    def score(self) -> float:
        """How well this way of seeing makes sense: the ink explained, and how sure the digits are. 0 to 1."""
        sure = [seen.confidence for seen in self.digits]
        return 0.5 * self.explained + 0.25 * sum(sure) / len(sure) + 0.25 * min(sure) if sure else 0.0

    def box_on(self, size: tuple[int, int], box: Box) -> Box:
        """A box of this view in pixels of the upright picture, whose size is (width, height)."""
        margin, view_size = self.view.margin, self.view.mask.shape[::-1]
        scales = [side / (inside - 2 * margin) for side, inside in zip(size, view_size, strict=True)]
        left, right = (_within(edge, scales[0], size[0]) for edge in (box.x - margin, box.x + box.width - margin))
        top, bottom = (_within(edge, scales[1], size[1]) for edge in (box.y - margin, box.y + box.height - margin))
        return Box(min(left, size[0] - 1), min(top, size[1] - 1), max(1, right - left), max(1, bottom - top))


class DigitReader:
    """Reads the digits in photos with one version of the model. One thread at a time: LiteRT's interpreter is."""

    def __init__(self, model: Path | None = None) -> None:
        """`model`: a version's folder; None: the registry's current, else the shipped one."""
        folder = model or Registry().current() or PRETRAINED
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        self.version: str = card["version"]
        self._temperature = float(card["temperature"])
        self._refuse_below = float(card["refuse_below"])
        self._interpreter = Interpreter(model_path=str(folder / "model.tflite"), num_threads=1)
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._output = self._interpreter.get_output_details()[0]["index"]

    def probabilities(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Calibrated probabilities (n, 11) of 28×28 pictures (n, 28, 28) uint8: the digits, then "not a digit"."""
        if not len(pictures):
            return np.zeros((0, 11), np.float32)
        self._interpreter.resize_tensor_input(self._input, (len(pictures), SIDE, SIDE, 1))
        self._interpreter.allocate_tensors()
        self._interpreter.set_tensor(self._input, pictures[..., None].astype(np.float32) / 255)
        self._interpreter.invoke()
        logits = self._interpreter.get_tensor(self._output) / self._temperature
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares = odds / odds.sum(axis=1, keepdims=True)
        if shares.shape[1] == NOT_A_DIGIT:
            shares = np.pad(shares, ((0, 0), (0, 1)))
        return np.asarray(shares, np.float32)

    def read(self, photo: bytes) -> Reading:
        """The digits in a photo, in reading order. Raises a PhotoError for bytes that can't be read."""
        started = time.perf_counter()
        picture = decode(photo)
        page = self._best_page(picture.grey)
        if page.score < LEAST_SCORE:
            page = replace(page, digits=[])
        digits = [_digit(seen, page.box_on(picture.size, seen.shape.box)) for seen in page.digits]
        lines = rows([digit.box for digit in digits])
        doubt = not digits or not all(digit.sure for digit in digits)
        return Reading(
            text="\n".join("".join(str(digits[i].digit) for i in line) for line in lines),
            digits=tuple(digits[i] for line in lines for i in line),
            size=picture.size,
            hint=hint(picture.grey, [digit.box for digit in digits], picture.size) if doubt else None,
            model=self.version,
            milliseconds=1000 * (time.perf_counter() - started),
        )

    def _best_page(self, grey: NDArray[np.uint8]) -> "Page":
        """The way to see the picture that explains most of its ink; the likely ways first, until one is good enough."""
        likelier = looks_light_on_dark(grey)
        page = self._best_of(_views(grey, light_on_dark=likelier))
        if page.score > DOUBTFUL:
            return page
        for sheet in sheets(grey):
            page = max(page, self._best_of(_views(sheet, light_on_dark=False)), key=lambda page: page.score)
            if page.score > DOUBTFUL:
                return page
        other = self._best_of(_views(grey, light_on_dark=not likelier))
        return other if other.score > max(GOOD, page.score) else page

    def _best_of(self, views: Iterator[Ink]) -> "Page":
        """The best of some views of one picture; the first that is good enough ends the search."""
        pages: list[Page] = []
        for view in views:
            pages.append(self._judge(view))
            if pages[-1].score > GOOD or (len(pages) == len(PENS) and all(page.is_scene for page in pages)):
                break
        return max(pages, key=lambda page: page.score)

    def _judge(self, view: Ink) -> "Page":
        found, everything = shapes(view)
        many = len(found)
        if many > CLUTTER:
            found = []
        seen = self._with_strokes_joined(self._look(found))
        seen = [part for one in seen for part in (self._parted(one) if _may_be_several(one.shape, view) else [one])]
        height = float(np.median([s.shape.box.height for s in seen])) if seen else 0.0
        kept = [s for s in seen if s.confidence >= self._refuse_below and s.shape.box.height > 0.4 * height]
        kept = [s for s in kept if not any(is_within(s.shape.box, o.shape.box) for o in kept if o is not s)]
        page = Page(view, kept, everything, many)
        return page if page.explained > LEAST_EXPLAINED else replace(page, digits=[])

    def _with_strokes_joined(self, seen: list["Seen"]) -> list["Seen"]:
        """Neighbours that make a digit more surely together than each alone become one."""
        near = [(a, b) for i, a in enumerate(seen) for b in seen[:i] if may_be_one(a.shape.box, b.shape.box)]
        joined = self._look([together(a.shape, b.shape) for a, b in near])
        for one, (a, b) in sorted(zip(joined, near, strict=True), key=lambda each: -each[0].confidence):
            if one.confidence > max(self._refuse_below, min(a.confidence, b.confidence)) and a in seen and b in seen:
                seen = [other for other in seen if other is not a and other is not b] + [one]
        return seen

    def _look(self, found: Sequence[Shape]) -> list["Seen"]:
        pictures = np.array([to_mnist(shape.crop) for shape in found], np.uint8).reshape(-1, SIDE, SIDE)
        return [Seen(*each) for each in zip(found, pictures, self.probabilities(pictures), strict=True)]

    def _parted(self, whole: "Seen") -> list["Seen"]:
        """A wide shape as the digits that touch in it, if each of these is read more surely than the whole."""
        height, width = whole.shape.crop.shape
        edges = [0, *thin_columns(whole.shape), width]
        spans = [(a, b) for a in edges for b in edges if 0.15 * height < b - a <= 1.3 * height]
        looked = self._look([between(whole.shape, *span) for span in spans])
        parts = {span: part for span, part in zip(spans, looked, strict=True) if part.shape.box.height > 0.5 * height}
        best: dict[int, tuple[float, list[Seen]]] = {0: (1.0, [])}  # right edge → least confidence, the parts up to it
        for right in edges[1:]:
            ways = [
                (min(best[left][0], parts[left, right].confidence), [*best[left][1], parts[left, right]])
                for left in edges
                if left in best and (left, right) in parts
            ]
            if ways:
                best[right] = max(ways, key=lambda way: (way[0], -len(way[1])))
        least, chain = best.get(width, (0.0, []))
        return chain if len(chain) > 1 and least > max(whole.confidence, SURE) else [whole]


def hint(grey: NDArray[np.uint8], boxes: Sequence[Box], size: tuple[int, int]) -> Hint | None:
    """What may be wrong with a picture, from measures of it."""
    if float(np.percentile(grey, 90)) < 70:
        return Hint.DARK
    if float((grey >= 253).mean()) > 0.02 and float(np.median(grey)) < 200:
        return Hint.GLARE
    if any(b.x <= 0 or b.y <= 0 or b.x + b.width >= size[0] or b.y + b.height >= size[1] for b in boxes):
        return Hint.CUT_OFF
    if boxes and max(b.height for b in boxes) < 14:
        return Hint.SMALL
    return Hint.BLURRED if float(cv2.Laplacian(grey, cv2.CV_32F).var()) < 4 else None


def _digit(seen: Seen, box: Box) -> Digit:
    digit = int(seen.probabilities[:NOT_A_DIGIT].argmax())
    return Digit(
        digit=digit,
        confidence=float(seen.probabilities[digit]),
        probabilities=tuple(float(p) for p in seen.probabilities),
        sure=float(seen.probabilities[digit]) >= SURE,
        box=box,
        pixels=seen.pixels.tobytes(),
    )


def _within(edge: int, scale: float, most: int) -> int:
    return max(0, min(most, round(edge * scale)))


def _views(grey: NDArray[np.uint8], *, light_on_dark: bool) -> Iterator[Ink]:
    plain = [ink(grey, pen=PENS[0], light_on_dark=light_on_dark)]
    yield plain[0]
    plain.append(ink(grey, pen=PENS[1], light_on_dark=light_on_dark))
    yield plain[1]
    unruled = [without_rules(view) for view in plain]
    yield from unruled
    yield from (replace(view, cut=CUTS[1]) for view in (*plain, *unruled))


def _may_be_several(shape: Shape, view: Ink) -> bool:
    height, width = view.mask.shape
    is_all = shape.box.width > 0.95 * width and shape.box.height > 0.95 * height  # squared paper, not writing
    return shape.box.width > WIDE * shape.box.height and not is_all


def _span(box: Box) -> tuple[slice, slice]:
    return slice(box.y, box.y + box.height), slice(box.x, box.x + box.width)


def _inked(seen: Seen) -> NDArray[np.bool_]:
    return seen.shape.crop > 0
