"""Printed lines go, and what was written across them stays."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from model.reading.ink import Ink
from model.reading.rules import without_rules
from tests import handwriting

Mask = NDArray[np.bool_]
SHAPE = (480, 640)
PITCH = 48  # pixels from line to line


def blank() -> Mask:
    return np.zeros(SHAPE, bool)


def ruled(tilt: float = 0.0, bend: float = 0.0) -> Mask:
    """Lines from side to side, turned by `tilt` degrees, their middles `bend` pixels lower."""
    mask = np.zeros(SHAPE, np.uint8)
    x = np.linspace(0, SHAPE[1], 60)
    for y in range(PITCH, SHAPE[0] - PITCH, PITCH):
        curve = y + np.tan(np.radians(tilt)) * (x - SHAPE[1] / 2) + bend * (1 - (2 * x / SHAPE[1] - 1) ** 2)
        cv2.polylines(mask, [np.round(np.stack([x, curve], axis=1)).astype(np.int32)], False, 1, 2)
    return mask > 0


def upright() -> Mask:
    """Lines from top to bottom."""
    mask = blank()
    for x in range(PITCH // 2, SHAPE[1], PITCH):
        mask[:, x : x + 2] = True
    return mask


def written(digits: str = "274", height: int = 110, pen: int = 9) -> Mask:
    """A row of digits, across several lines of the page."""
    mask = blank()
    for i, d in enumerate(digits):
        digit = handwriting.ink(int(d), np.random.default_rng(i), height, pen) > 127
        left = 110 + 150 * i
        mask[180 : 180 + digit.shape[0], left : left + digit.shape[1]] |= digit
    return mask


def as_ink(lines: Mask, writing: Mask | None = None) -> Ink:
    """A page with printed lines fainter than what is written on it."""
    strength = np.where(lines, 90, 0).astype(np.uint8)
    if writing is not None:
        strength[writing] = 200
    return Ink(strength, strength > 0)


PAGES = {
    "ruled": ruled(),
    "squared": ruled() | upright(),
    "askew": ruled(tilt=6),
    "bent": ruled(bend=9),
    "margin": upright() & (np.arange(SHAPE[1]) < 2 * PITCH),
}
every_page = pytest.mark.parametrize("lines", PAGES.values(), ids=list(PAGES))


@every_page
def test_lines_printed_on_the_page_go(lines: Mask) -> None:
    plain = without_rules(as_ink(lines))

    assert plain.mask.sum() < 0.08 * lines.sum()
    assert not plain.strength[lines & ~plain.mask].any()


@every_page
def test_strokes_that_cross_lines_stay(lines: Mask) -> None:
    writing = written()

    plain = without_rules(as_ink(lines, writing))

    near = cv2.dilate(writing.view(np.uint8), np.ones((7, 7), np.uint8)) > 0
    assert plain.mask[writing].mean() > 0.95
    assert (plain.strength[writing & plain.mask] == 200).all()
    assert (plain.mask & ~near).sum() < 0.08 * lines.sum()


@pytest.mark.parametrize("d", range(10))
def test_a_crossed_digit_stays_in_one_piece(d: int) -> None:
    writing = written(str(d))
    pieces = cv2.connectedComponents(writing.view(np.uint8))[0]

    left = without_rules(as_ink(ruled(), writing)).mask & writing
    sizes = cv2.connectedComponentsWithStats(left.view(np.uint8))[2][1:, cv2.CC_STAT_AREA]

    assert (sizes > 0.03 * writing.sum()).sum() < pieces


@pytest.mark.parametrize("digits", ["", "0", "1111", "777", "274", "4444"])
def test_a_page_without_lines_is_the_same_page(digits: str) -> None:
    page = as_ink(blank(), written(digits))

    assert without_rules(page) is page


def test_a_picture_full_of_ink_is_the_same_picture() -> None:
    noise = as_ink(np.random.default_rng(1).random(SHAPE) < 0.5)

    assert without_rules(noise) is noise


def test_a_dash_is_no_line() -> None:
    dash = blank()
    dash[240:246, 200:400] = True

    assert without_rules(as_ink(blank(), dash)).mask[dash].all()


def test_a_line_across_a_thick_stroke_goes_beside_it_alone() -> None:
    line, bar = blank(), blank()
    line[240:242] = True
    bar[150:330, 300:330] = True

    plain = without_rules(as_ink(line, bar))

    assert plain.mask[bar].all()
    assert plain.mask[line & ~bar].mean() < 0.05


def test_frames_around_digits_go_and_the_digits_stay() -> None:
    writing, frame = written(), np.zeros(SHAPE, np.uint8)
    for left in (85, 235, 385):
        cv2.rectangle(frame, (left, 150), (left + 125, 320), 1, 2)

    plain = without_rules(as_ink(frame > 0, writing))

    assert plain.mask[writing].mean() > 0.95
    assert plain.mask[(frame > 0) & ~writing].mean() < 0.1


def test_a_page_keeps_what_else_is_known_of_it() -> None:
    page = Ink(as_ink(ruled()).strength, ruled(), margin=7, cut=0.3)

    plain = without_rules(page)

    assert (plain.margin, plain.cut) == (7, 0.3)
    assert page.mask.sum() == ruled().sum()
