"""Networks as LiteRT runs them: on one thread, quietly, as many pictures at once as there are."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

Floating = TypeVar("Floating", np.float32, np.float64)


class Network:
    """A `.tflite` with one input and one output. One thread at a time: LiteRT's interpreter is."""

    def __init__(self, model: Path | bytes) -> None:
        """`model`: the file, or what is in one. Raises ValueError for anything else."""
        with silence(2):  # it tells that it works
            if isinstance(model, bytes):
                self._interpreter = Interpreter(model_content=model, num_threads=1)
            else:
                self._interpreter = Interpreter(model_path=str(model), num_threads=1)
            self._interpreter.allocate_tensors()
        given, made = self._interpreter.get_input_details()[0], self._interpreter.get_output_details()[0]
        self._input, self._output = given["index"], made["index"]
        self._shape = tuple(given["shape"])
        self.outputs = int(made["shape"][-1])  # of a picture, or of each of its cells

    def __call__(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """What it answers, the first axis as that of the inputs."""
        if inputs.shape != self._shape:
            self._interpreter.resize_tensor_input(self._input, inputs.shape)
            self._interpreter.allocate_tensors()
            self._shape = inputs.shape
        self._interpreter.set_tensor(self._input, inputs)
        self._interpreter.invoke()
        return np.asarray(self._interpreter.get_tensor(self._output), np.float32)


def softmax(logits: NDArray[Floating]) -> NDArray[Floating]:
    """Probabilities along the last axis."""
    odds = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=-1, keepdims=True), logits.dtype)


@contextmanager
def silence(*streams: int) -> Iterator[None]:
    """Nothing on these of standard output (1) and error (2), from C++ neither: what matters is raised."""
    files = {1: sys.stdout, 2: sys.stderr}  # None where the process was begun with it closed
    said = {stream: file for stream in streams if (file := files[stream]) is not None}
    for file in said.values():
        file.flush()
    kept = {stream: os.dup(stream) for stream in said}
    with Path(os.devnull).open("w") as nowhere:
        for stream in said:
            os.dup2(nowhere.fileno(), stream)
        try:
            yield
        finally:
            for file in said.values():
                file.flush()
            for stream, handle in kept.items():
                os.dup2(handle, stream)
                os.close(handle)
