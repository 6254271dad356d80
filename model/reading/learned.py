"""A photo → the digits in it, by the finder that has learnt."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from model.reading import verdict
from model.reading.classifier import Classifier
from model.reading.cut import cut
from model.reading.finder import FILE, Candidate, Colours, Edges, Finder
from model.reading.mnist_format import SIDE, to_mnist
from model.reading.photo import Photo
from model.reading.result import NOT_A_DIGIT, Box, Digit, Found
from model.reading.verdict import Probabilities

MARGIN, LEAST_MARGIN = 0.08, 4  # of a picture's longer side, and pixels at the least: paper that is put around it
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
    """What both networks see in a picture, with some paper put around: digits that fill it are whole then."""
    margin = max(LEAST_MARGIN, round(MARGIN * max(picture.shape)))
    picture = _with_paper_around(picture, margin)
    found = finder.find(picture)
    places, others = [one for one in found if one.is_digit][:MOST], tuple(one for one in found if not one.is_digit)
    cuts = [cut(picture, one) for one in places]
    crops = np.array([to_mnist(each.ink) for each in cuts], np.uint8).reshape(-1, SIDE, SIDE)
    network = classifier.probabilities(crops)
    network[~crops.any(axis=(1, 2))] = 1 / network.shape[1]  # nothing to be read
    edges = np.array([each.edges for each in cuts], np.float32).reshape(-1, 4) - margin
    measures = verdict.measures(places, network, others, max(picture.shape))
    others = tuple(replace(each, edges=each.edges - margin) for each in others)
    return Seen(edges, crops, verdict.views(places, network), measures, others)


def _with_paper_around(picture: Colours, margin: int) -> Colours:
    """The picture in the middle of a sheet in the colour that most of its border has."""
    border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    sides = (margin, margin, margin, margin)
    colour = [float(each) for each in np.median(border, axis=0)]
    return np.asarray(cv2.copyMakeBorder(picture, *sides, cv2.BORDER_CONSTANT, value=colour), np.uint8)


class LearnedReader:
    """Finds and reads digits by a finder that has learnt. One thread at a time."""

    def __init__(self, classifier: Classifier, finder: Path = FILE) -> None:
        """`finder`: the network's file, with its card beside it."""
        self._classifier = classifier
        self._finder = Finder(finder)
        card = json.loads(finder.with_suffix(".json").read_text(encoding="utf-8"))
        self._weights = np.array(card["weights"], np.float64)
        self._refuse_below, self._sure = float(card["refuse_below"]), float(card["sure"])

    def find(self, picture: Photo, least: float | None = None) -> Found:
        """The digits in a photo that are `least` probable, and the other marks beside them.

        Without `least`: those that make the most photos exactly right, if this alone reads them.
        """
        seen = see(picture.colours, self._finder, self._classifier)
        shares = verdict.probabilities(self._weights, seen.views, seen.measures)
        kept = verdict.distinct(shares, seen.edges, self._refuse_below if least is None else least)
        digits = tuple(self._digit(shares[i], _box(seen.edges[i], picture), seen.crops[i].tobytes()) for i in kept)
        beside = _in_rows(seen.others, seen.edges[kept]) if digits else []
        things = [*seen.edges, *(other.edges for other in seen.others if other.heat >= CLEARLY)]
        meant = things if not digits and len(things) == 1 else []
        return Found(
            digits, tuple(_box(edges, picture) for edges in meant), tuple(_box(each.edges, picture) for each in beside)
        )

    def _digit(self, shares: Probabilities, box: Box, pixels: bytes) -> Digit:
        digit = int(shares[:NOT_A_DIGIT].argmax())
        confidence = float(shares[digit])
        return Digit(digit, confidence, tuple(float(p) for p in shares), confidence >= self._sure, box, pixels)


def _in_rows(others: Sequence[Candidate], digits: NDArray[np.float32]) -> list[Candidate]:
    """Other marks that stand beside one of the digits (n, 4), and on none of them."""
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


def _box(edges: Edges, picture: Photo) -> Box:
    """Edges in pixels of the decoded picture as a box in the upright one."""
    scales = [full / side for full, side in zip(picture.size, picture.colours.shape[1::-1], strict=True)]
    left, top, right, bottom = (
        int(np.clip(round(float(edge) * scale), 0, side))
        for edge, scale, side in zip(edges, scales * 2, picture.size * 2, strict=True)
    )
    left, top = min(left, picture.size[0] - 1), min(top, picture.size[1] - 1)
    return Box(left, top, max(1, right - left), max(1, bottom - top))
