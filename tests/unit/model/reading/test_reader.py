"""A photo in, a Reading out: with the model that ships, on handwriting made for the purpose and on MNIST."""

import io
import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from model.reading.reader import DigitReader, believed
from model.reading.result import Box, Digit, Hint, PhotoError, Reading
from tests.handwriting import page

BESIDE = Path(__file__).resolve().parents[5] / "shared" / "mnist" / "mnist.npz"
MNIST = Path(os.environ.get("MNIST_PATH") or BESIDE)
needs_mnist = pytest.mark.skipif(not MNIST.exists(), reason="MNIST isn't here: set MNIST_PATH to a copy of mnist.npz")


@cache
def reader() -> DigitReader:
    """The version that ships, loaded once."""
    return DigitReader()


def read(*lines: str, seed: int = 0, **paper: object) -> Reading:
    """What is read in a photo of these lines."""
    return reader().read(page(list(lines), np.random.default_rng(seed), **paper)[0])  # type: ignore[arg-type]


def changed(photo: bytes, change: object) -> bytes:
    """The photo with its grey picture changed by a function, as a PNG."""
    grey = np.asarray(Image.open(io.BytesIO(photo)).convert("L"))
    return png(change(grey))  # type: ignore[operator]


def png(grey: NDArray[np.uint8], **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(grey).save(buffer, "PNG", **options)
    return buffer.getvalue()


@pytest.mark.parametrize("d", range(10))
def test_a_digit_on_paper_is_read_surely(d: int) -> None:
    reading = read(str(d), seed=d)

    assert reading.text == str(d)
    assert reading.digits[0].digit == d
    assert reading.digits[0].sure
    assert reading.digits[0].confidence > 0.9


@pytest.mark.parametrize("lines", [["42"], ["3", "14"], ["20 26", "11 24"], ["1234567890"], ["9", "8", "7"]])
def test_several_digits_are_read_in_lines_from_left_to_right(lines: list[str]) -> None:
    assert read(*lines, seed=7).text == "\n".join(line.replace(" ", "") for line in lines)


def test_a_dates_slashes_are_left_out_and_told() -> None:
    reading = read("1210512026", "77", seed=7)

    assert reading.text == "12052026\n77"
    assert len(reading.digits) == 10
    assert len(reading.marks) == 2


@pytest.mark.parametrize("pen", [0.04, 0.25])
def test_thin_and_thick_pens_are_read(pen: float) -> None:
    assert read("285", seed=3, height=160, pen=160 * pen).text == "285"


def test_light_ink_on_dark_paper_is_read_as_dark_on_light() -> None:
    photo = page(["573"], np.random.default_rng(5))[0]

    assert reader().read(changed(photo, lambda grey: 255 - grey)).text == "573"


def test_a_photo_that_lies_on_its_side_is_read_upright() -> None:
    photo = page(["62"], np.random.default_rng(6))[0]
    exif = Image.Exif()
    exif[0x0112] = 6
    grey = np.asarray(Image.open(io.BytesIO(photo)).convert("L"))

    assert reader().read(png(np.rot90(grey).copy(), exif=exif)).text == "62"


def test_boxes_lie_in_pixels_of_the_upright_picture_also_after_a_scaled_decode() -> None:
    photo = page(["4", "2"], np.random.default_rng(8), size=(3200, 2400), height=500)[0]

    reading = reader().read(photo)

    assert reading.size == Image.open(io.BytesIO(photo)).size
    assert reading.text == "4\n2"
    for digit in reading.digits:
        assert 350 < digit.box.height < 700
        assert 0 <= digit.box.x < digit.box.x + digit.box.width <= reading.size[0]
        assert 0 <= digit.box.y < digit.box.y + digit.box.height <= reading.size[1]
    assert reading.digits[0].box.y + reading.digits[0].box.height < reading.digits[1].box.y


def test_a_reading_says_all_that_it_promises() -> None:
    reading = read("31", seed=9)

    assert reading.model == reader().version
    assert reading.milliseconds > 0
    for digit in reading.digits:
        assert len(digit.probabilities) == 11
        assert sum(digit.probabilities) == pytest.approx(1, abs=1e-4)
        assert digit.confidence == digit.probabilities[digit.digit] == max(digit.probabilities[:10])
        assert digit.runner_up != digit.digit
        assert len(digit.pixels) == 28 * 28


@pytest.mark.parametrize("seed", range(5))
def test_blank_paper_holds_no_digit(seed: int) -> None:
    reading = read(seed=seed, size=(1280, 960))

    assert reading.text == ""
    assert reading.digits == ()


@pytest.mark.parametrize("tone", [0, 128, 255])
def test_a_picture_of_one_tone_holds_no_digit(tone: int) -> None:
    assert reader().read(png(np.full((300, 400), tone, np.uint8))).text == ""


def test_squared_paper_without_writing_holds_no_digit() -> None:
    paper = np.full((600, 800), 225, np.uint8)
    paper[20::40] = paper[:, 20::40] = 150

    assert reader().read(png(paper)).text == ""


def test_a_dark_photo_without_a_digit_says_that_it_is_dark() -> None:
    photo = page([], np.random.default_rng(1), size=(800, 600))[0]

    assert reader().read(changed(photo, lambda grey: grey // 6)).hint == Hint.DARK


@pytest.mark.parametrize("seed", range(3))
def test_a_digit_cut_off_beyond_reading_says_so(seed: int) -> None:
    photo = page(["3"], np.random.default_rng(seed), height=200)[0]

    reading = reader().read(changed(photo, lambda grey: grey[grey.shape[0] // 2 :]))

    assert (reading.text, reading.hint) == ("", Hint.CUT_OFF)


def test_what_was_read_earlier_stays_as_it_was_and_is_judged_anew() -> None:
    photo = page(["42"], np.random.default_rng(1))[0]
    four, two = reader().read(photo).digits

    recalled = reader().recall(photo, [(four.box, 9, 0.6), (two.box, 2, 0.97)])

    assert [(each.box, each.digit, each.confidence, each.sure) for each in recalled.digits] == [
        (four.box, 9, 0.6, False),
        (two.box, 2, 0.97, True),
    ]
    for each, now in zip(recalled.digits, (four, two), strict=True):
        assert each.pixels == now.pixels
        assert each.probabilities == pytest.approx(now.probabilities, abs=1e-3)
    assert recalled.model == reader().version
    assert reader().recall(photo, []).digits == ()


def test_what_is_no_picture_raises_its_error() -> None:
    with pytest.raises(PhotoError):
        reader().read(b"not a picture")


@needs_mnist
@pytest.mark.parametrize("inverted", [False, True], ids=["white on black", "black on white"])
def test_mnist_pictures_as_png_are_read_in_both_polarities(inverted: bool) -> None:
    with np.load(MNIST) as mnist:
        pictures, labels = mnist["x_test"][:500], mnist["y_test"][:500]

    right = sum(
        reader().read(png(255 - picture if inverted else picture)).text == str(label)
        for picture, label in zip(pictures, labels, strict=True)
    )

    assert right >= 490


@needs_mnist
def test_mnist_pictures_cropped_to_the_ink_are_read() -> None:
    with np.load(MNIST) as mnist:
        pictures, labels = mnist["x_test"][:200], mnist["y_test"][:200]

    right = sum(
        reader().read(png(cropped(picture))).text == str(label) for picture, label in zip(pictures, labels, strict=True)
    )

    assert right >= 180


def cropped(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    rows, columns = np.flatnonzero(picture.max(axis=1) > 30), np.flatnonzero(picture.max(axis=0) > 30)
    return picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def at(x: int, digit: int, confidence: float) -> Digit:
    """A digit in a row, x pixels from the left."""
    shares = tuple(confidence if d == digit else (1 - confidence) / 10 for d in range(11))
    return Digit(digit, confidence, shares, confidence >= 0.8, Box(x, 10, 20, 40), bytes(28 * 28))


def seen(learned: list[Digit], by_rules: list[Digit]) -> list[tuple[int, float]]:
    return [(each.digit, each.confidence) for each in sorted(believed(learned, by_rules), key=lambda d: d.box.x)]


def test_what_both_see_is_read_by_the_surer_one() -> None:
    assert seen([at(0, 7, 0.3), at(50, 4, 0.9)], [at(2, 1, 0.6), at(51, 9, 0.5)]) == [(1, 0.6), (4, 0.9)]


@pytest.mark.parametrize("sees", ["finder", "rules"])
def test_what_one_alone_sees_counts_if_it_is_sure(sees: str) -> None:
    def alone(confidence: float) -> list[tuple[int, float]]:
        digits = [at(0, 3, confidence)]
        return seen(digits, []) if sees == "finder" else seen([at(200, 8, 0.2)], digits)

    assert alone(0.9) == []
    assert alone(0.97) == [(3, 0.97)]


def test_nothing_in_a_row_of_digits_is_swallowed_because_one_alone_sees_it() -> None:
    row = [at(0, 7, 0.97), at(50, 2, 0.6), at(100, 5, 0.4)]
    assert seen(row, []) == [(7, 0.97), (2, 0.6)]


def test_of_what_overlaps_one_is_believed() -> None:
    assert seen([at(0, 1, 0.5), at(12, 1, 0.6)], [at(6, 0, 0.9)]) == [(0, 0.9)]
    assert seen([at(6, 0, 0.9)], [at(0, 1, 0.96), at(12, 1, 0.96)]) == [(1, 0.96)]
