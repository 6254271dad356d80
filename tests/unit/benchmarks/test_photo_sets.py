"""The photos that are made for the photo bench show what their labels say, and are the same every time."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.reading import photo_sets
from benchmarks.reading.photo_sets import CLEAN_HEIGHTS, INK, PAPER, Photo, clean_pages, harder_pages, written
from benchmarks.reading.photos import in_common
from model.synthesis import sheets
from model.synthesis.sheets import Sight
from tests.commands import small_mnist
from tests.unit.model.synthesis.alphabet import alphabet

NOWHERE = Path("nowhere")
FEW = 6


@pytest.fixture(autouse=True)
def _small_sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' own handwriting in place of the sets."""
    monkeypatch.setattr(photo_sets, "held_back", lambda where: alphabet())
    monkeypatch.setenv("MNIST_PATH", str(small_mnist(tmp_path / "mnist.npz")))


def grey(photo: Photo) -> np.ndarray:
    """The tones of a photo (height, width)."""
    return np.asarray(Image.open(io.BytesIO(photo.data)).convert("L"))


@pytest.mark.parametrize(
    "made", [lambda: harder_pages(NOWHERE, FEW), lambda: clean_pages(FEW), lambda: written(NOWHERE)]
)
def test_a_set_is_the_same_every_time_and_no_photo_comes_twice(made: Callable[[], Iterator[Photo]]) -> None:
    one, again = list(made()), list(made())
    assert one == again
    assert len({photo.data for photo in one}) == len({photo.file for photo in one}) == len(one)


def test_harder_pages_have_as_many_pixels_as_photos_that_are_sent() -> None:
    photos = list(harder_pages(NOWHERE, FEW))
    assert len(photos) == FEW
    for photo in photos:
        image = Image.open(io.BytesIO(photo.data))
        assert (photo.kind, photo.source, image.format) == ("page", "harder", "JPEG")
        assert 640 <= max(image.size) <= 1280


def test_a_harder_page_with_a_digit_that_is_small_or_cut_off_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    large, small = Sight(1, 600, 100, 640, 200, 1.0), Sight(2, 10, 100, 14, 119, 1.0)
    cut_off, letter = Sight(3, 0, 100, 50, 200, 0.9), Sight(None, 10, 100, 12, 105, 0.5)
    shown = [(large, small), (large, cut_off), (large, letter), (), (large, Sight(4, 300, 110, 340, 210, 1.0))]
    pages = iter([sheets.Photo(np.zeros((480, 1024, 3), np.uint8), marks, np.zeros(0, np.uint8)) for marks in shown])
    monkeypatch.setattr(sheets, "compose", lambda *given, whole: next(pages))
    kept = [(photo.file, photo.label) for photo in harder_pages(NOWHERE, 3)]
    assert kept == [("harder page 2", "1"), ("harder page 3", ""), ("harder page 4", "41")]


def test_a_clean_page_holds_one_digit_of_the_right_size_wholly_inside() -> None:
    for photo in clean_pages(20):
        tones = grey(photo)
        rows = np.flatnonzero((tones < (PAPER + INK) / 2).any(axis=1))
        high = rows[-1] - rows[0] + 1
        assert tones.shape == (480, 640)
        assert {int(tone) for tone in (*tones[[0, -1]].ravel(), *tones[:, [0, -1]].ravel())} == {PAPER}
        assert 0.8 * CLEAN_HEIGHTS[0] <= high <= CLEAN_HEIGHTS[1]
        assert len(photo.label) == 1
        assert photo.kind == "single"


def test_no_more_clean_pages_come_than_there_are_digits() -> None:
    assert len(list(clean_pages(1000))) == 60


def test_what_is_written_by_hand_is_of_the_kinds_promised_and_labelled_with_its_digits_alone() -> None:
    labels: dict[str, list[str]] = {}
    for photo in written(NOWHERE):
        labels.setdefault(photo.kind, []).append(photo.label)
    assert {kind: len(of) for kind, of in labels.items()} == {"date": 25, "brackets": 9, "ring": 9, "hundred": 3}
    assert all(label.isdigit() for of in labels.values() for label in of)
    for day, month in ((label[:2], label[2:4]) for label in labels["date"]):
        assert "01" <= day <= "28"
        assert "01" <= month <= "12"
    assert {len(label) for label in labels["date"]} == {8}
    assert {len(label) for label in labels["brackets"]} <= {1, 2, 3, 4}
    assert {len(label) for label in labels["ring"]} == {1}
    assert {len(label) for label in labels["hundred"]} == {100}


@pytest.mark.parametrize(
    ("one", "other", "common"),
    [("", "12", 0), ("123", "123", 3), ("1293", "123", 3), ("13", "123", 2), ("321", "123", 1)],
)
def test_digits_right_of_all_are_those_in_common_and_in_order(one: str, other: str, common: int) -> None:
    assert in_common(one, other) == in_common(other, one) == common
