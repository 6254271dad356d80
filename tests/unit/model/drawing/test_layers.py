"""What the layers respond to is really there, and tells one picture from another."""

import numpy as np

from model.drawing.layers import responses
from model.versions.version import PRETRAINED


def test_every_layer_of_convolution_answers_and_differently_for_different_digits() -> None:
    one, other = np.zeros((2, 28, 28), np.uint8)
    one[4:24, 13:15] = 255
    other[13:15, 4:24] = 255

    maps, others = responses(PRETRAINED, one), responses(PRETRAINED, other)

    assert len(maps) >= 3
    assert maps[0].shape[:2] == (28, 28)
    assert all(each.min() >= 0 and each.max() > 0 for each in maps)
    assert all(not np.allclose(a, b) for a, b in zip(maps, others, strict=True))
