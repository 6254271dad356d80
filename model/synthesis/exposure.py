"""Light and camera for harder pages, like a cheap phone's.

The ink limits the effects, so that most of the writing stays readable.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from model.synthesis.camera import lamp, light, shake, sharpened
from model.synthesis.paper import roughness

LIT = 0.9  # share of pictures with uneven light, and of these
FOLDED, GLARE = 0.15, 0.06  # shares with a fold, with a lamp's reflection
SHAKEN, SHARPENED = 0.06, 0.15  # shares of all pictures
LEAST_BLUR, LEAST_NOISE = 0.35, 0.3  # pixels and tones: less is skipped to save time
COLOURED = 0.5  # share of noisy pictures whose noise has colours
GREY, NEGATIVE, FRAMED, COMPRESSED = 0.15, 0.03, 0.03, 0.5  # shares of pictures
QUALITY = (35, 95)  # of a JPEG

Picture = NDArray[np.uint8]  # (height, width, 3) RGB


def exposed(flat: Picture, contrast: float, unit: float, rng: np.random.Generator) -> Picture:
    """Apply light and shadows, lens, noise, colours and JPEG compression.

    `contrast` is between ink and ground, 0 to 1; `unit` is a digit's height in pixels.
    """
    if rng.random() < LIT:
        flat, darkest = _lit(flat, rng)
        contrast *= darkest
    flat = _through_the_lens(flat, unit, rng)
    noise = min(rng.exponential(3), 9, max(0.5, 255 * contrast / 5))
    if noise > LEAST_NOISE:
        flat = _noisy(flat, float(noise), rng)
    if rng.random() < SHARPENED:
        flat = sharpened(flat, 1.2, rng.uniform(0.3, 1.0))
    return framed(flat, rng)


def framed(flat: Picture, rng: np.random.Generator) -> Picture:
    """Sometimes make it grey, a negative or framed; often compress it."""
    if rng.random() < GREY:
        flat = np.repeat(np.asarray(cv2.cvtColor(flat, cv2.COLOR_RGB2GRAY), np.uint8)[..., None], 3, axis=2)
    if rng.random() < NEGATIVE:
        flat = 255 - flat
    if rng.random() < FRAMED:
        height, width = flat.shape[:2]
        edge = max(1, round(rng.uniform(0.004, 0.02) * min(height, width)))
        tone = [float(rng.choice([0, 255]))] * 3
        cv2.rectangle(flat, (0, 0), (width - 1, height - 1), tone, 2 * edge - 1)
    if rng.random() < COMPRESSED:
        quality = int(rng.integers(*QUALITY, endpoint=True))
        packed = cv2.imencode(".jpg", flat, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        flat = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
    return flat


def _lit(flat: Picture, rng: np.random.Generator) -> tuple[Picture, float]:
    """Apply uneven, tinted light; also returns its minimum."""
    shape = flat.shape[:2]
    falling, darkest = light(shape, rng)
    if rng.random() < FOLDED:
        falling = falling * _fold(shape, rng)
    warm = (1 + rng.normal(0, 0.05, 3) * rng.random()).astype(np.float32)
    lit = np.clip(flat * (falling[..., None] * warm), 0, 255).astype(np.uint8)
    if rng.random() < GLARE:
        bright = np.asarray(lamp((shape[0], shape[1]), 2, rng), np.float32)[..., None]
        lit = np.clip(lit + bright * np.float32(rng.uniform(0.1, 0.45)), 0, 255).astype(np.uint8)
    return lit, darkest


def _fold(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    """The light on folded paper: brighter on one side of a line."""
    height, width = shape
    angle = rng.choice([0, np.pi / 2]) + rng.normal(0, 0.05)
    y, x = np.ogrid[0:height, 0:width]
    across, down = x - rng.uniform(0, width), y - rng.uniform(0, height)
    away = across * np.float32(np.cos(angle)) + down * np.float32(np.sin(angle))
    lighter = np.float32(rng.normal(0, 0.08))
    return np.asarray(1 + lighter * np.tanh(away / np.float32(rng.uniform(0.7, 15))), np.float32)


def _through_the_lens(flat: Picture, unit: float, rng: np.random.Generator) -> Picture:
    """Shake or defocus, less if the digits are small."""
    blur = min(float(rng.exponential(0.55)), 0.06 * unit)
    if rng.random() < SHAKEN:
        length = int(min(rng.uniform(3, 9), max(3, 0.12 * unit))) | 1
        return np.asarray(cv2.filter2D(flat, -1, shake(length, rng)), np.uint8)
    return np.asarray(cv2.GaussianBlur(flat, (0, 0), blur), np.uint8) if blur > LEAST_BLUR else flat


def _noisy(flat: Picture, noise: float, rng: np.random.Generator) -> Picture:
    """Add sensor noise of that standard deviation, coloured or not."""
    shape = flat.shape[0], flat.shape[1]
    noisy = flat + roughness(0.6, shape, noise, rng)[..., None]
    if rng.random() < COLOURED:
        noisy += roughness(1.5, shape, 0.7 * noise, rng)[..., None] * rng.normal(0, 1, 3).astype(np.float32)
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)
