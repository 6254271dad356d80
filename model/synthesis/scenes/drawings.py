"""Line drawings, plans and patterns on paper."""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from model.synthesis.scenes.texture import (
    PAPER,
    SMOOTH,
    Floats,
    Picture,
    Size,
    coordinates,
    cv_colour,
    laid_on,
    natural,
    noise_field,
    palette,
    shaded,
    steps,
    surface,
    turned,
)
from model.synthesis.scenes.things import Thing, any_ground


def _blank_paper(size: Size, rng: np.random.Generator) -> Picture:
    """Paper: blank, squared or ruled."""
    square = min(size) * rng.uniform(0.03, 0.1)
    (_, across), (_, down) = (steps(along / square) for along in surface(size, rng))
    lines = np.minimum(across, down) if rng.random() < 0.5 else down
    shade = (lines * square < 1) * float(rng.choice((0, -0.1, -0.3)))
    return shaded(natural(PAPER, rng, 0.8), shade + noise_field(size, SMOOTH, rng, zoom=4) * rng.uniform(0.01, 0.08))


def _arc(x: float, y: float, across: float, down: float, first: float = 0, last: float = 360) -> Floats:
    """(24, 2): points along an ellipse, from one angle in degrees to another."""
    t = np.radians(np.linspace(first, last, 24))
    return np.stack([x + across * np.cos(t), y + down * np.sin(t)], axis=-1).astype(np.float32)


def _path(*through: float) -> Floats:
    """(n, 2): points from x, y, x, y and so on."""
    return np.array(through, np.float32).reshape(-1, 2)


# Line drawings about the origin, about 1 in every direction.
Lines = Sequence[NDArray[np.floating]]
TURN = np.linspace(0, 2 * np.pi, 40)
HEART_LINE = (
    np.stack([np.sin(TURN) ** 3, -np.cos(TURN) + 0.4 * np.cos(2 * TURN) + 0.15 * np.cos(3 * TURN)], axis=-1) * 0.8
)
EYES = [_arc(x, -0.2, across, 0.09) for x in (-0.33, 0.33) for across in (0.12, 0.03)]
FLOWER: Lines = [
    *(turned(_arc(0.3, 0, 0.2, 0.1), turn) - _path(0, 0.4) for turn in (0, 1.05, 2.09, 3.14, 4.19, 5.24)),
    *(_arc(0, -0.4, 0.1, 0.1), _path(0, 0.1, 0.05, 1), _arc(0.28, 0.6, 0.25, 0.08)),
]
FACE: Lines = [_arc(0, 0, 0.8, 1), *EYES, _arc(0, 0.3, 0.4, 0.25, 10, 170), _path(0, -0.1, 0.1, 0.2, -0.05, 0.2)]
HOUSE: Lines = [
    *(_path(-0.7, 1, -0.7, -0.1, 0, -0.9, 0.7, -0.1, 0.7, 1, -0.7, 1), _path(-0.7, -0.1, 0.7, -0.1)),
    *(_path(-0.2, 1, -0.2, 0.4, 0.2, 0.4, 0.2, 1), _path(0.3, -0.55, 0.3, -0.95, 0.5, -0.95, 0.5, -0.35)),
]
STAR: Lines = [_path(0, -1, 0.59, 0.81, -0.95, -0.31, 0.95, -0.31, -0.59, 0.81, 0, -1)]
HEART: Lines = [HEART_LINE, HEART_LINE * 0.8]
ARROW: Lines = [_path(-1, -0.2, 0.2, -0.2, 0.2, -0.6, 1, 0, 0.2, 0.6, 0.2, 0.2, -1, 0.2, -1, -0.2)]
CAT: Lines = [
    *(_path(side * 0.75, -0.2, side * 0.7, -1, side * 0.25, -0.66) for side in (-1, 1)),
    *(_path(side * 0.15, 0.15, side, 0.1 + 0.1 * n) for side in (-1, 1) for n in range(3)),
    *(_arc(0, 0, 0.8, 0.7), *EYES),
]
TREE: Lines = [
    *(_arc(0.4 * x, -0.3 + 0.3 * y, 0.4, 0.35) for x, y in ((-1, 0), (1, 0), (0, -1), (0, 0.6))),
    _path(-0.12, 1, -0.1, 0.2, 0.1, 0.2, 0.12, 1),
]
BOAT: Lines = [
    *(_path(-1, 0.3, 1, 0.3, 0.6, 0.8, -0.6, 0.8, -1, 0.3), _path(0, 0.3, 0, -0.9, 0.7, 0.1, 0, 0.1)),
    *(_path(-0.05, -0.8, -0.6, 0.1, -0.05, 0.1, -0.05, -0.8), *(_arc(x, 0.55, 0.1, 0.1) for x in (-0.3, 0, 0.3))),
]
DOODLES = (FLOWER, FACE, HOUSE, STAR, HEART, ARROW, CAT, TREE, BOAT)


def drawings(size: Size, rng: np.random.Generator) -> Picture:
    """Flowers, faces, houses, stars, hearts, arrows, cats, trees and boats in pen."""
    canvas, pens, n = _blank_paper(size, rng), palette(3, rng) * 0.6, int(rng.integers(2, 11))
    for which in rng.integers(0, len(DOODLES), n):
        at, radius = rng.uniform(0.2, 0.8, 2) * size, min(size) * rng.uniform(0.3, 0.5) / math.sqrt(n)
        turn, width = rng.normal(0, 0.2), max(1, round(radius * rng.uniform(0.02, 0.08)))
        lines = [turned(line + rng.normal(0, 0.012, line.shape), turn) * radius + at for line in DOODLES[which]]
        placed, colour = [line.astype(np.int32) for line in lines], cv_colour(pens[rng.integers(3)])
        cv2.polylines(canvas, placed, False, colour, width, cv2.LINE_AA)
    return canvas


def graph(size: Size, rng: np.random.Generator) -> Picture:
    """A graph: axes with ticks, and curves across it, points or bars."""
    canvas, pens, x = _blank_paper(size, rng), palette(5, rng) * 0.7, np.linspace(-0.85, 0.85, 40)
    axes = Thing(canvas, (size[0] / 2, size[1] / 2), min(size) / 2, rng.normal(0, 0.03))
    ticks = np.linspace(-0.8, 0.8, rng.integers(6, 20)).tolist()
    axes.lines(cv_colour(pens[0], 0.5), 0.01, [(-0.9, -0.9), (-0.9, 0.85), (0.95, 0.85)])
    axes.lines(cv_colour(pens[0], 0.5), 0.01, *([(at, 0.82), (at, 0.88)] for at in ticks))
    axes.lines(cv_colour(pens[0], 0.5), 0.01, *([(-0.93, at), (-0.87, at)] for at in ticks))
    for pen in pens[1:]:
        waves = np.sin(np.outer(rng.uniform(0.5, 6, 3), x) + rng.uniform(0, 6, (3, 1))) * rng.normal(0, 0.25, (3, 1))
        curve = np.column_stack([x, np.clip(waves.sum(axis=0) + rng.uniform(-0.6, 0.6), -0.9, 0.8)]).tolist()
        kind = rng.integers(4)
        for left, height in curve[::3]:
            if kind == 0:
                axes.box(cv_colour(pen), left, height, left + 0.07, 0.84)
            if kind == 1:
                axes.disc(cv_colour(pen), left, height, 0.025, 0.025)
        axes.lines(cv_colour(pen), rng.uniform(0.01, 0.03), curve)
    return canvas


def geometry(size: Size, rng: np.random.Generator) -> Picture:
    """A construction of many lines, triangles and circles that cross."""
    canvas, pens = _blank_paper(size, rng), palette(3, rng) * 0.6
    points = (rng.uniform(-0.1, 1.1, (rng.integers(7, 14), 2)) * size).astype(np.int32)
    for first, second, third in rng.integers(0, len(points), (rng.integers(12, 26), 3)):
        colour, width = cv_colour(pens[rng.integers(3)]), int(rng.integers(1, 3))
        cv2.polylines(canvas, [points[[first, second, third]]], True, colour, width, cv2.LINE_AA)
        if rng.random() < 0.3:
            radius = int(np.linalg.norm(points[first] - points[second]))
            cv2.circle(canvas, points[first].tolist(), radius, colour, width, cv2.LINE_AA)
    return canvas


def hatching(size: Size, rng: np.random.Generator) -> Picture:
    """Fields of strokes side by side, some crossed."""
    canvas, (x, y) = _blank_paper(size, rng), coordinates(size)
    noise = noise_field(size, SMOOTH, rng, zoom=rng.uniform(1, 6))
    for pen in palette(3, rng) * 0.6:
        angle, apart, sway = rng.uniform(0, math.pi), rng.uniform(4, 14), rng.uniform(0, 3)
        _, across = steps((x * math.cos(angle) + y * math.sin(angle) + noise * sway) / apart)
        canvas[(across * apart < rng.uniform(1, 2.5)) & (noise > rng.normal(-0.5, 0.7))] = pen
    return np.asarray(cv2.blur(canvas, (2, 2)), np.uint8)


def square_code(size: Size, rng: np.random.Generator) -> Picture:
    """A code of black and white squares with three larger ones in its corners."""
    cells, side = int(rng.integers(21, 46)), min(size) * rng.uniform(0.4, 0.95)
    code = rng.random((cells, cells)) < 0.5
    corner = np.zeros((8, 8), bool)
    corner[:7, :7] = True
    corner[1:6, 1:6] = False
    corner[2:5, 2:5] = True
    code[:8, :8], code[:8, -8:], code[-8:, :8] = corner, corner[:, ::-1], corner[::-1]
    picture = _blank_paper(size, rng)
    left, top = (rng.uniform(0, max(room - side, 0)) for room in size)
    step = side / cells
    matrix = np.array([[step, 0, left + step / 2], [0, step, top + step / 2]])
    dark = cv2.warpAffine(code.astype(np.float32), matrix, size, flags=cv2.INTER_NEAREST)[..., None]
    return np.asarray(picture * (1 - dark) + rng.uniform(0, 60) * dark, np.uint8)


def barcode(size: Size, rng: np.random.Generator) -> Picture:
    """Bars or squares in black and white, as on labels, without figures."""
    module, n = min(size) * rng.uniform(0.006, 0.02), int(rng.integers(25, 120))
    (column, _), (row, _) = (steps(along / module + n / 2) for along in surface(size, rng))
    bits = rng.random((n if rng.random() < 0.4 else 1, n)) < 0.5
    label, printed = (
        (np.minimum(column, row) >= -margin) & (np.maximum(column, row) < n + margin) for margin in (3, 0)
    )
    picture = laid_on(any_ground(size, rng), _blank_paper(size, rng), label)
    picture[printed & bits[row % len(bits), column % n]] = palette(1, rng)[0] * 0.3
    return np.asarray(cv2.blur(picture, (2, 2)), np.uint8)
