"""The exam puts figures of a version into its card, and the model card is made from the shipped version's."""

import shutil
from pathlib import Path

import pytest

from model.evaluation.__main__ import main
from model.evaluation.model_card import page
from model.versions.version import PRETRAINED, open_version
from tests.commands import ROOT, python, small_mnist
from tests.sets import sets

WRITERS = range(12)  # enough that some are held back


def version(folder: Path) -> Path:
    """A copy of the shipped version that may be written to."""
    shutil.copytree(PRETRAINED, folder)
    return folder


def test_a_version_that_was_measured_has_the_figures_in_its_card(tmp_path: Path) -> None:
    own, mnist, others = (
        version(tmp_path / "own"),
        small_mnist(tmp_path / "mnist.npz"),
        sets(tmp_path / "sets", WRITERS),
    )
    asked = ["--measure", "--photos", "3", "--mnist", str(mnist), "--handwriting", str(others)]

    printed = python("import sys; from model.evaluation.__main__ import main; main(sys.argv[1:])", own, *asked)

    measured = open_version(own)
    exam = measured.card["exam"]
    assert printed == page(measured)
    assert {found["of"] for found in exam["spoilt"].values()} == {60}
    assert exam["photos"]["photos"] == 3
    digits, alike = exam["hands"]["sets"]["usps: digits"], exam["hands"]["sets"]["usps: look-alikes"]
    assert (digits["of"], alike["of"]) == (10 * len(WRITERS), len(WRITERS))
    assert digits["right"] <= digits["likeliest"] <= digits["of"]
    assert 0 < exam["hands"]["sets"]["pendigits: digits"]["of"] < 10 * len(WRITERS)
    everything = exam["hands"]["risk_and_coverage"][0]
    assert everything["digits"] == exam["hands"]["digits"]["of"]
    assert measured.card["test"] == open_version(PRETRAINED).card["test"]


def test_without_other_handwriting_only_mnist_is_spoilt(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HANDWRITING_PATH", raising=False)
    own, mnist = version(tmp_path / "own"), small_mnist(tmp_path / "mnist.npz")

    assert main([str(own), "--measure", "--mnist", str(mnist)]) == 0

    printed = capsys.readouterr().out
    assert "test set, distorted" in printed
    assert "Unseen writers" not in printed
    assert "## Photos" not in printed


def test_a_folder_that_lacks_a_set_is_named_and_the_card_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own, mnist = version(tmp_path / "own"), small_mnist(tmp_path / "mnist.npz")
    before = (own / "card.json").read_bytes()

    assert main([str(own), "--measure", "--mnist", str(mnist), "--handwriting", str(tmp_path)]) == 1

    assert "can't be read" in capsys.readouterr().err
    assert (own / "card.json").read_bytes() == before


def test_the_model_card_is_the_shipped_versions() -> None:
    written = (ROOT / "docs" / "model-card.md").read_text("utf-8")
    assert written == page(open_version(PRETRAINED))
    assert python("from model.evaluation.__main__ import main; main([])") == written


def test_a_card_that_is_not_there_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 1
    assert "holds no whole version" in capsys.readouterr().err
