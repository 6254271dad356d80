"""Light and camera for generated pages: from a flat grey picture to the JPEG that a phone would send.

How far they go is limited by the ink: what a person couldn't read any more isn't made.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from model.paper import Picture, piece, tile

COARSE = 4  # light is smooth: a quarter of the size is enough for it
ABOVE_NOISE = 4  # ink differs from paper by at least so many standard deviations of the noise


def photograph(scene: Picture, contrast: float, pen: float, height: float, rng: np.random.Generator) -> bytes:
    """A JPEG of the scene; `contrast` is that of ink and paper (0 to 255), `pen` its width, `height` a digit's (px)."""
    light, darkest = _light(scene.shape, rng)
    lit = cv2.multiply(scene, light, dst=light)
    sharp = np.clip(lit, 0, 255, out=lit).astype(np.uint8)
    seen, kept = _lens(sharp, pen, height, rng)
    noise = min(rng.uniform(0.5, 6), contrast * darkest * kept / ABOVE_NOISE)
    noisy = cv2.scaleAdd(piece(tile(0.6), scene.shape, rng), noise, seen.astype(np.float32))
    packed = cv2.imencode(".jpg", np.clip(noisy, 0, 255).astype(np.uint8), _quality(rng))[1]
    return packed.tobytes()


def _light(shape: tuple[int, ...], rng: np.random.Generator) -> tuple[Picture, float]:
    """How much light falls on each pixel, about 0.2 to 1, and the least of it."""
    height, width = (-(-side // COARSE) for side in shape)
    y, x = np.ogrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    light = 1 - rng.uniform(0, 0.2) * (1 + x * np.cos(angle) + y * np.sin(angle)) / 2
    if rng.random() < 0.35:
        middle = rng.normal(0, 0.3, 2)
        light = light * (1 - rng.uniform(0.05, 0.3) * ((x - middle[0]) ** 2 + (y - middle[1]) ** 2) / 2)
    light = np.clip(light, 0.2, 1).astype(np.float32)
    if rng.random() < 0.35:
        light *= _shadow(light.shape, rng)
    light *= np.float32(rng.uniform(0.6, 1.04))
    full = cv2.resize(light, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(full, np.float32), float(light.min())


def _shadow(shape: tuple[int, ...], rng: np.random.Generator) -> Picture:
    """A hand's or a phone's shadow: a polygon from an edge inwards, hard or soft."""
    height, width = shape
    centre = np.array([width, height]) * rng.uniform(0, 1, 2)
    centre[rng.integers(2)] *= rng.choice([0, 1.2])
    angles = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(4, 9))))
    radii = max(shape) * rng.uniform(0.3, 0.7, len(angles))
    points = centre + np.stack([np.cos(angles), np.sin(angles)], axis=1) * radii[:, None]
    mask = np.zeros(shape, np.float32)
    cv2.fillPoly(mask, [np.round(points).astype(np.int32)], 1.0)
    soft = cv2.GaussianBlur(mask, (0, 0), float(np.exp(rng.uniform(np.log(0.6), np.log(12)))))
    return np.asarray(1 - rng.uniform(0.15, 0.6) * soft, np.float32)


def _lens(
    sharp: NDArray[np.uint8], pen: float, height: float, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], float]:
    """Out of focus or shaken, and what share of a thin stroke's contrast is left."""
    blur = min(float(rng.exponential(0.9)), 0.05 * height)
    if blur < 0.4:
        return sharp, 1.0
    return np.asarray(cv2.GaussianBlur(sharp, (0, 0), blur), np.uint8), min(1.0, pen / (2.5 * blur))


def _quality(rng: np.random.Generator) -> list[int]:
    return [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(60, 96))]
