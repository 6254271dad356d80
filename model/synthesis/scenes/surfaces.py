"""Walls, floors and fabrics: textures that fill the picture."""

import math

import cv2
import numpy as np

from model.synthesis.scenes.texture import (
    CLAY,
    PINK,
    SMOOTH,
    STONE,
    WHITE,
    WOOD,
    Floats,
    Labels,
    Picture,
    Size,
    blended,
    coordinates,
    natural,
    noise_field,
    palette,
    relief,
    shaded,
    steps,
    surface,
    tints,
)

CELL_COLOURS = 61  # bricks, keys and boards share so many colours


def coloured_noise(size: Size, rng: np.random.Generator) -> Picture:
    """Noise of a natural spectrum in a few colours that run into each other."""
    ground, *others = palette(3, rng)
    mixed = np.broadcast_to(ground, (*size[::-1], 3))
    for colour in others:
        noise = noise_field(size, rng.choice((WHITE, PINK, SMOOTH)), rng, zoom=rng.uniform(1, 4))
        mixed = blended(mixed, colour, noise * rng.uniform(0.1, 0.5))
    return np.asarray(np.clip(mixed, 0, 255), np.uint8)


def camouflage(size: Size, rng: np.random.Generator) -> Picture:
    """Noise cut into a few levels, each in its own colour."""
    levels = int(rng.integers(2, 7))
    noise = noise_field(size, PINK, rng, zoom=rng.uniform(1, 4)) + noise_field(size, SMOOTH, rng)
    numbers = np.clip((noise * 0.25 + 0.5) * levels, 0, levels - 1).astype(np.intp)
    return np.asarray(palette(levels, rng).take(numbers, axis=0), np.uint8)


def _cells(u: Floats, v: Floats, wide: float, tall: float, stagger: float) -> tuple[Labels, Floats, Floats]:
    """Every pixel's cell in rows of cells, and where in there: -1 to 1 both ways."""
    row, down = steps(v / tall)
    column, across = steps(u / wide + row.astype(np.float32) * stagger)
    return (column * 7 + row * 17) % CELL_COLOURS, 2 * across - 1, 2 * down - 1


def bricks(size: Size, rng: np.random.Generator) -> Picture:
    """Bricks, tiles or slabs with joints."""
    tall = min(size) * rng.uniform(0.04, 0.25)
    wide = tall * float(rng.choice((1, 1, 1.6, 2.2, 3.5)))
    numbers, across, down = _cells(*surface(size, rng), wide, tall, float(rng.choice((0, 0.5, 0.37))))
    edge = np.minimum((1 - np.abs(across)) * (wide / 2), (1 - np.abs(down)) * (tall / 2))
    joint = tall * rng.uniform(0.02, 0.08)
    flat = np.clip((edge - joint) / rng.uniform(1, 3), 0, 1)
    colours = tints(natural(CLAY, rng), CELL_COLOURS, rng.choice((0.03, 0.12, 0.25)), rng)
    shade = relief(flat, rng) + noise_field(size, PINK, rng) * rng.uniform(0.02, 0.15)
    return shaded(blended(natural(STONE, rng), colours.take(numbers, axis=0), flat), shade)


def cobbles(size: Size, rng: np.random.Generator) -> Picture:
    """Stones, scales or cracked earth: cells of no regular shape with joints."""
    n = int(np.exp(rng.uniform(*np.log((30, 700)))))
    free = np.ones(size[::-1], np.uint8)
    free[rng.integers(0, size[1], n), rng.integers(0, size[0], n)] = 0
    _, nearest = cv2.distanceTransformWithLabels(free, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    numbers = np.asarray(nearest, np.intp)
    inside = (numbers == np.roll(numbers, 1, 0)) & (numbers == np.roll(numbers, 1, 1))
    depth = np.asarray(cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 5), np.float32)
    rounding = math.sqrt(size[0] * size[1] / n) * rng.uniform(0.05, 0.3)
    dome = np.clip((depth - rng.uniform(0, 0.4) * rounding) / rounding, 0, 1)
    colours = tints(natural(STONE, rng), n + 1, rng.choice((0.02, 0.1, 0.2)), rng)
    shade = relief(dome, rng) * 2 + noise_field(size, PINK, rng) * rng.uniform(0.02, 0.12)
    return shaded(colours.take(numbers, axis=0) * (0.35 + 0.65 * dome[..., None]), shade)


def wood(size: Size, rng: np.random.Generator) -> Picture:
    """Boards with grain and knots."""
    x, y = coordinates(size)
    board, _ = steps(y / (min(size) * rng.uniform(0.15, 1.5)) + rng.random())
    grain = (
        y * rng.uniform(0.02, 0.1) + noise_field(size, SMOOTH, rng, stretch=5) * 1.5 + board.astype(np.float32) * 2.6
    )
    for _ in range(rng.integers(0, 5)):
        (left, top), radius = rng.uniform(0, 1, 2) * size, min(size) * rng.uniform(0.02, 0.08)
        away = ((x - float(left)) / (2.5 * radius)) ** 2 + ((y - float(top)) / radius) ** 2
        grain = grain + rng.uniform(3, 8) * np.exp(-np.sqrt(away + 0.1))
    rings = np.sin(grain * rng.uniform(3, 8)) * rng.uniform(0.03, 0.14)
    streaks = noise_field(size, WHITE, rng, stretch=12) * rng.uniform(0.02, 0.06)
    joints = (np.diff(board, axis=0, prepend=board[:1]) != 0) * -0.6
    colours = tints(natural(WOOD, rng, 0.85), CELL_COLOURS, 0.06, rng)[board]
    picture = shaded(colours, rings + streaks + joints)
    return np.asarray(cv2.resize(cv2.transpose(picture), size), np.uint8) if rng.random() < 0.4 else picture


def weave(size: Size, rng: np.random.Generator) -> Picture:
    """Woven threads of several colours: plain or twilled, in checks and stripes."""
    thread = rng.uniform(2, 9)
    (column, across), (row, down) = (steps(along / thread) for along in surface(size, rng))
    lifts = ((column + row) % 2 if rng.random() < 0.6 else (column + row) % 4 // 2) == 0
    order = np.repeat(rng.permutation(np.repeat(np.arange(4), rng.integers(1, 9, 4))), rng.integers(1, 6))
    threads = np.where(lifts, order[column % len(order)], order[row % len(order)])
    shade = (np.sin(np.pi * np.where(lifts, across, down)) - 0.7) * rng.uniform(0.1, 0.6)
    return shaded(palette(4, rng).take(threads, axis=0), shade + noise_field(size, PINK, rng) * 0.05)


def knitting(size: Size, rng: np.random.Generator) -> Picture:
    """Rows of knitted stitches in a pattern of colours."""
    stitch = rng.uniform(6, 20)
    u, v = (along / stitch for along in surface(size, rng))
    column, across = steps(u)
    half = np.abs(across - 0.5)
    row, down = steps(v * 1.4 + half * 1.6)
    repeat = rng.integers(2, 9, 2)
    pattern = np.where(rng.random(repeat) < 0.6, rng.integers(0, 3, (repeat[0], 1)), rng.integers(0, 3, repeat))
    shade = np.sin(np.pi * down) * np.sin(np.pi * np.minimum(half * 2.2, 1)) * 0.6 - 0.36
    numbers = pattern[row % repeat[0], column % repeat[1]]
    return shaded(palette(3, rng).take(numbers, axis=0), shade + noise_field(size, WHITE, rng) * 0.05)


def stripes(size: Size, rng: np.random.Generator) -> Picture:
    """Stripes, checks, or a wallpaper of dots."""
    u, v = surface(size, rng)
    wide, kind = min(size) * rng.uniform(0.02, 0.1), rng.integers(3)
    order = rng.integers(0, 4, rng.integers(3, 12))
    numbers = order[steps(u / wide)[0] % len(order)]
    if kind == 1:
        numbers = (numbers + order[steps(v / wide)[0] % len(order)]) % 4
    if kind == 2:
        which, across, down = _cells(u, v, 2 * wide, 2 * wide, 0.5)
        numbers = (across * across + down * down < rng.uniform(0.2, 0.6)) * (1 + which % 2)
    return shaded(palette(4, rng).take(numbers, axis=0), noise_field(size, SMOOTH, rng) * rng.uniform(0.02, 0.15))


def cloth(size: Size, rng: np.random.Generator) -> Picture:
    """A cloth or a sheet with wrinkles and folds."""
    u, v = surface(size, rng)
    soft = noise_field(size, SMOOTH, rng, zoom=rng.uniform(4, 9))
    folds = np.abs(np.sin(u / rng.uniform(15, 70) + soft * 1.5)) + np.abs(np.sin(v / rng.uniform(30, 90) - soft))
    wrinkles = noise_field(size, SMOOTH, rng, zoom=rng.uniform(1.5, 4), stretch=rng.uniform(0.5, 2))
    shade = relief(folds * rng.uniform(1, 6) + wrinkles * rng.uniform(0.5, 4), rng) + soft * 0.05
    threads = np.sin(u * 1.5) * np.sin(v * 1.5) * rng.uniform(0, 0.06)
    return shaded(palette(1, rng)[0] * 0.6 + 100, shade + threads)


def keyboard(size: Size, rng: np.random.Generator) -> Picture:
    """Rows of rounded keys with nothing on them, the long one in every fifth."""
    (u, v), key = surface(size, rng), min(size) * rng.uniform(0.08, 0.25)
    long = steps(v / key)[0] % 5 == 4
    numbers, across, down = _cells(np.where(long, u / 4, u), v, key, key, 0.27)
    across = np.where(long, np.maximum(0, 4 * np.abs(across) - 3), across)
    across, down = across * across, down * down
    reach = across * across * across + down * down * down
    cap, top = np.clip((0.6 - reach) * key / 8, 0, 1), np.clip((rng.uniform(0.05, 0.3) - reach) * key / 4, 0, 1)
    body, keys = palette(2, rng)
    colours = tints(keys, CELL_COLOURS, 0.02, rng)
    colours[::13] *= 0.7
    return shaded(blended(body * 0.5, colours.take(numbers, axis=0), cap), relief(cap, rng) + top * 0.15)


def blinds(size: Size, rng: np.random.Generator) -> Picture:
    """Window blinds, or a corrugated sheet, with cords."""
    u, v = surface(size, rng)
    _, slat = steps(v / (min(size) * rng.uniform(0.03, 0.1)))
    _, cord = steps(u / (min(size) * rng.uniform(0.2, 0.5)))
    profile = slat * 0.6 if rng.random() < 0.6 else np.sin(np.pi * slat)
    shade = profile - 0.3 - (slat < 0.1) * 0.5 - (cord < 0.03) * 0.3
    return shaded(palette(1, rng)[0], shade + noise_field(size, SMOOTH, rng, zoom=3) * 0.1)
