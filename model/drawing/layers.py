"""What the layers of a network respond to in one picture: LiteRT runs it with all that lies between kept."""

from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from numpy.typing import NDArray

from model.reading.mnist_format import SIDE

INPUT = (1, SIDE, SIDE, 1)


def responses(model: Path, picture: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
    """What each convolution of a version answers for a picture (28, 28): (height, width, channels), from 0 on.

    In the order in which they run. `model` is the version's folder.
    """
    interpreter = Interpreter(
        model_path=str(model / "model.tflite"),
        num_threads=1,
        experimental_preserve_all_tensors=True,
        # the delegate that is there by default keeps what lies between to itself
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    given = interpreter.get_input_details()[0]["index"]
    interpreter.resize_tensor_input(given, INPUT)
    interpreter.allocate_tensors()
    interpreter.set_tensor(given, picture.reshape(INPUT).astype(np.float32) / 255)
    interpreter.invoke()
    return [interpreter.get_tensor(each["index"])[0] for each in interpreter.get_tensor_details() if _is_response(each)]


def _is_response(tensor: dict[str, object]) -> bool:
    """Maps behind an activation; pooling only makes them smaller, and what has no name is LiteRT's own scratch."""
    return len(np.asarray(tensor["shape"])) == len(INPUT) and "relu" in str(tensor["name"]).lower()
