"""People: a hand, heads, a crowd."""

import math

import cv2
import numpy as np

from model.synthesis.scenes.texture import Picture, Size, cv_colour, natural, palette
from model.synthesis.scenes.things import Thing, any_ground, anywhere, pen, with_shadows

SKIN = np.array([(96, 62, 44), (168, 116, 84), (232, 188, 160)], np.float32)
LIPS = np.array((1, 0.6, 0.6), np.float32)  # against the skin about them


def hand(size: Size, rng: np.random.Generator) -> Picture:
    """A hand with creases and nails, that may hold a pen."""
    ground, skin = any_ground(size, rng), natural(SKIN, rng, 1)
    canvas = ground.copy()
    palm = anywhere(canvas, min(size) * rng.uniform(0.25, 0.6), rng)
    palm.lines(cv_colour(skin, 0.9), 0.6, [(0, 0.3), (0, 3)])
    leans = (*rng.normal(0, 0.12, 4).tolist(), 0.6)
    for base, length, lean in zip((-0.33, -0.11, 0.11, 0.33, 0.5), (0.95, 1.15, 1.2, 1.05, 0.4), leans, strict=True):
        (x, y), tip = (base + lean * length / 2, -length / 2), (base + lean * length, -length)
        for width, light in ((0.25, 0.65), (0.23, 0.95), (0.12, 1.05)):
            palm.lines(cv_colour(skin, light), width, [(base * 0.8, 0.3), (base, 0), (x, y), tip])
        creases = [[(x - 0.08, y + up), (x, y + up - 0.02), (x + 0.08, y + up)] for up in (-0.24, -0.2, 0, 0.04)]
        palm.lines(cv_colour(skin, 0.75), 0.01, *creases)
        palm.disc(cv_colour(skin, 1.2), *tip, 0.07, 0.1)
    for radius in (0.5, 0.4, 0.3):
        palm.disc(cv_colour(skin, 1.2 - 0.5 * radius), 0, 0.35, radius, radius * 1.1)
    if rng.random() < 0.4:
        pen(Thing(canvas, palm.at, palm.radius, palm.angle + rng.uniform(0, 2)), rng)
    return np.asarray(cv2.blur(with_shadows(ground, canvas, rng), (3, 3)), np.uint8)


def _head(head: Thing, rng: np.random.Generator) -> None:
    """A head with hair, eyes, brows, ears, nose and mouth, on shoulders."""
    skin, (hair, shirt) = natural(SKIN, rng, 0.95), palette(2, rng)
    head.disc(cv_colour(shirt), 0, 2.1, 1.5, 1)
    head.box(cv_colour(skin, 0.8), -0.35, 0.5, 0.35, 1.4)
    head.disc(cv_colour(hair, 0.6), 0, -0.25, 0.9, rng.uniform(0.9, 1.5))
    for x in (-0.75, 0.75):
        head.disc(cv_colour(skin, 0.85), x, 0, 0.14, 0.22)
    head.disc(cv_colour(skin, 0.9), 0, 0, 0.75, 1)
    head.disc(cv_colour(skin), -0.08, 0, 0.62, 0.9)
    for x in (-0.3, 0.3):
        head.disc(cv_colour(skin, 0.75), x, -0.15, 0.2, 0.13)
        head.disc([235, 235, 230], x, -0.15, 0.15, 0.08)
        head.disc(cv_colour(hair, 0.4), x, -0.15, 0.07, 0.08)
        head.lines(cv_colour(hair, 0.4), 0.06, [(x - 0.18, -0.33), (x, -0.4), (x + 0.18, -0.33)])
    head.lines(cv_colour(skin, 0.7), 0.05, [(0, -0.1), (0.1, 0.25), (-0.08, 0.28)])
    head.disc(cv_colour(skin * LIPS), 0, 0.55, rng.uniform(0.15, 0.35), rng.uniform(0.04, 0.15))
    head.polygon(
        cv_colour(hair, 0.6), (-0.7, -0.5), (-0.4, -1), (0.4, -1), (0.7, -0.5), (rng.uniform(-0.5, 0.5), -0.65)
    )


def people(size: Size, rng: np.random.Generator) -> Picture:
    """One head, a few, or a crowd, before something out of focus."""
    ground = np.asarray(cv2.blur(any_ground(size, rng), (9, 9)), np.uint8)
    canvas, n = ground.copy(), int(rng.choice((1, 2, 4, 16)))
    for y in np.sort(rng.uniform(0.2, 0.9, n)).tolist():
        at, radius = (rng.uniform(0.1, 0.9) * size[0], y * size[1]), min(size) * rng.uniform(0.25, 0.4) / math.sqrt(n)
        _head(Thing(canvas, at, radius, rng.normal(0, 0.15)), rng)
    return with_shadows(ground, canvas, rng)
