"""Crops for training are what the finder finds, each labelled by what was written there."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from model.reading.mnist_format import SIDE
from model.reading.result import NOT_A_DIGIT, Box
from model.synthesis.crops import crops
from model.synthesis.pages import Page
from tests import handwriting

SEEDS = range(8)  # views differ by pen, by cut and in whether lines are taken off


def page(digits: str = "", gap: int = 40, other: NDArray[np.uint8] | None = None) -> Page:
    """A row of digits on white paper, and what else is drawn below them."""
    cover = np.zeros((480, 640), np.uint8)
    written: list[tuple[int, Box]] = []
    left = 40
    for i, d in enumerate(digits):
        mark = handwriting.ink(int(d), np.random.default_rng(i), 100, pen=9)
        part = cover[90 : 90 + mark.shape[0], left : left + mark.shape[1]]
        np.maximum(part, mark, out=part)
        written.append((int(d), Box(left, 90, mark.shape[1], mark.shape[0])))
        left += mark.shape[1] + gap
    if other is not None:
        cover[300 : 300 + other.shape[0], 200 : 200 + other.shape[1]] = other
    photo = cv2.imencode(".jpg", np.asarray(235 - 0.8 * cover, np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()
    return Page(photo, digits, tuple(written))


def star() -> NDArray[np.uint8]:
    """Something that is no digit."""
    cover = np.zeros((120, 120), np.uint8)
    turns = np.pi * (0.5 + 0.8 * np.arange(6))
    points = np.stack([60 + 50 * np.cos(turns), 60 - 50 * np.sin(turns)], axis=1)
    cv2.polylines(cover, [np.round(points).astype(np.int32)], False, 255, 8, cv2.LINE_AA)
    return cover


def cut(from_page: Page, seed: int) -> tuple[list[NDArray[np.uint8]], list[int]]:
    found = list(crops(from_page, np.random.default_rng(seed)))
    return [picture for picture, _ in found], [label for _, label in found]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("digits", ["0314", "25", "6789"])
def test_every_digit_that_stands_alone_is_labelled_as_what_it_is(digits: str, seed: int) -> None:
    pictures, labels = cut(page(digits), seed)

    assert sorted(labels) == sorted(int(d) for d in digits)
    for picture in pictures:
        assert picture.shape == (SIDE, SIDE)
        assert picture.dtype == np.uint8
        assert picture.max() > 200


@pytest.mark.parametrize("d", range(10))
def test_the_picture_shows_its_digit(d: int) -> None:
    (picture,), _ = cut(page(str(d)), 0)

    alone = handwriting.ink(d, np.random.default_rng(0), 100, pen=9)
    height, width = (max(1, round(20 * side / max(alone.shape))) for side in alone.shape)
    small = cv2.resize(alone, (width, height), interpolation=cv2.INTER_AREA).astype(np.float64)
    y, x, w, h = *(np.flatnonzero(picture.max(axis=side) > 64)[0] for side in (1, 0)), width, height
    part = picture[y : y + h, x : x + w].astype(np.float64)
    assert np.corrcoef(part.ravel(), small[: part.shape[0], : part.shape[1]].ravel())[0, 1] > 0.7


@pytest.mark.parametrize("seed", SEEDS)
def test_what_else_is_drawn_is_labelled_as_no_digit(seed: int) -> None:
    _, labels = cut(page("38", other=star()), seed)

    assert sorted(labels) == [3, 8, NOT_A_DIGIT]


@pytest.mark.parametrize("seed", SEEDS)
def test_two_digits_found_as_one_shape_are_no_digit(seed: int) -> None:
    _, labels = cut(page("00", gap=-6), seed)

    assert labels == [NOT_A_DIGIT]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_stroke_that_may_be_read_as_a_one_is_left_out(seed: int) -> None:
    stroke = cv2.line(np.zeros((110, 30), np.uint8), (14, 5), (14, 105), 255, 9)

    _, labels = cut(page("5", other=np.asarray(stroke, np.uint8)), seed)

    assert labels == [5]


@pytest.mark.parametrize("seed", SEEDS)
def test_half_of_a_digit_is_left_out(seed: int) -> None:
    whole = page("8")
    _, (x, y, width, height) = whole.digits[0]
    larger = Page(whole.photo, "8", ((8, Box(x, y, width, 2 * height + 20)),))

    assert cut(larger, seed) == ([], [])


def test_blank_paper_gives_nothing() -> None:
    assert cut(page(), 0) == ([], [])


def test_the_same_state_gives_the_same_crops() -> None:
    one, again = (cut(page("4716"), 3)[0] for _ in range(2))

    assert np.array_equal(np.stack(one), np.stack(again))
