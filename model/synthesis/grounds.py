"""The background of harder pages: paper, print, desk.

Pictures (height, width, 3) RGB float32 from 0 to 1, before light and camera.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from model.synthesis import colours
from model.synthesis.chance import log_uniform
from model.synthesis.colours import Ground
from model.synthesis.lines import Homography, Line, draw, draw_thin, mapped
from model.synthesis.marks import Sheet
from model.synthesis.paper import roughness
from model.synthesis.scenes import scene

RULED, SQUARED = 0.45, 0.88  # cumulative shares of printed papers; the rest is dotted
PRINTED = 0.45  # share of papers with rules, squares or dots
MARGIN_LINE = 0.3  # share of ruled or dotted papers with a vertical line
SHOWN_THROUGH = 0.08  # share of papers with writing on the other side
CLOSEST = 6  # least pixels between printed lines, and the most lines
MOST = 60
THINNEST = 0.3  # pixels: a printed line

Picture = NDArray[np.float32]


def blank(ground: Ground, size: tuple[int, int], rng: np.random.Generator) -> Picture:
    """An empty ground of that width and height."""
    shape = size[1], size[0]
    texture = np.zeros(shape, np.float32)
    if ground.fine:
        texture += roughness(0.8, shape, ground.fine / 255, rng)
    if ground.coarse:
        deviation = ground.coarse / 255
        fibres = rng.random() < 0.7
        texture += roughness(4, shape, deviation, rng) if fibres else roughness(3, shape, deviation, rng, across=60)
    return np.asarray(ground.colour + texture[..., None], np.float32)


def print_on(
    picture: Picture, sheet: Sheet, ground: Ground, matrix: Homography, unit: float, rng: np.random.Generator
) -> None:
    """Print cells, ruled lines, squares, dots or a margin line, in place.

    Sometimes the other side's writing shows through. `matrix` maps page units to pixels, `unit` a digit's height in
    pixels.
    """
    height, width = picture.shape[:2]
    cover = np.zeros((height, width), np.uint8)
    lines: list[Line] = list(sheet.cells)
    dots = None
    if not lines and not ground.is_board and rng.random() < PRINTED:
        lines, dots = _printed(_shown(matrix, width, height), sheet.pitch, unit, rng)
    if dots is not None:
        spots = np.round(mapped(matrix, dots)).astype(int)
        inside = ((spots >= 0) & (spots < (width - 1, height - 1))).all(axis=1)
        cover[spots[inside, 1], spots[inside, 0]] = 255
    if lines:
        thick = unit * log_uniform(0.01, 0.08 if sheet.cells else 0.04, rng)
        draw_thin(cover, [mapped(matrix, line) for line in lines], max(thick, THINNEST))
    if lines or dots is not None:
        strength = float(rng.uniform(0.2, 1) if sheet.cells else rng.uniform(0.08, 0.75))
        colour = colours.ink(ground.colour, strength, rng)
        picture += (cover * np.float32(1 / 255))[..., None] * (colour - picture)
    if not ground.is_board and rng.random() < SHOWN_THROUGH:
        _show_through(picture, sheet, matrix, rng)


def on_a_desk(picture: Picture, sheet: Sheet, matrix: Homography, rng: np.random.Generator) -> Picture:
    """Show the page's edges, its shadow and the desk."""
    height, width = picture.shape[:2]
    left, top, right, bottom = sheet.corners
    reach = np.exp(rng.uniform(np.log(0.2), np.log(4), 4))  # margins around the writing
    outline = _rectangle(left - reach[0], top - reach[1], right + reach[2], bottom + reach[3])
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [np.round(mapped(matrix, outline) * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    desk = _desk((width, height), rng)
    shadow = cv2.GaussianBlur(np.roll(mask, rng.integers(-4, 5, 2), (0, 1)), (0, 0), rng.uniform(1, 5))
    dim = 1 - np.asarray(shadow, np.float32) * np.float32(rng.uniform(0, 0.6) / 255)
    share = (mask * np.float32(1 / 255))[..., None]
    return np.asarray(picture * share + desk * dim[..., None] * (1 - share), np.float32)


def _rectangle(left: float, top: float, right: float, bottom: float) -> NDArray[np.float64]:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64)


def _shown(matrix: Homography, width: int, height: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The least and greatest x and y of the page that a picture of that size shows."""
    corners = mapped(np.linalg.inv(matrix), _rectangle(0, 0, width, height))
    return corners.min(axis=0), corners.max(axis=0)


def _printed(
    shown: tuple[NDArray[np.float64], NDArray[np.float64]], pitch: float, unit: float, rng: np.random.Generator
) -> tuple[list[Line], NDArray[np.float64] | None]:
    """Printed lines, and dots (n, 2) or None, across the visible page.

    In page units; `pitch` is the writing's, `unit` a digit's height in pixels.
    """
    (left, top), (right, bottom) = shown
    kind = rng.random()
    apart = pitch / rng.integers(1, 3) if kind < RULED and rng.random() < 0.7 else rng.uniform(0.4, 1.6)
    apart = max(apart, CLOSEST / unit, (bottom - top) / MOST)
    below = rng.uniform(-0.05, 0.25)  # the baseline is y = 0
    rows = np.arange(below + np.floor((top - below) / apart) * apart, bottom, apart)
    columns = np.arange(left - rng.uniform(0, apart), right, apart)
    dotted = kind > SQUARED
    lines = [] if dotted else [np.array([[left, y], [right, y]], np.float32) for y in rows]
    if RULED <= kind <= SQUARED:
        lines += [np.array([[x, top], [x, bottom]], np.float32) for x in columns]
    elif rng.random() < MARGIN_LINE:
        x = rng.uniform(left, right)
        lines.append(np.array([[x, top], [x, bottom]], np.float32))
    return lines, np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2) if dotted else None


def _show_through(picture: Picture, sheet: Sheet, matrix: Homography, rng: np.random.Generator) -> None:
    """Add the other side's writing: mirrored, blurred and faint, in place."""
    height, width = picture.shape[:2]
    mirror = np.array([[-1, 0, width * rng.uniform(0.8, 1.2)], [0, 1, rng.normal(0, 0.5 * height / 4)], [0, 0, 1]])
    placed = [line + np.array([mark.x, mark.y]) for mark in sheet.marks for line in mark.what.strokes]
    lines = [mapped(mirror @ matrix, line) for line in placed if len(line) > 1]
    if not lines:
        return
    cover = np.zeros((height, width), np.uint8)
    draw(cover, lines, 255, 2)
    soft = cv2.GaussianBlur(cover, (0, 0), rng.uniform(0.7, 2))
    picture -= np.asarray(soft, np.float32)[..., None] * np.float32(rng.uniform(0.03, 0.12) / 255)


def _desk(size: tuple[int, int], rng: np.random.Generator) -> Picture:
    """A random scene, or a plain ground of any colour."""
    if rng.random() < 0.5:
        return np.float32(1 / 255) * scene(size, rng)
    colour = rng.uniform(0, 0.8, 3).astype(np.float32)
    return blank(Ground(colour, rng.uniform(0, 4), rng.uniform(0, 9)), size, rng)
