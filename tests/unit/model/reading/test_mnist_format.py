"""Whatever was written, the 28×28 picture is the one that MNIST would have held."""

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.reading.mnist_format import BOX, SIDE, stroke_width, to_mnist
from tests.handwriting import ink

HANDS = st.integers(0, 2**32 - 1).map(np.random.default_rng)
DIGITS = st.integers(0, 9)


def written(d: int, rng: np.random.Generator, height: int, pen: float) -> NDArray[np.float32]:
    """A digit as ink, 0 to 1."""
    return (ink(d, rng, height, pen) / 255).astype(np.float32)


@given(DIGITS, HANDS, st.integers(15, 300), st.floats(0.03, 0.2))
def test_the_digit_fills_its_box_and_its_mass_is_in_the_middle(
    d: int, rng: np.random.Generator, height: int, pen: float
) -> None:
    picture = to_mnist(written(d, rng, height, max(1.0, pen * height))).astype(np.float64)

    rows, columns = np.flatnonzero(picture.max(axis=1) > 64), np.flatnonzero(picture.max(axis=0) > 64)
    assert picture.shape == (SIDE, SIDE)
    assert BOX - 2 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= BOX
    y, x = (np.indices(picture.shape) * picture).sum(axis=(1, 2)) / picture.sum()
    assert abs(y - (SIDE - 1) / 2) <= 0.6
    assert abs(x - (SIDE - 1) / 2) <= 0.6


@given(DIGITS, HANDS, st.sampled_from([2, 3]))
def test_a_larger_copy_gives_the_same_picture(d: int, rng: np.random.Generator, times: int) -> None:
    small = written(d, rng, 60, 6)
    large = cv2.resize(small, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC).clip(0, 1)

    one, other = to_mnist(small).astype(int), to_mnist(large.astype(np.float32)).astype(int)
    shifts = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1)]  # the middle of its mass may round the other way
    assert min(np.abs(one - np.roll(other, shift, axis=(0, 1))).mean() for shift in shifts) < 14  # of 255


@given(DIGITS, HANDS)
def test_a_hairline_becomes_a_stroke_that_can_be_seen(d: int, rng: np.random.Generator) -> None:
    picture = to_mnist(written(d, rng, 200, 1.5))

    assert stroke_width((picture > 100).astype(np.uint8)) >= 1.2
    assert (picture > 128).sum() >= 15


def test_no_ink_gives_a_black_picture() -> None:
    assert not to_mnist(np.zeros((50, 30), np.float32)).any()
    assert not to_mnist(np.zeros((0, 0), np.float32)).any()


def test_the_width_of_a_stroke_is_measured() -> None:
    for width in (1, 2, 4, 9, 15):
        bar = np.zeros((120, 60), np.uint8)
        bar[5:115, 20 : 20 + width] = 1
        assert abs(stroke_width(bar) - width) <= max(1.2, 0.15 * width)
