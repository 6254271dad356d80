"""What a set in a folder is taken for: labels, writers, and what is left out."""

from pathlib import Path

import numpy as np
import pytest

from model.data import handwriting
from model.data.mnist import DataError
from model.reading.result import NOT_A_DIGIT


def pictures(folder: Path, name: str, labels: list[str], **more: object) -> Path:
    """A set of blank pictures in `folder`."""
    blank = np.zeros((len(labels), 4, 4), np.uint8)
    np.savez(folder / f"{name}.npz", images=blank, labels=np.array(labels), **more)  # type: ignore[arg-type]
    return folder


def test_a_digit_is_its_number_and_everything_else_is_none(tmp_path: Path) -> None:
    folder = pictures(tmp_path, "bhmsds", ["0", "9", "x", "greek_beta", "12", ""])

    assert [s.label for s in handwriting.samples("bhmsds", folder)] == [0, 9, *[NOT_A_DIGIT] * 4]


def test_doubtful_samples_are_left_out(tmp_path: Path) -> None:
    folder = pictures(tmp_path, "unipen_digits", ["1", "2", "3"], suspect=[False, True, False])

    assert [s.character for s in handwriting.samples("unipen_digits", folder)] == ["1", "3"]


def test_letters_that_the_source_calls_wrongly_are_left_out(tmp_path: Path) -> None:
    sources = ["comnist", "qazaq", "qazaq"]
    folder = pictures(tmp_path, "comnist_qazaq", ["к", "к", "ж"], sources=sources)

    assert [s.character for s in handwriting.samples("comnist_qazaq", folder)] == ["к", "ж"]


def test_every_stroke_belongs_to_its_character(tmp_path: Path) -> None:
    np.savez(
        tmp_path / "pendigits.npz",
        points=np.arange(12, dtype=np.float32).reshape(6, 2),
        stroke_ids=np.array([0, 0, 1, 0, 0, 0]),
        sample_ids=np.array([0, 0, 0, 1, 1, 1]),
        labels=np.array(["4", "1"]),
        writers=np.array([3, 4]),
    )
    four, one = handwriting.samples("pendigits", tmp_path)

    assert [len(stroke) for stroke in four.strokes or []] == [2, 1]
    assert [len(stroke) for stroke in one.strokes or []] == [3]
    assert (four.writer, one.writer) == ("pendigits 3", "pendigits 4")
    assert four.picture is None


def test_whose_writer_is_unknown_is_never_held_back(tmp_path: Path) -> None:
    (sample,) = handwriting.samples("semeion", pictures(tmp_path, "semeion", ["5"]))

    assert sample.writer == ""
    assert not sample.held_back
    assert not sample.validates


@pytest.mark.parametrize("content", [None, b"", b"PK\3\4 cut"])
def test_a_set_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "semeion.npz").write_bytes(content)
    with pytest.raises(DataError, match=r"semeion\.npz can't be read.*docs/data\.md"):
        list(handwriting.samples("semeion", tmp_path))


def test_the_folder_is_the_persons_own_or_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HANDWRITING_PATH", str(tmp_path))
    assert handwriting.folder() == tmp_path
    monkeypatch.setenv("HANDWRITING_PATH", "")
    assert handwriting.folder() is None
