"""Ink on any ground can be seen."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from model.synthesis import colours
from model.synthesis.colours import FAINTEST

channel = st.floats(0, 1, width=32)
seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=300, deadline=None)
@given(red=channel, green=channel, blue=channel, dark=st.floats(0.01, 1), seed=seeds)
def test_ink_can_always_be_told_from_its_ground(red: float, green: float, blue: float, dark: float, seed: int) -> None:
    of = np.array([red, green, blue], np.float32)

    ink = colours.ink(of, dark, np.random.default_rng(seed))

    assert colours.contrast(ink, of) > FAINTEST - 1e-6
    assert ink.min() >= -1e-6
    assert ink.max() <= 1 + 1e-6


@settings(max_examples=300, deadline=None)
@given(seed=seeds)
def test_a_ground_has_a_colour_and_a_screen_no_texture(seed: int) -> None:
    ground = colours.ground(np.random.default_rng(seed))

    assert ground.colour.shape == (3,)
    assert 0 <= ground.colour.min() <= ground.colour.max() <= 1
    assert ground.fine >= 0
    assert ground.coarse >= 0
    if ground.is_screen:
        assert ground.fine == ground.coarse == 0


def test_grounds_are_light_and_dark() -> None:
    tones = [colours.ground(np.random.default_rng(seed)).colour.mean() for seed in range(200)]

    assert np.mean(np.array(tones) > 0.6) > 0.6
    assert np.mean(np.array(tones) < 0.3) > 0.1
