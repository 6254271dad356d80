"""What the finder makes of its network's answers: places, sizes, ink, and each thing once."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.reading.finder import (
    ALWAYS,
    BOX,
    BOX_UNIT,
    EDGE,
    FINEST,
    HEAT,
    INK,
    LARGEST,
    OUTPUTS,
    SMALLEST,
    STRIDE,
    Candidate,
    Part,
    Scale,
    candidates,
    scales,
    without_repeats,
)


def scale(factor: float = 1.0, cells: int = 40) -> Scale:
    """A scale at which nothing is seen."""
    answers = np.full((cells, cells, OUTPUTS), -9.0, np.float32)
    return Scale(factor, 0, 0, np.zeros((cells, cells, 3), np.float32), answers)


def see(at: Scale, row: int, column: int, heat: float, sides: tuple[float, float, float, float], kind: int = 0) -> None:
    """Lets the network see something in that cell, its box so many pixels to the left, up, right and down."""
    at.heat[row, column, kind] = heat
    at.answers[row, column, BOX] = np.array(sides) / BOX_UNIT


def candidate(left: float, top: float, right: float, bottom: float, heat: float, *, is_digit: bool = True) -> Candidate:
    edges = np.array([left, top, right, bottom], np.float32)
    return Candidate(is_digit, heat, 0.0, edges, np.zeros(10, np.float32), scale())


@given(st.integers(8, 5000), st.integers(8, 5000))
def test_some_scale_shows_every_readable_digit_at_a_size_that_it_finds(width: int, height: int) -> None:
    sizes = scales(width, height)
    assert max(sizes[-1]) <= FINEST
    smallest, largest = SMALLEST * max(width, height) / max(sizes[-1]), max(width, height)
    for digit in np.geomspace(smallest, max(smallest, largest), 20):
        shown = [digit * max(size) / max(width, height) for size in sizes]
        assert any(SMALLEST * 0.99 <= side <= LARGEST for side in shown)


def test_scales_go_from_coarse_to_fine_and_the_usual_photo_has_one_beyond_those_always_looked_at() -> None:
    sizes = scales(640, 480)
    assert [max(size) for size in sizes] == [32, 64, 128, 256, 512]
    assert sum(max(size) > ALWAYS for size in sizes) == 1


def test_a_hit_is_told_in_pixels_of_the_picture() -> None:
    at = scale(factor=0.5)
    see(at, row=10, column=7, heat=0.9, sides=(4, 8, 6, 10))
    (found,) = candidates(at)
    x, y = 7 * STRIDE + STRIDE / 2 - EDGE, 10 * STRIDE + STRIDE / 2 - EDGE
    assert found.is_digit
    assert found.heat == pytest.approx(0.9)
    assert found.edges == pytest.approx([2 * (x - 4), 2 * (y - 8), 2 * (x + 6), 2 * (y + 10)])


def test_only_the_surest_cell_of_a_hill_is_a_hit() -> None:
    at = scale()
    for column, heat in enumerate((0.3, 0.8, 0.5)):
        see(at, 10, 10 + column, heat, (5, 5, 5, 5))
    assert [found.heat for found in candidates(at)] == [pytest.approx(0.8)]


def test_what_another_mark_says_in_the_same_place_goes_with_the_hit() -> None:
    at = scale()
    see(at, 10, 10, 0.6, (5, 5, 5, 5))
    see(at, 10, 11, 0.4, (5, 5, 5, 5), kind=1)
    digit = next(found for found in candidates(at) if found.is_digit)
    assert digit.other_heat == pytest.approx(0.4)


def test_one_digit_seen_at_two_scales_is_one() -> None:
    kept = without_repeats([candidate(10, 10, 30, 50, 0.7), candidate(11, 9, 31, 52, 0.9)])
    assert [one.heat for one in kept] == [0.9]
    assert kept[0].seconded == pytest.approx(0.7)


def test_a_part_of_a_digit_stays_beside_it_until_both_are_read() -> None:
    kept = without_repeats([candidate(10, 10, 30, 50, 0.9), candidate(12, 12, 28, 30, 0.5)])
    assert len(kept) == 2


def test_neighbours_stay_two() -> None:
    assert len(without_repeats([candidate(10, 10, 30, 50, 0.9), candidate(29, 10, 50, 50, 0.8)])) == 2


def test_a_digit_and_another_mark_in_one_place_are_both_told() -> None:
    kept = without_repeats([candidate(10, 10, 30, 50, 0.9), candidate(10, 10, 30, 50, 0.5, is_digit=False)])
    assert len(kept) == 2


def test_where_something_small_is_seen_that_part_is_worth_a_closer_look() -> None:
    at, whole = scale(factor=0.5), Part(0, 0, 272, 272)
    assert at.worth_a_closer_look(whole) is None
    see(at, 20, 10, 0.5, (3, 3, 3, 3), kind=2)
    part = at.worth_a_closer_look(whole)
    assert part is not None
    x, y = ((cell + 0.5) * STRIDE / 0.5 - EDGE / 0.5 for cell in (10, 20))
    assert part.left < x - 40 < x + 40 < part.right
    assert part.top < y - 40 < y + 40 < part.bottom
    assert part.right - part.left < 150


def test_a_part_of_the_picture_tells_places_in_the_whole_picture() -> None:
    at = replace(scale(), left=100, top=50)
    see(at, 10, 7, 0.9, (4, 8, 6, 10))
    (found,) = candidates(at)
    x, y = 7 * STRIDE + STRIDE / 2 - EDGE + 100, 10 * STRIDE + STRIDE / 2 - EDGE + 50
    assert found.edges == pytest.approx([x - 4, y - 8, x + 6, y + 10])
    at.answers[10, 7, INK] = 9.0
    assert at.ink(Part(int(x) - 1, int(y) - 1, int(x) + 1, int(y) + 1), (2, 2)).min() > 0.5


@pytest.mark.parametrize("factor", [0.25, 0.5, 1.0, 2.0])
def test_ink_lies_in_the_picture_where_the_network_saw_it(factor: float) -> None:
    at = scale(factor)
    row, column = 12, 15
    at.answers[row, column, INK] = 9.0  # one cell, all of it ink
    left, top = ((cell * STRIDE - EDGE) / factor for cell in (column, row))
    side = STRIDE / factor
    part = Part(int(left - 3 * side), int(top - 3 * side), int(left + 4 * side), int(top + 4 * side))
    ink = at.ink(part, (part.right - part.left, part.bottom - part.top))
    rows, columns = np.nonzero(ink > 0.5)
    assert rows.min() == pytest.approx(3 * side, abs=max(1, side / 8))
    assert rows.max() + 1 == pytest.approx(4 * side, abs=max(1, side / 8))
    assert columns.min() == pytest.approx(3 * side, abs=max(1, side / 8))
    assert columns.max() + 1 == pytest.approx(4 * side, abs=max(1, side / 8))


def test_ink_can_be_had_smaller() -> None:
    at = scale()
    at.answers[12:14, 15:17, INK] = 9.0
    left, top = 15 * STRIDE - EDGE, 12 * STRIDE - EDGE
    ink = at.ink(Part(left - 8, top - 8, left + 16, top + 16), (6, 6))
    assert (ink[2:4, 2:4] > 0.5).all()
    assert (ink > 0.5).sum() == 4


def test_the_outputs_are_all_told_apart() -> None:
    slices = (HEAT, slice(3, 13), BOX, INK)
    assert [n for each in slices for n in range(OUTPUTS)[each]] == list(range(OUTPUTS))
