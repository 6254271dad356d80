"""Recorded handwriting becomes pictures as the finder would have cut them from photos, readable and never the same."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.data.handwriting import Sample, Strokes
from model.reading.classifier import Classifier
from model.reading.mnist_format import SIDE, stroke_width
from model.synthesis import pens
from tests.handwriting import SHAPES, ink

RECORDED = pytest.mark.parametrize("form", ["strokes", "picture"])


def strokes(d: int) -> Strokes:
    """A digit's usual way as polylines, as a tablet records it: many points, in its own units, somewhere."""
    corners = [np.array([point.split(",") for point in stroke.split()], float) for stroke in SHAPES[d][0].split("/")]
    return [1000 + 7 * dense(line) for line in corners]


def dense(line: NDArray[np.float64]) -> NDArray[np.float32]:
    t = np.linspace(0, len(line) - 1, 10 * len(line))
    return np.stack([np.interp(t, np.arange(len(line)), line[:, i]) for i in (0, 1)], axis=1).astype(np.float32)


def sample(d: int, form: str = "strokes") -> Sample:
    """The digit, recorded by a tablet or scanned."""
    if form == "strokes":
        return Sample(str(d), "me", None, strokes(d))
    return Sample(str(d), "me", np.pad(ink(d, np.random.default_rng(d), height=40), 5), None)


def pictures(form: str, n: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """`n` pictures of all ten digits in turn, and which they are."""
    labels = np.arange(n) % 10
    rng = np.random.default_rng(1)
    return np.stack([pens.picture(sample(int(d), form), rng) for d in labels]), labels


@RECORDED
def test_most_pictures_can_be_read_as_what_was_written(form: str) -> None:
    made, labels = pictures(form, 200)

    read = Classifier().probabilities(made)[:, :10].argmax(axis=1)

    assert made.shape == (200, SIDE, SIDE)
    assert made.dtype == np.uint8
    assert (read == labels).mean() > 0.85


@RECORDED
def test_each_call_gives_another_picture_and_the_same_state_the_same(form: str) -> None:
    rng = np.random.default_rng(3)
    one, other = (pens.picture(sample(5, form), rng) for _ in range(2))
    again = pens.picture(sample(5, form), np.random.default_rng(3))

    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


@RECORDED
def test_pens_are_hairlines_and_markers_and_all_between(form: str) -> None:
    rng = np.random.default_rng(4)
    widths = [stroke_width((pens.drawn(sample(0, form), rng) > 0.5).astype(np.uint8)) for _ in range(60)]

    assert min(widths) < 0.07 * pens.HEIGHT
    assert max(widths) > 0.13 * pens.HEIGHT


@RECORDED
def test_ink_is_a_share_from_none_to_all_before_and_after_it_is_worn(form: str) -> None:
    for seed in range(40):
        rng = np.random.default_rng(seed)
        for drawing in (pens.drawn(sample(8, form), rng), pens.clean(sample(8, form), rng)):
            for some in (drawing, pens.worn(drawing, rng)):
                assert some.dtype == np.float32
                assert some.min() >= 0
                assert some.max() <= 1
            assert drawing.max() > 0.5


def test_a_pen_is_about_as_wide_as_it_is_said_to_be() -> None:
    line = [np.array([[5, 24], [43, 24]], np.float32)]
    for pen in (0.02, 0.04, 0.1, 0.2):
        width = (pens.draw_strokes(line, pen) > 0.5).any(axis=1).sum()

        assert width == pytest.approx(pen * pens.HEIGHT, abs=2.5)


@pytest.mark.parametrize("d", range(10))
def test_what_a_tablet_recorded_is_drawn_as_high_as_said(d: int) -> None:
    inked = pens.clean(sample(d), np.random.default_rng(d)) > 0.5

    longer = max(np.ptp(np.flatnonzero(inked.any(axis=side))) + 1 for side in (0, 1))
    assert pens.HEIGHT - 2 <= longer <= 1.2 * pens.HEIGHT


def test_a_tablets_units_and_place_do_not_matter() -> None:
    here = sample(3)
    there = Sample("3", "me", None, [line * 0.01 - 7 for line in strokes(3)])

    one, other = (pens.clean(each, np.random.default_rng(1)) for each in (here, there))

    assert np.abs(one - other).mean() < 0.01


def test_a_touch_of_the_pen_leaves_a_dot() -> None:
    dot = Sample(".", "me", None, [np.array([[3, 3]], np.float32)])

    assert pens.clean(dot, np.random.default_rng(1)).max() > 0.5
    assert pens.picture(dot, np.random.default_rng(1)).shape == (SIDE, SIDE)


def test_a_blank_picture_stays_black() -> None:
    blank = Sample("5", "", np.zeros((28, 28), np.uint8), None)
    for seed in range(20):
        assert not pens.drawn(blank, np.random.default_rng(seed)).any()
        assert pens.picture(blank, np.random.default_rng(seed)).shape == (SIDE, SIDE)


def test_grey_paper_of_a_scan_is_no_ink() -> None:
    scanned = np.maximum(np.pad(ink(4, np.random.default_rng(4), height=40), 12), 40).astype(np.uint8)

    cleaned = pens.clean(Sample("4", "", scanned, None), np.random.default_rng(1))

    assert cleaned[0].max() == 0
    assert cleaned.max() == 1
