"""Characters for pages: as high as they should be, by hands that may be learnt from, none too wide to read."""

from pathlib import Path

import numpy as np
import pytest

from model.data.handwriting import TRAINED_ON
from model.synthesis import characters
from model.synthesis.characters import Alphabet, from_picture, from_strokes
from tests.handwriting import digits
from tests.sets import sets
from tests.unit.model.synthesis.alphabet import strokes, written

PEOPLE = ("unipen", "pendigits", "omniglot")  # the sets whose writers are known; unipen's three share them
WRITERS = 50  # of each
MNIST = digits(20, np.random.default_rng(2))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sets of 50 writers each, none of whom write as wide as another; unipen's K is a g."""
    where = sets(tmp_path_factory.mktemp("characters") / "sets", range(WRITERS))
    for name in TRAINED_ON:
        with np.load(where / f"{name}.npz") as file:
            arrays = {key: file[key] for key in file.files}
        people = PEOPLE.index(name.split("_")[0]) if name.split("_")[0] in PEOPLE else 0
        arrays["points"][:, 0] *= 1 + (arrays["writers"][arrays["sample_ids"]] * len(PEOPLE) + people) / 300
        if name == "unipen_letters":
            arrays["labels"][arrays["labels"] == "K"] = "g"
        np.savez(where / f"{name}.npz", **arrays)
    return where


def part(folder: Path, held_back: bool, validating: bool = False) -> Alphabet:
    return characters.alphabet(folder, MNIST, held_back=held_back, validating=validating)


def widths(of: Alphabet) -> set[float]:
    """Of every 3 by a hand of its own: there are as many as writers."""
    return {round(three.width, 4) for hand in of.hands for three in hand.digits[3]}


def test_a_writer_is_learnt_from_or_validates_or_is_held_back(folder: Path) -> None:
    learnt, validating = widths(part(folder, held_back=False)), widths(part(folder, held_back=False, validating=True))
    measured = widths(part(folder, held_back=True))

    assert learnt
    assert validating
    assert measured
    assert len(learnt | validating | measured) == len(learnt) + len(validating) + len(measured) == WRITERS * len(PEOPLE)


def test_sets_without_known_writers_are_learnt_from_only(folder: Path) -> None:
    assert len(part(folder, held_back=False).crowds) > 1
    assert len(part(folder, held_back=True).crowds) == 1


def test_a_look_alike_of_a_digit_stands_in_words_but_never_alone(folder: Path) -> None:
    made = part(folder, held_back=False)

    assert set(made.letters) == {"g", "O"}
    assert made.alone
    assert all(len(character.strokes) == len(strokes("0,0 0,1 / 0,0 0,1")) for character in made.alone)


def test_a_letter_with_a_descender_goes_below_the_baseline(folder: Path) -> None:
    g = part(folder, held_back=False).letters["g"][0]
    every = np.concatenate(g.strokes)

    assert every[:, 1].max() > 0.3
    assert every[:, 1].min() == pytest.approx(-characters.X_HEIGHT, abs=0.01)


def test_a_digit_stands_one_high_on_the_baseline_whatever_its_size() -> None:
    for size in (1, 700):
        made = written(from_strokes([line * size for line in strokes("30,25 55,0 55,50 55,100")], 1))
        every = np.concatenate(made.strokes)

        assert every.min(axis=0) == pytest.approx([0, -1], abs=1e-5)
        assert every.max(axis=0) == pytest.approx([made.width, 0], abs=1e-5)


def test_what_is_too_wide_to_read_is_no_digit() -> None:
    dash = np.zeros((28, 28), np.uint8)
    dash[13:15, 4:24] = 255

    assert from_strokes(strokes("0,0 100,10"), 1) is None
    assert from_picture(dash, 1) is None
    assert from_picture(np.zeros((28, 28), np.uint8), 1) is None
    assert from_strokes(strokes("0,0 100,10"), None) is not None
