"""The sheet of a round: every digit is on it, right ones green, mistakes orange, the marked ones framed."""

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from model.drawing.class_sheet import RIGHT, WRONG, Drawn, class_sheet
from model.reading.photo import SHOWN_SIDE
from tests.handwriting import digit

GREY = 16  # a JPEG's colours are that near to those drawn, on areas


def drawn(called: int, said: str, mark: int = 0) -> Drawn:
    return Drawn(digit(called, np.random.default_rng(called)).tobytes(), called, said, 0.97, mark)


def opened(sheet: bytes) -> NDArray[np.int16]:
    """Height, width, RGB."""
    return np.asarray(Image.open(io.BytesIO(sheet)).convert("RGB"), np.int16)


def area_of(picture: NDArray[np.int16], colour: tuple[int, int, int]) -> int:
    """How many pixels are about of this colour."""
    return int((np.abs(picture - np.array(colour)).max(axis=2) < GREY).sum())


@pytest.mark.parametrize("count", [1, 2, 3, 25, 75])
def test_every_digit_is_on_the_sheet_and_it_is_as_large_as_telegram_shows(count: int) -> None:
    grey = (128, 128, 128)
    picture = opened(class_sheet([Drawn(bytes([128]) * 784, 7, "7", 0.97)] * count))
    assert max(picture.shape) <= SHOWN_SIDE
    across = (np.abs(picture - np.array(grey)).max(axis=2) < GREY).any(axis=1)
    side = int(np.argmin(across[np.argmax(across) :]))  # rows of the first picture
    assert area_of(picture, grey) == pytest.approx(count * side**2, rel=0.05)


def test_what_was_read_as_called_is_green_and_everything_else_orange() -> None:
    right, wrong, several = (opened(class_sheet([drawn(7, said)])) for said in ("7", "1", "71"))
    assert area_of(right, RIGHT) > 50 > area_of(right, WRONG)
    for picture in (wrong, several):
        assert area_of(picture, WRONG) > 50 > area_of(picture, RIGHT)


def test_a_marked_one_has_a_frame_and_a_number() -> None:
    plain, marked = (opened(class_sheet([drawn(7, "1", mark)])) for mark in (0, 2))
    assert area_of(marked, WRONG) > 3 * area_of(plain, WRONG)


def test_a_confidence_is_rounded_as_in_the_caption_below() -> None:
    sheets = [class_sheet([Drawn(bytes(784), 7, "7", confidence)]) for confidence in (0.976, 0.984, 0.974)]
    assert sheets[0] == sheets[1] != sheets[2]
