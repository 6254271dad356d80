"""Signs around digits: in their place, and never as large as to be in another's."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.data.handwriting import Strokes
from model.synthesis import signs

SEEDS = range(30)
WIDTH = 0.6  # of the digit that is ringed, boxed, underlined or crossed out


def corners(lines: Strokes) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    every = np.concatenate(lines)
    assert np.isfinite(every).all()
    return every.min(axis=0), every.max(axis=0)


@pytest.mark.parametrize("name", signs.NAMES)
def test_a_sign_begins_at_its_place_and_stays_in_its_row(name: str) -> None:
    for seed in SEEDS:
        low, high = corners(signs.sign(name, np.random.default_rng(seed)))

        assert abs(low[0]) < 0.4
        assert high[0] < 2.2
        assert low[1] > -1.8
        assert high[1] < 0.8


def test_every_sign_that_is_asked_for_is_known() -> None:
    assert {*signs.BETWEEN, *signs.BEFORE, *signs.AFTER, *signs.ALONE} <= set(signs.NAMES)


def test_no_sign_is_drawn_the_same_way_twice() -> None:
    one, other = (signs.sign("+", np.random.default_rng(seed)) for seed in (1, 2))

    assert not np.array_equal(np.concatenate(one), np.concatenate(other))


def test_a_ring_and_a_box_go_around_a_digit() -> None:
    for around in (signs.ring, signs.box):
        for seed in SEEDS:
            low, high = corners(around(WIDTH, np.random.default_rng(seed)))

            assert (low < (0, -1)).all()
            assert (high > (WIDTH, 0)).all()


def test_a_line_below_a_digit_touches_it_nowhere() -> None:
    for seed in SEEDS:
        low, high = corners(signs.underline(WIDTH, np.random.default_rng(seed)))

        assert low[1] > 0
        assert high[1] < 1


def test_what_crosses_a_digit_out_goes_all_across_it() -> None:
    for seed in SEEDS:
        low, high = corners(signs.crossing(WIDTH, np.random.default_rng(seed)))

        assert low[0] < 0
        assert high[0] > WIDTH
        assert low[1] > -1.5
        assert high[1] < 0.5
