"""The chart of right and wrong readings."""

import io

import numpy as np
from PIL import Image

from model.drawing.chart import BASE, RIGHT, WIDTH, WRONG, bars


def share(picture: Image.Image, colour: tuple[int, int, int], label: int) -> int:
    step = WIDTH // 11
    column = np.asarray(picture)[:BASE, label * step : (label + 1) * step]
    return int((column == colour).all(axis=2).sum())


def test_bars_are_as_tall_as_their_counts() -> None:
    picture = Image.open(io.BytesIO(bars({1: (4, 0), 7: (2, 2), 10: (0, 1)})))
    assert share(picture, RIGHT, 1) > 1.9 * share(picture, RIGHT, 7) > 0
    assert share(picture, WRONG, 7) > 1.8 * share(picture, WRONG, 10) > 0
    assert share(picture, WRONG, 1) == share(picture, RIGHT, 10) == share(picture, RIGHT, 3) == 0


def test_nothing_counted_is_an_empty_chart() -> None:
    assert Image.open(io.BytesIO(bars({}))).size[0] == WIDTH
