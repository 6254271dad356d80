"""Temperature and point of refusal are chosen so that what is answered is as sure as it is right."""

from pathlib import Path

import numpy as np
import pytest

from model.data.handwriting import Sample
from model.evaluation.metrics import Floats, Labels
from model.training.calibration import calibrate
from model.versions.version import PRETRAINED
from tests.sets import sets

TFLITE = (PRETRAINED / "model.tflite").read_bytes()
PHOTOS = 40  # enough for the least number of answers


def validation(honest_at: float) -> tuple[Floats, Labels]:
    """Logits whose softmax is honest at this temperature, and what was written."""
    rng = np.random.default_rng(4)
    honest = rng.normal(0, 2, (3000, 11))
    odds = np.exp(honest)
    return honest_at * honest, np.array([rng.choice(11, p=row / row.sum()) for row in odds], np.uint8)


def writers(*, validate: bool) -> list[int]:
    """Some that are kept for validation, or some that are learnt from."""
    samples = {i: Sample("7", f"unipen {i}", None, None) for i in range(200)}
    return [i for i, one in samples.items() if not one.held_back and one.validates == validate][:5]


def test_without_other_handwriting_validation_pictures_decide() -> None:
    chosen = calibrate(TFLITE, *validation(honest_at=2), where=None)
    assert chosen["temperature"] == pytest.approx(2, rel=0.07)
    assert 0 <= chosen["refuse_below"] <= 0.5
    assert "validation pictures" in chosen["calibrated_on"]


def test_answers_to_photos_by_the_writers_kept_for_validation_decide(tmp_path: Path) -> None:
    folder = sets(tmp_path / "sets", writers(validate=True))

    chosen = calibrate(TFLITE, *validation(honest_at=0.8), folder, PHOTOS)

    assert f"{PHOTOS} generated photos" in chosen["calibrated_on"]
    assert chosen["temperature"] != calibrate(TFLITE, *validation(honest_at=0.8), where=None)["temperature"]


@pytest.mark.slow
def test_photos_decide_the_same_wherever_the_search_begins(tmp_path: Path) -> None:
    folder = sets(tmp_path / "sets", writers(validate=True))

    one, other = (calibrate(TFLITE, *validation(honest_at), folder, photos=160) for honest_at in (0.8, 1.2))

    assert one["temperature"] == pytest.approx(other["temperature"], rel=0.25)


def test_where_nobody_is_kept_for_validation_its_pictures_decide(tmp_path: Path) -> None:
    folder = sets(tmp_path / "sets", writers(validate=False))
    chosen = calibrate(TFLITE, *validation(honest_at=2), folder, PHOTOS)
    assert chosen == calibrate(TFLITE, *validation(honest_at=2), where=None)
