"""After-effects: blur, noise, light and pale colours on a scene."""

import math

import cv2
import numpy as np

from model.synthesis.scenes.texture import WHITE, Picture, coordinates, cv_colour, noise_field, palette, shaded
from model.synthesis.scenes.things import Thing


def blurred(picture: Picture, rng: np.random.Generator) -> Picture:
    """The picture out of focus."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.6, 2.5)), np.uint8)


def noisy(picture: Picture, rng: np.random.Generator) -> Picture:
    """The picture as a sensor in poor light takes it."""
    noise = noise_field((picture.shape[1] * 3, picture.shape[0]), WHITE, rng).reshape(picture.shape)
    return np.asarray(np.clip(picture + noise * rng.uniform(4, 22), 0, 255), np.uint8)


def lit_from_one_side(picture: Picture, rng: np.random.Generator) -> Picture:
    """The picture in a strong light that falls off to one side."""
    (height, width, _), side = picture.shape, rng.uniform(0, 2 * math.pi)
    x, y = coordinates((width, height))
    fall = (x / width - 0.5) * math.cos(side) + (y / height - 0.5) * math.sin(side)
    return shaded(picture, fall * rng.uniform(0.5, 1.6))


def partly_plain(picture: Picture, rng: np.random.Generator) -> Picture:
    """The picture with plain ground beyond a straight edge."""
    height, width = picture.shape[:2]
    edge = Thing(picture, (width / 2, height / 2), width + height, rng.uniform(0, 2 * math.pi))
    edge.box(cv_colour(palette(1, rng)[0]), rng.uniform(0, 0.15), -2, 2, 2)
    return picture


def pale(picture: Picture, rng: np.random.Generator) -> Picture:
    """The picture with little contrast."""
    contrast = rng.uniform(0.2, 0.6)
    return np.asarray(cv2.convertScaleAbs(picture, alpha=contrast, beta=rng.uniform(0, 255 * (1 - contrast))), np.uint8)


def nearly_grey(picture: Picture, rng: np.random.Generator) -> Picture:
    """The picture with little of its colours left."""
    grey = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    left = rng.uniform(0, 0.4)
    return np.asarray(cv2.addWeighted(picture, left, grey, 1 - left, 0), np.uint8)


EFFECTS = (blurred, noisy, lit_from_one_side, partly_plain, pale, nearly_grey)
