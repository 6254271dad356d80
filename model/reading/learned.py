"""A photo → a Reading, by the finder that has learnt: the whole way, to be measured beside `reader`'s."""

import json
import time
from pathlib import Path

import cv2
import numpy as np

from model.reading import verdict
from model.reading.classifier import Classifier
from model.reading.cut import cut
from model.reading.finder import FILE, Edges, Finder
from model.reading.hints import hint
from model.reading.mnist_format import SIDE, to_mnist
from model.reading.photo import decode_small
from model.reading.reading_order import rows
from model.reading.result import NOT_A_DIGIT, Box, Digit, Reading

cv2.setNumThreads(1)  # one reader, one core

MOST = 300  # candidates of a picture that are looked at closely


class LearnedReader:
    """Reads the digits in photos with one version of the model and one finder. One thread at a time."""

    def __init__(self, model: Path | None = None, finder: Path = FILE) -> None:
        """`model`: a version's folder; None: the registry's current, else the shipped one."""
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
        found = self._finder.find(picture.colours)
        seen, others = [one for one in found if one.is_digit][:MOST], [one for one in found if not one.is_digit]
        crops = np.array([to_mnist(cut(picture.colours, one)) for one in seen], np.uint8).reshape(-1, SIDE, SIDE)
        shares = verdict.probabilities(
            self._weights,
            verdict.views(seen, self._classifier.probabilities(crops)),
            verdict.measures(seen, crops, others),
        )
        kept = [i for i in range(len(seen)) if shares[i, :NOT_A_DIGIT].max() >= self._refuse_below]
        across, down = (full / side for full, side in zip(picture.size, picture.colours.shape[1::-1], strict=True))
        digits = [
            self._digit(shares[i], _box(seen[i].edges, across, down, picture.size), crops[i].tobytes()) for i in kept
        ]
        lines = rows([digit.box for digit in digits])
        doubt = not digits or not all(digit.sure for digit in digits)
        grey = cv2.cvtColor(picture.colours, cv2.COLOR_RGB2GRAY) if doubt else None
        return Reading(
            text="\n".join("".join(str(digits[i].digit) for i in line) for line in lines),
            digits=tuple(digits[i] for line in lines for i in line),
            size=picture.size,
            hint=hint(np.asarray(grey, np.uint8), [digit.box for digit in digits], picture.size) if doubt else None,
            model=self.version,
            milliseconds=1000 * (time.perf_counter() - started),
        )

    def _digit(self, shares: verdict.Probabilities, box: Box, pixels: bytes) -> Digit:
        digit = int(shares[:NOT_A_DIGIT].argmax())
        confidence = float(shares[digit])
        return Digit(digit, confidence, tuple(float(p) for p in shares), confidence >= self._sure, box, pixels)


def _box(edges: Edges, across: float, down: float, size: tuple[int, int]) -> Box:
    left, right = (int(np.clip(round(float(edge) * across), 0, size[0])) for edge in edges[[0, 2]])
    top, bottom = (int(np.clip(round(float(edge) * down), 0, size[1])) for edge in edges[[1, 3]])
    left, top = min(left, size[0] - 1), min(top, size[1] - 1)
    return Box(left, top, max(1, right - left), max(1, bottom - top))
