"""Pictures spoilt on purpose: each in the amount that its name says, and the same every time."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.evaluation import robustness
from tests.handwriting import digits


def pictures(n: int = 30) -> NDArray[np.float32]:
    return digits(n, np.random.default_rng(8))[0].astype(np.float32) / np.float32(255)


def middles(of: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n, 2): the centre of mass of each picture, x and y in pixels."""
    y, x = np.mgrid[0:28, 0:28]
    return np.stack([(of * axis).sum(axis=(1, 2)) / of.sum(axis=(1, 2)) for axis in (x, y)], axis=1)


@pytest.mark.parametrize("name", robustness.SPOILT)
def test_every_kind_spoils_every_picture_and_always_in_the_same_way(name: str) -> None:
    good = pictures()
    one, again = (robustness.spoilt(good, robustness.SPOILT[name]) for _ in range(2))
    assert np.array_equal(one, again)
    assert (one.shape, one.dtype) == (good.shape, np.dtype(np.float32))
    assert (one.min(), one.max()) >= (0, 0)
    assert one.max() <= 1
    assert (np.abs(one - good).max(axis=(1, 2)) > 0.02).all()


def test_a_shift_moves_by_so_many_pixels() -> None:
    moved = robustness.spoilt(pictures(), robustness.SPOILT["shifted by 2 pixels"])
    assert np.linalg.norm(middles(moved) - middles(pictures()), axis=1) == pytest.approx(2, abs=0.25)


def test_a_scale_is_of_the_size_and_keeps_the_middle() -> None:
    smaller = robustness.spoilt(pictures(), robustness.SPOILT["scaled to 75 %"])
    assert smaller.sum() / pictures().sum() == pytest.approx(0.75**2, rel=0.05)
    assert np.abs(middles(smaller) - 13.5).max() < 1


def test_wider_strokes_are_more_ink_and_thinner_ones_less() -> None:
    thin, wide = (
        robustness.spoilt(pictures(), robustness.SPOILT[name])
        for name in ("strokes 1 pixel thinner", "strokes 2 pixels wider")
    )
    assert thin.sum() < 0.9 * pictures().sum()
    assert wide.sum() > 1.2 * pictures().sum()


def test_less_contrast_is_fainter_ink() -> None:
    faint = robustness.spoilt(pictures(), robustness.SPOILT["a quarter of the contrast"])
    assert faint == pytest.approx(pictures() / 4)
