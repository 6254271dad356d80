"""Heaps of shapes that overlap: dead leaves and pebbles."""

import cv2
import numpy as np

from model.synthesis.scenes.texture import (
    PINK,
    STONE,
    WHITE,
    Floats,
    Picture,
    Size,
    coordinates,
    natural,
    noise_field,
    palette,
    shaded,
    tints,
    turned,
)

LEAVES = 40, 2500  # shapes in a picture of dead leaves: fewest and most
STROKES_FROM = 250  # shapes: in a smaller crowd a stroke might stand alone
BOX, POLYGON, BLOB, STROKE = range(1, 5)  # kinds of outlines; 0 is an ellipse


def _outlines(n: int, shares: tuple[float, ...], rng: np.random.Generator) -> Floats:
    """(n, 24, 2): outlines about the origin with a radius of about 1."""
    kind = rng.choice(len(shares), (n, 1), p=shares)
    t = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    box = (np.abs(np.cos(t)) ** 8 + np.abs(np.sin(t)) ** 8) ** (-1 / 8)
    wedge = 2 * np.pi / rng.integers(3, 8, (n, 1))
    polygon = np.cos(wedge / 2) / np.cos(t % wedge - wedge / 2)
    waves = rng.integers(2, 5, (n, 1)) * t + rng.uniform(0, 2 * np.pi, (n, 1))
    blob = 1 + 0.25 * np.cos(waves) + 0.12 * np.sin(5 * t - waves)
    radius = np.select([kind == BOX, kind == POLYGON, kind == BLOB, kind == STROKE], [box, polygon, blob, box], 1)
    stretch = np.sqrt(np.where(kind == STROKE, rng.uniform(6, 16, (n, 1)), rng.uniform(1, 2.2, (n, 1))))
    x, y = radius * np.cos(t) * stretch, radius * np.sin(t) / stretch
    return turned(np.stack([x, y], axis=-1), rng.uniform(0, 2 * np.pi, (n, 1)))


def _overlapping(
    size: Size, shapes: Floats, radii: Floats, colours: Floats, slopes: Floats, rng: np.random.Generator
) -> Picture:
    """Shapes thrown on each other, each lit along its slope.

    The first colour is the ground's.
    """
    centres = rng.uniform(-0.1, 1.1, (len(shapes), 2)) * size
    numbers = np.zeros(size[::-1], np.int32)
    polygons = (shapes * radii[:, None, None] + centres[:, None]).astype(np.int32)
    for number, polygon in enumerate(polygons, start=1):
        cv2.fillPoly(numbers, [polygon], (number,))
    slopes = slopes / radii[:, None]
    planes = np.vstack([[0, 0, 0], np.column_stack([slopes, -(slopes * centres).sum(axis=1)])]).astype(np.float32)
    rough = (rng.uniform(0, 0.2, len(planes)) * (rng.random(len(planes)) < 0.5)).astype(np.float32)
    (x, y), noise = coordinates(size), noise_field(size, rng.choice((WHITE, PINK)), rng)
    across, down, level, grain = (each.take(numbers) for each in (*planes.T.copy(), rough))
    return shaded(colours.take(numbers, axis=0), across * x + down * y + level + grain * noise)


def dead_leaves(size: Size, rng: np.random.Generator) -> Picture:
    """Overlapping shapes with sizes after a power law (Lee, Mumford, Huang 2001)."""
    n = int(np.exp(rng.uniform(*np.log(LEAVES))))
    shares = (0.3, 0.2, 0.2, 0.15, 0.15) if n > STROKES_FROM else (0.35, 0.25, 0.25, 0.15)
    least, most = 0.6 * min(size) / np.sqrt(n), 0.4 * min(size)
    radii = np.asarray((least**-2 + rng.random(n) * (most**-2 - least**-2)) ** -0.5, np.float32)
    slopes = rng.normal(0, 0.2, (n, 2)) * (rng.random((n, 1)) < 0.6)
    colours = palette(n + 1, rng)
    return _overlapping(size, _outlines(n, shares, rng), radii, colours, np.asarray(slopes, np.float32), rng)


def pebbles(size: Size, rng: np.random.Generator) -> Picture:
    """Pebbles on each other, lit from one side."""
    radius = min(size) * rng.uniform(0.03, 0.12)
    n = int(1.3 * size[0] * size[1] / radius**2)
    radii = np.asarray(radius * rng.lognormal(0, 0.3, n), np.float32)
    light = rng.uniform(0.2, 0.45) * turned(np.array([1.0, 0.0]), rng.uniform(0, 2 * np.pi))
    colours = tints(natural(STONE, rng), n + 1, rng.uniform(0.08, 0.3), rng)
    colours[0] *= 0.3
    shapes = _outlines(n, (0.7, 0.0, 0.0, 0.3), rng)
    return _overlapping(size, shapes, radii, colours, np.tile(light, (n, 1)), rng)
