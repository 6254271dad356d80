"""Light and camera for generated pages: a flat grey picture becomes a phone's JPEG.

The ink limits the effects: a page stays readable for a person.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from model.synthesis.paper import MIDDLE, SPREAD, Picture, piece

COARSE = 4  # light is smooth, so it is computed at a quarter of the size
ABOVE_NOISE = 4  # least contrast of ink and paper, in standard deviations of the noise
SCAN = 0.06  # share of pictures without light and lens effects: scans, drawings on a screen
SHADOW, GLARE, VIGNETTE = 0.3, 0.1, 0.35  # shares of photos with each
FRAMED = 0.03  # share of pictures with a black or white frame
BRIGHTEST_GLARE = 90.0  # tones
SHAKEN, SMALL, SHARPENED = 0.08, 0.12, 0.2
QUALITY = (60, 95)


def photograph(scene: Picture, contrast: float, pen: float, height: float, rng: np.random.Generator) -> bytes:
    """Photograph the scene as a JPEG.

    `contrast` is between ink and paper (0 to 255), `pen` the stroke width and `height` a digit's, in pixels.
    """
    if rng.random() > SCAN:
        lit, darkest = light(scene.shape, rng)
        scene = np.asarray(cv2.multiply(scene, lit, dtype=cv2.CV_8U), np.uint8)
        if rng.random() < GLARE:
            scene = _with_glare(scene, 0.3 * contrast * darkest, rng)
        scene, kept = _through_the_lens(scene, pen, height, rng)
        noise = min(rng.uniform(0.3, 1) * rng.exponential(4), 9, contrast * darkest * kept / ABOVE_NOISE) / SPREAD
        grain = piece(0.6, (scene.shape[0], scene.shape[1]), rng)
        scene = np.asarray(cv2.addWeighted(scene, 1, grain, noise, -MIDDLE * noise), np.uint8)
    if rng.random() < FRAMED:
        edge = round(rng.uniform(0.003, 0.015) * min(scene.shape))
        cv2.rectangle(scene, (0, 0), (scene.shape[1] - 1, scene.shape[0] - 1), rng.choice([0.0, 255.0]), 2 * edge + 1)
    quality = int(rng.integers(*QUALITY, endpoint=True))
    return cv2.imencode(".jpg", scene, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def light(shape: tuple[int, ...], rng: np.random.Generator) -> tuple[NDArray[np.float32], float]:
    """The light on each pixel, up to about 1, and its minimum.

    `shape` is the picture's height and width.
    """
    small = -(-shape[0] // COARSE), -(-shape[1] // COARSE)
    y, x = np.ogrid[-1 : 1 : small[0] * 1j, -1 : 1 : small[1] * 1j]
    x, y = x.astype(np.float32), y.astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    falls = rng.uniform(0, 0.22)
    lit = (1 - falls) + falls * np.float32(0.7) * (x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle)))
    if rng.random() < VIGNETTE:
        middle, strong = rng.normal(0, 0.25, 2), rng.exponential(0.12)
        lit *= 1 - np.float32(min(strong, 0.35)) * ((x - np.float32(middle[0])) ** 2 + (y - np.float32(middle[1])) ** 2)
    lit = np.clip(lit, 0.25, None)
    if rng.random() < SHADOW:
        lit *= _shadow(small, rng)
    lit *= np.float32(1.04 - min(rng.exponential(0.12), 0.5))
    full = cv2.resize(lit, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(full, np.float32), min(1.0, float(lit.min()))


def _shadow(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """The shadow of a hand or phone: a hard or soft polygon from an edge inwards."""
    height, width = shape
    centre = np.array([width, height]) * rng.uniform(0, 1, 2)
    centre[rng.integers(2)] *= rng.choice([0, 1.2])
    is_round = rng.random() < 0.6  # a hand or a head; else a phone, a book
    angles = np.linspace(0, 2 * np.pi, 60 if is_round else 4, endpoint=False) + rng.uniform(0, 2 * np.pi)
    waves = rng.uniform(0, 0.3 if is_round else 0, 3)[:, None] * np.cos(np.array([[1], [2], [3]]) * angles)
    radii = max(shape) * rng.uniform(0.3, 0.7) * (1 + waves.sum(axis=0))
    stretch = rng.uniform(0.5, 1, 2)
    points = centre + np.stack([np.cos(angles), np.sin(angles)], axis=1) * radii[:, None] * stretch
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.round(points).astype(np.int32)], 255)
    soft = cv2.GaussianBlur(mask, (0, 0), float(np.exp(rng.uniform(np.log(0.5), np.log(12)))))
    return np.asarray(1 - np.float32(rng.uniform(0.12, 0.6) / 255) * soft, np.float32)


def _with_glare(scene: Picture, beyond: float, rng: np.random.Generator) -> Picture:
    """Add a lamp's reflection, at most `beyond` of its tones above white."""
    height, width = -(-scene.shape[0] // COARSE), -(-scene.shape[1] // COARSE)
    spot = lamp((height, width), 1, rng)
    brighter = min(BRIGHTEST_GLARE, 255 - float(np.percentile(scene[::8, ::8], 90)) + beyond)
    full = cv2.resize(spot, (scene.shape[1], scene.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.addWeighted(scene, 1, full, max(0.0, brighter) / 255, 0), np.uint8)


def lamp(shape: tuple[int, int], least: int, rng: np.random.Generator) -> Picture:
    """A lamp's reflection: a soft spot somewhere in a black picture, up to 255.

    `shape` is the picture's height and width, `least` the spot's smallest radius in pixels.
    """
    height, width = shape
    spot = np.zeros(shape, np.uint8)
    middle = (rng.uniform(0, 1, 2) * (width, height)).astype(int)
    axes = np.asarray(least + rng.uniform(0.05, 0.25, 2) * max(width, height), np.int32)
    cv2.ellipse(spot, middle.tolist(), axes.tolist(), rng.uniform(0, 180), 0, 360, 255, -1)
    return np.asarray(cv2.GaussianBlur(spot, (0, 0), axes.min() / 2), np.uint8)


def sharpened(scene: Picture, radius: float, much: float) -> Picture:
    """Oversharpen the picture, as phones do.

    `radius` is in pixels; with `much` 0 nothing changes.
    """
    soft = cv2.GaussianBlur(scene, (0, 0), radius)
    return np.asarray(cv2.addWeighted(scene, 1 + much, soft, -much, 0), np.uint8)


def _through_the_lens(scene: Picture, pen: float, height: float, rng: np.random.Generator) -> tuple[Picture, float]:
    """Defocus, shake, shrink or sharpen.

    Also returns the share of a thin stroke's contrast that is left.
    """
    blur = min(float(rng.exponential(0.8)), 0.045 * height)
    if rng.random() < SMALL and height > 40:
        smaller = rng.uniform(0.45, 0.8)
        small = cv2.resize(scene, None, fx=smaller, fy=smaller, interpolation=cv2.INTER_AREA)
        scene = np.asarray(cv2.resize(small, scene.shape[::-1], interpolation=cv2.INTER_LINEAR), np.uint8)
        blur = max(blur / 2, 0.6)
    if rng.random() < SHAKEN:
        length = int(min(rng.uniform(3, 14), 0.1 * height))
        scene = np.asarray(cv2.filter2D(scene, -1, shake(length | 1, rng)), np.uint8)
        blur = max(blur / 2, length / 4)
    elif blur > 0.4:
        scene = np.asarray(cv2.GaussianBlur(scene, (0, 0), blur), np.uint8)
    if rng.random() < SHARPENED:
        scene = sharpened(scene, 1.5, rng.uniform(0.3, 1.2))
    return scene, min(1.0, pen / (2.5 * max(blur, 0.1)))


def shake(length: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """A motion-blur kernel along a short line, as from a shaken camera.

    `length` is that of the line in pixels, an odd number; the kernel is (length, length) and sums to 1.
    """
    kernel = np.zeros((length, length), np.float32)
    angle, middle = rng.uniform(0, np.pi), (length - 1) / 2
    reach = np.array([np.cos(angle), np.sin(angle)]) * middle
    steps = np.linspace(-1, 1, 4 * length)[:, None] * reach + middle
    np.add.at(kernel, tuple(np.round(steps[:, ::-1]).astype(int).T), 1)
    return np.asarray(kernel / kernel.sum(), np.float32)
