"""Two networks' views of a place become one probability of 11."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from model.reading import verdict
from model.reading.finder import Candidate
from tests.unit.model.reading.test_finder import scale

NOT_A_DIGIT = 10
WEIGHTS = np.array([0.5, 0.7, 0.5, -1.0, -1.0, -0.5, 0.5, 0.3, 0.5, 0.5, 1.0])


def candidate(
    heat: float, digit: int = 7, *, at: float = 0.0, height: float = 40.0, is_digit: bool = True
) -> Candidate:
    logits = np.zeros(10, np.float32)
    logits[digit] = 6
    edges = np.array([at, 0, at + 20, height], np.float32)
    return Candidate(is_digit, heat, 0.05, edges, logits, scale())


def network(*digits: int) -> NDArray[Any]:
    """What the 28×28 network says: surely these digits."""
    said = np.full((len(digits), 11), 0.001, np.float32)
    said[np.arange(len(digits)), digits] = 0.99
    return said


def shares(seen: list[Candidate], said: NDArray[Any], others: list[Candidate]) -> NDArray[Any]:
    return verdict.probabilities(WEIGHTS, verdict.views(seen, said), verdict.measures(seen, said, others, 640))


def test_each_place_has_eleven_probabilities_that_sum_to_one() -> None:
    found = shares([candidate(0.9), candidate(0.2, 1, at=30)], network(7, 3), [])
    assert found.shape == (2, 11)
    assert found.sum(axis=1) == pytest.approx(1)
    assert (found >= 0).all()


def test_both_networks_agreeing_on_a_place_surely_seen_is_sure() -> None:
    assert shares([candidate(0.98)], network(7), [])[0, 7] > 0.95


def test_networks_that_disagree_are_less_sure() -> None:
    agreeing, apart = shares([candidate(0.98)], network(7), []), shares([candidate(0.98)], network(1), [])
    assert apart[0].max() < agreeing[0].max()


def test_a_place_hardly_seen_is_not_a_digit() -> None:
    assert shares([candidate(0.1)], network(NOT_A_DIGIT), [])[0].argmax() == NOT_A_DIGIT


def test_specks_leave_a_large_digit_the_usual_one() -> None:
    specks = [candidate(0.42, 1, at=100.0 + 30 * k, height=12) for k in range(8)]
    seen = [candidate(0.94, height=250), *specks]
    digit, *rest = shares(seen, network(7, *[1] * 8), [])
    assert digit[7] > 0.95
    assert all(each[1] < digit[7] for each in rest)
    unlike = verdict.measures(seen, network(7, *[1] * 8), [], 640)[:, verdict.MEASURES.index("unlike the others")]
    assert unlike[0] < min(unlike[1:])


def test_specks_without_ink_say_nothing_of_how_high_digits_usually_are() -> None:
    seen = [candidate(0.8, height=500), *[candidate(0.3, at=30.0 * k, height=25) for k in range(60)]]
    said = np.concatenate([network(7), np.full((60, 11), 1 / 11, np.float32)])
    unlike = verdict.measures(seen, said, [], 640)[:, verdict.MEASURES.index("unlike the others")]
    assert unlike[0] < 0.1 < unlike[1]


def test_two_boxes_on_one_stroke_are_one_digit() -> None:
    stroke, beside = np.array([73, 93, 76, 148], np.float32), np.array([77, 92, 80, 147], np.float32)
    one, next_one = np.stack([stroke, beside]), np.stack([stroke, beside + np.array([20, 0, 20, 0], np.float32)])
    told = np.zeros((2, 11))
    told[:, 1] = 0.9, 0.8
    assert verdict.distinct(told, one, 0.4) == [0]
    assert verdict.distinct(told, next_one, 0.4) == [0, 1]


def test_of_a_digit_and_a_part_of_it_the_likelier_is_told() -> None:
    nine, bowl, beside = (np.array(edges, np.float32) for edges in ([0, 0, 20, 40], [0, 0, 18, 18], [25, 0, 45, 40]))
    edges = np.stack([bowl, nine, beside])
    told = np.zeros((3, 11))
    told[[0, 1, 2], [0, 9, 4]] = 0.6, 0.8, 0.5
    assert verdict.distinct(told, edges, 0.4) == [1, 2]
    assert verdict.distinct(told, edges, 0.7) == [1]
    told[0, 0] = 0.9
    assert verdict.distinct(told, edges, 0.4) == [0, 2]


def test_other_marks_around_speak_against_a_digit() -> None:
    word = [candidate(0.9, at=25.0 * k, is_digit=False) for k in range(1, 4)]
    alone, among = (shares([candidate(0.6)], network(7), others)[0, 7] for others in ([], word))
    assert among < alone


def test_a_size_unlike_the_other_digits_speaks_against_one() -> None:
    row = [candidate(0.95, at=30.0 * k) for k in range(4)]
    like, unlike = candidate(0.6, at=200), candidate(0.6, at=200, height=160)
    found = [shares([*row, last], network(7, 7, 7, 7, 7), [])[-1, 7] for last in (like, unlike)]
    assert found[1] < found[0]


def test_no_candidates_have_no_probabilities() -> None:
    assert shares([], network(), []).shape == (0, 11)
