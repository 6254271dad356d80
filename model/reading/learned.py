"""A photo → a Reading, by the finder that has learnt: the whole way, to be measured beside `reader`'s."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from model.reading import verdict
from model.reading.classifier import Classifier
from model.reading.cut import cut
from model.reading.finder import FILE, Candidate, Colours, Edges, Finder
from model.reading.hints import hint
from model.reading.mnist_format import SIDE, to_mnist
from model.reading.photo import ColourPhoto, decode_small
from model.reading.reading_order import rows
from model.reading.result import NOT_A_DIGIT, Box, Digit, Reading
from model.reading.verdict import Probabilities

cv2.setNumThreads(1)  # one reader, one core

MOST = 300  # candidates of a picture that are looked at closely
CLEARLY = 0.5  # how surely another mark is seen that is told
IN_ROW = 0.5  # of a digit's height: another mark's middle is at most so far above or below a digit's,
BESIDE = 1.5  # heights: and so far from it, to stand in its row


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What stands in the places of a picture, before anything is decided."""

    edges: NDArray[np.float32]  # (n, 4): of each place's ink, in pixels of the picture
    crops: NDArray[np.uint8]  # (n, 28, 28)
    views: Probabilities  # as `verdict.views`
    measures: Probabilities  # as `verdict.measures`
    others: tuple[Candidate, ...]  # other marks


def see(picture: Colours, finder: Finder, classifier: Classifier) -> Seen:
    """What both networks see in a picture."""
    found = finder.find(picture)
    places, others = [one for one in found if one.is_digit][:MOST], tuple(one for one in found if not one.is_digit)
    cuts = [cut(picture, one) for one in places]
    crops = np.array([to_mnist(each.ink) for each in cuts], np.uint8).reshape(-1, SIDE, SIDE)
    network = classifier.probabilities(crops)
    network[~crops.any(axis=(1, 2))] = 1 / network.shape[1]  # nothing to be read
    edges = np.array([each.edges for each in cuts], np.float32).reshape(-1, 4)
    measures = verdict.measures(places, network, others, max(picture.shape))
    return Seen(edges, crops, verdict.views(places, network), measures, others)


class LearnedReader:
    """Reads the digits in photos with one version of the model and one finder. One thread at a time."""

    def __init__(self, model: Path | None = None, finder: Path = FILE) -> None:
        """`model`: a version's folder; None: the one that serves."""
        self._classifier = Classifier(model)
        self._finder = Finder(finder)
        card = json.loads(finder.with_suffix(".json").read_text(encoding="utf-8"))
        self._weights = np.array(card["weights"], np.float64)
        self._refuse_below, self._sure = float(card["refuse_below"]), float(card["sure"])
        self.version = self._classifier.version

    def read(self, photo: bytes) -> Reading:
        """The digits in a photo, in reading order. Raises a PhotoError for bytes that can't be read."""
        started = time.perf_counter()
        picture = decode_small(photo)
        seen = see(picture.colours, self._finder, self._classifier)
        shares = verdict.probabilities(self._weights, seen.views, seen.measures)
        kept = verdict.distinct(shares, seen.edges, self._refuse_below)
        digits = [self._digit(shares[i], _box(seen.edges[i], picture), seen.crops[i].tobytes()) for i in kept]
        lines = rows([digit.box for digit in digits])
        doubt = not digits or not all(digit.sure for digit in digits)
        return Reading(
            text="\n".join("".join(str(digits[i].digit) for i in line) for line in lines),
            digits=tuple(digits[i] for line in lines for i in line),
            size=picture.size,
            marks=tuple(_box(each.edges, picture) for each in _in_rows(seen.others, seen.edges[kept])),
            hint=hint(_grey(picture), [digit.box for digit in digits], picture.size) if doubt else None,
            model=self.version,
            milliseconds=1000 * (time.perf_counter() - started),
        )

    def _digit(self, shares: Probabilities, box: Box, pixels: bytes) -> Digit:
        digit = int(shares[:NOT_A_DIGIT].argmax())
        confidence = float(shares[digit])
        return Digit(digit, confidence, tuple(float(p) for p in shares), confidence >= self._sure, box, pixels)


def _in_rows(others: Sequence[Candidate], digits: NDArray[np.float32]) -> list[Candidate]:
    """Other marks that stand beside one of the digits (n, 4), and on none of them."""
    if not len(digits):
        return []
    heights = np.maximum(digits[:, 3] - digits[:, 1], digits[:, 2] - digits[:, 0])
    found = []
    for other in others:
        middle = (other.edges[:2] + other.edges[2:]) / 2
        apart = np.maximum(digits[:, 0] - middle[0], middle[0] - digits[:, 2])
        level = np.abs(middle[1] - (digits[:, 1] + digits[:, 3]) / 2) < IN_ROW * heights
        on_one = bool((level & (apart < 0)).any())
        if other.heat >= CLEARLY and not on_one and bool((level & (apart < BESIDE * heights)).any()):
            found.append(other)
    return found


def _grey(picture: ColourPhoto) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(picture.colours, cv2.COLOR_RGB2GRAY), np.uint8)


def _box(edges: Edges, picture: ColourPhoto) -> Box:
    """Edges in pixels of the decoded picture as a box in the upright one."""
    scales = [full / side for full, side in zip(picture.size, picture.colours.shape[1::-1], strict=True)]
    left, top, right, bottom = (
        int(np.clip(round(float(edge) * scale), 0, side))
        for edge, scale, side in zip(edges, scales * 2, picture.size * 2, strict=True)
    )
    left, top = min(left, picture.size[0] - 1), min(top, picture.size[1] - 1)
    return Box(left, top, max(1, right - left), max(1, bottom - top))
