"""What the network makes of a page: digits where they were written, touching ones apart, broken ones whole."""

from functools import cache

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.reading.classifier import Classifier
from model.reading.ink import Ink
from model.reading.judge import Judge, Page
from model.reading.reading_order import rows
from model.reading.result import Box
from tests import handwriting

SHAPE = (480, 640)
Marks = list[tuple[NDArray[np.uint8], int, int]]  # a digit's ink, 0 to 255, and its left and top


@cache
def classifier() -> Classifier:
    """The version that ships, loaded once."""
    return Classifier()


def page_of(view: Ink) -> Page:
    return Judge(classifier()).page(view)


def view(marks: Marks, shape: tuple[int, int] = SHAPE) -> Ink:
    """Paper with these on it."""
    strength = np.zeros(shape, np.uint8)
    for mark, left, top in marks:
        part = strength[top : top + mark.shape[0], left : left + mark.shape[1]]
        np.maximum(part, mark, out=part)
    return Ink(strength, strength > 60)


def digit(d: int, seed: int = 0, height: int = 90) -> NDArray[np.uint8]:
    return handwriting.ink(d, np.random.default_rng(seed), height, pen=height / 10)


def row(digits: str, gap: int, seed: int = 0) -> Marks:
    """Digits side by side, so many pixels apart; with a negative gap they overlap."""
    marks: Marks = []
    left = 60
    for i, d in enumerate(digits):
        mark = digit(int(d), seed + i)
        marks.append((mark, left, 180))
        left += mark.shape[1] + gap
    return marks


def text(page: Page) -> str:
    boxes = [seen.shape.box for seen in page.digits]
    return "\n".join("".join(str(page.digits[i].digit) for i in line) for line in rows(boxes))


@pytest.mark.parametrize("digits", ["0123", "4567", "89", "1", "505"])
def test_digits_are_read_where_they_are_written(digits: str) -> None:
    marks = row(digits, gap=30)

    page = page_of(view(marks))

    assert text(page) == digits
    assert page.score > 0.9
    boxes = sorted(seen.shape.box for seen in page.digits)
    for box, (mark, left, top) in zip(boxes, marks, strict=True):
        assert box == pytest.approx((left, top, mark.shape[1], mark.shape[0]), abs=3)


@pytest.mark.parametrize("d", range(10))
def test_what_is_seen_holds_the_picture_and_what_the_network_says_of_it(d: int) -> None:
    (seen,) = page_of(view([(digit(d), 200, 150)])).digits

    assert seen.digit == d
    assert seen.confidence == seen.probabilities[:10].max()
    assert np.allclose(classifier().probabilities(seen.pixels[None])[0], seen.probabilities, atol=1e-5)


def test_a_blank_page_makes_no_sense_at_all() -> None:
    page = page_of(view([]))

    assert page.digits == ()
    assert page.score == 0
    assert page.candidates == ()


@pytest.mark.parametrize("seed", range(5))
def test_a_page_full_of_scraps_holds_no_digit(seed: int) -> None:
    rng = np.random.default_rng(seed)
    noise = cv2.GaussianBlur(rng.standard_normal(SHAPE).astype(np.float32), (0, 0), 4)
    mask = np.asarray(noise > np.quantile(noise, 0.85))

    page = page_of(Ink(np.where(mask, 200, 0).astype(np.uint8), mask))

    assert page.digits == ()
    assert page.score == 0


def test_writing_makes_more_sense_than_writing_among_scribbles() -> None:
    scribbles = view(row("38", gap=30)).strength
    corners = np.random.default_rng(1).uniform((60, 320), (580, 460), (40, 2)).astype(np.int32)
    cv2.polylines(scribbles, [corners], False, 255, 9)

    assert page_of(Ink(scribbles, scribbles > 60)).score < page_of(view(row("38", gap=30))).score


def test_a_second_look_at_a_page_sees_the_same() -> None:
    judge = Judge(classifier())
    first, second = (judge.page(view(row("7204", gap=20))) for _ in range(2))

    assert text(first) == text(second) == "7204"
    assert first.score == second.score


def test_another_page_of_the_same_picture_is_not_mixed_up_with_the_first() -> None:
    judge = Judge(classifier())
    judge.page(view([(digit(3), 200, 150)]))

    assert text(judge.page(view([(digit(8), 200, 150)]))) == "8"


@settings(derandomize=True, database=None, deadline=None)
@given(st.data())
def test_boxes_lie_in_the_picture_whatever_size_it_had(data: st.DataObject) -> None:
    width, height = data.draw(st.tuples(st.integers(8, 9000), st.integers(8, 9000)))
    margin = data.draw(st.sampled_from([0, 21]))
    shape = data.draw(st.tuples(st.integers(64, 640), st.integers(64, 640)))
    x, y = data.draw(st.integers(0, shape[1] - 1)), data.draw(st.integers(0, shape[0] - 1))
    inner = Box(x, y, data.draw(st.integers(1, shape[1] - x)), data.draw(st.integers(1, shape[0] - y)))
    blank = np.zeros(shape, np.uint8)

    box = Page(Ink(blank, blank > 0, margin), (), 0.0, ()).box_on((width, height), inner)

    assert 0 <= box.x < box.x + box.width <= width
    assert 0 <= box.y < box.y + box.height <= height


def test_a_box_is_the_same_part_of_the_photo_as_of_the_view() -> None:
    page = page_of(view([(digit(6), 200, 150)]))
    (seen,) = page.digits

    box = page.box_on((1920, 1440), seen.shape.box)

    assert box == pytest.approx([3 * side for side in seen.shape.box], abs=1)
