"""Clutter is ink that no digit is: every kind of it, at every draw."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from model.reading.mnist_format import SIDE, to_mnist
from model.synthesis import clutter
from model.synthesis.pens import HEIGHT, MARGIN, Ink
from tests.handwriting import ink

Rng = np.random.Generator
SEEDS = range(40)


@cache
def digits() -> list[Ink]:
    """Every digit, drawn as `pens` draws them."""
    return [drawn(d) for d in range(10)]


def drawn(d: int) -> Ink:
    """A digit in the middle of its square."""
    written = ink(d, np.random.default_rng(d), height=HEIGHT).astype(np.float32)[: HEIGHT + 2 * MARGIN] / 255
    canvas = np.zeros((HEIGHT + 2 * MARGIN,) * 2, np.float32)
    canvas[: written.shape[0], MARGIN : MARGIN + written.shape[1]] = written
    return canvas


MAKERS: dict[str, Callable[[Rng], Ink]] = {
    "any": lambda rng: clutter.clutter(digits(), rng),
    "scribble": clutter.scribble,
    "pair": lambda rng: clutter.pair(digits()[2], digits()[5], rng),
    "part": lambda rng: clutter.part(digits()[3], rng),
    "crossed out": lambda rng: clutter.crossed_out(digits()[8], rng),
    "lines": clutter.lines,
    "blot": clutter.blot,
    "texture": clutter.texture,
}
every_maker = pytest.mark.parametrize("make", MAKERS.values(), ids=list(MAKERS))


@pytest.mark.parametrize("make", [pytest.param(MAKERS[k], id=k) for k in MAKERS])
def test_every_kind_gives_ink_that_can_be_seen(make: Callable[[Rng], Ink]) -> None:
    for seed in SEEDS:
        piece = make(np.random.default_rng(seed))

        assert piece.dtype == np.float32
        assert piece.min() >= 0
        assert piece.max() <= 1
        assert to_mnist(piece).shape == (SIDE, SIDE)
        assert (to_mnist(piece) > 128).sum() >= 10


@every_maker
def test_the_same_seed_gives_the_same_piece_and_another_seed_another(make: Callable[[Rng], Ink]) -> None:
    one, again, other = (make(np.random.default_rng(seed)) for seed in (1, 1, 2))

    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_no_clutter_is_so_narrow_that_it_may_be_a_one() -> None:
    pieces = [clutter.clutter(digits(), np.random.default_rng(seed)) > 0.3 for seed in range(300)]
    for piece in (piece for piece in pieces if piece.any()):
        height, width = np.ptp(np.flatnonzero(piece.any(axis=1))) + 1, np.ptp(np.flatnonzero(piece.any(axis=0))) + 1

        assert width > 0.35 * height


def test_a_pair_holds_nearly_the_ink_of_both() -> None:
    both = digits()[2].sum() + digits()[5].sum()
    for seed in SEEDS:
        assert 0.7 * both < clutter.pair(digits()[2], digits()[5], np.random.default_rng(seed)).sum() <= 1.001 * both


@pytest.mark.parametrize("d", [0, 2, 3, 5, 8])
def test_a_part_holds_less_than_half_of_its_digit(d: int) -> None:
    for seed in SEEDS:
        part = clutter.part(digits()[d], np.random.default_rng(seed)) > 0.3
        whole = digits()[d] > 0.3

        assert np.ptp(np.flatnonzero(part.any(axis=1))) < 0.5 * np.ptp(np.flatnonzero(whole.any(axis=1)))


def test_a_crossed_out_digit_is_still_under_its_zigzag() -> None:
    digit = digits()[8]
    for seed in SEEDS:
        crossed = clutter.crossed_out(digit, np.random.default_rng(seed))

        assert (crossed >= digit).all()
        assert crossed.sum() > 1.2 * digit.sum()


def test_the_digits_to_make_it_of_stay_as_they_are() -> None:
    before = [digit.copy() for digit in digits()]
    for seed in range(100):
        clutter.clutter(digits(), np.random.default_rng(seed))

    assert all(np.array_equal(one, other) for one, other in zip(before, digits(), strict=True))


def test_digits_of_which_nothing_is_left_do_no_harm() -> None:
    empty = [np.zeros_like(digits()[0])]
    for seed in SEEDS:
        assert np.isfinite(clutter.clutter(empty, np.random.default_rng(seed))).all()
