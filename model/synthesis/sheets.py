"""Harder pages: coloured ink on coloured ground, in bad light, badly taken.

Made at the size at which the finder looks at them; for training and, larger, for measuring.
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

FINE = 2  # ink is drawn so many times larger and then reduced: thin strokes keep their widths
BOLD = 1.5  # the middle of a stroke that is a pixel wide and lies between pixels counts as all ink
SCENE = 0.13  # share of pictures that show something else than writing
ON_A_SCENE = 0.03  # share of pages that are something else, written on
ON_A_DESK = 0.25  # share of whole photos in which the page's edges are seen
ALL_THE_SAME = 0.75  # share of pages on which all is of one colour
PENS = ((0.02, 0.08, 0.2, 0.6), (0.015, 0.07, 0.3, 0.9), (0.04, 0.12, 0.45, 0.95), (0.08, 0.26, 0.55, 1.0))
PEN_SHARES = (0.22, 0.36, 0.24, 0.18)  # pencil, ballpoint, fibre pen, marker: widths of a digit's height, darkness
WEAKEST = 0.07  # of the full range: contrast of a thin stroke, before it is blurred
TILTED = 0.12  # share of pages that are turned by up to
STEEPEST = 20  # degrees; the others by a few
FULL = 0.97  # of a whole photo: the writing is at most so large
CUT_OFF = 0.03  # share of whole photos whose edge may cut off some of the writing
SMALLEST = 5.0  # pixels: a digit's height in a whole photo, where there is room for it
WINDOW_HEIGHTS = (7, 52)  # pixels: a digit's, in windows
CLOSE, CLOSE_HEIGHTS = 0.2, (52, 240)  # share of windows so close that parts of large digits are seen, and their height
USUAL_HEIGHT = 40.0  # pixels: a digit's, where none is written

Picture = NDArray[np.uint8]  # (height, width, 3) RGB
Layer = NDArray[np.uint8]  # (height, width): how much ink covers each pixel


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """One mark in the picture, the edges of its box in pixels."""

    digit: int | None
    left: float
    top: float
    right: float
    bottom: float
    visible: float  # share of its box that is in the picture

    @property
    def size(self) -> float:
        """Its height, or most of its width where that is more; pixels."""
        wide = self.right - self.left
        return max(self.bottom - self.top, wide if self.digit is None else 0.8 * wide)

    def moved(self, x: float, y: float) -> "Sight":
        """The same, so much further right and down."""
        return replace(self, left=self.left + x, top=self.top + y, right=self.right + x, bottom=self.bottom + y)


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A picture and what is in it."""

    picture: Picture
    marks: tuple[Sight, ...]
    ink: Layer  # where digits' ink is, however faint


@dataclass(frozen=True, slots=True, eq=False)
class _Placed:
    """What is written, and where it is in the picture."""

    sheet: Sheet
    matrix: Homography  # from the page's units to pixels
    unit: float  # a digit's height in pixels


def compose(alphabet: Alphabet, size: tuple[int, int], rng: np.random.Generator, *, whole: bool) -> Photo:
    """A picture of that width and height.

    It is a whole photo, or a window onto a page that goes on beyond it.
    """
    if rng.random() < SCENE:
        seen = exposed(scene(size, rng), 1.0, USUAL_HEIGHT, rng)
        return Photo(seen, (), np.zeros(size[::-1], np.uint8))
    thinnest, widest, faintest, darkest = PENS[rng.choice(len(PENS), p=PEN_SHARES)]
    stroke = float(np.exp(rng.uniform(*np.log((thinnest, widest)))))
    page = _placed(alphabet, size, stroke, rng, whole=whole)
    ground = colours.ground(rng)
    full = min(1.0, stroke * page.unit)  # of its darkness: a stroke thinner than a pixel is fainter
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
    """A sheet in the middle of a clean page, as large as the share `full` of it; `stroke` in heights of a digit."""
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
    """A page of writing before the camera; `stroke` is the pen's width."""
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
    """Width and height of the box around a rectangle with these sides that is turned."""
    cos, sin = abs(np.cos(turn)), abs(np.sin(turn))
    return np.array([cos * sides[0] + sin * sides[1], sin * sides[0] + cos * sides[1]])


def _in_the_photo(
    block: NDArray[np.float64], photo: NDArray[np.intp], unit: float, rng: np.random.Generator
) -> tuple[NDArray[np.float64], float]:
    """Where the writing's middle is, and a digit's height, so that all fits.

    In pixels. `block` is width and height of the writing, in the page's units.
    """
    fits = float(np.min(FULL * photo / block))
    unit = min(unit, fits) if rng.random() < 0.6 else fits * rng.uniform(0.35, 1)
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
    """A point of the writing, and where in the window it is.

    Some of the writing is always seen, and all of it where it fits.
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
    """The ink of digits, that of other marks, and where each mark is seen.

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
    """Which pixels digits' ink is on, however faint a thin stroke is: 255 in its middle."""
    by_pen = all(mark.what.picture is None for mark in page.sheet.marks if mark.digit is not None)
    faint = min(1.0, stroke * FINE) if by_pen else 1.0
    return np.asarray(cv2.convertScaleAbs(digits, alpha=BOLD / faint), np.uint8)


def _strokes_drawn(layer: Layer, mark: Mark, matrix: Homography, stroke: float) -> NDArray[np.float64] | None:
    """Draw a mark's strokes. Returns its box, or None outside the picture.

    The box is left, top, right and bottom, in pixels.
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
    """Draw a mark that is a picture. Returns the same."""
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
    margin = (high - low) / np.array([width, height])  # the recorded picture has a pixel of paper around its ink
    return np.concatenate([low + margin, high - margin])


def _is_outside(low: NDArray[np.float64], high: NDArray[np.float64], layer: Layer) -> bool:
    """Whether a box in pixels lies outside the picture.

    The layer is FINE times as large as the picture.
    """
    return bool((high < 0).any() or (low > np.array(layer.shape[1::-1]) / FINE).any())


def _sight(digit: int | None, box: NDArray[np.float64], size: tuple[int, int]) -> Sight:
    """A mark whose box may be cut off by the picture's edges."""
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
    """The page as it would be scanned: ground, print and ink, 0 to 1."""
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
    """How much of the ink is on each pixel, 0.35 to 1.

    It is pressed harder here than there, and leaves out the paper's hollows.
    """
    uneven = piece(12, shape, rng).astype(np.float32) * np.float32(rng.uniform(0, 0.4) / SPREAD / 4)
    hollows = piece(0.8, shape, rng).astype(np.float32) * np.float32(rng.exponential(0.15) / SPREAD / 2)
    share = 1 + uneven - uneven.mean() - np.abs(hollows - hollows.mean())
    return np.asarray(np.clip(share, 0.35, 1), np.float32)
