"""The picture that people are shown is honest: boxes where digits were read, crops as the network saw them."""

import io
from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFont

from model.drawing.drawing import (
    CROP,
    INK,
    PAPER,
    SURE_COLOUR,
    UNSURE_COLOUR,
    boxes_on_photo,
    crop_picture,
    explain,
)
from model.reading.photo import SHOWN_SIDE
from model.reading.reader import DigitReader
from model.reading.result import Box, Digit, Reading
from tests import handwriting
from tests.pictures import photo

SIZE = (640, 480)  # width, height
BOX = Box(200, 150, 80, 120)
Pixels = NDArray[np.uint8]


def paper(size: tuple[int, int] = SIZE, grey: int = 240, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, (grey, grey, grey)).save(buffer, "PNG", **options)
    return buffer.getvalue()


def digit(d: int, *, sure: bool = True, box: Box = BOX) -> Digit:
    """One as the network might have read it, three quarters sure of it."""
    probabilities = [0.025] * 11
    probabilities[d] = 0.75
    pixels = handwriting.digit(d, np.random.default_rng(d)).tobytes()
    return Digit(d, 0.75, tuple(probabilities), sure, box, pixels)


def reading(*digits: Digit, size: tuple[int, int] = SIZE) -> Reading:
    return Reading("".join(str(each.digit) for each in digits), digits, size, (), None, "1", 1.0)


def opened(jpeg: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(jpeg))
    assert picture.format == "JPEG"
    return picture


def coloured(picture: Image.Image, colour: tuple[int, int, int]) -> NDArray[np.bool_]:
    """Where a picture has about this colour, which a JPEG smears on thin lines."""
    return np.asarray(np.abs(np.asarray(picture.convert("RGB"), int) - colour).max(axis=2) < 100)


@cache
def read() -> tuple[bytes, Reading]:
    picture = photo("42", "7")
    return picture, DigitReader().read(picture)


@pytest.mark.parametrize(("sure", "colour"), [(True, SURE_COLOUR), (False, UNSURE_COLOUR)], ids=["sure", "unsure"])
def test_a_box_stands_around_the_digit_in_the_colour_of_its_sureness(sure: bool, colour: tuple[int, int, int]) -> None:
    picture = opened(boxes_on_photo(paper(), reading(digit(5, sure=sure))))

    lines = coloured(picture, colour)
    other = coloured(picture, UNSURE_COLOUR if sure else SURE_COLOUR)
    middle = np.s_[BOX.y + BOX.height // 2, :]
    columns = np.flatnonzero(lines[middle])
    assert picture.size == SIZE
    assert columns.min() == pytest.approx(BOX.x, abs=8)
    assert columns.max() == pytest.approx(BOX.x + BOX.width, abs=8)
    assert not lines[BOX.y + 10 : BOX.y + BOX.height - 10, BOX.x + 10 : BOX.x + BOX.width - 10].any()
    assert not other.any()


def test_the_box_of_a_large_photo_is_drawn_where_the_digit_is() -> None:
    large = (4000, 3000)
    box = Box(3000, 2000, 400, 600)

    picture = opened(boxes_on_photo(paper(large), reading(digit(5, box=box), size=large)))

    rows, columns = np.nonzero(coloured(picture, SURE_COLOUR))
    scale = picture.width / large[0]
    assert max(picture.size) <= SHOWN_SIDE
    assert picture.width / picture.height == pytest.approx(4 / 3, rel=0.01)
    assert columns.max() == pytest.approx(scale * 3400, abs=12)
    assert rows.max() == pytest.approx(scale * 2600, abs=12)


def test_a_photo_that_lies_on_its_side_is_shown_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6

    picture = opened(boxes_on_photo(paper((480, 640), exif=exif), reading(digit(5))))

    assert picture.size == SIZE


@pytest.mark.parametrize("size", [(28, 28), (40, 1000), (1000, 40)])
def test_small_and_narrow_pictures_are_drawn_too(size: tuple[int, int]) -> None:
    everything = Box(0, 0, *size)

    picture = opened(boxes_on_photo(paper(size), reading(digit(1, box=everything), size=size)))

    assert max(picture.size) >= 320
    assert coloured(picture, SURE_COLOUR).any()


def test_a_photo_without_digits_is_shown_as_it_is() -> None:
    picture = opened(boxes_on_photo(paper(), reading()))
    explanation = explain(paper(), reading())

    assert np.abs(np.asarray(picture, int) - 240).max() <= 2
    assert explanation.size == SIZE


def test_crops_are_shown_as_the_network_saw_them() -> None:
    picture, some = read()

    sheet = np.asarray(explain(picture, some).convert("L"))

    for one in some.digits:
        crop = np.kron(np.frombuffer(one.pixels, np.uint8).reshape(28, 28), np.ones((CROP // 28,) * 2, np.uint8))
        assert (np.asarray(crop_picture(one)).tobytes()) == one.pixels
        assert holds(sheet, crop)


def holds(sheet: Pixels, part: Pixels) -> bool:
    """Whether the part is somewhere in the sheet, pixel by pixel."""
    height, width = part.shape
    first = np.argwhere((sheet[: 1 - height, : 1 - width] == part[0, 0]) & (sheet[height - 1 :, width - 1 :] == 0))
    return any(np.array_equal(sheet[y : y + height, x : x + width], part) for y, x in first)


def likeness(part: NDArray[np.uint8], number: int, text: float) -> float:
    """How much the likest place of a picture looks like this number, dark on white: 1 is the same."""
    font = ImageFont.load_default(text)
    left, top, right, bottom = font.getbbox(str(number))
    wanted = Image.new("RGB", (round(right - left), round(bottom - top)), PAPER)
    ImageDraw.Draw(wanted).text((-left, -top), str(number), font=font, fill=INK)
    return float(cv2.matchTemplate(part, np.asarray(wanted), cv2.TM_CCOEFF_NORMED).max())


@pytest.mark.parametrize("grey", [0, 128, 255], ids=["black paper", "grey paper", "white paper"])
def test_forty_boxes_have_their_numbers_in_reading_order(grey: int) -> None:
    size = (1280, 960)
    boxes = [Box(70 + 140 * (i % 8), 60 + 170 * (i // 8), 8 if i % 3 else 70, 110) for i in range(40)]
    digits = [digit(i % 10, sure=i % 4 > 0, box=box) for i, box in enumerate(boxes)]

    shown = np.asarray(opened(boxes_on_photo(paper(size, grey), reading(*digits, size=size))))

    for i, box in enumerate(boxes):
        around = shown[max(0, box.y - 50) : box.y + box.height + 50, box.x - 60 : box.x + box.width + 60]
        alike = {number: likeness(around, number, 0.8 * size[0] / 32) for number in range(i % 10 + 1, 41, 10)}
        assert max(number for number in alike if alike[number] > 0.9) == i + 1  # a 1 is in 11 too


def test_numbers_hide_neither_digits_read_nor_each_other_where_lines_are_dense() -> None:
    boxes = [Box(60 + 70 * (i % 7), 60 + 70 * (i // 7), 30, 45) for i in range(35)]
    digits = [digit(8, box=box) for box in boxes]

    with_numbers = coloured(explain(paper(), reading(*digits)), SURE_COLOUR)

    label = coloured(explain(paper(), reading(digits[0])), SURE_COLOUR)[boxes[0].y - 25 : boxes[0].y - 5, 50:70]
    for box in boxes:
        assert np.array_equal(with_numbers[box.y - 25 : box.y - 5, box.x - 10 : box.x + 10], label)


def test_a_single_digit_has_no_number_beside_it() -> None:
    alone = boxes_on_photo(paper(), reading(digit(5)))
    both = boxes_on_photo(paper(), reading(digit(5), digit(5, box=Box(500, 150, 80, 120))))

    corner = np.s_[BOX.y : BOX.y + 200, BOX.x - 20 : BOX.x + 150]
    assert (np.asarray(opened(both), int)[corner] < 100).all(axis=2).any()
    assert not (np.asarray(opened(alone), int)[corner] < 100).all(axis=2).any()


def test_the_explanation_numbers_boxes_and_crops_alike() -> None:
    boxes = [Box(20 + 100 * i, 100, 60, 90) for i in range(6)]

    sheet = np.asarray(explain(paper(), reading(*[digit(7, box=box) for box in boxes])))

    for number, box in enumerate(boxes, 1):
        assert likeness(sheet[60:260, box.x - 20 : box.x + 90], number, 0.8 * 640 / 32) > 0.8
        assert likeness(sheet[480:], number, 20) > 0.8


def test_an_explanation_of_very_many_digits_is_a_picture_that_telegram_takes() -> None:
    digits = [digit(i % 10, box=Box(i % 40 * 16, i // 40 * 16, 12, 14)) for i in range(1000)]

    sheet = explain(paper(), reading(*digits))

    assert sum(sheet.size) <= 10_000
    assert max(sheet.size) <= 20 * min(sheet.size)


@pytest.mark.parametrize("n", [1, 5, 23])
def test_every_digit_has_its_place_below_the_photo(n: int) -> None:
    boxes = [Box(20 + 25 * i, 100, 20, 40) for i in range(n)]
    digits = [digit(i % 10, box=box) for i, box in enumerate(boxes)]

    sheet = np.asarray(explain(paper(), reading(*digits)).convert("L"))

    assert sheet.shape[1] >= SIZE[0]
    below = sheet[SIZE[1] :]
    for each in digits[:10]:
        assert holds(below, np.asarray(crop_picture(each).resize((CROP, CROP), Image.Resampling.NEAREST)))


def test_the_digits_bar_is_the_longest_and_in_its_colour() -> None:
    sheet = explain(paper(), reading(digit(4, sure=False)))

    below = coloured(sheet, UNSURE_COLOUR)[SIZE[1] :, CROP:]
    assert below.any(axis=0).sum() == pytest.approx(0.75 * 70, abs=2)
    assert below.any(axis=1).sum() < 12


def test_the_same_reading_gives_the_same_picture() -> None:
    picture, some = read()

    assert boxes_on_photo(picture, some) == boxes_on_photo(picture, some)
    assert ImageChops.difference(explain(picture, some), explain(picture, some)).getbbox() is None
