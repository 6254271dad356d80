"""A crop of ink → the 28×28 picture that MNIST would have held.

What MNIST's makers did (LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition",
1998): the digit scaled into a 20×20 box keeping its proportions, then placed in 28×28 with its centre of mass in the
middle. A thin pen is first drawn as thick as MNIST's pens were, or little would be left of it at this size.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE = 28  # pixels of the whole picture
BOX = 20  # pixels: the box that the digit fills
FINE = 4  # times the box: finer than that nothing of a crop is seen, and pens are widened quickly
PEN = 2.0  # pixels: MNIST's thin pens; thinner strokes are widened to it

Ink = NDArray[np.float32]  # (height, width), 0 paper to 1 ink


def to_mnist(ink: Ink) -> NDArray[np.uint8]:
    """The (28, 28) uint8 picture, white ink on black, of a crop that holds one digit; black where there's no ink."""
    ink = _cropped(ink)
    if not ink.size:
        return np.zeros((SIDE, SIDE), np.uint8)
    if max(ink.shape) > FINE * BOX:
        ink = _resized(ink, FINE * BOX)
    scale = BOX / max(ink.shape)
    ink = _cropped(_widened(ink, PEN / scale))
    return _centred_by_mass(_resized(ink, BOX))


def stroke_width(mask: NDArray[np.uint8]) -> float:
    """The usual width of the strokes of a 0/1 mask, in pixels: a stroke of width w has a mean depth of (w + 2) / 4."""
    padded = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(0,))
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, 3)
    return max(1.0, 4 * cv2.mean(depth, padded)[0] - 2) if cv2.hasNonZero(mask) else 0.0


def _resized(ink: Ink, side: int) -> Ink:
    """The crop with a longer side of so many pixels, its darkest ink still 1."""
    scale = side / max(ink.shape)
    height, width = (max(1, round(length * scale)) for length in ink.shape)
    resized = cv2.resize(ink, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    return np.asarray(np.clip(resized / max(float(resized.max()), 1e-6), 0, 1), np.float32)


def _cropped(ink: Ink) -> Ink:
    x, y, width, height = cv2.boundingRect((ink > 0.25).view(np.uint8))
    return ink[y : y + height, x : x + width]


def _widened(ink: Ink, pen: float) -> Ink:
    missing = round(pen - stroke_width((ink > 0.5).view(np.uint8)))
    if missing < 1:
        return ink
    ink = np.asarray(cv2.copyMakeBorder(ink, *4 * (missing,), cv2.BORDER_CONSTANT, value=(0,)), np.float32)
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (missing + 1, missing + 1))
    return np.asarray(cv2.dilate(ink, brush), np.float32)


def _centred_by_mass(small: Ink) -> NDArray[np.uint8]:
    height, width = small.shape
    mass = float(small.sum())
    y = float(small.sum(axis=1) @ np.arange(height)) / mass
    x = float(small.sum(axis=0) @ np.arange(width)) / mass
    top = min(max(round((SIDE - 1) / 2 - y), 0), SIDE - height)
    left = min(max(round((SIDE - 1) / 2 - x), 0), SIDE - width)
    picture = np.zeros((SIDE, SIDE), np.uint8)
    picture[top : top + height, left : left + width] = np.round(small * 255)
    return picture
