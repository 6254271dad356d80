"""Generated pages: they show what they say they show, by the right hands, readable, and the same every time."""

from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from model.data import handwriting
from model.data.handwriting import Sample, Strokes
from model.data.mnist import DataError
from model.synthesis import pages
from model.synthesis.layout import Hand
from model.synthesis.pages import Page, compose
from tests.handwriting import SHAPES

PAGES = 40


def strokes(shape: str) -> Strokes:
    """A digit's way of the tests' own generator as polylines."""
    return [np.array([point.split(",") for point in stroke.split()], np.float32) for stroke in shape.split("/")]


def hand() -> Hand:
    """Somebody who writes every digit in several ways, and the letter K."""
    digits = {d: [Sample(str(d), "me", None, strokes(shape)) for shape in shapes] for d, shapes in SHAPES.items()}
    return Hand(digits, [Sample("K", "me", None, strokes("0,0 0,100 / 60,0 0,50 60,100"))])


@cache
def some_pages() -> list[Page]:
    return [compose((hand(),), np.random.default_rng(seed)) for seed in range(PAGES)]


def picture(page: Page) -> NDArray[np.uint8]:
    return np.asarray(cv2.imdecode(np.frombuffer(page.photo, np.uint8), cv2.IMREAD_GRAYSCALE), np.uint8)


def test_the_text_is_the_digits_in_their_order() -> None:
    for page in some_pages():
        assert page.text.replace("\n", "") == "".join(str(digit) for digit, _ in page.digits)
        assert page.digits


def test_a_row_runs_to_the_right_and_rows_run_down() -> None:
    for page in some_pages():
        boxes = iter(box for _, box in page.digits)
        rows = [[next(boxes) for _ in row] for row in page.text.split("\n")]
        for row in rows:
            middles = [box.x + box.width / 2 for box in row]
            assert middles == sorted(middles)
        tops = [min(box.y for box in row) for row in rows]
        assert tops[0] <= tops[-1]


def test_every_box_lies_in_the_photo_and_is_large_enough_to_read() -> None:
    for page in some_pages():
        height, width = picture(page).shape
        assert 600 <= max(height, width) <= 1280
        for _, box in page.digits:
            assert box.x >= 0
            assert box.y >= 0
            assert box.x + box.width <= width
            assert box.y + box.height <= height
            assert max(box.height, box.width) >= 18


def test_ink_differs_from_its_paper_by_more_than_the_noise() -> None:
    for page in some_pages():
        photo = picture(page).astype(np.float32)
        noise = np.abs(photo - cv2.blur(photo, (3, 3)))
        for _, (x, y, width, height) in page.digits:
            part = np.s_[y : y + height, x : x + width]
            darker_or_lighter = np.abs(photo[part] - np.median(photo[part]))

            assert np.percentile(darker_or_lighter, 97) > 3 * max(1.0, float(np.median(noise[part])))


def test_pages_differ_in_how_much_is_written_how_large_and_on_what() -> None:
    pages = some_pages()

    counts = {len(page.digits) for page in pages}
    shares = [page.digits[0][1].height / max(picture(page).shape) for page in pages]
    tones = [picture(page).mean() for page in pages]

    assert min(counts) == 1
    assert max(counts) > 12
    assert min(shares) < 0.08
    assert max(shares) > 0.25
    assert min(tones) < 80
    assert max(tones) > 190


def test_the_same_seed_gives_the_same_page_and_another_seed_another() -> None:
    one, again, other = (compose((hand(),), np.random.default_rng(seed)) for seed in (1, 1, 2))

    assert one == again
    assert one.photo != other.photo


def test_without_the_sets_a_sentence_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="unipen_digits"):
        pages.hands(tmp_path, held_back=True)


def sets(folder: Path, writers: int = 60) -> Path:
    """The four sets, small: each writer's ten digits, K and O."""
    ways = [*(strokes(shapes[0]) for shapes in SHAPES.values()), strokes("0,0 0,100"), strokes("0,0 9,9")]
    labels = np.array([*"0123456789", "K", "O"] * writers)
    every = [line for _ in range(writers) for way in ways for line in way]
    stroke_ids = [np.full(len(line), i) for _ in range(writers) for way in ways for i, line in enumerate(way)]
    sample_ids = [np.full(sum(map(len, way)), i) for i, way in enumerate(ways * writers)]
    for name in pages.SETS:
        np.savez(
            folder / f"{name}.npz",
            labels=labels,
            writers=np.repeat(np.arange(writers), len(ways)).astype(np.int32),
            points=np.concatenate(every),
            stroke_ids=np.concatenate(stroke_ids),
            sample_ids=np.concatenate(sample_ids),
        )
    return folder


def writers(hands: pages.Hands) -> set[str]:
    return {sample.writer for hand in hands for samples in hand.digits.values() for sample in samples}


def test_no_hand_is_both_learnt_from_and_measured_on(tmp_path: Path) -> None:
    folder = sets(tmp_path)

    learnt, measured = (writers(pages.hands(folder, held_back=which)) for which in (False, True))
    validating = {s.writer for s in handwriting.samples("pendigits", folder) if s.validates and not s.held_back}

    assert learnt
    assert measured
    assert validating
    assert not learnt & measured
    assert not learnt & validating


def test_a_letter_that_looks_like_a_digit_is_never_written_beside_digits(tmp_path: Path) -> None:
    others = {sample.character for hand in pages.hands(sets(tmp_path), held_back=True) for sample in hand.others}

    assert others == {"K"}
