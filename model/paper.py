"""What a generated page is written on: paper of many kinds, boards, and the desk that it lies on.

Grey pictures (height, width) float32, 0 black to 255 white, before light and camera. Textures are cut from large tiles
made once: fresh noise for each page would cost more than everything else.
"""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]
TILE = 1408  # pixels: larger than any photo


@dataclass(frozen=True, slots=True)
class Paper:
    """One kind of paper or board."""

    tones: tuple[float, float]  # its brightness, 0 to 255
    rough: tuple[float, float]  # standard deviation of its fine texture
    fibres: float  # and of its coarse one
    board: bool = False  # without rules, edges and holes


PAPERS: tuple[tuple[float, Paper], ...] = (
    (0.45, Paper((205, 250), (0, 2), 1)),  # white
    (0.2, Paper((180, 225), (0.5, 3), 2)),  # cream, grey
    (0.1, Paper((150, 200), (2, 5), 4)),  # recycled
    (0.07, Paper((110, 165), (2, 6), 5)),  # kraft
    (0.08, Paper((215, 250), (0, 0.5), 0.5, board=True)),  # whiteboard
    (0.1, Paper((25, 70), (1, 3), 4, board=True)),  # blackboard
)


@cache
def tile(blur: float, across: float = 0.0) -> Picture:
    """Smooth noise, (TILE, TILE), mean 0 and standard deviation 1; `across` blurs it along x alone."""
    noise = np.random.default_rng(round(100 * blur + across)).standard_normal((TILE, TILE), np.float32)
    if blur or across:
        noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), sigmaX=max(blur, across), sigmaY=max(blur, 0.1)), np.float32)
    return np.asarray((noise - noise.mean()) / noise.std(), np.float32)


def piece(texture: Picture, shape: tuple[int, int], rng: np.random.Generator) -> Picture:
    """A random piece of a tile, perhaps turned over."""
    top, left = (int(rng.integers(TILE - side + 1)) for side in shape)
    flips = rng.choice([1, -1], 2)
    return texture[top : top + shape[0], left : left + shape[1]][:: flips[0], :: flips[1]]


def blank(paper: Paper, shape: tuple[int, int], rng: np.random.Generator) -> Picture:
    """A whole picture of that paper, unlit."""
    fine, coarse = rng.uniform(*paper.rough), rng.uniform(0, paper.fibres)
    grey = np.full(shape, rng.uniform(*paper.tones), np.float32)
    if fine > 0.3:
        cv2.scaleAdd(piece(tile(0.8), shape, rng), fine, grey, dst=grey)
    if coarse > 0.3:
        cv2.scaleAdd(piece(tile(4), shape, rng), coarse, grey, dst=grey)
    return grey
