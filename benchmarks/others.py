"""How others read a photo, each a function from its bytes to the digits read: what the benchmarks compare with."""

import io
from collections.abc import Callable

import numpy as np
from PIL import Image

Read = Callable[[bytes], str]


def tutorial_in_keras() -> Read:
    """The tutorial's pipeline with its network in Keras, untrained: as slow as a trained one. Imports TensorFlow."""
    from model.network import tutorial

    network = tutorial()
    return lambda photo: str(int(network.predict(_tutorial_picture(photo), verbose=0)[0].argmax()))


def general_ocr() -> Read:
    """PP-OCRv6 small by the rapidocr package, its digits only."""
    from rapidocr import RapidOCR

    engine = RapidOCR()

    def read(photo: bytes) -> str:
        lines = engine(photo).txts or ()
        return "".join(sign for line in lines for sign in line if sign in "0123456789")

    return read


def _tutorial_picture(photo: bytes) -> np.ndarray:
    """The whole photo as one digit, dark on light: (1, 28, 28, 1) float32, 0 to 1."""
    small = Image.open(io.BytesIO(photo)).convert("L").resize((28, 28))
    return 1 - np.asarray(small, np.float32).reshape(1, 28, 28, 1) / 255
