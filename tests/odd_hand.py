"""A hand that the shipped version reads badly, for tests of learning: digits slanted, stretched and thin."""

import cv2
import numpy as np
from numpy.typing import NDArray

from model.reading.mnist_format import to_mnist
from tests.handwriting import digits

SLANT, STRETCH = 0.9, 1.5
FINER = 8
THIN = np.ones((5, 5), np.uint8)  # what the pen loses, at FINER times the size


def odd_digits(n: int, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Pictures (n, 28, 28) uint8 and labels (n,); the shipped version errs on some 40 % of them."""
    pictures, labels = digits(n, np.random.default_rng(seed))
    return np.stack([to_mnist(_odd(picture)) for picture in pictures]), labels


def _odd(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    roomy = np.pad(picture, 14)
    side = roomy.shape[0] * FINER
    large = cv2.resize(roomy, (side, side), interpolation=cv2.INTER_CUBIC)
    turn = np.array([[STRETCH, SLANT], [0, 1 / STRETCH]])
    middle = np.full(2, side / 2)
    written = cv2.warpAffine(large, np.column_stack([turn, middle - turn @ middle]), (side, side))
    return cv2.erode(written, THIN).astype(np.float32) / np.float32(255)
