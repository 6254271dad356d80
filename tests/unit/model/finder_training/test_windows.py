"""What the finder learns from: windows made anew from a seed, by any number of processes."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from model.finder_training import windows
from model.finder_training.targets import SIDE
from model.finder_training.windows import Lessons, batch
from model.synthesis.characters import Alphabet
from tests.commands import small_mnist
from tests.sets import sets


@pytest.fixture(scope="module")
def lessons(tmp_path_factory: pytest.TempPathFactory) -> Lessons:
    folder = tmp_path_factory.mktemp("lessons")
    return Lessons(sets(folder / "sets", range(1, 9)), small_mnist(folder / "mnist.npz"), seed=3)


@cache
def alphabet(lessons: Lessons) -> Alphabet:
    return lessons.alphabet()


def test_the_same_seed_and_number_give_the_same_windows(lessons: Lessons) -> None:
    one, same, other = (batch(alphabet(lessons), 3, index, 2) for index in (5, 5, 6))
    for name in one._fields:
        assert np.array_equal(getattr(one, name), getattr(same, name))
    assert not np.array_equal(one.pictures, other.pictures)


def test_a_batch_holds_windows_and_the_truth_about_them(lessons: Lessons) -> None:
    made = batch(alphabet(lessons), 3, 0, 4)
    assert made.pictures.shape == (4, SIDE, SIDE, 3)
    assert {len(array) for array in made} == {4}
    assert made.heat.max() == 1


def test_windows_come_in_their_order_from_processes_of_their_own(lessons: Lessons) -> None:
    made = list(windows.batches(lessons, 1, 4, 1, processes=2))
    for index, found in enumerate(made, 1):
        assert np.array_equal(found.pictures, batch(alphabet(lessons), 3, index, 1).pictures)


def test_a_folder_without_the_sets_is_told(tmp_path: Path) -> None:
    from model.data.mnist import DataError

    with pytest.raises(DataError):
        Lessons(tmp_path, small_mnist(tmp_path / "mnist.npz"), 0).alphabet()
