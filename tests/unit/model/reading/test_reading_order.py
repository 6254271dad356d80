"""In what order people read, also on a page that lies askew."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from model.reading.reading_order import rows
from model.reading.result import Box


@given(st.integers(1, 4), st.integers(2, 6), st.floats(-14, 14), st.integers(0, 2**32 - 1))
def test_boxes_are_in_reading_order_on_a_page_that_lies_askew(lines: int, digits: int, tilt: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    centres = [(60 * column, 110 * line) for line in range(lines) for column in range(digits)]
    turn = np.radians(tilt)
    boxes = []
    for x, y in centres:
        across, down = x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)
        width, height = int(rng.integers(20, 40)), int(rng.integers(45, 60))
        boxes.append(Box(round(across - width / 2), round(down + rng.uniform(-6, 6) - height / 2), width, height))
    order = rng.permutation(len(boxes))

    found = rows([boxes[i] for i in order])

    expected = [[line * digits + column for column in range(digits)] for line in range(lines)]
    assert [[int(order[i]) for i in line] for line in found] == expected


def test_no_boxes_have_no_order() -> None:
    assert rows([]) == []
