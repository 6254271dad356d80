"""`digitbot read`: one line for each picture, whatever the pictures are."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.__main__ import UNHEARD, main
from model.versions.store import local_store
from tests.pictures import as_png, photo
from tests.versions import a_twin
from tests.waiting import PATIENCE


@pytest.fixture(autouse=True)
def _in_an_empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))


def read_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    """Exit status and the lines that `digitbot read --json` printed."""
    status = main(["read", "--json", *arguments])
    return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_one_json_object_a_line_in_the_order_given(capsys: pytest.CaptureFixture[str]) -> None:
    for name, written in {"b.jpg": ["42"], "a.jpg": ["7"], "blank.jpg": []}.items():
        Path(name).write_bytes(photo(*written))
    status, lines = read_json(capsys, "b.jpg", "a.jpg", "blank.jpg")
    assert status == 0
    assert [(line["file"], line["text"]) for line in lines] == [("b.jpg", "42"), ("a.jpg", "7"), ("blank.jpg", "")]
    assert [set(line) for line in lines] == [{"file", "text", "digits", "model", "ms", "error"}] * 3
    assert [digit["digit"] for digit in lines[0]["digits"]] == [4, 2]
    assert {name: type(value) for name, value in lines[1]["digits"][0].items()} == {
        "digit": int,
        "confidence": float,
        "sure": bool,
        "box": list,
    }
    assert lines[2]["digits"] == []
    assert lines[2]["error"] is None


def test_what_cannot_be_read_is_told_in_its_line_and_by_the_exit_status(capsys: pytest.CaptureFixture[str]) -> None:
    Path("text.jpg").write_text("no picture")
    Path("7.jpg").write_bytes(photo("7"))
    status, [text, missing, seven] = read_json(capsys, "text.jpg", "missing.jpg", "7.jpg")
    assert status == 2
    for line in (text, missing):
        assert line["error"].endswith(".")
        assert (line["text"], line["digits"], line["model"], line["ms"]) == ("", [], None, None)
    assert seven["text"] == "7"


def test_without_json_the_lines_are_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.jpg").write_bytes(photo("42"))
    Path("blank.jpg").write_bytes(photo())
    assert main(["read", "a.jpg", "blank.jpg"]) == 0
    read, blank = capsys.readouterr().out.splitlines()
    assert read.startswith("a.jpg: 42  (")
    assert read.endswith(" %)")
    assert "100" not in read
    assert blank == "blank.jpg: no digit"


def test_nothing_else_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    Path("7.png").write_bytes(as_png(photo("7")))
    assert main(["read", "7.png"]) == 0
    said = capfd.readouterr()
    assert said.out.startswith("7.png: 7")
    assert said.err == ""


@pytest.mark.skipif(sys.platform == "win32", reason="closes a stream by a shell")
def test_it_reads_with_standard_error_closed() -> None:
    Path("7.png").write_bytes(as_png(photo("7")))
    command = f'"{sys.executable}" -m bot read 7.png 2>&-'
    assert subprocess.run(command, shell=True, stdout=subprocess.PIPE, text=True).stdout.startswith("7.png: 7")


def test_a_reader_of_the_output_that_has_enough_is_no_error() -> None:
    Path("7.jpg").write_bytes(photo("7"))
    command = [sys.executable, "-m", "bot", "read", *["7.jpg"] * 3]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.close()
        _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == UNHEARD
    assert "Error" not in errors


def test_what_was_seen_is_saved(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.jpg").write_bytes(photo("42"))
    assert main(["read", "a.jpg", "--save", "seen"]) == 0
    assert sorted(path.name for path in Path("seen").iterdir()) == ["a-1.png", "a-2.png", "a.png"]
    assert Image.open("seen/a-1.png").size == (28, 28)


def test_saving_overwrites_no_picture_that_was_given(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.png").write_bytes(as_png(photo("7")))
    Path("a.jpg").write_bytes(photo("3"))
    assert main(["read", "a.png", "a.jpg", "--save", "."]) == 0
    assert Path("a.png").read_bytes() == as_png(photo("7"))
    assert {"a (2).png", "a (3).png"} <= {path.name for path in Path().iterdir()}


def test_a_folder_that_cannot_be_written_to_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.jpg").write_bytes(photo("7"))
    assert main(["read", "a.jpg", "--save", "a.jpg"]) == 1
    assert "a.jpg can't be written to" in capsys.readouterr().err


def test_a_version_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", "a.jpg", "--model", "1999.01-1"]) == 2
    assert "no version of that name" in capsys.readouterr().err


def test_data_dir_is_taken_from_dotenv(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("DATA_DIR")
    Path(".env").write_text("DATA_DIR=elsewhere\nTELEGRAM_BOT_TOKEN=canary\n")
    made = local_store(Path("elsewhere/models")).add(a_twin(Path("made")))
    assert main(["models", "promote", made.name]) == 0
    assert Path("elsewhere/models/current").read_text() == f"{made.name}\n"
