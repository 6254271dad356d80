"""The finder's 28×28 crops of generated pages, with labels; for training only.

They have what real crops have: scraps of neighbours, cut strokes, remains of printed lines.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from model.reading.ink import CUTS, PENS, ink, looks_light_on_dark
from model.reading.mnist_format import to_mnist
from model.reading.photo import decode
from model.reading.result import NOT_A_DIGIT, Box
from model.reading.rules import without_rules
from model.reading.segment import Shape, shapes
from model.synthesis.pages import Page

MOST = 60  # crops per page
SAME = 0.6  # intersection over union from which a shape is that digit
MOSTLY = 0.7  # share of a digit's box: a shape that covers so much of two isn't a digit
BARELY = 0.05  # share of a shape: if digits cover less, it isn't a digit
UNRULED = 0.7  # share of pages whose printed lines are removed first
SLENDER = 0.4  # width by height: narrower shapes may be read as a 1


def crops(page: Page, rng: np.random.Generator) -> Iterator[tuple[NDArray[np.uint8], int]]:
    """Yield the finder's crops of a page, (28, 28) uint8, with digit or NOT_A_DIGIT.

    Skips unclear ones: half a digit, a scrap that may be read as a 1.
    """
    picture = decode(page.photo)
    pen, cut = PENS[int(rng.integers(len(PENS)))], CUTS[int(rng.integers(len(CUTS)))]
    view = replace(ink(picture.grey, pen=pen, light_on_dark=looks_light_on_dark(picture.grey)), cut=cut)
    if rng.random() < UNRULED:
        view = without_rules(view)
    found, _ = shapes(view)
    scale = view.mask.shape[1] / picture.size[0]
    written = [(digit, Box(*(round(side * scale) for side in box))) for digit, box in page.digits]
    for shape in found[:MOST]:
        label = _label(shape, written)
        if label is not None:
            yield to_mnist(shape.crop), label


def _label(shape: Shape, written: Sequence[tuple[int, Box]]) -> int | None:
    """A shape's label from the positions of the digits; None if unclear."""
    _, _, width, height = shape.box
    covered = [shape.box.shared(box) for _, box in written]
    areas = [box.width * box.height for _, box in written]
    if sum(common > MOSTLY * area for common, area in zip(covered, areas, strict=True)) > 1:
        return NOT_A_DIGIT
    if sum(covered) <= BARELY * width * height:
        return NOT_A_DIGIT if width > SLENDER * height else None
    best = int(np.argmax(covered))
    together = width * height + areas[best] - covered[best]
    return written[best][0] if covered[best] > SAME * together else None
