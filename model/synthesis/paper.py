"""The background of generated pages: kinds of paper, print, desk.

Grey pictures (height, width) uint8, 0 black to 255 white, before light and camera. Textures are cut from large tiles
made once, since fresh noise for each page would take most of the time.
"""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from model.synthesis.layout import Layout
from model.synthesis.view import View, dense

Picture = NDArray[np.uint8]
TILE = 1408  # pixels: larger than any photo
MIDDLE, SPREAD = 128, 32  # mean and standard deviation of a tile
RULINGS = ("nothing", "ruled", "squared", "dotted")
RULING_SHARES = (0.56, 0.2, 0.17, 0.07)
CLOSEST = 13  # least pixels between printed lines, and the most lines
MOST = 70
FINGER = 0.08  # share of photos with a finger, if there is room
HOLES = 0.04  # share of pages with holes for a file


@dataclass(frozen=True, slots=True)
class Paper:
    """A kind of paper or board."""

    tones: tuple[float, float]  # its brightness
    fine: tuple[float, float]  # standard deviation of its texture of single pixels
    coarse: tuple[float, float]  # of its fibres and blots
    is_board: bool = False  # nothing is printed on it

    @property
    def is_dark(self) -> bool:
        """Whether it is written on with chalk."""
        return self.tones[1] < 128


PAPERS = (
    Paper((215, 253), (0, 1.5), (0, 1)),  # white
    Paper((180, 225), (0, 2.5), (0, 2)),  # cream, grey
    Paper((150, 200), (1, 4), (1, 4)),  # recycled
    Paper((115, 165), (1, 4), (1, 4)),  # kraft
    Paper((215, 250), (0, 0.5), (0, 1.5), is_board=True),  # whiteboard
    Paper((25, 75), (0, 2), (1, 4), is_board=True),  # blackboard
)
PAPER_SHARES = (0.45, 0.22, 0.09, 0.06, 0.08, 0.1)


def kind(rng: np.random.Generator) -> Paper:
    """A random kind; common ones are more frequent."""
    return PAPERS[rng.choice(len(PAPERS), p=PAPER_SHARES)]


def piece(blur: float, shape: tuple[int, int], rng: np.random.Generator, across: float = 0.0) -> Picture:
    """Smooth noise around MIDDLE with standard deviation SPREAD; `across` blurs it along x alone."""
    top, left = (int(rng.integers(TILE - side + 1)) for side in shape)
    return _tile(blur, across)[top : top + shape[0], left : left + shape[1]]


def roughness(
    blur: float, shape: tuple[int, int], deviation: float, rng: np.random.Generator, across: float = 0.0
) -> NDArray[np.float32]:
    """The same noise, with mean 0 and that standard deviation."""
    return (piece(blur, shape, rng, across).astype(np.float32) - MIDDLE) * np.float32(deviation / SPREAD)


def blank(paper: Paper, size: tuple[int, int], rng: np.random.Generator) -> Picture:
    """An empty sheet of that paper, of that width and height."""
    shape = size[1], size[0]
    fine, coarse = rng.uniform(*paper.fine) / SPREAD, rng.uniform(*paper.coarse) / SPREAD
    rest = rng.uniform(*paper.tones) - MIDDLE * (fine + coarse)
    rough, fibres = piece(0.8, shape, rng), piece(12 if paper.is_board else 4, shape, rng)
    return np.asarray(cv2.addWeighted(rough, fine, fibres, coarse, rest), np.uint8)


def print_on(page: Picture, paper: Paper, layout: Layout, view: View, rng: np.random.Generator) -> None:
    """Print cells, ruled lines, squares or dots and a margin line, in place."""
    if layout.cells:
        return _draw(page, layout.cells, view, rng.uniform(0.15, 0.8), rng)
    if paper.is_board:
        return None
    ruling = rng.choice(RULINGS, p=RULING_SHARES)
    (left, top), (right, bottom) = view.shown()
    if ruling == "nothing":
        return None
    pitch = layout.pitch / rng.integers(1, 3) if ruling == "ruled" and rng.random() < 0.7 else rng.uniform(0.4, 1.4)
    pitch = max(pitch, CLOSEST / view.height, (bottom - top) / MOST, (right - left) / MOST)
    below = rng.uniform(0, 0.25) if ruling == "ruled" else rng.uniform(0, pitch)  # the baseline is y = 0
    rows = np.arange(below + np.floor((top - below) / pitch) * pitch, bottom, pitch)
    columns = np.arange(left - rng.uniform(0, pitch), right, pitch)
    if ruling == "dotted":
        return _dots(page, rows, columns, view, rng)
    lines = [np.array([[left, y], [right, y]], np.float32) for y in rows]
    if ruling == "squared":
        lines += [np.array([[x, top], [x, bottom]], np.float32) for x in columns]
    _draw(page, lines, view, rng.uniform(0.06, 0.5), rng)
    if rng.random() < 0.4:
        x = layout.corners[0, 0] - rng.uniform(0.3, 1.5)
        _draw(page, [np.array([[x, top], [x, bottom]], np.float32)], view, rng.uniform(0.15, 0.5), rng)
    return None


def punch(page: Picture, layout: Layout, view: View, rng: np.random.Generator) -> None:
    """Sometimes punch holes left of the writing, in place."""
    if rng.random() > HOLES:
        return
    (left, top), (_, bottom) = view.shown()
    x = layout.corners[0, 0] - rng.uniform(1.2, 2)
    if x < left:
        return
    spots = view.seen(np.array([[x, y] for y in (0.7 * top + 0.3 * bottom, 0.3 * top + 0.7 * bottom)], np.float32))
    for spot in spots:
        radius = round(view.height * rng.uniform(0.15, 0.35))
        cv2.circle(page, np.round(spot).astype(int).tolist(), radius, int(rng.integers(10, 120)), -1, cv2.LINE_AA)


def laid_on_desk(page: Picture, view: View, rng: np.random.Generator) -> Picture:
    """Lay the page on wood, cloth or something dark, with a small shadow.

    Unchanged if the page fills the picture.
    """
    if view.edges is None:
        return page
    mask = np.zeros(page.shape, np.uint8)
    cv2.fillPoly(mask, [np.round(view.edges * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    shadow = cv2.resize(mask, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    shift = np.array([[1, 0, rng.normal(0, 3)], [0, 1, rng.normal(0, 3)]])
    shadow = cv2.warpAffine(cv2.GaussianBlur(shadow, (0, 0), 2), shift, (shadow.shape[1], shadow.shape[0]))
    shadow = cv2.resize(shadow, (page.shape[1], page.shape[0]), interpolation=cv2.INTER_LINEAR)
    dim = cv2.addWeighted(shadow, -rng.uniform(0, 0.6), shadow, 0, 255)
    desk = cv2.multiply(_desk(page.shape, rng), dim, scale=1 / 255)
    beside = cv2.multiply(desk, cv2.bitwise_not(mask), scale=1 / 255)
    return np.asarray(cv2.add(cv2.multiply(page, mask, scale=1 / 255), beside), np.uint8)


def hold(photo: Picture, writing: NDArray[np.float32], rng: np.random.Generator) -> None:
    """Sometimes add a finger from above or below, clear of the writing (n, 2), in place."""
    height, width = photo.shape
    thick = max(height, width) * rng.uniform(0.06, 0.13)
    root = np.array([rng.uniform(0, width), rng.choice([0, height])])
    tip = root + np.array([rng.normal(0, 1), (1 if root[1] == 0 else -1) * rng.uniform(0.5, 1.5)]) * thick
    if rng.random() > FINGER or np.hypot(*(writing - tip).T).min() < 2 * thick:
        return
    ends, tone = np.round(np.stack([root, tip]) * 16).astype(np.int32), rng.uniform(90, 190)
    for k in range(4):  # lighter towards the middle
        cv2.polylines(photo, [ends], False, tone + 8 * k, round(thick * (1 - 0.15 * k)), cv2.LINE_AA, shift=4)


def _desk(shape: tuple[int, ...], rng: np.random.Generator) -> Picture:
    """Wood, cloth, a dark or a light plate."""
    size = shape[0], shape[1]
    tone, grain, kind = rng.uniform(15, 175), rng.uniform(0.05, 0.6), int(rng.integers(4))
    if kind == 0:  # wood
        veins = piece(3, size, rng, across=60)
    elif kind == 1:  # cloth
        veins = piece(1, size, rng)
    else:
        veins, grain = piece(4, size, rng), grain / 6
    return np.asarray(cv2.addWeighted(veins, grain, veins, 0, tone - MIDDLE * grain), np.uint8)


def _draw(page: Picture, lines: list[NDArray[np.float32]], view: View, dark: float, rng: np.random.Generator) -> None:
    tone = float(page[::16, ::16].mean()) * (1 - dark)
    if tone < 64:  # drawn with chalk
        tone += 100 * dark
    width = max(1, round(view.height * rng.uniform(0.01, 0.035)))
    seen = [np.round(view.seen(dense(line)) * 16).astype(np.int32) for line in lines]
    cv2.polylines(page, seen, False, tone, min(width, 3), cv2.LINE_AA, shift=4)


def _dots(
    page: Picture, rows: NDArray[np.floating], columns: NDArray[np.floating], view: View, rng: np.random.Generator
) -> None:
    spots = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2).astype(np.float32)
    x, y = np.round(view.seen(spots)).astype(int).T
    tone = float(page[::16, ::16].mean()) * (1 - rng.uniform(0.2, 0.6))
    size = int(view.height > 60) + 1
    inside = (x >= 0) & (y >= 0) & (x < page.shape[1] - size) & (y < page.shape[0] - size)
    for dx in range(size):
        for dy in range(size):
            page[y[inside] + dy, x[inside] + dx] = tone


@cache
def _tile(blur: float, across: float) -> Picture:
    noise = np.random.default_rng(round(100 * blur + across)).standard_normal((TILE, TILE), np.float32)
    noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), sigmaX=max(blur, across), sigmaY=blur), np.float32)
    return np.asarray(np.clip((noise - noise.mean()) / noise.std() * SPREAD + MIDDLE, 0, 255), np.uint8)
