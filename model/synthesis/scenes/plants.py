"""Grass and leaves."""

import cv2
import numpy as np

from model.synthesis.scenes.texture import LEAF, Picture, Size, cv_colour, natural, tints, turned


def leaves(size: Size, rng: np.random.Generator) -> Picture:
    """Leaves with midribs, from the dark below to the light on top."""
    n, length = int(rng.integers(80, 260)), min(size) * rng.uniform(0.08, 0.3)
    t = np.linspace(0, 1, 8)
    side = np.sin(np.pi * t**0.8) * rng.uniform(0.12, 0.35)
    leaf = np.concatenate([np.column_stack([t, side]), np.column_stack([t, -side])[::-1]])
    angles = rng.normal(rng.uniform(0, 6), rng.uniform(0.4, 3), (n, 1))
    scales = length * rng.lognormal(0, 0.3, (n, 1, 1))
    placed = turned(leaf[None], angles) * scales + rng.uniform(-0.15, 1.1, (n, 1, 2)) * size
    light = np.linspace(0.3, 1.2, n)[:, None]
    colours = tints(natural(LEAF, rng), n, 0.15, rng) * light
    canvas = np.full((*size[::-1], 3), colours[0], np.uint8)
    for outline, colour in zip(placed.astype(np.int32), colours, strict=True):
        cv2.fillPoly(canvas, [outline], cv_colour(colour))
        cv2.line(canvas, outline[0].tolist(), outline[7].tolist(), cv_colour(colour, 1.3), 1)
    return canvas


def grass(size: Size, rng: np.random.Generator) -> Picture:
    """Blades of grass, needles, straw or hair: hundreds of curved strokes."""
    n, t = int(rng.integers(250, 700)), np.linspace(0, 1, 5)
    length = min(size) * rng.uniform(0.1, 0.5) * rng.lognormal(0, 0.3, (n, 1))
    blade = np.stack([length * t, length * rng.normal(0, 0.25, (n, 1)) * t**2], axis=-1)
    angles = rng.normal(rng.uniform(0, 2 * np.pi), rng.uniform(0.1, 1.5), (n, 1))
    placed = (turned(blade, angles) + rng.uniform(-0.2, 1.2, (n, 1, 2)) * size).astype(np.int32)
    colours = tints(natural(LEAF, rng), n, 0.2, rng) * np.linspace(0.3, 1.2, n)[:, None]
    canvas, thick = np.full((*size[::-1], 3), colours[0], np.uint8), rng.integers(1, max(3, min(size) // 50), n)
    for curve, colour, thickness in zip(placed, colours, thick.tolist(), strict=True):
        cv2.polylines(canvas, [curve], False, cv_colour(colour), thickness)
    return np.asarray(cv2.blur(canvas, (2, 2)), np.uint8)
