"""Harder pages: they show what they say they show, where they say, and the same every time."""

from functools import cache

import numpy as np
import pytest

from model.synthesis import arrangement, colours, sheets
from model.synthesis.colours import FAINTEST, Ground
from model.synthesis.marks import Mark, Sheet
from model.synthesis.sheets import Photo, Sight, compose
from tests.unit.model.synthesis.alphabet import LETTER, alphabet, character

PHOTO, WINDOW = (200, 150), (256, 256)  # width and height
FAINT = 25  # of 255: of a thin stroke there is more ink than that
SEEDS = range(40)


@cache
def photos() -> list[Photo]:
    return [compose(alphabet(), PHOTO, np.random.default_rng(seed), whole=True) for seed in SEEDS]


@cache
def windows() -> list[Photo]:
    return [compose(alphabet(), WINDOW, np.random.default_rng(seed), whole=False) for seed in SEEDS]


def digits(photo: Photo) -> list[Sight]:
    return [mark for mark in photo.marks if mark.digit is not None]


def inside(mark: Sight, around: int = 0) -> tuple[slice, slice]:
    """The pixels of the mark's box, and so many more around it."""
    rows = slice(max(0, int(mark.top) - around), int(np.ceil(mark.bottom)) + around)
    return rows, slice(max(0, int(mark.left) - around), int(np.ceil(mark.right)) + around)


def test_the_same_seed_gives_the_same_photo_and_another_seed_another() -> None:
    one, other = photos()[1], photos()[2]
    again = compose(alphabet(), PHOTO, np.random.default_rng(1), whole=True)

    assert np.array_equal(one.picture, again.picture)
    assert np.array_equal(one.ink, again.ink)
    assert [mark.digit for mark in one.marks] == [mark.digit for mark in again.marks]
    assert not np.array_equal(one.picture, other.picture)


def test_a_photo_has_the_size_that_was_asked_for_and_every_box_lies_in_it() -> None:
    for photo, (width, height) in [*((p, PHOTO) for p in photos()), *((p, WINDOW) for p in windows())]:
        assert photo.picture.shape == (height, width, 3)
        assert photo.ink.shape == (height, width)
        for mark in photo.marks:
            assert 0 <= mark.left <= mark.right <= width
            assert 0 <= mark.top <= mark.bottom <= height
            assert 0 < mark.visible <= 1 + 1e-9


def test_every_digits_box_holds_its_ink_and_no_ink_lies_elsewhere() -> None:
    for photo in (*photos(), *windows()):
        elsewhere = photo.ink.copy()
        for mark in digits(photo):
            if mark.visible > 0.9 and mark.size > 6:
                assert photo.ink[inside(mark)].max() > FAINT
            elsewhere[inside(mark, around=2 + round(mark.size / 20))] = 0  # a recorded picture's edge is soft
        assert elsewhere.max() == 0


def test_the_picture_differs_from_its_ground_by_digits_ink_and_other_marks_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = [Mark(character("30,25 55,0 55,50 55,100", 1), x, 0) for x in (0, 2)]
    sheet = Sheet([*written, Mark(character(LETTER, None), 4, 0)])
    grey = Ground(np.full(3, 0.5, np.float32), 0, 0, is_board=True, is_screen=True)
    monkeypatch.setattr(arrangement, "arrange", lambda *_, **__: sheet)
    monkeypatch.setattr(colours, "ground", lambda _: grey)
    monkeypatch.setattr(sheets, "framed", lambda flat, _: flat)
    for share in ("SCENE", "ON_A_SCENE", "CUT_OFF"):
        monkeypatch.setattr(sheets, share, 0)
    for seed in range(12):
        photo = compose(alphabet(), PHOTO, np.random.default_rng(seed), whole=True)
        differs = np.abs(photo.picture.astype(int) - 127).max(axis=2)
        one, two, letter = photo.marks

        assert (one.digit, two.digit, letter.digit) == (1, 1, None)
        assert photo.ink[inside(letter)].max() == 0
        assert differs[inside(letter)].max() > 0
        assert (differs[photo.ink > 250] > 0.3 * 255 * FAINTEST).all()  # paper leaves out some of the ink
        differs[inside(letter, around=2)] = 0
        assert differs[photo.ink == 0].max() == 0


def test_a_digit_cut_off_by_the_edge_says_how_much_of_it_is_seen() -> None:
    cut = [mark for photo in windows() for mark in digits(photo) if mark.visible < 1 - 1e-6]

    assert cut
    for mark in cut:
        assert min(mark.left, mark.top, WINDOW[0] - mark.right, WINDOW[1] - mark.bottom) == 0


def test_windows_hold_many_digits_or_parts_of_large_ones_and_some_photos_none() -> None:
    assert np.mean([len(digits(photo)) > 8 for photo in windows()]) > 1 / 3
    assert any(mark.bottom - mark.top > 80 for photo in windows() for mark in digits(photo))
    assert min(len(digits(photo)) for photo in photos()) == 0
    assert max(len(digits(photo)) for photo in photos()) > 12


def test_small_photos_can_be_made() -> None:
    for seed in range(30):
        photo = compose(alphabet(), (28, 48), np.random.default_rng(seed), whole=True)

        assert photo.picture.shape == (48, 28, 3)


def test_a_wide_digit_is_no_larger_than_a_high_one() -> None:
    wide, high, dash = Sight(0, 0, 0, 20, 10, 1), Sight(0, 0, 0, 10, 20, 1), Sight(None, 0, 0, 20, 1, 1)

    assert wide.size == pytest.approx(16)
    assert high.size == dash.size == 20
    assert wide.moved(3, 4).top == 4
