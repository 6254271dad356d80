"""Which corrections are learnt and which examine; and no file of them can do more than be refused in one sentence."""

import io
import pickle
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.data.mnist import Examples
from model.training import corrections
from model.training.corrections import Corrections
from model.versions.version import Refusal

SEED = st.integers(0, 10**6)


def of(ids: list[int]) -> Corrections:
    """Corrections with these ids, all alike else."""
    return Corrections(Examples(np.zeros((len(ids), 28, 28), np.uint8), np.zeros(len(ids), np.uint8)), np.array(ids))


def some_ids(n: int, seed: int) -> list[int]:
    return [int(id_) for id_ in np.random.default_rng(seed).choice(10**6, n, replace=False)]


def held_back(ids: list[int]) -> set[int]:
    said = of(ids)
    return set(said.ids[said.held_back].tolist())


@given(st.integers(40, 200), st.integers(0, 200), SEED)
def test_what_was_learnt_never_examines_when_more_corrections_come(n: int, more: int, seed: int) -> None:
    after = some_ids(n + more, seed)
    before = after[:n]

    assert held_back(after) & set(before) <= held_back(before)


@given(st.integers(1, 10**9), st.integers(0, 300))
def test_where_there_are_many_each_is_told_by_its_id_alone(first: int, more: int) -> None:
    before = list(range(first, first + 150))
    after = list(range(first, first + 150 + more))[::-1]

    assert not of(before).are_few
    assert held_back(after) & set(before) == held_back(before)


@given(st.integers(10, 400), SEED)
def test_at_least_ten_examine_and_at_most_half(n: int, seed: int) -> None:
    ids = some_ids(n, seed)

    assert min(10, len(ids) // 2) <= len(held_back(ids)) <= len(ids) // 2


def test_of_many_a_fifth_examines() -> None:
    assert len(held_back(list(range(1, 5001)))) == pytest.approx(1000, abs=100)


@given(st.integers(10, 100), SEED)
def test_where_there_are_few_each_examines_once_and_the_folds_are_alike(n: int, seed: int) -> None:
    ids = some_ids(n, seed)
    folds = of(ids).folds

    assert np.array_equal(np.sum(folds, axis=0), np.ones(len(ids)))
    assert max(fold.sum() for fold in folds) - min(fold.sum() for fold in folds) <= 1
    moved = of(ids[::-1]).folds
    assert [set(np.array(ids)[fold]) for fold in folds] == [set(np.array(ids)[::-1][fold]) for fold in moved]


def test_what_is_packed_is_loaded(tmp_path: Path) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (12, 28, 28)).astype(np.uint8)
    labels, ids = [*range(11), 3], list(range(5, 17))
    (tmp_path / "said.npz").write_bytes(corrections.packed([each.tobytes() for each in pictures], labels, ids))

    said = corrections.load(tmp_path / "said.npz")

    assert np.array_equal(said.examples.pictures, pictures)
    assert said.examples.labels.tolist() == labels
    assert said.ids.tolist() == ids


def test_a_network_of_ten_digits_is_told_of_digits_alone() -> None:
    pictures, ids = np.zeros((21, 28, 28), np.uint8), np.arange(21)
    said = Corrections(Examples(pictures, np.array([10] * 10 + [4] * 11, np.uint8)), ids)

    assert said.readable(11).ids.tolist() == list(range(21))
    assert said.readable(10).ids.tolist() == list(range(10, 21))
    with pytest.raises(Refusal, match="9 corrections of digits"):
        said.chosen(ids < 19).readable(10)


class Trap:
    """What runs when it is unpickled."""

    def __init__(self, sprung: Path) -> None:
        self._sprung = sprung

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return Path.touch, (self._sprung,)


def good(n: int = 12) -> dict[str, Any]:
    return {
        "images": np.zeros((n, 28, 28), np.uint8),
        "labels": np.arange(n, dtype=np.uint8) % 11,
        "ids": np.arange(n, dtype=np.int64),
    }


WRONG: dict[str, dict[str, Any]] = {
    "floats": {"images": np.zeros((12, 28, 28), np.float32)},
    "signed bytes": {"images": np.zeros((12, 28, 28), np.int8)},
    "another shape": {"images": np.zeros((12, 27, 28), np.uint8)},
    "rows of pixels": {"images": np.zeros((12, 784), np.uint8)},
    "fewer pictures": {"images": np.zeros((11, 28, 28), np.uint8)},
    "fewer labels": {"labels": np.zeros(11, np.uint8)},
    "label 11": {"labels": np.full(12, 11, np.uint8)},
    "label 266, which is 10 in a byte": {"labels": np.full(12, 266, np.uint16)},
    "label -1": {"labels": np.full(12, -1, np.int8)},
    "labels in floats": {"labels": np.zeros(12, np.float64)},
    "labels in letters": {"labels": np.array(["7"] * 12)},
    "labels in a table": {"labels": np.zeros((12, 1), np.uint8)},
    "one id": {"ids": np.int64(3)},
    "ids in floats": {"ids": np.arange(12, dtype=np.float64)},
    "an id twice": {"ids": np.array([*range(11), 3])},
    "nine": good(9),
    "none": good(0),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_holds_no_corrections_is_refused_in_one_sentence(name: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "said.npz", **(good() | WRONG[name]))

    with pytest.raises(Refusal) as refused:
        corrections.load(tmp_path / "said.npz")

    assert len(str(refused.value).splitlines()) == 1


def test_a_file_that_would_run_something_does_not(tmp_path: Path) -> None:
    sprung, file = tmp_path / "sprung", tmp_path / "said.npz"
    trap = Trap(sprung)

    np.savez(file, **(good() | {"labels": np.array([trap] * 12, object)}), allow_pickle=True)
    with pytest.raises(Refusal):
        corrections.load(file)
    file.write_bytes(pickle.dumps(trap))
    with pytest.raises(Refusal):
        corrections.load(file)

    assert not sprung.exists()


def test_files_of_other_kinds_are_refused(tmp_path: Path) -> None:
    array = io.BytesIO()
    np.save(array, good()["images"])
    lacking = io.BytesIO()
    np.savez(lacking, images=good()["images"], labels=good()["labels"])
    for content in (b"", b"PK\x05\x06", b"7", array.getvalue(), lacking.getvalue()):
        (tmp_path / "said.npz").write_bytes(content)
        with pytest.raises(Refusal, match="can't be read as corrections"):
            corrections.load(tmp_path / "said.npz")
    for missing in (tmp_path / "nothing.npz", tmp_path):
        with pytest.raises(Refusal, match="can't be read as corrections"):
            corrections.load(missing)


@given(st.integers(1, 4), st.one_of(st.none(), st.integers(0, 9000)), SEED)
def test_no_damage_to_a_file_is_more_than_a_refusal(bytes_: int, end: int | None, seed: int) -> None:
    content = np.frombuffer(corrections.packed([bytes(784)] * 10, list(range(10)), list(range(10))), np.uint8).copy()
    rng = np.random.default_rng(seed)
    outside_pictures = np.flatnonzero((np.arange(len(content)) < 300) | (np.arange(len(content)) > 7900))
    content[rng.choice(outside_pictures, bytes_)] = rng.integers(0, 256, bytes_)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "said.npz"
        file.write_bytes(content.tobytes()[:end])
        try:
            said = corrections.load(file)
        except Refusal:
            return
    assert said.examples.pictures.shape == (10, 28, 28)
    assert said.examples.labels.max() <= 10
