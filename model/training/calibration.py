"""Calibration: the temperature and the refusal threshold, chosen on validation data.

The temperature is fitted on the whole reader's answers to generated photos by the validation writers. Without other
handwriting it is fitted on validation pictures.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from model.evaluation import metrics, photo_exam
from model.evaluation.metrics import Floats, Labels

PHOTOS = 400
LEAST = 100  # answers; a temperature fitted on fewer would be noise


def calibrate(
    tflite: bytes, logits: Floats, labels: Labels, where: Path | None, photos: int = PHOTOS
) -> dict[str, Any]:
    """Choose `temperature` and `refuse_below` for the card, and name what they are fitted on.

    `logits` are the `.tflite`'s of validation pictures; `where` is the folder with the other sets.
    """
    temperature, on = metrics.fit_temperature(logits, labels), "validation pictures, worn and distorted"
    if where:
        refuse_below = _point_of_refusal(logits, labels, temperature)
        said, truth = photo_exam.answers(_read(tflite, temperature, refuse_below, where, photos))
        if len(truth) >= LEAST:
            on = f"{len(truth)} answers to {photos} generated photos by writers kept for validation"
            # softmax(log p / t) is the softmax of the logits at t times the temperature that gave p
            temperature *= metrics.fit_temperature(np.log(np.maximum(said, 1e-12)), truth)
    temperature = round(temperature, 4)
    refuse_below = _point_of_refusal(logits, labels, temperature)
    return {"temperature": temperature, "refuse_below": refuse_below, "calibrated_on": on}


def _point_of_refusal(logits: Floats, labels: Labels, temperature: float) -> float:
    _, confidence = metrics.decide(metrics.probabilities(logits, temperature), refuse_below=0)
    return metrics.point_of_refusal(confidence, labels)


def _read(tflite: bytes, temperature: float, refuse_below: float, where: Path, photos: int) -> list[photo_exam.Checked]:
    card = {"version": "being calibrated", "temperature": temperature, "refuse_below": refuse_below}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "model.tflite").write_bytes(tflite)
        (Path(folder) / "card.json").write_text(json.dumps(card), "utf-8")
        return photo_exam.read_photos(Path(folder), where, photos, held_back=False)
