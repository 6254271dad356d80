"""How others read a photo, each a function from its bytes to the digits read: what the benchmarks compare with."""

import io
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from model.reading.classifier import Classifier
from model.reading.mnist_format import BOX, SIDE
from model.reading.result import NOT_A_DIGIT

Grey = NDArray[np.uint8]  # (height, width), 0 black to 255 white
Read = Callable[[bytes], str]


def tutorial_in_keras() -> Read:
    """The tutorial's pipeline with its network in Keras, untrained: as slow as a trained one. Imports TensorFlow."""
    from model.training.network import tutorial

    network = tutorial()

    def read(photo: bytes) -> str:
        picture = _tutorial_picture(photo).reshape(1, SIDE, SIDE, 1).astype(np.float32) / 255
        return str(int(network.predict(picture, verbose=0)[0].argmax()))

    return read


def tutorial(version: Path) -> Read:
    """The tutorial's pipeline, by a version of `train.py --recipe tutorial`: every photo is one digit."""
    classifier = Classifier(version)
    return lambda photo: _likeliest(classifier, _tutorial_picture(photo))


def usual_bot(version: Path | None) -> Read:
    """What most bots do, by our network: dark ink told by Otsu's threshold, and all of it is one digit."""
    classifier = Classifier(version)
    return lambda photo: _likeliest(classifier, _otsu_picture(photo))


def need_general_ocr() -> None:
    """Ends the benchmark with a sentence where the general OCR isn't installed."""
    if find_spec("rapidocr") is None or find_spec("onnxruntime") is None:
        sys.exit("The others need a general OCR: pip install -c constraints.txt -e '.[train,bench]'")


def general_ocr() -> Read:
    """PP-OCRv6 small by the rapidocr package, its digits only."""
    from rapidocr import RapidOCR

    engine = RapidOCR(params={"Global.log_level": "error"})

    def read(photo: bytes) -> str:
        lines = getattr(engine(photo), "txts", None) or ()
        return "".join(sign for line in lines for sign in line if sign in "0123456789")

    return read


def _likeliest(classifier: Classifier, picture: Grey) -> str:
    return str(int(classifier.probabilities(picture[None])[0, :NOT_A_DIGIT].argmax()))


def _tutorial_picture(photo: bytes) -> Grey:
    """The whole photo made small, dark paper and light ink: (28, 28)."""
    return 255 - np.asarray(Image.open(io.BytesIO(photo)).convert("L").resize((SIDE, SIDE)), np.uint8)


def _otsu_picture(photo: bytes) -> Grey:
    """What is darker than the threshold, cropped, in a box of 20×20 and centred by its mass: (28, 28)."""
    grey = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(photo))).convert("L"), np.uint8)
    ink = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)[1]
    x, y, width, height = cv2.boundingRect(ink)
    if not width:
        return np.zeros((SIDE, SIDE), np.uint8)
    scale = BOX / max(width, height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(ink[y : y + height, x : x + width], size, interpolation=cv2.INTER_AREA)
    moments = cv2.moments(small)
    shift = [(SIDE - 1) / 2 - moments[axis] / max(moments["m00"], 1e-9) for axis in ("m10", "m01")]
    centred = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float32)
    return np.asarray(cv2.warpAffine(small, centred, (SIDE, SIDE)), np.uint8)
