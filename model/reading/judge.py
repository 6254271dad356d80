"""Ink → a Page: which shapes are digits, as the network judges, and how well they explain the ink."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.reading.classifier import Classifier
from model.reading.ink import Ink
from model.reading.mnist_format import SIDE, stroke_width, to_mnist
from model.reading.result import NOT_A_DIGIT, Box
from model.reading.segment import Shape, is_within, shapes

SURE = 0.8  # probability below which the runner-up is said too
LEAST_EXPLAINED = 0.3  # share of the ink: a few shapes among so much else aren't digits but parts of a scene
LIKE = (0.55, 1.7)  # times the other digits' height: a 1 of another height is the edge of something
OFF_ROW = 0.3  # of its height: a 1 at the picture's edge stands that far off any row
LIKE_PEN = 2.2  # times thicker or thinner than the other digits: as well
CLUTTER = 60  # shapes: more aren't read


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A shape, the 28×28 picture made of it, and what the network says of that."""

    shape: Shape
    pixels: NDArray[np.uint8]
    probabilities: NDArray[np.float32]

    @property
    def digit(self) -> int:
        """The likeliest digit."""
        return int(self.probabilities[:NOT_A_DIGIT].argmax())

    @property
    def confidence(self) -> float:
        """Of the likeliest digit."""
        return float(self.probabilities[self.digit])


@dataclass(frozen=True, slots=True)
class Page:
    """One way to see a picture, and the digits read in it."""

    view: Ink
    digits: tuple[Seen, ...]
    score: float  # how well this way of seeing makes sense, 0 to 1
    candidates: tuple[Box, ...]  # of the view: what might have been digits

    def box_on(self, size: tuple[int, int], box: Box) -> Box:
        """A box of this view in pixels of the upright picture, whose size is (width, height)."""
        margin, view_size = self.view.margin, self.view.mask.shape[::-1]
        scales = [side / (inside - 2 * margin) for side, inside in zip(size, view_size, strict=True)]
        left, right = (_within(edge, scales[0], size[0]) for edge in (box.x - margin, box.x + box.width - margin))
        top, bottom = (_within(edge, scales[1], size[1]) for edge in (box.y - margin, box.y + box.height - margin))
        return Box(min(left, size[0] - 1), min(top, size[1] - 1), max(1, right - left), max(1, bottom - top))


class Judge:
    """Judges the views of one picture; what it has seen in one of them it knows in the next."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self._known: dict[tuple[Box, int, float], Seen] = {}

    def page(self, view: Ink) -> Page:
        """The digits in a view, and how well they explain it: by their share of the ink, and how sure they are."""
        found, ink = shapes(view)
        candidates = tuple(shape.box for shape in found)
        seen = self._look(found) if len(found) <= CLUTTER else []
        height = float(np.median([s.shape.box.height for s in seen])) if seen else 0.0
        refuse_below = self._classifier.refuse_below
        kept = [s for s in seen if s.confidence >= refuse_below and s.shape.box.height > 0.4 * height]
        kept = [s for s in kept if not any(is_within(s.shape.box, o.shape.box) for o in kept if o is not s)]
        kept = _without_edges(kept, view)
        explained = sum(s.confidence * s.shape.weight for s in kept) / max(ink, 1.0)
        sure = [s.confidence for s in kept]
        if explained <= LEAST_EXPLAINED:
            return Page(view, (), 0.0, candidates)
        score = 0.5 * explained + 0.25 * sum(sure) / len(sure) + 0.25 * min(sure)
        return Page(view, tuple(kept), score, candidates)

    def _look(self, found: Sequence[Shape]) -> list[Seen]:
        keys = [(shape.box, shape.peak, float(shape.crop.sum())) for shape in found]
        new = {key: shape for key, shape in zip(keys, found, strict=True) if key not in self._known}
        pictures = np.array([to_mnist(shape.crop) for shape in new.values()], np.uint8).reshape(-1, SIDE, SIDE)
        probabilities = self._classifier.probabilities(pictures)
        self._known |= {key: Seen(new[key], *each) for key, *each in zip(new, pictures, probabilities, strict=True)}
        return [self._known[key] for key in keys]


def _without_edges(digits: list[Seen], view: Ink) -> list[Seen]:
    """Without 1s unlike the other digits in height or pen, or along the edge of the picture: edges of things."""
    ones, others = ([seen for seen in digits if (seen.digit == 1) == is_one] for is_one in (True, False))
    if not ones or len(digits) == 1:
        return digits
    at_the_edge = [seen for seen in digits if _touches_edge(seen.shape.box, view.mask.shape)]
    inside = [seen for seen in digits if seen not in at_the_edge]
    edges = [seen for seen in ones if seen in at_the_edge and inside and not _in_a_row(seen, inside)]
    if others:
        height = float(np.median([seen.shape.box.height for seen in others]))
        pen = float(np.median([_pen(seen) for seen in others]))
        for seen in ones:
            as_high = LIKE[0] < seen.shape.box.height / height < LIKE[1]
            if not as_high or not 1 / LIKE_PEN < _pen(seen) / pen < LIKE_PEN:
                edges.append(seen)
    return [seen for seen in digits if seen not in edges]


def _touches_edge(box: Box, size: tuple[int, ...]) -> bool:
    return box.x <= 2 or box.y <= 2 or box.x + box.width >= size[1] - 2 or box.y + box.height >= size[0] - 2


def _in_a_row(one: Seen, others: Sequence[Seen]) -> bool:
    """Whether another digit stands about as high on the page."""
    middles = [other.shape.box.y + other.shape.box.height / 2 for other in others]
    own = one.shape.box.y + one.shape.box.height / 2
    return min(abs(own - middle) for middle in middles) < OFF_ROW * one.shape.box.height


def _pen(seen: Seen) -> float:
    return stroke_width((seen.shape.crop > 0.5).view(np.uint8))


def _within(edge: int, scale: float, most: int) -> int:
    return max(0, min(most, round(edge * scale)))
