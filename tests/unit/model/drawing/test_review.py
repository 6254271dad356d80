"""What people say that digits are is put into an order that makes mischief easy to see."""

import io

import numpy as np
from PIL import Image

from model.drawing.review import Claimed, contact_sheet, in_order_of_doubt
from tests.handwriting import digit


def written(which: int, seed: int) -> bytes:
    """Somebody's digit, 28×28."""
    return digit(which, np.random.default_rng(seed)).tobytes()


def honest(which: int, seed: int) -> Claimed:
    return Claimed(which, which, 0.99, written(which, seed))


def test_what_contradicts_a_sure_reading_comes_first() -> None:
    sure = Claimed(1, 7, 0.99, written(7, 1))
    unsure = Claimed(4, 9, 0.55, written(9, 2))
    assert in_order_of_doubt([honest(3, 3), unsure, honest(5, 4), sure])[:2] == [3, 1]


def test_the_same_picture_with_two_labels_stays_together_and_comes_first() -> None:
    picture = written(4, 5)
    claims = [
        Claimed(1, 7, 0.99, written(7, 6)),
        Claimed(4, 4, 0.9, picture),
        honest(3, 7),
        Claimed(9, 4, 0.9, picture),
    ]
    assert sorted(in_order_of_doubt(claims)[:2]) == [1, 3]


def test_a_flood_of_the_same_picture_comes_first() -> None:
    noise = np.random.default_rng(0)
    picture = np.frombuffer(written(3, 8), np.uint8)
    flood = [
        Claimed(7, 3, 0.6, np.clip(picture + noise.normal(0, 3, 784), 0, 255).astype(np.uint8).tobytes())
        for _ in range(6)
    ]
    claims = [honest(d, d) for d in range(10)] + [Claimed(1, 7, 0.99, written(7, 9))] + flood
    assert set(in_order_of_doubt(claims)[:6]) == set(range(11, 17))


def test_every_claim_is_in_the_order_once_and_none_is_no_problem() -> None:
    claims = [honest(i % 10, i) for i in range(30)]
    assert sorted(in_order_of_doubt(claims)) == list(range(30))
    assert in_order_of_doubt([]) == []


def test_pictures_of_noise_or_of_nothing_are_put_in_order_too() -> None:
    noise = np.random.default_rng(1).integers(0, 256, 784, np.uint8).tobytes()
    assert sorted(in_order_of_doubt([Claimed(7, 1, 0.5, noise), Claimed(7, 1, 0.5, bytes(784))])) == [0, 1]


def test_the_sheet_shows_all_of_them() -> None:
    one, dozen = (Image.open(io.BytesIO(contact_sheet([honest(7, 1)] * n))) for n in (1, 12))
    assert dozen.height == 3 * one.height
    assert np.asarray(one.convert("L"))[10:100, 10:100].min() < 30
