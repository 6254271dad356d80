"""Frames around digits are told from digits: four corners, closed, hollow."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from model.reading.frames import corners_of, frames, is_frame
from model.reading.result import Box
from tests.handwriting import ink

Mask = NDArray[np.uint8]  # (height, width), 0 or 1

LEVEL = [(60, 40), (220, 40), (220, 160), (60, 160)]
ASKEW = [(80, 30), (235, 55), (215, 170), (60, 145)]
IN_PERSPECTIVE = [(80, 40), (200, 40), (230, 165), (50, 165)]


def blank() -> Mask:
    return np.zeros((200, 280), np.uint8)


def outline(corners: list[tuple[int, int]], *, closed: bool = True) -> Mask:
    """A pen's line from corner to corner."""
    mask = blank()
    cv2.polylines(mask, [np.array(corners, np.int32)], closed, 1, 3)
    return mask


def with_digit(mask: Mask, d: int, height: int, place: tuple[int, int], seed: int = 0) -> Mask:
    """The mask with a digit's top left corner at a place (x, y)."""
    written = ink(d, np.random.default_rng(seed), height=height) > 127
    x, y = place
    mask = mask.copy()
    mask[y : y + written.shape[0], x : x + written.shape[1]] |= written.view(np.uint8)
    return mask


@pytest.mark.parametrize("corners", [LEVEL, ASKEW, IN_PERSPECTIVE], ids=["level", "askew", "in perspective"])
def test_an_outline_with_four_corners_is_a_frame_as_large_as_it_is_drawn(corners: list[tuple[int, int]]) -> None:
    mask = outline(corners)

    (box,) = frames(mask)

    assert box == Box(*cv2.boundingRect(mask))
    assert is_frame(mask[box.y : box.y + box.height, box.x : box.x + box.width] > 0)


@pytest.mark.parametrize("d", range(10))
def test_a_digit_in_a_frame_leaves_the_frame_one(d: int) -> None:
    around = outline(LEVEL)

    assert frames(with_digit(around, d, 80, (110, 60))) == frames(around)


@pytest.mark.parametrize("d", range(10))
def test_a_digit_that_touches_its_frame_from_inside_leaves_it_one(d: int) -> None:
    around = outline(LEVEL)

    assert frames(with_digit(around, d, 90, (63, 50))) == frames(around)


@pytest.mark.parametrize("d", range(10))
@pytest.mark.parametrize("seed", range(10))
def test_no_digit_is_a_frame(d: int, seed: int) -> None:
    written = ink(d, np.random.default_rng(seed), height=80) > 127

    assert not is_frame(written)
    assert not frames(with_digit(blank(), d, 80, (40, 40), seed))


@pytest.mark.parametrize(
    "mask",
    [
        pytest.param(outline(LEVEL, closed=False), id="open"),
        pytest.param(outline([(60, 160), (140, 40), (220, 160)]), id="triangle"),
        pytest.param(cv2.ellipse(blank(), (140, 100), (60, 80), 0, 0, 360, 1, 3), id="round"),
        pytest.param(cv2.rectangle(blank(), (60, 40), (220, 160), 1, -1), id="filled"),
        pytest.param(cv2.rectangle(blank(), (60, 40), (68, 48), 1, 1), id="tiny"),
        pytest.param(blank(), id="nothing"),
    ],
)
def test_what_lacks_a_frames_form_is_none(mask: Mask) -> None:
    assert frames(mask) == []


def test_of_frames_in_each_other_the_outermost_is_found() -> None:
    mask = outline(LEVEL)
    cv2.rectangle(mask, (80, 60), (200, 140), 1, 3)

    assert frames(mask) == frames(outline(LEVEL))


def test_every_frame_of_a_row_is_found() -> None:
    mask = blank()
    for x in (10, 100, 190):
        cv2.rectangle(mask, (x, 50), (x + 70, 130), 1, 2)

    assert sorted(box.x for box in frames(mask)) == pytest.approx([10, 100, 190], abs=1)


def test_an_outline_has_corners_where_it_is_straight_between_them() -> None:
    without_a_corner = np.array([(60, 40), (160, 40), (220, 100), (220, 160), (60, 160)], np.int32)
    circle = np.array(cv2.ellipse2Poly((140, 100), (60, 60), 0, 0, 360, 5), np.int32)

    assert sorted(corners_of(np.array(ASKEW, np.int32))) == sorted(ASKEW)
    assert len(corners_of(without_a_corner)) == 5
    assert not 3 <= len(corners_of(circle)) <= 6
