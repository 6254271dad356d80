"""What the finder is told to say of a window."""

import numpy as np
import pytest

from model.finder_training.targets import NO_CLASS, SIDE, target, window
from model.reading.finder import LARGEST, SMALLEST, STRIDE
from model.synthesis.sheets import Photo, Sight


def photo(*marks: Sight, size: tuple[int, int] = (SIDE, SIDE)) -> Photo:
    picture = np.full((size[1], size[0], 3), 200, np.uint8)
    return Photo(picture, marks, np.zeros((size[1], size[0]), np.uint8))


def sight(digit: int | None = 4, height: float = 24, *, x: float = 100, y: float = 60, visible: float = 1) -> Sight:
    """A mark half as wide as high, its left upper corner at (x, y)."""
    return Sight(digit, x, y, x + height / 2, y + height, visible)


def test_a_digit_is_told_in_the_cell_of_its_centre() -> None:
    wanted = target(photo(sight()))
    (row,), (column,) = np.nonzero(wanted.heat[..., 0] == 1)
    assert (int(column), int(row)) == (int(106 / STRIDE), int(72 / STRIDE))
    assert wanted.classes[row, column] == 4
    x, y = (column + 0.5) * STRIDE, (row + 0.5) * STRIDE
    assert wanted.boxes[row, column] == pytest.approx([x - 100, y - 60, 112 - x, 84 - y])
    assert wanted.heat[..., 1:].max() == 0


def test_another_mark_is_no_digit() -> None:
    wanted = target(photo(sight(None)))
    assert wanted.heat[..., 1].max() == 1
    assert wanted.heat[..., 0].max() == 0
    assert (wanted.classes == NO_CLASS).all()


def test_a_digit_too_small_for_this_scale_asks_for_a_closer_look() -> None:
    wanted = target(photo(sight(height=0.7 * SMALLEST)))
    assert wanted.heat[..., 2].max() == 1
    assert wanted.heat[..., 0].max() == 0
    assert wanted.counts[..., 0].all()


@pytest.mark.parametrize("mark", [sight(visible=0.7), sight(height=1.1 * LARGEST)])
def test_what_is_neither_surely_a_digit_nor_surely_none_counts_neither_way(mark: Sight) -> None:
    wanted = target(photo(mark))
    row, column = int((mark.top + mark.bottom) / 2 / STRIDE), int((mark.left + mark.right) / 2 / STRIDE)
    assert wanted.counts[row, column, 0] == 0
    assert wanted.heat[..., 0].max() == 0
    assert wanted.counts[2, 2].all()


def test_a_digit_half_out_of_the_picture_is_none() -> None:
    wanted = target(photo(sight(visible=0.4)))
    assert wanted.heat[..., 0].max() == 0
    assert wanted.counts[..., 0].all()


def test_of_two_digits_side_by_side_each_has_its_own_class_and_box() -> None:
    wanted = target(photo(sight(1), sight(2, x=113)))
    told = {int(d) for d in np.unique(wanted.classes)} - {NO_CLASS}
    assert told == {1, 2}
    assert (wanted.heat[..., 0] == 1).sum() == 2


def test_four_photos_share_a_window_each_in_its_quarter() -> None:
    photos = [photo(sight(d, x=20, y=20), size=(80, 60)) for d in range(4)]
    made = window(photos, [(15, 20)] * 4)
    assert made.picture.shape == (SIDE, SIDE, 3)
    assert [(mark.left, mark.top) for mark in made.marks] == [(35, 40), (163, 40), (35, 168), (163, 168)]
    assert (made.picture == 200).all()  # edges are copied
