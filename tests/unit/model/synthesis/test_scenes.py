"""Scenes of anything but digits: of the size that was asked for, and the same every time."""

from collections.abc import Callable

import numpy as np
import pytest

from model.synthesis.scenes import KINDS, scene
from model.synthesis.scenes.effects import EFFECTS
from model.synthesis.scenes.texture import Picture, Size

Maker = Callable[[Size, np.random.Generator], Picture]
Effect = Callable[[Picture, np.random.Generator], Picture]

SIZES = ((28, 40), (150, 90))  # width and height; the smallest photo that is made, and one of a usual shape


@pytest.mark.parametrize("make", [make for _, make in KINDS], ids=lambda make: make.__name__)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_every_kind_fills_a_picture_of_that_size_the_same_way_again(make: Maker, size: Size) -> None:
    generators = [np.random.default_rng(5) for _ in range(2)]

    one, again = (make(size, rng) for rng in generators)

    assert one.shape == (size[1], size[0], 3)
    assert one.dtype == np.uint8
    assert np.array_equal(one, again)
    assert one.std() > 1
    assert generators[0].bit_generator.state == generators[1].bit_generator.state


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: effect.__name__)
def test_an_after_effect_keeps_the_size(effect: Effect) -> None:
    plain = np.full((60, 90, 3), 120, np.uint8)
    plain[20:40] = (200, 60, 30)

    spoilt = effect(plain.copy(), np.random.default_rng(5))

    assert spoilt.shape == plain.shape
    assert spoilt.dtype == np.uint8
    assert not np.array_equal(spoilt, plain)


def test_scenes_differ_and_the_same_seed_gives_the_same_one() -> None:
    one, again, other = (scene(SIZES[1], np.random.default_rng(seed)) for seed in (1, 1, 2))

    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
