"""The measures are what their names say, and the model card is made from the shipped version's figures."""

from pathlib import Path

import numpy as np
import pytest

from model import evaluation
from model.registry import PRETRAINED, open_version
from tests.model.commands import ROOT, python


def test_the_interval_of_a_share_is_wilsons() -> None:
    assert evaluation.wilson(9, 10) == pytest.approx((0.5958, 0.9821), abs=1e-3)
    assert evaluation.wilson(10, 10)[1] == pytest.approx(1)


def test_the_calibration_error_is_the_mean_gap_between_confidence_and_share_right() -> None:
    confidence = np.array([0.95, 0.95, 0.55, 0.55])
    assert evaluation.calibration_error(confidence, np.array([True, True, True, False])) == pytest.approx(0.05)
    assert evaluation.calibration_error(np.ones(4), np.array([True, True, False, False])) == pytest.approx(0.5)


def test_the_temperature_makes_confidence_as_high_as_the_share_right() -> None:
    rng = np.random.default_rng(2)
    honest = rng.normal(0, 2, (4000, 10))
    chances = evaluation.probabilities(honest, 1)
    labels = np.array([rng.choice(10, p=row) for row in chances]).astype(np.uint8)
    for boast in (0.3, 1.0, 5.0):
        assert evaluation.fit_temperature(honest * boast, labels) == pytest.approx(boast, rel=0.07)


def test_a_set_is_measured_by_what_was_answered() -> None:
    logits = np.eye(10)[[3, 3, 5, 0]] * 9
    figures = evaluation.measure(logits, np.array([3, 3, 5, 6], np.uint8), temperature=1, refuse_below=0.5)
    assert (figures["right"], figures["of"], figures["accuracy"]) == (3, 4, 0.75)
    assert figures["confusion"][6][0] == 1
    assert sum(map(sum, figures["confusion"])) == 4
    assert figures["brier"] == pytest.approx(0.5, abs=0.01)  # one of four wholly wrong: 2 / 4


def test_a_digit_that_is_too_improbable_counts_as_refused() -> None:
    logits = np.array([[5.0] + [0.0] * 10, [0.0] * 10 + [5.0], [1.0] * 11])
    figures = evaluation.measure(logits, np.array([0, 10, 4], np.uint8), temperature=1, refuse_below=0.5)
    assert (figures["right"], figures["refused"]) == (2, 2)
    assert figures["confusion"][4][10] == 1


def test_the_model_card_is_the_shipped_versions() -> None:
    written = (ROOT / "docs" / "model-card.md").read_text("utf-8")
    assert written == evaluation.page(open_version(PRETRAINED))
    assert python("from model.evaluation import main; main([])") == written


def test_a_card_that_is_not_there_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluation.main([str(tmp_path)]) == 1
    assert "holds no whole version" in capsys.readouterr().err
