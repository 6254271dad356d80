"""The metrics are what their names say."""

import numpy as np
import pytest

from model.evaluation import metrics


def test_the_interval_of_a_share_is_wilsons() -> None:
    assert metrics.wilson(9, 10) == pytest.approx((0.5958, 0.9821), abs=1e-3)
    assert metrics.wilson(10, 10)[1] == pytest.approx(1)


def test_the_calibration_error_is_the_mean_gap_between_confidence_and_share_right() -> None:
    confidence = np.array([0.95, 0.95, 0.55, 0.55])
    assert metrics.calibration_error(confidence, np.array([True, True, True, False])) == pytest.approx(0.05)
    assert metrics.calibration_error(np.ones(4), np.array([True, True, False, False])) == pytest.approx(0.5)


def test_the_reliability_tells_each_bin_of_confidence() -> None:
    bins = metrics.reliability(np.array([0.91, 0.97, 1.0, 0.3]), np.array([True, False, True, False]))
    assert [found["of"] for found in bins] == [0, 0, 0, 1, 0, 0, 0, 0, 0, 3]
    assert bins[9] == {"of": 3, "right": 2, "confidence": pytest.approx(0.96)}
    assert bins[3]["right"] == 0


def test_the_brier_score_is_the_squared_distance_from_the_truth() -> None:
    said = np.eye(10)[[3, 4]]
    assert metrics.brier(said, np.array([3, 4], np.uint8)) == 0
    assert metrics.brier(said, np.array([3, 5], np.uint8)) == 1  # one of two wholly wrong: 2 / 2
    assert metrics.brier(said, np.array([3, 10], np.uint8)) == 1  # what is no digit has no probability here


def test_the_temperature_makes_confidence_as_high_as_the_share_right() -> None:
    rng = np.random.default_rng(2)
    honest = rng.normal(0, 2, (4000, 10))
    chances = metrics.probabilities(honest, 1)
    labels = np.array([rng.choice(10, p=row) for row in chances]).astype(np.uint8)
    for boast in (0.3, 1.0, 5.0):
        assert metrics.fit_temperature(honest * boast, labels) == pytest.approx(boast, rel=0.07)


def test_the_point_of_refusal_is_as_far_from_either_bar() -> None:
    digits, others = np.linspace(0, 1, 1001), np.linspace(0, 0.5, 1001)
    confidence = np.concatenate([digits**0.2, others])  # of the digits t⁵ lie below t, of the others 1 - 2t above
    labels = np.repeat([4, 10], 1001).astype(np.uint8)

    point = metrics.point_of_refusal(confidence, labels)

    assert point**5 / 0.01 == pytest.approx((1 - 2 * point) / 0.05, rel=0.05)


def test_what_is_rather_a_digit_than_not_is_never_refused() -> None:
    confidence, labels = np.array([0.99, 0.98, 0.9, 0.8]), np.array([1, 2, 10, 10], np.uint8)
    assert metrics.point_of_refusal(confidence, labels) <= 0.5


def test_where_there_is_nothing_but_digits_few_of_them_are_refused() -> None:
    confidence = np.linspace(0.1, 1, 1000)
    point = metrics.point_of_refusal(confidence, np.zeros(1000, np.uint8))
    assert (confidence < point).mean() == pytest.approx(0.005)


def test_risk_and_coverage_count_what_would_be_answered() -> None:
    confidence, answers = np.array([0.99, 0.7, 0.6, 0.1]), np.array([1, 2, 3, 4])
    rows = metrics.risk_and_coverage(confidence, answers, np.array([1, 5, 10, 4], np.uint8))
    told = {row["level"]: (row["digits"], row["others"], row["wrong"]) for row in rows}
    assert told[0] == (3, 1, 2)
    assert told[0.5] == (2, 1, 2)
    assert told[0.65] == (2, 0, 1)
    assert told[0.95] == (1, 0, 0)


def test_a_set_is_measured_by_what_was_answered() -> None:
    logits = np.eye(10)[[3, 3, 5, 0]] * 9
    figures = metrics.measure(logits, np.array([3, 3, 5, 6], np.uint8), temperature=1, refuse_below=0.5)
    assert (figures["right"], figures["of"], figures["accuracy"]) == (3, 4, 0.75)
    assert figures["confusion"][6][0] == 1
    assert sum(map(sum, figures["confusion"])) == 4
    assert figures["brier"] == pytest.approx(0.5, abs=0.01)  # one of four wholly wrong: 2 / 4


def test_a_digit_that_is_too_improbable_counts_as_refused() -> None:
    logits = np.array([[5.0] + [0.0] * 10, [0.0] * 10 + [5.0], [1.0] * 11])
    figures = metrics.measure(logits, np.array([0, 10, 4], np.uint8), temperature=1, refuse_below=0.5)
    assert (figures["right"], figures["refused"]) == (2, 2)
    assert figures["confusion"][4][10] == 1
