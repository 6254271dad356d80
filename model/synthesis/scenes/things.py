"""Things, on a desk or in a heap, drawn with a few shapes each.

Their shapes are in units of a radius, about the middle of the thing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model.synthesis.scenes.surfaces import cloth, cobbles, coloured_noise, stripes, weave, wood
from model.synthesis.scenes.texture import (
    PINK,
    Colour,
    Floats,
    Picture,
    Size,
    coordinates,
    cv_colour,
    laid_on,
    noise_field,
    palette,
    shaded,
    tints,
)

Points = NDArray[np.int32]  # (..., 2): x and y in pixels
Spot = tuple[float, float]  # x and y, where 1 is a thing's radius
FILLED = -1  # what cv2 takes for a thickness
NOTHING = np.zeros(3)  # the colour of a pixel that is the same in two pictures, in their difference
BRASS = np.array((190, 160, 110), np.float32)


def _circle(radius: float, n: int) -> list[Spot]:
    """n points around the middle."""
    turns = [2 * math.pi * turn / n for turn in range(n)]
    return [(radius * math.cos(turn), radius * math.sin(turn)) for turn in turns]


@dataclass(frozen=True, slots=True)
class Thing:
    """Something being drawn: on what, where, how large and how turned."""

    canvas: Picture
    at: tuple[float, float]  # x and y in pixels
    radius: float  # pixels: what 1 is in the shapes below
    angle: float = 0  # radians

    def polygon(self, colour: Colour, *corners: Spot) -> None:
        """Draw a filled polygon."""
        cv2.fillPoly(self.canvas, [self._placed(corners)], colour, cv2.LINE_AA)

    def box(self, colour: Colour, left: float, top: float, right: float, bottom: float) -> None:
        """Draw a filled box, along the thing's own sides."""
        self.polygon(colour, (left, top), (right, top), (right, bottom), (left, bottom))

    def lines(self, colour: Colour, width: float, *lines: Sequence[Spot]) -> None:
        """Draw lines, each through its points."""
        placed = [self._placed(line) for line in lines]
        cv2.polylines(self.canvas, placed, False, colour, self._pixels(width), cv2.LINE_AA)

    def disc(self, colour: Colour, x: float, y: float, across: float, down: float) -> None:
        """Draw a filled ellipse."""
        centre, axes = self._placed([(x, y)])[0].tolist(), (self._pixels(across), self._pixels(down))
        cv2.ellipse(self.canvas, centre, axes, math.degrees(self.angle), 0, 360, colour, FILLED, cv2.LINE_AA)

    def rings(self, colour: Floats, *rings: tuple[float, float]) -> None:
        """Draw discs on each other: the radius and the light of each."""
        for radius, light in rings:
            self.disc(cv_colour(colour, light), 0, 0, radius, radius)

    def _placed(self, shape: Sequence[Spot]) -> Points:
        """Where the points of a shape about the thing's middle come to lie."""
        (left, top), cos, sin = self.at, self.radius * math.cos(self.angle), self.radius * math.sin(self.angle)
        return np.array([(left + x * cos - y * sin, top + x * sin + y * cos) for x, y in shape]).astype(np.int32)

    def _pixels(self, length: float) -> int:
        """A length in pixels, 1 at the least."""
        return max(1, round(length * self.radius))


def _cup(thing: Thing, rng: np.random.Generator) -> None:
    """A cup on its saucer, seen from above."""
    saucer, cup, drink = palette(3, rng)
    thing.rings(saucer, (1, 0.8), (0.95, 1), (0.68, 0.85), (0.65, 0.95))
    thing.lines(cv_colour(cup, 0.7), 0.17, [(0.4, -0.1), (0.8, -0.12), (0.84, 0.12), (0.4, 0.1)])
    thing.rings(cup, (0.55, 0.8), (0.52, 1), (0.46, 0.6))
    thing.rings(drink, (0.42, 0.6))
    thing.disc(cv_colour(drink, 0.9), rng.uniform(-0.15, 0.15), 0.1, 0.15, 0.08)


def _plate(thing: Thing, rng: np.random.Generator) -> None:
    """A plate with a pattern on its rim and food on it."""
    glaze, pattern, food = palette(3, rng)
    thing.rings(glaze * 0.4 + 140, (1, 0.75), (0.97, 1), (0.7, 0.8), (0.67, 0.97))
    for x, y in _circle(0.84, int(rng.integers(8, 20))):
        thing.disc(cv_colour(pattern), x, y, 0.06, 0.04)
    for x, y, across, light in rng.uniform((-0.35, -0.35, 0.1, 0.7), (0.35, 0.35, 0.25, 1.2), (6, 4)).tolist():
        thing.disc(cv_colour(food, light), x, y, across, 0.15)


def _coin(thing: Thing, rng: np.random.Generator) -> None:
    """A coin with a milled rim and a head in relief."""
    metal = tints(BRASS, 1, 0.2, rng)[0]
    thing.rings(metal, (0.5, 0.6), (0.48, 1.1), (0.42, 0.8), (0.4, 0.95))
    thing.lines(cv_colour(metal, 0.7), 0.01, *zip(_circle(0.43, 24), _circle(0.48, 24), strict=True))
    thing.polygon(cv_colour(metal, 0.75), (-0.25, 0.3), (-0.05, 0.1), (0.24, 0.3))
    thing.disc(cv_colour(metal, 0.8), 0, -0.06, 0.16, 0.2)
    thing.disc(cv_colour(metal, 1.15), -0.04, -0.1, 0.09, 0.12)


def _button(thing: Thing, rng: np.random.Generator) -> None:
    """A button with four holes and its thread."""
    stuff, thread = palette(2, rng)
    thing.rings(stuff, (0.4, 0.7), (0.38, 1.1), (0.3, 0.85), (0.28, 1))
    holes = _circle(0.14, 4)
    for x, y in holes:
        thing.disc(cv_colour(stuff, 0.3), x, y, 0.05, 0.05)
    thing.lines(cv_colour(thread), 0.04, holes[::2], holes[1::2])


def pen(thing: Thing, rng: np.random.Generator) -> None:
    """A pen or a pencil."""
    body, trim = palette(2, rng)
    for edge, light in ((0.09, 0.7), (0.06, 1), (0.02, 1.3)):
        thing.box(cv_colour(body, light), -1.4, -edge, 1.1, edge)
    thing.polygon(cv_colour(trim, 0.9), (1.1, -0.09), (1.4, 0), (1.1, 0.09))
    thing.box(cv_colour(trim), -1.4, -0.09, -1.2, 0.09)
    if rng.random() < 0.5:
        thing.box(cv_colour(trim, 0.7), -1.25, -0.12, -0.6, -0.05)
        thing.box(cv_colour(trim, 1.2), -0.45, -0.09, -0.4, 0.09)


def _keys(thing: Thing, rng: np.random.Generator) -> None:
    """A bunch of keys on their ring."""
    metal = palette(1, rng)[0] * 0.4 + 70
    for turn in np.cumsum(rng.uniform(0.2, 1, rng.integers(2, 5))).tolist():
        key = Thing(thing.canvas, thing.at, thing.radius, thing.angle + turn)
        key.disc(cv_colour(metal), 0.35, 0, 0.28, 0.24)
        key.disc(cv_colour(metal, 0.8), 0.42, 0, 0.18, 0.14)
        key.box(cv_colour(metal, 0.9), 0.55, -0.07, 1.4, 0.07)
        for x, y in zip((0.9, 1.02, 1.14, 1.26), rng.uniform(0.1, 0.18, 4).tolist(), strict=True):
            key.box(cv_colour(metal, 0.9), x, 0, x + 0.06, y)
        key.lines(cv_colour(metal, 0.5), 0.02, [(0.6, 0), (1.35, 0)])
    thing.lines(cv_colour(metal, 0.6), 0.05, [(x + 0.1, y) for x, y in (*_circle(0.3, 20), (0.3, 0))])


def _screws(thing: Thing, rng: np.random.Generator) -> None:
    """A screw that lies on its side, and the head of another."""
    metal = palette(1, rng)[0] * 0.3 + 100
    thing.polygon(cv_colour(metal, 0.8), (-0.5, -0.08), (0.4, -0.08), (0.6, 0), (0.4, 0.08), (-0.5, 0.08))
    thread = [((x / 10, -0.11), (x / 10 + 0.05, 0.11)) for x in range(-4, 5)]
    thing.lines(cv_colour(metal, 0.4), 0.02, *thread)
    thing.polygon(cv_colour(metal), (-0.5, -0.1), (-0.62, -0.22), (-0.62, 0.22), (-0.5, 0.1))
    head = Thing(thing.canvas, (thing.at[0], thing.at[1] + thing.radius / 2), thing.radius, thing.angle)
    head.rings(metal, (0.24, 0.6), (0.21, 1.1))
    head.lines(cv_colour(metal, 0.4), 0.05, ((-0.14, 0), (0.14, 0)), ((0, -0.14), (0, 0.14)))


def _ruler(thing: Thing, rng: np.random.Generator) -> None:
    """A ruler with ticks and no figures."""
    body = palette(1, rng)[0] * 0.5 + 110
    thing.box(cv_colour(body, 0.7), -1.8, -0.25, 1.8, 0.25)
    thing.box(cv_colour(body), -1.8, -0.25, 1.8, 0.22)
    ticks = [((x / 15, -0.25), (x / 15, -0.14 if x % 10 else -0.02)) for x in range(-26, 27)]
    thing.lines(cv_colour(body, 0.25), 0.01, *ticks)


def _cable(thing: Thing, rng: np.random.Generator) -> None:
    """A cable that crosses the whole picture."""
    colour, reach = palette(1, rng)[0], 1.5 * max(thing.canvas.shape) / thing.radius
    t, (bow, sway) = np.linspace(-np.pi, np.pi, 30), rng.normal(0, reach / 5, 2)
    bend = bow * np.cos(t / 2) + sway * np.sin(t)
    path = np.column_stack([t * reach / np.pi, bend]).tolist()
    for width, light in ((0.12, 0.5), (0.08, 0.9), (0.03, 1.3)):
        thing.lines(cv_colour(colour, light), width, path)


THINGS = (_cup, _plate, _coin, _button, pen, pen, _keys, _screws, _ruler, _cable)


def any_ground(size: Size, rng: np.random.Generator) -> Picture:
    """What things lie on or stand before."""
    return (wood, weave, cloth, coloured_noise, cobbles, stripes)[rng.integers(6)](size, rng)


def with_shadows(ground: Picture, things: Picture, rng: np.random.Generator) -> Picture:
    """The things on their ground, with the soft shadows that they throw on it."""
    bare = np.asarray(cv2.inRange(cv2.absdiff(things, ground), NOTHING, NOTHING), np.float32) / 255
    across, down = rng.uniform(-0.02, 0.02, 2) * min(bare.shape)
    move = np.array([[1, 0, across], [0, 1, down]])
    lit = np.asarray(cv2.blur(cv2.warpAffine(bare, move, bare.shape[::-1], borderValue=[1.0]), (7, 7)), np.float32)
    return laid_on(things, shaded(ground, (lit - 1) * rng.uniform(0.2, 0.6)), bare > 0)


def anywhere(canvas: Picture, radius: float, rng: np.random.Generator) -> Thing:
    """A thing to be, somewhere on the canvas and turned anyhow."""
    x, y, turn = rng.random(3).tolist()
    return Thing(canvas, (x * canvas.shape[1], y * canvas.shape[0]), radius, 2 * math.pi * turn)


def desk(size: Size, rng: np.random.Generator) -> Picture:
    """A desk with things on it."""
    ground, n = any_ground(size, rng), int(rng.integers(8, 25))
    canvas = ground.copy()
    for which in rng.integers(0, len(THINGS), n):
        THINGS[which](anywhere(canvas, min(size) * rng.uniform(0.4, 1.2) / math.sqrt(n + 3), rng), rng)
    return with_shadows(ground, canvas, rng)


def heap(size: Size, rng: np.random.Generator) -> Picture:
    """A heap of things of one kind."""
    ground, make = any_ground(size, rng), (_coin, _button, _screws, pen, _keys)[rng.integers(5)]
    canvas, radius = ground.copy(), min(size) * rng.uniform(0.12, 0.25)
    for _ in range(rng.integers(12, 35)):
        make(anywhere(canvas, radius, rng), rng)
    return with_shadows(ground, canvas, rng)


def lone(size: Size, rng: np.random.Generator) -> Picture:
    """One thing by itself on plain ground: solid, so that nobody reads a 0."""
    shade = (noise_field(size, PINK, rng) * rng.uniform(0, 0.03) + _slope(size, rng)).astype(np.float32)
    ground = shaded(palette(1, rng)[0], shade)
    canvas, radius = ground.copy(), min(size) * rng.uniform(0.1, 0.45)
    thing = Thing(canvas, tuple((0.5 + rng.uniform(-0.2, 0.2, 2)) * size), radius, rng.uniform(0, 2 * math.pi))
    if rng.random() < 0.4:
        THINGS[rng.integers(len(THINGS))](thing, rng)
    else:
        _lump(thing, rng)
    return with_shadows(ground, canvas, rng)


def _lump(thing: Thing, rng: np.random.Generator) -> None:
    """Something solid, with patches and seams."""
    turns = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    waves = np.sum([rng.normal(0, 0.25 / k) * np.cos(k * turns + rng.uniform(0, 6)) for k in range(1, 7)], axis=0)
    outline = np.stack([np.cos(turns) * rng.uniform(0.5, 1), np.sin(turns)], axis=1) * (1 + waves)[:, None]
    colours = tints(palette(1, rng)[0], 8, 0.25, rng)
    thing.polygon(cv_colour(colours[0]), *map(tuple, outline))
    for colour in colours[1 : rng.integers(1, 8)]:
        x, y, reach = *rng.uniform(-0.4, 0.4, 2), rng.uniform(0.05, 0.35)
        thing.polygon(cv_colour(colour), *((x + reach * a, y + reach * b) for a, b in outline[:: rng.integers(1, 6)]))


def _slope(size: Size, rng: np.random.Generator) -> Floats:
    """How much lighter each pixel is, from one side of a picture to the other."""
    x, y = coordinates(size)
    across, down = rng.normal(0, 0.15, 2) / max(size)
    return np.asarray(across * x + down * y, np.float32)
