"""28×28 pictures → calibrated probabilities: one version of the model, run by LiteRT."""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.reading.litert import Network, softmax
from model.reading.result import NOT_A_DIGIT
from model.versions.store import local_store


class Classifier:
    """What each picture shows, and how probably. One thread at a time."""

    def __init__(self, model: Path | None = None) -> None:
        """`model`: a version's folder; None: the one that serves."""
        folder = model or local_store().serving().folder
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        self.version: str = card["version"]
        self.refuse_below = float(card["refuse_below"])  # less probable digits aren't answered
        self._temperature = float(card["temperature"])
        self._network = Network(folder / "model.tflite")

    def probabilities(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Probabilities (n, 11) of 28×28 pictures (n, 28, 28) uint8: the digits 0 to 9, then "not a digit"."""
        if not len(pictures):
            return np.zeros((0, NOT_A_DIGIT + 1), np.float32)
        shares = softmax(self._network(pictures[..., None].astype(np.float32) / np.float32(255)) / self._temperature)
        return np.pad(shares, ((0, 0), (0, 1))) if shares.shape[1] == NOT_A_DIGIT else shares
