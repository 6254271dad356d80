"""Generates harder pages: coloured ink on coloured ground, in bad light, badly photographed.

At the size that the finder works at for training, larger for evaluation.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from model.synthesis import arrangement, colours, grounds
from model.synthesis.chance import log_uniform
from model.synthesis.characters import Alphabet
from model.synthesis.colours import Colour, Ground
from model.synthesis.exposure import exposed, framed
from model.synthesis.lines import Homography, draw_thin, mapped
from model.synthesis.marks import Mark, Sheet
from model.synthesis.paper import SPREAD, piece
from model.synthesis.scenes import scene
from model.synthesis.view import askew

FINE = 2  # ink is drawn at this scale and then reduced, so that thin strokes keep their widths
BOLD = 1.5  # so that a stroke one pixel wide and between pixels counts as full ink in its middle
SCENE = 0.13  # share of pictures without writing
ON_A_SCENE = 0.03  # share of pages written on a scene
ON_A_DESK = 0.25  # share of whole photos with visible page edges
ALL_THE_SAME = 0.75  # share of pages written in a single colour
PENS = ((0.02, 0.08, 0.2, 0.6), (0.015, 0.07, 0.3, 0.9), (0.04, 0.12, 0.45, 0.95), (0.08, 0.26, 0.55, 1.0))
PEN_SHARES = (0.22, 0.36, 0.24, 0.18)  # pencil, ballpoint, fibre pen, marker: widths of a digit's height, darkness
WEAKEST = 0.07  # of the full range: contrast of a thin stroke, before it is blurred
TILTED = 0.12  # share of pages rotated by up to
STEEPEST = 20  # degrees; the others by a few
FULL = 0.97  # largest share of a whole photo that the writing fills
FRAMED = 0.65  # share of whole photos taken close: there the writing fills
FILLING = (0.45, 1.0)  # of what it could
CUT_OFF = 0.03  # share of whole photos whose edge may cut off some of the writing
SMALLEST = 5.0  # pixels: least height of a digit in a whole photo, if there is room
WINDOW_HEIGHTS = (7, 52)  # pixels: a digit's, in windows
CLOSE, CLOSE_HEIGHTS = 0.2, (52, 240)  # share of windows close enough to show parts of large digits, and their heights
USUAL_HEIGHT = 40.0  # pixels: a digit's height for pages without digits

Picture = NDArray[np.uint8]  # (height, width, 3) RGB
Layer = NDArray[np.uint8]  # (height, width): how much ink covers each pixel


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """A mark in the picture, with its box in pixels."""

    digit: int | None
    left: float
    top: float
    right: float
    bottom: float
    visible: float  # share of its box within the picture

    @property
    def size(self) -> float:
        """Its height, or most of its width if that is more, in pixels."""
        wide = self.right - self.left
        return max(self.bottom - self.top, wide if self.digit is None else 0.8 * wide)

    def moved(self, x: float, y: float) -> "Sight":
        """A copy moved to the right and down."""
        return replace(self, left=self.left + x, top=self.top + y, right=self.right + x, bottom=self.bottom + y)


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A picture and its contents."""

    picture: Picture
    marks: tuple[Sight, ...]
    ink: Layer  # where digits' ink is, however faint


@dataclass(frozen=True, slots=True, eq=False)
class _Placed:
    """The writing, and where it is in the picture."""

    sheet: Sheet
    matrix: Homography  # page units to pixels
    unit: float  # a digit's height in pixels


def compose(alphabet: Alphabet, size: tuple[int, int], rng: np.random.Generator, *, whole: bool) -> Photo:
    """Compose a picture of that width and height.

    Either a whole photo, or a window onto a larger page.
    """
    if rng.random() < SCENE:
        seen = exposed(scene(size, rng), 1.0, USUAL_HEIGHT, rng)
        return Photo(seen, (), np.zeros(size[::-1], np.uint8))
    thinnest, widest, faintest, darkest = PENS[rng.choice(len(PENS), p=PEN_SHARES)]
    stroke = float(np.exp(rng.uniform(*np.log((thinnest, widest)))))
    page = _placed(alphabet, size, stroke, rng, whole=whole)
    ground = colours.ground(rng)
    full = min(1.0, stroke * page.unit)  # darkness: strokes thinner than a pixel are fainter
    dark = min(1.0, max(rng.uniform(faintest, darkest), WEAKEST / full))
    inks = _inks(ground, float(dark), rng)
    digits, others, marks = _drawn(page, size, stroke * page.unit, rng)
    picture = _written(page, ground, (digits, others), inks, rng)
    if whole and not ground.is_screen and rng.random() < ON_A_DESK:
        picture = grounds.on_a_desk(picture, page.sheet, page.matrix, rng)
    flat = np.clip(picture * 255, 0, 255).astype(np.uint8)
    contrast = colours.contrast(inks[0], ground.colour) * full
    seen = framed(flat, rng) if ground.is_screen else exposed(flat, contrast, page.unit, rng)
    return Photo(seen, tuple(marks), _where(digits, page, stroke * page.unit))


def plain(sheet: Sheet, size: tuple[int, int], stroke: float, full: float, rng: np.random.Generator) -> Photo:
    """A sheet centred on a clean page, filling the share `full`; `stroke` in digit heights."""
    low, high = np.array(sheet.corners).reshape(2, 2)
    unit = float(np.min(full * np.array(size) / (high - low + 2 * stroke)))
    x, y = np.array(size) / 2 - unit * (low + high) / 2
    page = _Placed(sheet, np.array([[unit, 0, x], [0, unit, y], [0, 0, 1]]), unit)
    digits, others, marks = _drawn(page, size, stroke * unit, rng)
    tones = np.asarray(235 - 0.8 * np.maximum(digits, others)[..., None], np.uint8)  # ink of tone 31
    return Photo(tones.repeat(3, axis=2), tuple(marks), digits)


def _placed(
    alphabet: Alphabet, size: tuple[int, int], stroke: float, rng: np.random.Generator, *, whole: bool
) -> _Placed:
    """Place a page of writing before the camera; `stroke` is the pen's width."""
    unit, photo = _unit(size, rng, whole=whole), np.array(size)
    reach = (rng.uniform(0.6, 1.0), rng.uniform(0.5, 1.0))
    room = (size[0] / unit * reach[0], size[1] / unit * reach[1])
    if not whole:
        room = (1.3 * size[0] / unit, 1.3 * size[1] / unit)
    sheet = arrangement.arrange(alphabet, stroke, room, rng, full=not whole)
    turn = np.radians(rng.uniform(-STEEPEST, STEEPEST) if rng.random() < TILTED else rng.normal(0, 3))
    low, high = np.array(sheet.corners[:2]), np.array(sheet.corners[2:])
    if whole:
        middle = (low + high) / 2
        centre, unit = _in_the_photo(_turned(high - low, turn) + 2 * stroke, photo, unit, rng)
    else:
        middle, centre = _in_the_window(low, high, photo, unit, rng)
    lean = np.clip(rng.normal(0, 0.04, 2), -0.08, 0.08) / np.maximum(photo / unit, 1)
    into = np.array([[unit, 0, centre[0]], [0, unit, centre[1]], [0, 0, 1]])
    return _Placed(sheet, into @ askew(float(turn), lean, middle), unit)


def _turned(sides: NDArray[np.float64], turn: float) -> NDArray[np.float64]:
    """The width and height of the box around a rotated rectangle."""
    cos, sin = abs(np.cos(turn)), abs(np.sin(turn))
    return np.array([cos * sides[0] + sin * sides[1], sin * sides[0] + cos * sides[1]])


def _in_the_photo(
    block: NDArray[np.float64], photo: NDArray[np.intp], unit: float, rng: np.random.Generator
) -> tuple[NDArray[np.float64], float]:
    """The writing's centre and a digit's height in pixels, such that everything fits.

    `block` is the writing's width and height in page units.
    """
    fits = float(np.min(FULL * photo / block))
    unit = fits * rng.uniform(*FILLING) if rng.random() < FRAMED else min(unit, fits)
    unit = max(unit, min(fits, SMALLEST))
    slack = np.maximum((photo - block * unit) / 2, 0)
    centre = photo / 2 + slack * np.clip(rng.normal(0, 0.45, 2), -1, 1)
    if rng.random() < CUT_OFF:
        centre += rng.choice([-1, 1], 2) * (slack + unit * rng.uniform(0, 0.7)) * rng.integers(0, 2, 2)
    return centre, unit


def _in_the_window(
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    photo: NDArray[np.intp],
    unit: float,
    rng: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A point of the writing, and its place in the window.

    Some of the writing is always visible, and all of it if it fits.
    """
    centre = photo * rng.uniform(0.3, 0.7, 2)
    middle = np.array([rng.uniform(low[0], high[0]), rng.uniform(low[1], high[1])])
    for axis in (0, 1):
        free = photo[axis] - (high[axis] - low[axis]) * unit
        if free > 0:
            middle[axis] = (low[axis] + high[axis]) / 2
            centre[axis] = photo[axis] / 2 + free / 2 * rng.uniform(-1, 1)
    return middle, centre


def _unit(size: tuple[int, int], rng: np.random.Generator, *, whole: bool) -> float:
    """A digit's height in pixels."""
    if whole:
        return log_uniform(max(6.0, 0.04 * max(size)), 0.95 * min(size), rng)
    return log_uniform(*(CLOSE_HEIGHTS if rng.random() < CLOSE else WINDOW_HEIGHTS), rng)


def _inks(ground: Ground, dark: float, rng: np.random.Generator) -> tuple[Colour, Colour]:
    """The colours of digits and of other marks."""
    shown = colours.ink(ground.colour, dark, rng)
    return shown, shown if rng.random() < ALL_THE_SAME else colours.ink(ground.colour, rng.uniform(0.3, 1), rng)


def _drawn(
    page: _Placed, size: tuple[int, int], stroke: float, rng: np.random.Generator
) -> tuple[Layer, Layer, list[Sight]]:
    """Draw the ink of digits and of other marks, and locate each mark.

    `stroke` is the pen's width in pixels.
    """
    fine = (size[1] * FINE, size[0] * FINE)
    digits, others = np.zeros(fine, np.uint8), np.zeros(fine, np.uint8)
    other_stroke = stroke if rng.random() < 0.7 else stroke * float(np.exp(rng.normal(0, 0.5)))
    seen: list[Sight] = []
    for mark in page.sheet.marks:
        layer, width = (others, other_stroke) if mark.digit is None else (digits, stroke)
        if mark.what.picture is None:
            box = _strokes_drawn(layer, mark, page.matrix, width)
        else:
            box = _picture_drawn(layer, mark, mark.what.picture, page.matrix)
        if box is not None and mark.counts:
            seen.append(_sight(mark.digit, box, size))
    reduced = [
        np.asarray(cv2.resize(layer, size, interpolation=cv2.INTER_AREA), np.uint8) for layer in (digits, others)
    ]
    return reduced[0], reduced[1], [sight for sight in seen if sight.visible > 0]


def _where(digits: Layer, page: _Placed, stroke: float) -> Layer:
    """The pixels with digits' ink, 255 in a stroke's middle even if it is faint."""
    by_pen = all(mark.what.picture is None for mark in page.sheet.marks if mark.digit is not None)
    faint = min(1.0, stroke * FINE) if by_pen else 1.0
    return np.asarray(cv2.convertScaleAbs(digits, alpha=BOLD / faint), np.uint8)


def _strokes_drawn(layer: Layer, mark: Mark, matrix: Homography, stroke: float) -> NDArray[np.float64] | None:
    """Draw a mark's strokes. Returns its box in pixels, or None outside the picture.

    The box is left, top, right and bottom.
    """
    place = np.array([mark.x, mark.y])
    lines = [mapped(matrix, line + place) for line in mark.what.strokes]
    every = np.concatenate(lines)
    low, high = every.min(axis=0) - stroke / 2, every.max(axis=0) + stroke / 2
    if _is_outside(low, high, layer):
        return None
    draw_thin(layer, [line * FINE for line in lines], stroke * FINE)
    return np.concatenate([low, high])


def _picture_drawn(layer: Layer, mark: Mark, picture: Layer, matrix: Homography) -> NDArray[np.float64] | None:
    """Draw a mark that is a picture, likewise."""
    what, (height, width) = mark.what, picture.shape
    place = np.array([[what.width / width, 0, mark.x], [0, what.height / height, mark.y - what.height], [0, 0, 1]])
    full = matrix @ place
    corners = mapped(full, np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32))
    low, high = corners.min(axis=0), corners.max(axis=0)
    first = np.maximum(np.floor(low * FINE), 0).astype(int)
    last = np.minimum(np.ceil(high * FINE), layer.shape[1::-1]).astype(int)
    if _is_outside(low, high, layer) or (last <= first).any():
        return None
    shift = np.array([[FINE, 0, -first[0]], [0, FINE, -first[1]], [0, 0, 1.0]])
    part = cv2.warpPerspective(picture, shift @ full, tuple(int(n) for n in last - first), flags=cv2.INTER_LINEAR)
    target = layer[first[1] : last[1], first[0] : last[0]]
    np.maximum(target, part, out=target)
    margin = (high - low) / np.array([width, height])  # recorded pictures have a margin of one pixel around their ink
    return np.concatenate([low + margin, high - margin])


def _is_outside(low: NDArray[np.float64], high: NDArray[np.float64], layer: Layer) -> bool:
    """Whether a box in pixels is outside the picture, of which the layer is FINE times the size."""
    return bool((high < 0).any() or (low > np.array(layer.shape[1::-1]) / FINE).any())


def _sight(digit: int | None, box: NDArray[np.float64], size: tuple[int, int]) -> Sight:
    """The Sight of a mark, its box clipped to the picture."""
    left, top, right, bottom = (float(edge) for edge in box)
    inside = max(0.0, min(right, size[0]) - max(left, 0)) * max(0.0, min(bottom, size[1]) - max(top, 0))
    share = inside / max((right - left) * (bottom - top), 1e-6)
    return Sight(digit, max(left, 0.0), max(top, 0.0), min(right, float(size[0])), min(bottom, float(size[1])), share)


def _written(
    page: _Placed,
    ground: Ground,
    layers: tuple[Layer, Layer],
    inks: tuple[Colour, Colour],
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """The page as a scan: ground, print and ink, 0 to 1."""
    height, width = layers[0].shape
    picture = grounds.blank(ground, (width, height), rng)
    if rng.random() < ON_A_SCENE:
        picture = 0.6 * picture + np.float32(0.4 / 255) * scene((width, height), rng)
    grounds.print_on(picture, page.sheet, ground, page.matrix, page.unit, rng)
    share = _evenness((height, width), rng) / 255
    for layer, colour in zip(layers[::-1], inks[::-1], strict=True):  # digits last, on top
        picture += (layer * share)[..., None] * (colour - picture)
    return picture


def _evenness(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """The amount of ink on each pixel, 0.35 to 1, by varying pressure and paper grain."""
    uneven = piece(12, shape, rng).astype(np.float32) * np.float32(rng.uniform(0, 0.4) / SPREAD / 4)
    hollows = piece(0.8, shape, rng).astype(np.float32) * np.float32(rng.exponential(0.15) / SPREAD / 2)
    share = 1 + uneven - uneven.mean() - np.abs(hollows - hollows.mean())
    return np.asarray(np.clip(share, 0.35, 1), np.float32)
