"""The responses of a network's layers to a picture, from LiteRT's intermediate tensors."""

from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from numpy.typing import NDArray

from model.reading.mnist_format import SIDE

INPUT = (1, SIDE, SIDE, 1)


def responses(model: Path, picture: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
    """Each convolution's response to a picture (28, 28): (height, width, channels), ≥ 0.

    In execution order. `model` is the version's folder.
    """
    interpreter = Interpreter(
        model_path=str(model / "model.tflite"),
        num_threads=1,
        experimental_preserve_all_tensors=True,
        # the default delegate hides intermediate tensors
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    given = interpreter.get_input_details()[0]["index"]
    interpreter.resize_tensor_input(given, INPUT)
    interpreter.allocate_tensors()
    interpreter.set_tensor(given, picture.reshape(INPUT).astype(np.float32) / 255)
    interpreter.invoke()
    return [interpreter.get_tensor(each["index"])[0] for each in interpreter.get_tensor_details() if _is_response(each)]


def _is_response(tensor: dict[str, object]) -> bool:
    """Whether it is the map after an activation, not a pooled one or LiteRT's scratch."""
    return len(np.asarray(tensor["shape"])) == len(INPUT) and "relu" in str(tensor["name"]).lower()
