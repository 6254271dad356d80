"""What is written on a harder page: every digit says that it is one, and nothing else does."""

from collections import Counter

import numpy as np
import pytest

from model.synthesis.arrangement import arrange
from model.synthesis.marks import Sheet
from model.synthesis.scribe import Scribe
from tests.unit.model.synthesis.alphabet import alphabet

PEN = 0.06


def scribe(seed: int = 1) -> Scribe:
    return Scribe(alphabet(), PEN, np.random.default_rng(seed))


def page(seed: int, *, full: bool = False) -> Sheet:
    return arrange(alphabet(), PEN, (12, 12), np.random.default_rng(seed), full=full)


def digits(sheet: Sheet) -> list[int]:
    return [mark.digit for mark in sheet.marks if mark.digit is not None]


def test_the_same_seed_gives_the_same_page_and_another_seed_another() -> None:
    one, again, other = ([(mark.x, mark.y, mark.digit) for mark in page(seed).marks] for seed in (3, 3, 4))

    assert one == again
    assert one != other


def test_a_words_letters_are_marks_but_no_digits() -> None:
    writer = scribe()

    end = writer.word(0, 0)

    assert len(writer.sheet.marks) >= 2
    assert digits(writer.sheet) == []
    assert all(mark.counts for mark in writer.sheet.marks)
    assert end > writer.sheet.marks[-1].x


def test_a_numbers_digits_run_to_the_right() -> None:
    for seed in range(20):
        writer = scribe(seed)
        writer.number(0, 0, 6)
        places = [mark.x for mark in writer.sheet.marks if mark.what.digit is not None]

        assert len(places) == 6
        assert places == sorted(places)


def test_a_crossed_out_digit_is_no_digit() -> None:
    writer = scribe()
    writer.number(0, 0, 400)
    crossed = [i for i, mark in enumerate(writer.sheet.marks) if mark.taken_back]

    assert crossed
    for i in crossed:
        line, digit = writer.sheet.marks[i - 1 : i + 1]
        assert not line.counts
        assert line.x < digit.x < line.x + line.what.width
        assert digit.what.digit is not None
        assert digit.digit is None


def test_every_digit_is_written_about_as_often() -> None:
    writer = scribe()
    writer.number(0, 0, 2000)
    counts = Counter(digits(writer.sheet))

    assert len(counts) == 10
    assert max(counts.values()) < 2 * min(counts.values())


def test_what_ends_before_it_begins_is_adorned_all_the_same() -> None:
    writer = scribe()
    for _ in range(300):
        writer.adorn(1.0, 0.2, 0, often=3)

    assert writer.sheet.marks


def test_a_letter_alone_is_no_digit() -> None:
    writer = scribe()
    for k in range(20):
        writer.letter_alone(2 * k, 0)

    assert len(writer.sheet.marks) == 20
    assert digits(writer.sheet) == []


def test_a_page_for_a_window_is_full_of_writing() -> None:
    full = [len(digits(page(seed, full=True))) for seed in range(40)]
    loose = [len(digits(page(seed))) for seed in range(40)]

    assert np.median(full) > 15
    assert np.median(full) > np.median(loose)
    assert min(loose) == 0  # words, drawings, empty pages


def test_all_that_is_written_lies_between_the_corners() -> None:
    for seed in range(40):
        sheet = page(seed)
        left, top, right, bottom = sheet.corners
        for mark in sheet.marks:
            assert left <= mark.x <= mark.x + mark.what.width <= right + 1e-6
            assert top - 1e-6 <= mark.y - mark.what.height
            assert mark.y <= bottom


def test_where_nothing_is_written_the_corners_are_a_unit_square() -> None:
    assert Sheet().corners == pytest.approx((0, -1, 1, 0))
