"""The camera's view of a generated page: maps its points to the photo, and scales it."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model.synthesis.lines import Homography, along, mapped

SHAPES = ((4, 3), (3, 4), (16, 9), (9, 16), (1, 1), (3, 1), (6, 1))  # aspect ratios of photos
SHARES = (0.34, 0.26, 0.1, 0.08, 0.1, 0.08, 0.04)
PHOTO_SIDES = (640, 1280)  # pixels of the long side, from and to
SMALLEST = 1 / 38  # least average height of a digit by the long side,
READABLE = 22  # and in pixels
FULL = 0.95  # largest share of the picture that the writing fills
FILLING, LARGE = 0.85, 0.35  # share of close-ups, and the least share of the possible size in them
AROUND = 0.15  # paper around the writing, in digit heights
STEEPEST = 15  # degrees: most that a page is tilted
BENT = 0.4  # share of pages that aren't flat
BEND = 0.006  # standard deviation of how much lower a page's sides are than its middle, by its height
CLOSED = [0, 1, 2, 3, 0]  # corners in their order, the first again
LEAN = 0.04  # standard deviation of how much nearer one side of the page is than its middle

Points = NDArray[np.float32]  # (n, 2)


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """The mapping from page units to the photo's pixels."""

    matrix: Homography
    height: float  # a digit's, in pixels
    size: tuple[int, int]  # width and height of the photo
    edges: Points | None  # (n, 2): the page's outline in the photo, if visible
    middle: float = 0.0  # x of the page's middle,
    bend: float = 0.0  # bend of the page: y grows by this times the squared distance from there

    def seen(self, points: Points) -> Points:
        """Map points of the page to the photo."""
        bent = np.array(points, np.float32)
        bent[:, 1] += self.bend * (bent[:, 0] - self.middle) ** 2
        return mapped(self.matrix, bent).astype(np.float32)

    def shown(self) -> Points:
        """(2, 2): the least and greatest x and y of the page that the photo shows."""
        width, height = self.size
        frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        inside = mapped(np.linalg.inv(self.matrix), frame if self.edges is None else self.edges).astype(np.float32)
        low, high = inside.min(axis=0), inside.max(axis=0)
        hidden = abs(self.bend) * np.array([0, ((high[0] - low[0]) / 2) ** 2], np.float32)
        return np.stack([low - hidden, high + hidden])


def photo_size(rng: np.random.Generator) -> tuple[int, int]:
    """A random width and height of a photo in pixels."""
    width, height = SHAPES[rng.choice(len(SHAPES), p=SHARES)]
    stretched = np.array([width, height]) * np.exp(rng.normal(0, 0.08, 2))
    across, down = np.round(stretched * rng.integers(*PHOTO_SIDES, endpoint=True) / stretched.max()).astype(int)
    return int(across), int(down)


def look(corners: Points, size: tuple[int, int], rng: np.random.Generator, *, with_edges: bool) -> View | None:
    """A view that shows all writing within these corners (2, 2); None if too small to read.

    `with_edges`: the page doesn't fill the photo.
    """
    block = corners + np.array([[-AROUND], [AROUND]])
    photo = np.array(size, float)
    seen = photo * rng.uniform(0.78, 0.98, 2) if with_edges else photo
    degrees = rng.uniform(-STEEPEST, STEEPEST) if rng.random() < 0.15 else rng.normal(0, 3.5)
    turn = np.radians(np.clip(degrees, -STEEPEST, STEEPEST))
    height = _height(block[1] - block[0], turn, FULL * seen, rng)
    if height is None:
        return None
    sheet = np.maximum(seen / height, block[1] - block[0] + 0.5)  # the visible part of the page, in digit heights
    place = block.mean(axis=0) + (sheet - (block[1] - block[0])) / 2 * np.clip(rng.normal(0, 0.4, 2), -0.9, 0.9)
    lean = np.clip(rng.normal(0, LEAN, 2), -2 * LEAN, 2 * LEAN) / (sheet / 2)
    tilted = askew(turn, lean, place)
    outline = mapped(tilted, _rectangle(block)).astype(np.float32)
    height *= min(1.0, float(np.min(FULL * seen / (np.ptp(outline, axis=0) * height))))
    outline = np.asarray(outline * height + photo / 2, np.float32)
    margin = (1 - FULL) / 2 * photo
    into = np.maximum(margin - outline.min(axis=0), 0) - np.maximum(outline.max(axis=0) - (photo - margin), 0)
    x, y = photo / 2 + into
    matrix = np.array([[height, 0, x], [0, height, y], [0, 0, 1]]) @ tilted
    bend = np.clip(rng.normal(0, BEND), -2 * BEND, 2 * BEND) * sheet[1] if rng.random() < BENT else 0.0
    flat = View(matrix, height, size, None, float(place[0]), float(bend / (sheet[0] / 2) ** 2))
    if seen is photo:
        return flat
    return replace(flat, edges=flat.seen(dense(_rectangle(np.stack([place - sheet / 2, place + sheet / 2]))[CLOSED])))


def dense(line: Points, steps: int = 24) -> Points:
    """Add points between a line's corners, so that it can bend."""
    return along(line, np.linspace(0, len(line) - 1, steps * (len(line) - 1) + 1)).astype(np.float32)


def _height(
    block: NDArray[np.float64], turn: float, room: NDArray[np.float64], rng: np.random.Generator
) -> float | None:
    """A random digit height in pixels; mostly the writing fills much of the photo."""
    cos, sin = abs(np.cos(turn)), abs(np.sin(turn))
    largest = float(np.min(room / (block @ np.array([[cos, sin], [sin, cos]]))))
    least = max(READABLE, SMALLEST * float(room.max()) / FULL)
    if largest < 1.1 * least:
        return None
    smallest = max(least, LARGE * largest) if rng.random() < FILLING else least
    return float(np.exp(rng.uniform(np.log(smallest), np.log(largest))))


def askew(turn: float, lean: NDArray[np.float64], middle: NDArray[np.float64]) -> Homography:
    """Rotate and tilt a page about its middle, which becomes the origin."""
    cos, sin = np.cos(turn), np.sin(turn)
    centre = np.array([[1, 0, -middle[0]], [0, 1, -middle[1]], [0, 0, 1]])
    return np.asarray(np.array([[cos, -sin, 0], [sin, cos, 0], [*lean, 1]]) @ centre, np.float64)


def _rectangle(corners: NDArray[np.float64]) -> Points:
    (left, top), (right, bottom) = corners
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
