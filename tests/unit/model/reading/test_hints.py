"""A picture that is hard to read tells why, and one that isn't tells nothing."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from model.reading.hints import hint
from model.reading.result import Box, Hint
from tests.handwriting import ink

SIZE = (400, 300)  # width, height
INSIDE = Box(180, 100, 40, 64)


def photo(paper: int = 220, pen: int = 60) -> NDArray[np.uint8]:
    """A sharp 5 in the middle of even paper."""
    grey = np.full(SIZE[::-1], paper, np.uint8)
    written = ink(5, np.random.default_rng(1), height=80)
    height, width = written.shape
    grey[110 : 110 + height, 180 : 180 + width][written > 127] = pen
    return grey


def glaring() -> NDArray[np.uint8]:
    """Grey paper with a lamp's reflection."""
    grey = photo(paper=150)
    cv2.circle(grey, (60, 60), 40, 255, -1)
    return grey


TROUBLES = {
    Hint.DARK: (photo(paper=50, pen=20), INSIDE),
    Hint.BLURRED: (np.asarray(cv2.GaussianBlur(photo(), (0, 0), 8), np.uint8), INSIDE),
    Hint.SMALL: (photo(), Box(180, 100, 8, 12)),
    Hint.CUT_OFF: (photo(), Box(0, 100, 40, 64)),
    Hint.GLARE: (glaring(), INSIDE),
}


@pytest.mark.parametrize("why", Hint)
def test_each_trouble_is_told(why: Hint) -> None:
    grey, box = TROUBLES[why]

    assert hint(grey, [box], SIZE) is why


@pytest.mark.parametrize("boxes", [[INSIDE], []], ids=["with a digit", "without one"])
def test_a_good_photo_has_no_trouble_to_tell(boxes: list[Box]) -> None:
    assert hint(photo(), boxes, SIZE) is None


@pytest.mark.parametrize("paper", [255, 220], ids=["white", "light"])
def test_light_paper_is_no_glare(paper: int) -> None:
    assert hint(photo(paper), [INSIDE], SIZE) is None


@pytest.mark.parametrize(
    "box",
    [Box(0, 100, 40, 64), Box(180, 0, 40, 64), Box(360, 100, 40, 64), Box(180, 236, 40, 64)],
    ids=["left", "top", "right", "bottom"],
)
def test_ink_at_any_edge_is_cut_off(box: Box) -> None:
    assert hint(photo(), [INSIDE, box], SIZE) is Hint.CUT_OFF


def test_one_large_digit_among_small_ones_is_not_too_small() -> None:
    assert hint(photo(), [INSIDE, Box(20, 20, 5, 9)], SIZE) is None


def test_boxes_are_in_pixels_of_the_picture_before_it_was_scaled_down() -> None:
    assert hint(photo(), [Box(380, 100, 40, 64)], (4000, 3000)) is None
