"""What the distortions promise: other pictures of the same digits, the same for the same random numbers."""

import numpy as np

from model.training.augment import PHOTO, distort
from tests.handwriting import digits

PICTURES = digits(60, np.random.default_rng(3))[0].astype(np.float32) / np.float32(255)


def test_the_same_random_numbers_make_the_same_pictures() -> None:
    before = PICTURES.copy()
    first, second, other = (distort(PICTURES, np.random.default_rng([7, 1, batch])) for batch in (0, 0, 1))
    np.testing.assert_array_equal(first, second)
    assert np.abs(first - other).mean() > 0.02
    np.testing.assert_array_equal(PICTURES, before)


def test_a_distorted_picture_is_still_a_picture_of_ink() -> None:
    distorted = distort(PICTURES, np.random.default_rng(1))
    assert distorted.dtype == np.float32
    assert distorted.shape == PICTURES.shape
    assert distorted.min() >= 0
    assert distorted.max() <= 1
    ink = distorted.sum(axis=(1, 2)) / PICTURES.sum(axis=(1, 2))
    assert ink.min() > 0.2
    assert np.abs(distorted - PICTURES).mean(axis=(1, 2)).min() > 0.005  # none is left as it was


def test_a_photo_is_distorted_less_than_what_is_learnt_from() -> None:
    learnt, photographed = (
        np.abs(distort(PICTURES, np.random.default_rng(1), *strength) - PICTURES).mean() for strength in ((), (PHOTO,))
    )
    assert photographed < learnt
