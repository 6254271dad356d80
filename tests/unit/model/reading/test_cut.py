"""A digit's ink, cut out of any colours and any light, without what lies beside it."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.reading.cut import around, cut
from model.reading.finder import EDGE, INK, OUTPUTS, STRIDE, Candidate, Scale, candidates, without_repeats

SIDE = 100  # pixels of the picture
BAR = np.s_[25:75, 45:55]  # the digit: an upright bar


def seen(likely: NDArray[np.float32]) -> Scale:
    """A scale as large as the picture, at which the network sees that ink."""
    framed = np.clip(np.pad(likely, EDGE), 0.001, 0.999)
    cells = len(framed) // STRIDE
    answers = np.zeros((cells, cells, OUTPUTS), np.float32)
    logits = np.log(framed / (1 - framed)).reshape(cells, STRIDE, cells, STRIDE).swapaxes(1, 2)
    answers[..., INK] = logits.reshape(cells, cells, STRIDE * STRIDE)
    return Scale(1.0, 0, 0, np.zeros((cells, cells, 3), np.float32), answers)


def likely() -> NDArray[np.float32]:
    """The bar, as surely as the finder would see it."""
    ink = np.zeros((SIDE, SIDE), np.float32)
    ink[BAR] = 0.95
    return np.asarray(cv2.GaussianBlur(ink, (0, 0), 1), np.float32)


def bar(paper: tuple[int, int, int], ink: tuple[int, int, int]) -> NDArray[np.uint8]:
    picture = np.full((SIDE, SIDE, 3), paper, np.uint8)
    picture[BAR] = ink
    return picture


def cut_bar(picture: NDArray[np.uint8], ink: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
    """What is cut out, at its place in the picture."""
    edges = np.array([45, 25, 55, 75], np.float32)
    scale = seen(likely() if ink is None else ink)
    found = cut(picture, Candidate(True, 1.0, 0.0, edges, np.zeros(10, np.float32), scale))
    left, top, right, bottom = around(edges, picture.shape)
    whole = np.zeros((SIDE, SIDE), np.float32)
    whole[top:bottom, left:right] = found.ink
    return whole


@pytest.mark.parametrize(
    ("paper", "ink"),
    [
        ((250, 250, 250), (20, 20, 20)),
        ((20, 20, 20), (250, 250, 250)),
        ((90, 40, 20), (200, 30, 20)),  # red on dark wood: as dark as it is in grey
        ((180, 180, 180), (150, 150, 150)),  # pencil
        ((40, 90, 50), (240, 240, 200)),  # chalk
    ],
)
def test_ink_of_any_colour_is_cut_from_paper_of_any_colour(paper: tuple[int, ...], ink: tuple[int, ...]) -> None:
    found = cut_bar(bar(paper, ink))  # type: ignore[arg-type]
    assert found[BAR].min() > 0.9
    found[23:77, 43:57] = 0
    assert found.max() < 0.1


def test_a_shadow_across_the_paper_is_no_ink() -> None:
    picture = bar((230, 230, 230), (30, 30, 60))
    picture[:, :40] //= 2
    found = cut_bar(picture)
    assert found[BAR].min() > 0.75
    assert found[:, :42].max() < 0.1


def test_a_neighbour_within_reach_is_left_out() -> None:
    picture, ink = bar((230, 230, 230), (30, 30, 60)), likely()
    picture[25:75, 60:64] = 30
    ink[25:75, 60:64] = 0.95
    found = cut_bar(picture, ink)
    assert found[BAR].min() > 0.9
    assert found[:, 59:].max() < 0.1


def test_the_ink_tells_where_the_digit_really_is() -> None:
    rough = np.array([42, 29, 60, 80], np.float32)
    found = cut(
        bar((230, 230, 230), (30, 30, 60)), Candidate(True, 1.0, 0.0, rough, np.zeros(10, np.float32), seen(likely()))
    )
    assert found.edges == pytest.approx([45, 25, 55, 75], abs=1)


def test_of_two_digits_that_touch_each_is_cut_alone() -> None:
    picture, ink = bar((230, 230, 230), (30, 30, 60)), likely()
    picture[45:50, 55:66] = picture[25:75, 66:76] = 30
    ink[45:50, 54:66] = ink[25:75, 66:76] = 0.95
    found = cut_bar(picture, ink)
    assert found[BAR].min() > 0.9
    assert found[:, 64:].max() < 0.1


def test_where_nothing_is_surely_ink_nothing_is_cut() -> None:
    assert cut_bar(bar((230, 230, 230), (30, 30, 60)), np.zeros((SIDE, SIDE), np.float32)).max() == 0


def test_a_digit_at_the_edge_of_the_picture_is_cut_there() -> None:
    picture = bar((230, 230, 230), (30, 30, 60))
    edges = np.array([-5, 25, 5, 110], np.float32)
    ink = cut(picture, Candidate(True, 1.0, 0.0, edges, np.zeros(10, np.float32), seen(likely())))
    assert min(ink.ink.shape) > 0


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.sampled_from([(100, 100), (17, 300), (300, 9)]), st.sampled_from([0.2, 1.0, 3.0]))
def test_whatever_the_network_says_something_is_cut(seed: int, size: tuple[int, int], factor: float) -> None:
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, 256, (size[1], size[0], 3)).astype(np.uint8)
    rows, columns = (-(-round(side * factor + 2 * EDGE) // STRIDE) for side in (size[1], size[0]))
    answers = rng.normal(0, 4, (rows, columns, OUTPUTS)).astype(np.float32)
    heat = rng.uniform(0, 1, (rows, columns, 3)).astype(np.float32)
    for candidate in without_repeats(list(candidates(Scale(factor, 0, 0, heat, answers))))[:20]:
        found = cut(picture, candidate)
        assert found.ink.size
        assert np.isfinite(found.ink).all()
        assert np.isfinite(found.edges).all()
