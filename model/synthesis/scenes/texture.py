"""Noise, colour and light: what every scene is made of.

Numbers in a picture (height, width) are float32; lengths are in pixels.
"""

import math
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from model.synthesis.paper import TILE

Picture = NDArray[np.uint8]  # (height, width, 3), RGB
Floats = NDArray[np.float32]
Labels = NDArray[np.intp]  # (height, width): for every pixel the number of the part that it belongs to
Size = tuple[int, int]  # width and height in pixels
Colour = list[float]  # red, green and blue, 0 to 255
TILE_SEED = 7
LONGEST_WAVE = 300  # pixels: beyond it the noise tiles grow no stronger
WHITE, PINK, SMOOTH = 0.0, 1.0, 1.8  # how fast the noise tiles' amplitude falls with frequency
WOOD = np.array([(92, 62, 40), (160, 112, 70), (206, 172, 128)], np.float32)
LEAF = np.array([(38, 62, 24), (88, 118, 48), (146, 128, 58)], np.float32)
CLAY = np.array([(128, 62, 46), (176, 108, 82), (196, 180, 160)], np.float32)
STONE = np.array([(92, 88, 84), (140, 132, 120), (188, 184, 178)], np.float32)
PAPER = np.array([(250, 250, 248), (238, 234, 222), (214, 216, 220)], np.float32)


@cache
def _tile(exponent: float) -> Floats:
    """A square tile of noise, its amplitude 1/f^exponent, that repeats."""
    across, down = (each(TILE).astype(np.float32) for each in (np.fft.rfftfreq, np.fft.fftfreq))
    frequency = np.maximum(np.hypot(down[:, None], across), 1 / LONGEST_WAVE)
    white = np.random.default_rng(TILE_SEED).standard_normal((TILE, TILE), np.float32)
    return np.asarray(np.fft.irfft2(np.fft.rfft2(white) / frequency**exponent, white.shape), np.float32)


def noise_field(size: Size, exponent: float, rng: np.random.Generator, zoom: float = 1, stretch: float = 1) -> Floats:
    """(height, width): noise of mean 0 and deviation 1, `stretch` times as long."""
    width, height = (min(max(int(n), 2), TILE) for n in (size[0] / zoom / stretch, size[1] / zoom))
    left, top = rng.integers(TILE - width + 1), rng.integers(TILE - height + 1)
    cut = _tile(exponent)[top : top + height, left : left + width]
    mean, deviation = cv2.meanStdDev(cut)
    return np.asarray(cv2.resize((cut - mean[0, 0]) / (deviation[0, 0] + 1e-9), size), np.float32)


def coordinates(size: Size) -> tuple[Floats, Floats]:
    """x of every column (1, width) and y of every row (height, 1), in pixels."""
    return np.arange(size[0], dtype=np.float32)[None], np.arange(size[1], dtype=np.float32)[:, None]


def surface(size: Size, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """u and v of every pixel on a surface that is turned, leans and is uneven."""
    x, y = coordinates(size)
    x, y = x - rng.uniform(0, size[0]), y - rng.uniform(0, size[1])
    angle = rng.uniform(0, 2 * np.pi) if rng.random() < 0.3 else rng.normal(0, 0.1)
    lean, falls = rng.uniform(0, 0.4) / max(size), rng.uniform(0, 2 * np.pi)
    depth = np.maximum(1 + lean * (x * math.cos(falls) + y * math.sin(falls)), 0.3)
    uneven = noise_field(size, SMOOTH, rng, zoom=8) * rng.uniform(0, 2.5)
    cos, sin = math.cos(angle), math.sin(angle)
    return (cos * x + sin * y) / depth + uneven, (cos * y - sin * x) / depth + uneven


def steps(along: NDArray[np.floating]) -> tuple[Labels, Floats]:
    """Whole numbers, and how far past them."""
    whole = np.floor(along)
    return whole.astype(np.intp), np.asarray(along - whole, np.float32)


def palette(n: int, rng: np.random.Generator) -> Floats:
    """(n, 3): colours that go together: most muted, some saturated, some grey."""
    saturation = rng.choice((0.05, 0.3, 0.75), p=(0.25, 0.55, 0.2)) * rng.uniform(0.4, 1.4, n)
    hue = rng.uniform(0, 360) + rng.normal(0, rng.choice((12, 50, 180)), n)
    value = rng.uniform(rng.uniform(0.1, 0.5), rng.uniform(0.6, 1), n)
    hsv = np.stack([hue % 360, np.minimum(saturation, 1), value], axis=-1).astype(np.float32)
    return np.asarray(cv2.cvtColor(hsv[None], cv2.COLOR_HSV2RGB)[0] * 255, np.float32)


def tints(of: Floats, n: int, spread: float, rng: np.random.Generator) -> Floats:
    """(n, 3): shades and tints of one colour."""
    lighter = rng.normal(1, spread, (n, 1))
    return np.asarray(np.clip(of * lighter + rng.normal(0, 40 * spread, (n, 3)), 0, 255), np.float32)


def natural(ramp: Floats, rng: np.random.Generator, share: float = 0.7) -> Floats:
    """A colour of that ramp, in so large a `share`; else of any palette."""
    first = rng.integers(len(ramp) - 1)
    dark, light = ramp[first : first + 2]
    colours = tints(dark + (light - dark) * rng.random(), 1, 0.1, rng) if rng.random() < share else palette(1, rng)
    return np.asarray(colours[0], np.float32)


def cv_colour(colour: Floats, lighter: float = 1) -> Colour:
    """The colour as cv2 takes it, made lighter or darker."""
    return [min(255.0, float(part) * lighter) for part in colour]


def shaded(colours: NDArray[np.integer | np.floating], shade: NDArray[np.floating]) -> Picture:
    """The colours, (3,) or one a pixel, each pixel made lighter by its `shade`."""
    light, lit = np.maximum(1 + np.asarray(shade, np.float32), 0), np.asarray(colours, np.float32)
    return as_picture(np.asarray(cv2.merge([lit[..., channel] * light for channel in range(3)]), np.float32))


def as_picture(colours: Floats) -> Picture:
    """The colours, none below 0, as a picture holds them."""
    return np.asarray(cv2.convertScaleAbs(colours), np.uint8)


def blended(ground: Floats, top: Floats, share: NDArray[np.floating]) -> Floats:
    """`ground`, with `share` of every pixel replaced by `top`.

    Either is one colour, (3,), or one a pixel.
    """
    channels = [ground[..., i] + (top[..., i] - ground[..., i]) * share for i in range(3)]
    return np.asarray(cv2.merge(channels), np.float32)


def laid_on(ground: Picture, top: Picture, where: NDArray[np.bool_]) -> Picture:
    """`ground`, with `top` in its stead where so."""
    return np.asarray(cv2.copyTo(top, where.astype(np.uint8), ground.copy()), np.uint8)


def relief(height: NDArray[np.floating], rng: np.random.Generator) -> Floats:
    """(height, width): how much more light falls on each pixel, from one side."""
    side = rng.uniform(0, 2 * np.pi)
    height = np.asarray(height, np.float32)
    slopes = [np.asarray(cv2.Sobel(height, cv2.CV_32F, *to, scale=1 / 8), np.float32) for to in ((1, 0), (0, 1))]
    return slopes[0] * math.cos(side) + slopes[1] * math.sin(side)


def turned(outlines: NDArray[np.floating], angle: NDArray[np.floating] | float) -> Floats:
    """(..., 2): the outlines turned about the origin, by an angle each in radians."""
    cos, sin, x, y = np.cos(angle), np.sin(angle), outlines[..., 0], outlines[..., 1]
    return np.asarray(np.stack([x * cos - y * sin, x * sin + y * cos], axis=-1), np.float32)
