"""Ink → a Page: which shapes are digits, which strokes are one and which shapes are two, as the network judges."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.reading.classifier import Classifier
from model.reading.ink import Ink
from model.reading.mnist_format import SIDE, stroke_width, to_mnist
from model.reading.result import NOT_A_DIGIT, Box
from model.reading.segment import Shape, between, is_within, may_be_one, shapes, thin_columns, together

SURE = 0.8  # probability below which the runner-up is said too
WIDE = 1.15  # times its height: a shape as wide as that may be two digits
LEAST_EXPLAINED = 0.3  # share of the ink: a few shapes among so much else aren't digits but parts of a scene
CERTAIN = 0.95  # confidence of each digit: then other things may stand beside them,
LEAST_BESIDE = 0.1  # as long as they explain so much of the ink,
BESIDE = 0.5  # and count as if they explained so much; lines are taken for 1s too often to trust them alone
LIKE = (0.55, 1.7)  # times the other digits' height: a 1 of another height is the edge of something
OFF_ROW = 0.3  # of its height: a 1 at the picture's edge stands that far off any row
LIKE_PEN = 2.2  # times thicker or thinner than the other digits: as well
BLOT = 0.55  # of its box: a shape with more ink isn't made of strokes
MANY_WIDE = 10  # shapes: more are a scene, where parts of things would be read
MANY_NEAR = 40  # pairs of shapes: as well
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
        seen = self._with_strokes_joined(self._look(found)) if len(found) <= CLUTTER else []
        wide = [one for one in seen if _may_be_several(one.shape, view)]
        if len(wide) <= MANY_WIDE:
            seen = [part for one in seen for part in (self._parted(one) if one in wide else [one])]
        height = float(np.median([s.shape.box.height for s in seen])) if seen else 0.0
        refuse_below = self._classifier.refuse_below
        kept = [s for s in seen if s.confidence >= refuse_below and s.shape.box.height > 0.4 * height]
        kept = [s for s in kept if not any(is_within(s.shape.box, o.shape.box) for o in kept if o is not s)]
        kept = _without_edges(kept, view)
        explained = sum(s.confidence * s.shape.weight for s in kept) / max(ink, 1.0)
        sure = [s.confidence for s in kept]
        if explained > LEAST_BESIDE and min(sure) > CERTAIN and any(s.digit != 1 for s in kept):
            explained = max(explained, BESIDE)
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

    def _with_strokes_joined(self, seen: list[Seen]) -> list[Seen]:
        """Neighbours that make a digit more surely together than each alone become one."""
        near = [(a, b) for i, a in enumerate(seen) for b in seen[:i] if may_be_one(a.shape.box, b.shape.box)]
        if len(near) > MANY_NEAR:
            return seen
        joined = self._look([together(a.shape, b.shape) for a, b in near])
        for one, (a, b) in sorted(zip(joined, near, strict=True), key=lambda each: -each[0].confidence):
            if (
                one.confidence > max(self._classifier.refuse_below, min(a.confidence, b.confidence))
                and a in seen
                and b in seen
            ):
                seen = [other for other in seen if other is not a and other is not b] + [one]
        return seen

    def _parted(self, whole: Seen) -> list[Seen]:
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


def _may_be_several(shape: Shape, view: Ink) -> bool:
    height, width = view.mask.shape
    is_blot = float(shape.crop.mean()) > BLOT
    is_all = shape.box.width > 0.95 * width and shape.box.height > 0.95 * height  # squared paper, not writing
    return shape.box.width > WIDE * shape.box.height and not is_all and not is_blot


def _within(edge: int, scale: float, most: int) -> int:
    return max(0, min(most, round(edge * scale)))
