"""Places: a fence, a landscape, a room."""

import cv2
import numpy as np

from model.synthesis.scenes.plants import leaves
from model.synthesis.scenes.surfaces import bricks, coloured_noise
from model.synthesis.scenes.texture import (
    LEAF,
    PAPER,
    PINK,
    SMOOTH,
    Floats,
    Picture,
    Size,
    as_picture,
    blended,
    coordinates,
    cv_colour,
    laid_on,
    natural,
    noise_field,
    palette,
    shaded,
    steps,
    surface,
    tints,
)
from model.synthesis.scenes.things import Thing

SKY = np.array((110, 150, 200), np.float32)


def fence(size: Size, rng: np.random.Generator) -> Picture:
    """A fence, a railing or a grating before something out of focus."""
    ground = (leaves, coloured_noise, bricks, landscape)[rng.integers(4)](size, rng)
    (u, v), gap, thick = surface(size, rng), min(size) * rng.uniform(0.05, 0.16), rng.uniform(0.1, 0.6)
    (_, post), (_, rail) = steps(u / gap), steps(v / (gap * int(rng.choice((1, 3, 5)))))
    across = np.where(post < thick, post, 2 * np.minimum(rail, thick)) / thick
    shade = np.sin(np.pi * across) * 0.5 - 0.3 + noise_field(size, PINK, rng) * 0.05
    far = np.asarray(cv2.blur(ground, (5, 5)), np.uint8)
    return laid_on(far, shaded(palette(1, rng)[0], shade), across <= 1)


def _sky(size: Size, rng: np.random.Generator) -> Floats:
    """(height, width, 3): a sky with clouds, at any hour."""
    top, low = tints(SKY, 2, 0.25, rng) if rng.random() < 0.7 else palette(2, rng)
    fall = np.broadcast_to(coordinates(size)[1] / size[1], size[::-1])
    clouds = np.clip(noise_field(size, SMOOTH, rng, stretch=2) * 0.5 + noise_field(size, PINK, rng) * 0.1, 0, 1)
    return blended(blended(top, low * 0.5 + 120, fall), tints(PAPER[0], 1, 0.1, rng)[0], clouds * rng.random())


def landscape(size: Size, rng: np.random.Generator) -> Picture:
    """A sky over hills, one behind another, with bushes and trees."""
    sky, (x, y) = _sky(size, rng), coordinates(size)
    layers, near, far = int(rng.integers(2, 6)), natural(LEAF, rng), sky[-1, 0]
    numbers = np.zeros(size[::-1], np.intp)
    for layer in range(layers):
        wave = noise_field((size[0], 2), SMOOTH, rng, zoom=rng.uniform(0.5, 2))[:1] * rng.uniform(4, 20)
        trees = np.abs(np.sin(x / rng.uniform(4, 15))) * rng.uniform(0, 12)
        numbers[y > size[1] * (0.35 + 0.5 * layer / layers) + wave - trees] = layer + 1
    nearer = np.linspace(0, 1, layers + 1, dtype=np.float32)
    ground = shaded(
        (far + (near - far) * nearer[:, None]).take(numbers, axis=0),
        noise_field(size, PINK, rng) * 0.15 * nearer.take(numbers),
    )
    return laid_on(as_picture(sky), ground, numbers > 0)


def room(size: Size, rng: np.random.Generator) -> Picture:
    """The corner of an empty room, with a door, a window and a lamp."""
    wall, floor, wood, cloth = palette(4, rng)
    wall = wall * 0.5 + 110
    canvas = np.full((*size[::-1], 3), wall, np.uint8)
    corner = rng.uniform(0.3, 0.7) * size[0], rng.uniform(0.4, 0.6) * size[1]
    room = Thing(canvas, corner, min(size) / 2, rng.normal(0, 0.03))
    low, high, slant = rng.uniform(0.4, 0.8), rng.uniform(-1.1, -0.6), rng.uniform(0.2, 0.5)
    room.polygon(cv_colour(wall, 0.8), (0, -9), (-5, -9), (-5, 9), (0, 9))
    room.polygon(cv_colour(wall, 1.15), (0, high), (-5, high - 5 * slant), (5, high - 5 * slant))
    room.polygon(cv_colour(floor), (0, low), (-5, low + 5 * slant), (-5, 9), (5, 9), (5, low + 5 * slant))
    room.lines(cv_colour(wall, 1.2), 0.05, [(-5, low + 5 * slant), (0, low), (5, low + 5 * slant)])
    foot, head = low + 0.6 * slant, high + 0.35
    room.polygon(cv_colour(wood, 0.8), (0.3, foot), (0.3, head), (0.95, head - 0.1), (0.95, foot + 0.3 * slant))
    room.polygon(cv_colour(wood), (0.36, foot), (0.36, head + 0.06), (0.9, head), (0.9, foot + 0.25 * slant))
    for top in (0.2, 0.75):
        room.box(cv_colour(wood, 0.85), 0.45, head + top, 0.8, head + top + 0.4)
    room.disc(cv_colour(wood, 1.5), 0.83, (foot + head) / 2, 0.03, 0.03)
    room.box(cv_colour(wood, 1.3), -1, -0.45, -0.35, 0.15)
    for x in (-0.95, -0.65):
        room.box([205, 222, 235], x, -0.41, x + 0.27, 0.11)
    room.lines(cv_colour(cloth, 0.3), 0.02, [(-0.2, high - 1), (-0.2, high + 0.2)])
    room.polygon(cv_colour(cloth, 1.2), (-0.3, high + 0.2), (-0.1, high + 0.2), (0, high + 0.4), (-0.4, high + 0.4))
    return shaded(canvas, noise_field(size, SMOOTH, rng) * 0.1)
