"""A photo in, a Reading out, by the finder that has learnt: it isn't done learning, so easy pictures alone."""

import io
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from model.evaluation.one_way import OneWay, learned
from model.reading.result import BrokenPicture, NotAPicture, Reading
from tests.handwriting import page


@cache
def reader() -> OneWay:
    """The version and the finder that ship, loaded once."""
    return learned()


def read(*lines: str, seed: int = 0) -> Reading:
    return reader().read(page(list(lines), np.random.default_rng(seed))[0])


def png(picture: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    return buffer.getvalue()


def test_most_single_digits_on_paper_are_read() -> None:
    assert sum(read(str(d), seed=d).text == str(d) for d in range(10)) >= 8


def test_a_reading_tells_what_was_found_where() -> None:
    reading = next(r for r in (read(str(d), seed=d) for d in range(10)) if r.text)
    (digit,) = reading.digits[:1]
    width, height = reading.size
    assert 0 <= digit.box.x < digit.box.x + digit.box.width <= width
    assert 0 <= digit.box.y < digit.box.y + digit.box.height <= height
    assert sum(digit.probabilities) == pytest.approx(1)
    assert digit.confidence == digit.probabilities[digit.digit]
    assert len(digit.pixels) == 28 * 28
    assert max(digit.pixels) == 255


@pytest.mark.parametrize("tone", [0, 128, 255])
@pytest.mark.parametrize("size", [(640, 480), (28, 28), (8, 300), (1280, 200)])
def test_an_even_picture_holds_no_digit(tone: int, size: tuple[int, int]) -> None:
    reading = reader().read(png(np.full((size[1], size[0], 3), tone, np.uint8)))
    assert reading.text == ""
    assert reading.size == size
    assert reading.marks == ()


def test_the_same_photo_is_read_the_same_after_others() -> None:
    photo = page(["42"], np.random.default_rng(3))[0]
    first = reader().read(photo)
    reader().read(png(np.full((200, 900, 3), 90, np.uint8)))
    again = reader().read(photo)
    assert [d.probabilities for d in first.digits] == [d.probabilities for d in again.digits]


@pytest.mark.parametrize(("data", "error"), [(b"no picture", NotAPicture), (b"\xff\xd8\xff\xe0 broken", NotAPicture)])
def test_what_is_no_picture_is_told(data: bytes, error: type[Exception]) -> None:
    with pytest.raises((error, BrokenPicture)):
        reader().read(data)
