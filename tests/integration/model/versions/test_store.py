"""What the store promises: a version is whole or not there, and what serves changes in one step."""

import json
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from model.versions.store import FileBackend, VersionStore, data_folder, local_store
from model.versions.version import PRETRAINED, Version, VersionError, read_version, shipped_name, write_version

MONTH = f"{datetime.now(UTC):%Y.%m}"
HOSTILE = [
    "",
    ".",
    "..",
    "../..",
    "/etc/passwd",
    "2026.11-1/../..",
    "2026.11-9999\n",
    "2026.11-¹",
    "CON",
    "a" * 5000,
    "\0",
]


def a_version(folder: Path, content: bytes = b"a network", **card: Any) -> Path:
    files = {"model.tflite": content, "model.keras": content * 2}
    return write_version(folder, files, {"version": "2001.01-1", "temperature": 1.0} | card).folder


def a_store_with(versions: int, tmp_path: Path) -> tuple[VersionStore, list[str]]:
    store = local_store(tmp_path / "models")
    return store, [store.add(a_version(tmp_path / f"made-{i}")).name for i in range(versions)]


def test_the_data_folder_is_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    assert data_folder() == tmp_path
    assert local_store().add(a_version(tmp_path / "made")).folder.parent == tmp_path / "models" / "versions"
    monkeypatch.setenv("DATA_DIR", "")
    assert data_folder().name == "digitbot"


def test_an_empty_store_has_the_shipped_version_and_promotes_nothing(tmp_path: Path) -> None:
    store = local_store(tmp_path / "models")
    assert store.serving().shipped
    assert [version.folder for version in store.versions()] == [PRETRAINED]
    with pytest.raises(VersionError, match="nothing to roll back"):
        store.roll_back()
    assert not (tmp_path / "models").exists()


def test_an_added_version_has_the_next_free_name_and_does_not_serve(tmp_path: Path) -> None:
    store, names = a_store_with(11, tmp_path)
    numbers = [int(name.removeprefix(f"{MONTH}-")) for name in names]
    assert numbers == list(range(numbers[0], numbers[0] + 11))
    assert [version.name for version in store.versions()][1:] == names  # 10 comes after 9
    assert store.versions()[1].card["version"] == names[0]
    assert store.serving().shipped


def test_versions_added_at_once_get_names_of_their_own(tmp_path: Path) -> None:
    store, made = local_store(tmp_path / "models"), a_version(tmp_path / "made")
    added: list[Version] = []
    threads = [threading.Thread(target=lambda: added.append(store.add(made))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len({version.name for version in added}) == 8
    assert all(read_version(version.folder) for version in added)


def test_promotions_serve_at_once_everywhere_and_roll_back_to_the_shipped_one(tmp_path: Path) -> None:
    store, (first, second) = a_store_with(2, tmp_path)
    elsewhere = local_store(tmp_path / "models")
    store.promote(first)
    store.promote(second)
    store.promote(second)
    assert elsewhere.serving().folder == store.find(second).folder
    assert elsewhere.roll_back() == first
    assert store.serving().folder == store.find(first).folder
    shipped = store.versions()[0].name
    store.promote(shipped)
    assert store.serving().shipped
    assert store.roll_back() == first
    assert store.roll_back() == shipped
    assert store.serving().shipped


def test_a_rollback_passes_over_what_is_gone_and_undoes_only_what_is_expected(tmp_path: Path) -> None:
    store, (first, second, third) = a_store_with(3, tmp_path)
    for name in (first, second, third, second, first, third):
        store.promote(name)
    assert FileBackend(tmp_path / "models").remove(second)
    with pytest.raises(VersionError, match="doesn't serve any more"):
        store.roll_back(expected=first)
    assert store.roll_back(expected=third) == first
    with pytest.raises(VersionError, match="doesn't serve any more"):
        store.roll_back(expected=third)  # the same press again
    assert store.roll_back() == third
    assert store.roll_back() == first
    assert store.roll_back() == shipped_name()
    with pytest.raises(VersionError, match="nothing to roll back"):
        store.roll_back()


def test_pruning_keeps_the_newest_and_whatever_is_needed(tmp_path: Path) -> None:
    store, names = a_store_with(4, tmp_path)
    made = a_version(tmp_path / "child", parent=names[1], corrections=[7, 8])
    child = store.add(made).name
    newer = [store.add(made).name for _ in range(3)]
    store.promote(names[2])
    store.promote(child)
    assert store.prune(2) == [names[0], names[3], newer[0]]
    kept = [version.name for version in store.versions()]
    assert kept == [shipped_name(), names[1], names[2], child, *newer[1:]]
    assert store.prune(2) == []
    assert store.versions()[3].card["corrections"] == [7, 8]
    assert store.add(made).name == f"{MONTH}-{int(newer[-1].split('-')[1]) + 1}"  # no name is given twice
    assert PRETRAINED.is_dir()
    with pytest.raises(VersionError, match="no version of that name"):
        store.promote(names[0])


def test_pruning_an_empty_store_leaves_no_trace(tmp_path: Path) -> None:
    assert local_store(tmp_path / "models").prune(2) == []
    assert not (tmp_path / "models").exists()


def test_pruning_takes_away_what_killed_writers_left_behind_long_ago(tmp_path: Path) -> None:
    store, (name,) = a_store_with(1, tmp_path)
    fresh, old = (tmp_path / "models" / "versions" / f".{name}-{left}" for left in ("fresh", "old"))
    for left in (fresh, old):
        left.mkdir()
    os.utime(old, (0, 0))
    store.prune(2)
    assert fresh.exists()
    assert not old.exists()


WORK = """
import sys
from pathlib import Path
from model.versions.store import local_store
from model.versions.version import VersionError
store, made = local_store(Path(sys.argv[1])), Path(sys.argv[2])
for _ in range(12):
    name = store.add(made).name
    for change in (lambda: store.promote(name), lambda: store.prune(2), store.roll_back):
        try:
            change()
        except VersionError:
            pass
        assert store.serving().card["temperature"]
print("done")
"""


def test_programs_that_add_promote_prune_and_roll_back_at_once_break_nothing(tmp_path: Path) -> None:
    made, models = a_version(tmp_path / "made"), tmp_path / "models"
    command = [sys.executable, "-c", WORK, str(models), str(made)]
    programs = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(4)]
    said = [program.communicate(timeout=120)[0].decode() for program in programs]
    assert said == ["done\n"] * 4
    store = local_store(models)
    store.prune(2)
    left = [path.name for path in (models / "versions").iterdir()]
    assert sorted(left) == sorted(version.name for version in store.versions()[1:])
    assert 2 <= len(left) <= 5


def test_a_version_made_here_goes_before_one_of_its_name_that_a_release_ships(tmp_path: Path) -> None:
    store = local_store(tmp_path / "models")
    own = a_version(tmp_path / "models" / "versions" / shipped_name())
    (tmp_path / "models" / "current").write_text(f"{shipped_name()}\n")
    assert store.serving().folder == store.find(shipped_name()).folder == own


@pytest.mark.parametrize("file", ["model.tflite", "model.keras", "card.json"])
@pytest.mark.parametrize("damage", ["lost", "cut", "changed"])
def test_a_damaged_version_is_never_current(
    tmp_path: Path, file: str, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    store, (good, bad) = a_store_with(2, tmp_path)
    store.promote(good)
    store.promote(bad)
    path = store.find(bad).folder / file
    content = path.read_bytes()
    path.unlink()
    if damage != "lost":
        path.write_bytes(content[:-3] if damage == "cut" else content.replace(b"a", b"b"))

    assert store.serving().folder == store.find(good).folder
    assert f"Version {bad} was promoted, and is passed over" in caplog.text
    assert bad not in [version.name for version in store.versions()]
    with pytest.raises(VersionError, match="whole"):
        store.promote(bad)
    with pytest.raises(VersionError, match="whole"):
        store.add(tmp_path / "models" / "versions" / bad)


def test_what_a_killed_writer_leaves_behind_is_no_version(tmp_path: Path) -> None:
    store, (name,) = a_store_with(1, tmp_path)
    for left in (f".{name}-x7f3", f"{MONTH}-777"):
        (tmp_path / "models" / "versions" / left).mkdir()
        (tmp_path / "models" / "versions" / left / "model.tflite").write_bytes(b"half")
    (tmp_path / "models" / ".current-x").write_text(f"{MONTH}-777\n")
    assert [version.name for version in store.versions()][1:] == [name]
    with pytest.raises(VersionError):
        store.promote(f"{MONTH}-777")
    assert store.add(store.find(name).folder).name == f"{MONTH}-778"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_reaches_no_other_folder(tmp_path: Path, name: str) -> None:
    store, (good,) = a_store_with(1, tmp_path)
    store.promote(good)
    with pytest.raises(VersionError):
        store.promote(name)
    (tmp_path / "models" / "current").write_text(f"{good}\n{name}\n../{good}\n", "utf-8")
    assert store.serving().folder == store.find(good).folder


def test_a_version_is_found_by_name_or_folder(tmp_path: Path) -> None:
    store, (name,) = a_store_with(1, tmp_path)
    made = a_version(tmp_path / "own")
    assert store.find(name).folder == tmp_path / "models" / "versions" / name
    assert store.find(made).folder == store.find(str(made)).folder == made
    for missing in (f"{MONTH}-999", str(tmp_path / "nowhere"), str(tmp_path), "\0"):
        with pytest.raises(VersionError):
            store.find(missing)


def test_a_version_is_not_written_over_another(tmp_path: Path) -> None:
    made = a_version(tmp_path / "own", b"the first")
    with pytest.raises(FileExistsError):
        a_version(tmp_path / "own", b"the second")
    assert (made / "model.tflite").read_bytes() == b"the first"
    assert [path.name for path in tmp_path.iterdir()] == ["own"]


def test_a_card_keeps_what_it_was_given_and_rows_of_numbers_on_one_line(tmp_path: Path) -> None:
    card = {"version": "2001.01-1", "confusion": [[1, 2], [3, 4]], "interval": [0.5, 1e-05], "names": ["ä", "b"]}
    folder = write_version(tmp_path / "own", {"model.tflite": b"t", "model.keras": b"k"}, card).folder
    text = (folder / "card.json").read_text("utf-8")
    assert card.items() <= json.loads(text).items()
    assert "[1, 2]" in text
