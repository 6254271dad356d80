"""What is read surely is read the same way when its photo is taken, kept or sent otherwise."""

import io
from collections.abc import Callable
from functools import cache
from typing import Any

import cv2
import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from model.reading.reader import ALONE, DigitReader
from model.reading.result import Box
from tests.handwriting import page

Grey = NDArray[np.uint8]  # (height, width), 0 black to 255 white

SIZE = (640, 480)  # width, height of the photo
EXIF_ORIENTATION = 0x0112
# How a camera that is held otherwise stores an upright picture, by the orientation that it notes.
STORED: dict[int, Callable[[Grey], Grey]] = {
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.T,
    6: lambda upright: np.rot90(upright),
    7: lambda upright: upright[::-1, ::-1].T,
    8: lambda upright: np.rot90(upright, -1),
}

few = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=10,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@cache
def reader() -> DigitReader:
    return DigitReader()


def read(grey: Grey, file_format: str = "PNG", **options: Any) -> tuple[str, bool, tuple[Box, ...]]:
    """The text in a picture saved so, whether it is sure, and the boxes."""
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(grey)).save(buffer, file_format, **options)
    reading = reader().read(buffer.getvalue())
    is_sure = bool(reading.digits) and all(digit.confidence >= ALONE for digit in reading.digits)
    return reading.text, is_sure, tuple(digit.box for digit in reading.digits)


@st.composite
def sure_pictures(draw: st.DrawFn) -> tuple[Grey, str]:
    """A photo of one to eight digits on paper, and what is read in it, surely."""
    lines = draw(st.lists(st.text("0123456789", min_size=1, max_size=4), min_size=1, max_size=2))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    height = draw(st.integers(40, 130))
    photo, _ = page(lines, rng, height=height, pen=height * draw(st.floats(0.05, 0.2)), size=SIZE)
    grey = np.asarray(Image.open(io.BytesIO(photo)).convert("L"))
    text, is_sure, _ = read(grey)
    assume(is_sure)
    return grey, text


@few
@given(sure_pictures(), st.floats(0, 1), st.floats(0, 1))
def test_digits_may_stand_anywhere_in_the_picture(picture: tuple[Grey, str], across: float, down: float) -> None:
    grey, text = picture
    _, _, boxes = read(grey)
    height, width = grey.shape
    apart = 4  # pixels between the ink and the edge
    left, right = min(box.x for box in boxes) - apart, width - max(box.x + box.width for box in boxes) - apart
    top, bottom = min(box.y for box in boxes) - apart, height - max(box.y + box.height for box in boxes) - apart
    x, y = round(across * (left + right)) - left, round(down * (top + bottom)) - top

    shifted = np.roll(grey, (y, x), axis=(0, 1))  # the paper that leaves on one side comes in on the other

    assert read(shifted)[0] == text


@few
@given(sure_pictures(), st.floats(0.5, 2))
def test_the_picture_may_be_larger_or_smaller(picture: tuple[Grey, str], scale: float) -> None:
    grey, text = picture

    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    scaled = np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=how), np.uint8)

    assert read(scaled)[0] == text


@few
@given(sure_pictures(), st.sampled_from(sorted(STORED)))
def test_the_camera_may_be_held_otherwise(picture: tuple[Grey, str], orientation: int) -> None:
    grey, text = picture
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = orientation

    assert read(STORED[orientation](grey), exif=exif)[0] == text


@few
@given(sure_pictures())
def test_ink_may_be_light_on_dark(picture: tuple[Grey, str]) -> None:
    grey, text = picture

    assert read(255 - grey)[0] == text


@few
@given(sure_pictures(), st.integers(60, 100))
def test_the_photo_may_be_saved_again_as_a_jpeg(picture: tuple[Grey, str], quality: int) -> None:
    grey, text = picture

    assert read(grey, "JPEG", quality=quality)[0] == text


@few
@given(sure_pictures(), st.floats(0.35, 1))
def test_an_even_shadow_may_lie_on_the_page(picture: tuple[Grey, str], light: float) -> None:
    grey, text = picture

    assert read(np.asarray(grey * light, np.uint8))[0] == text


@few
@given(sure_pictures(), st.floats(0.35, 1), st.floats(0, 2 * np.pi))
def test_light_may_fall_off_across_the_page(picture: tuple[Grey, str], least: float, direction: float) -> None:
    grey, text = picture
    height, width = grey.shape
    y, x = np.mgrid[-0.5 : 0.5 : height * 1j, -0.5 : 0.5 : width * 1j]
    along = x * np.cos(direction) + y * np.sin(direction)
    light = least + (1 - least) * (along - along.min()) / np.ptp(along)

    assert read(np.asarray(grey * light, np.uint8))[0] == text


def test_a_shadow_with_a_hard_edge_hardly_ever_changes_the_answer() -> None:
    same = []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        photo, text = page(["".join(map(str, rng.integers(0, 10, 3)))], rng, size=SIZE)
        grey = np.asarray(Image.open(io.BytesIO(photo)).convert("L")).copy()
        beyond = np.s_[:, round(rng.uniform(0.1, 0.9) * grey.shape[1]) :]
        grey[beyond] = np.asarray(grey[beyond] * rng.uniform(0.4, 0.8), np.uint8)
        same.append(read(grey)[0] == text)

    assert sum(same) >= 29
