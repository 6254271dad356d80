"""`digitbot models`: a table of the versions, and which one reads; the same where bots share a database."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.__main__ import main
from model.versions.store import local_store
from model.versions.version import shipped_name
from tests.postgres import new_database
from tests.versions import a_dud, a_twin

SHIPPED = shipped_name()


@pytest.fixture(params=["sqlite", "postgres"])
def _settings(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    if request.param == "sqlite":
        monkeypatch.setenv("DATABASE_URL", "")
        yield
        return
    with new_database() as url:
        monkeypatch.setenv("DATABASE_URL", url)
        yield


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command that succeeds prints."""
    assert main(["models", *arguments]) == 0
    return capsys.readouterr().out


@pytest.mark.usefixtures("_settings")
def test_a_table_with_figures_and_what_serves(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = a_twin(tmp_path / "made", parent=SHIPPED, test={}, date="2026-11-30")
    made = said(capsys, "promote", str(folder)).split()[0]
    heading, shipped, own = said(capsys).splitlines()
    assert re.split("  +", heading) == ["version", "made", "MNIST test", "validation", "parent"]
    assert re.split("  +", shipped) == [SHIPPED, "2026-11-24", "99.67 %", "99.64 %", "–", "shipped"]
    assert re.split("  +", own) == [made, "2026-11-30", "–", "99.64 %", SHIPPED, "serves"]
    assert len({line.index(cell) for line, cell in ((heading, "parent"), (shipped, "–"), (own, SHIPPED))}) == 1
    assert said(capsys, "list").splitlines() == [heading, shipped, own]


@pytest.mark.usefixtures("_settings")
def test_a_version_trained_on_this_machine_is_promoted_by_its_name(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    trained = local_store().add(a_twin(tmp_path / "made")).name  # as train.py does
    assert said(capsys, "promote", trained) == f"{trained} serves; a running bot reads with it within a second.\n"
    assert said(capsys).splitlines()[-1].endswith("serves")
    assert said(capsys, "rollback") == f"{SHIPPED} serves; a running bot reads with it within a second.\n"
    assert main(["models", "rollback"]) == 2
    assert "nothing to roll back to" in capsys.readouterr().err


@pytest.mark.usefixtures("_settings")
def test_what_cannot_serve_is_told_in_a_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for version, why in {"1999.01-1": "no version of that name", "nowhere": "no whole version"}.items():
        assert main(["models", "promote", version]) == 2
        assert why in capsys.readouterr().err
    assert main(["models", "promote", str(a_dud(tmp_path / "dud"))]) == 2
    assert "can't be loaded, so the version before goes on" in capsys.readouterr().err
    assert [line.split()[0] for line in said(capsys).splitlines()] == ["version", SHIPPED]
    assert said(capsys).splitlines()[1].endswith("serves, shipped")


def test_a_database_out_of_reach_is_told_in_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".env").write_text("DATABASE_URL=postgresql://me:canary@127.0.0.1:9/digits\n")
    monkeypatch.setenv("DATABASE_URL", "")
    assert main(["models"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("digitbot: The database 127.0.0.1/digits can't be used")
    assert "canary" not in error
