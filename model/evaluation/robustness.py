"""Distorts pictures in MNIST's format by known amounts, to measure robustness.

Each kind at two strengths, with the same pictures each time. Training has `augment`, which mixes everything at random.
"""

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]  # (28, 28), 0 to 1, white ink on black
Spoil = Callable[[Picture, np.random.Generator], Picture]

FINE = 4  # strokes are widened at this scale, so in quarters of a pixel
SEED = 1998


def spoilt(pictures: NDArray[np.float32], spoil: Spoil) -> NDArray[np.float32]:
    """Distort pictures (n, 28, 28), 0 to 1, all in the same way; returns a new array."""
    rng = np.random.default_rng(SEED)
    return np.clip(np.stack([spoil(picture, rng) for picture in pictures]), 0, 1).astype(np.float32)


def shifted(picture: Picture, rng: np.random.Generator, pixels: float) -> Picture:
    """Shifted so far in a random direction."""
    angle = rng.uniform(0, 2 * np.pi)
    return _mapped(picture, np.eye(2), pixels * np.array([np.cos(angle), np.sin(angle)]))


def scaled(picture: Picture, _: np.random.Generator, factor: float) -> Picture:
    """Scaled by a factor about the centre."""
    return _mapped(picture, factor * np.eye(2))


def turned(picture: Picture, rng: np.random.Generator, degrees: float) -> Picture:
    """Rotated by so many degrees, to the left or right."""
    angle = np.radians(degrees if rng.random() < 0.5 else -degrees)
    return _mapped(picture, np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]))


def blurred(picture: Picture, _: np.random.Generator, sigma: float) -> Picture:
    """Blurred by a Gaussian of so many pixels."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32)


def noisy(picture: Picture, rng: np.random.Generator, deviation: float) -> Picture:
    """With Gaussian noise of this standard deviation, where ink is 1."""
    return picture + np.float32(deviation) * rng.standard_normal(picture.shape, np.float32)


def written_wider(picture: Picture, _: np.random.Generator, pixels: float) -> Picture:
    """With strokes so many pixels wider in all; thinner if negative."""
    side = picture.shape[0]
    fine = cv2.resize(picture, (side * FINE, side * FINE), interpolation=cv2.INTER_CUBIC)
    across = round(abs(pixels) * FINE) + 1
    pen = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (across, across))
    fine = cv2.dilate(fine, pen) if pixels > 0 else cv2.erode(fine, pen)
    return np.asarray(cv2.resize(fine, (side, side), interpolation=cv2.INTER_AREA), np.float32)


def fainter(picture: Picture, _: np.random.Generator, strength: float) -> Picture:
    """With ink of reduced strength."""
    return np.float32(strength) * picture


def compressed(picture: Picture, _: np.random.Generator, quality: int) -> Picture:
    """Compressed as a JPEG of this quality."""
    pixels = np.round(picture * 255).astype(np.uint8)
    jpeg = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_GRAYSCALE), np.float32) / np.float32(255)


SPOILT: dict[str, Spoil] = {
    "shifted by 2 pixels": partial(shifted, pixels=2),
    "shifted by 4 pixels": partial(shifted, pixels=4),
    "scaled to 75 %": partial(scaled, factor=0.75),
    "scaled to 125 %": partial(scaled, factor=1.25),
    "turned by 15°": partial(turned, degrees=15),
    "turned by 30°": partial(turned, degrees=30),
    "blurred, σ 1 pixel": partial(blurred, sigma=1),
    "blurred, σ 2 pixels": partial(blurred, sigma=2),
    "noise, σ 15 % of the ink": partial(noisy, deviation=0.15),
    "noise, σ 30 % of the ink": partial(noisy, deviation=0.3),
    "strokes 1 pixel thinner": partial(written_wider, pixels=-1),
    "strokes 2 pixels wider": partial(written_wider, pixels=2),
    "half of the contrast": partial(fainter, strength=0.5),
    "a quarter of the contrast": partial(fainter, strength=0.25),
    "JPEG, quality 30": partial(compressed, quality=30),
    "JPEG, quality 10": partial(compressed, quality=10),
}


def _mapped(picture: Picture, turn: NDArray[np.float64], shift: NDArray[np.float64] | None = None) -> Picture:
    """Mapped affinely about the centre: `turn` (2, 2), then `shift` (2,)."""
    middle = np.full(2, (picture.shape[0] - 1) / 2)
    shift = middle - turn @ middle + (0 if shift is None else shift)
    return np.asarray(cv2.warpAffine(picture, np.column_stack([turn, shift]), picture.shape[::-1]), np.float32)
