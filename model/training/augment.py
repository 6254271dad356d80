"""Distorts pictures in MNIST's format as hands, pens, paper and phones do; for training.

Each batch has its own random numbers from (seed, epoch, batch), so a resumed training sees the same pictures.
"""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.float32]  # (n, 28, 28), 0 to 1, white ink on black

KNOTS = 4  # the elastic field has this many knots along each side, smooth between them
CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)  # a pixel and its four neighbours


@dataclass(frozen=True, slots=True)
class Distortion:
    """The strength of each distortion: its standard deviation or limit."""

    degrees: float = 10.0  # rotation, standard deviation
    slant: float = 0.15  # shear, standard deviation; 0.1 is a tenth of the height sideways
    scale: float = 0.12  # limit; width and height vary separately by half of it
    shift: float = 2.0  # pixels, limit
    elastic: float = 0.7  # pixels, standard deviation of the field at its knots
    pen: float = 0.5  # share of pictures whose strokes become thinner or thicker
    blur: float = 0.3  # share of pictures that are blurred
    noise: float = 0.04  # limit of the noise's standard deviation


TRAINING = Distortion()
DRAWN = Distortion(degrees=6, slant=0.08, scale=0.08, shift=1.5, elastic=0.4, pen=0.3, blur=0.2, noise=0.04)
PHOTO = Distortion(degrees=5, slant=0.08, scale=0.06, shift=1, elastic=0.4, pen=0.4, blur=0.3, noise=0.03)


def distort(pictures: Pictures, rng: np.random.Generator, distortion: Distortion = TRAINING) -> Pictures:
    """Distort `pictures` (n, 28, 28), each on its own; returns a new array, 0 to 1."""
    maps = _where_each_pixel_comes_from(len(pictures), pictures.shape[1], rng, distortion)
    pen = np.where(rng.random(len(pictures)) < distortion.pen, rng.uniform(-0.7, 1, len(pictures)), 0)
    blur = np.where(rng.random(len(pictures)) < distortion.blur, rng.uniform(0.3, 0.9, len(pictures)), 0)
    distorted = np.empty_like(pictures)
    for i, picture in enumerate(pictures):
        moved = cv2.remap(picture, maps[i, 0], maps[i, 1], cv2.INTER_LINEAR)
        distorted[i] = _blurred(_with_another_pen(np.asarray(moved, np.float32), pen[i]), blur[i])
    contrast = rng.uniform(0.7, 1.3, (len(pictures), 1, 1)).astype(np.float32)
    noisy = rng.uniform(0, distortion.noise, (len(pictures), 1, 1)).astype(np.float32)
    distorted = distorted**contrast + noisy * rng.standard_normal(pictures.shape, np.float32)
    return np.clip(distorted, 0, 1, out=distorted)


def _where_each_pixel_comes_from(n: int, side: int, rng: np.random.Generator, distortion: Distortion) -> Pictures:
    """(n, 2, side, side): each pixel's x and y in the original.

    An affine map plus a smooth random field.
    """
    angle = np.radians(rng.normal(0, distortion.degrees, n))
    size = (
        1 + rng.uniform(-distortion.scale, distortion.scale, (2, n)) / 2 + rng.uniform(-1, 1, n) * distortion.scale / 2
    )
    slant = rng.normal(0, distortion.slant, n)
    cos, sin = np.cos(angle), np.sin(angle)
    affine = np.array([[cos, -sin + slant * cos], [sin, cos + slant * sin]]) / size[:, None, :]
    shift = (side - 1) / 2 + rng.uniform(-distortion.shift, distortion.shift, (n, 2, 1))
    field = rng.normal(0, distortion.elastic, (n, 2, KNOTS * KNOTS))
    amounts = np.concatenate([np.moveaxis(affine, 2, 0), shift, field], axis=2).astype(np.float32)
    return (amounts @ _displacements(side)).reshape(n, 2, side, side)


@cache
def _displacements(side: int) -> NDArray[np.float32]:
    """(2 + 1 + KNOTS², side²): the basis of all maps: x, y, one, and smooth bumps."""
    y, x = np.mgrid[0:side, 0:side] - (side - 1) / 2
    knots = np.linspace(0, side - 1, KNOTS)
    bumps = np.exp(-0.5 * ((np.arange(side)[:, None] - knots) / (0.5 * side / (KNOTS - 1))) ** 2)
    bumps /= bumps.sum(axis=1, keepdims=True)
    field = np.einsum("yk,xl->klyx", bumps, bumps).reshape(KNOTS * KNOTS, -1)
    return np.vstack([x.ravel(), y.ravel(), np.ones(side * side), field]).astype(np.float32)


def _with_another_pen(picture: NDArray[np.float32], wider: float) -> NDArray[np.float32]:
    """Widen strokes by about `wider` pixels on each side; negative values thin them."""
    if wider == 0:
        return picture
    other = cv2.dilate(picture, CROSS) if wider > 0 else cv2.erode(picture, CROSS)
    return np.asarray(picture + abs(wider) * (other - picture), np.float32)


def _blurred(picture: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return picture if sigma == 0 else np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32)
