"""28×28 pictures → calibrated probabilities: one version of the model, run by LiteRT."""

import json
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from model.reading.mnist_format import SIDE
from model.reading.result import NOT_A_DIGIT
from model.versions.registry import PRETRAINED, Registry


class Classifier:
    """What each picture shows, and how probably. One thread at a time: LiteRT's interpreter is."""

    def __init__(self, model: Path | None = None) -> None:
        """`model`: a version's folder; None: the registry's current, else the shipped one."""
        folder = model or Registry().current() or PRETRAINED
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        self.version: str = card["version"]
        self.refuse_below = float(card["refuse_below"])  # less probable digits aren't answered
        self._temperature = float(card["temperature"])
        self._interpreter = Interpreter(model_path=str(folder / "model.tflite"), num_threads=1)
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._output = self._interpreter.get_output_details()[0]["index"]
        self._prepared_for = 0

    def probabilities(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Probabilities (n, 11) of 28×28 pictures (n, 28, 28) uint8: the digits 0 to 9, then "not a digit"."""
        if not len(pictures):
            return np.zeros((0, NOT_A_DIGIT + 1), np.float32)
        if len(pictures) != self._prepared_for:
            self._interpreter.resize_tensor_input(self._input, (len(pictures), SIDE, SIDE, 1))
            self._interpreter.allocate_tensors()
            self._prepared_for = len(pictures)
        self._interpreter.set_tensor(self._input, pictures[..., None].astype(np.float32) / 255)
        self._interpreter.invoke()
        logits = self._interpreter.get_tensor(self._output) / self._temperature
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares = odds / odds.sum(axis=1, keepdims=True)
        if shares.shape[1] == NOT_A_DIGIT:
            shares = np.pad(shares, ((0, 0), (0, 1)))
        return np.asarray(shares, np.float32)
