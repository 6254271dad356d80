"""`digitbot backup` and `restore`: what is kept comes back whole, or nothing is touched and a sentence says why."""

import asyncio
import io
import json
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bot.__main__ import main
from bot.commands.backup import WORK
from bot.inbox import Arrival
from bot.inbox.sqlite import SqliteInbox
from bot.settings import Settings
from bot.storage.database import Database, DatabaseError
from bot.storage.store import store_in
from model.versions.store import local_store
from model.versions.version import shipped_name
from tests.postgres import new_database, programs
from tests.versions import a_twin

OPERATING = Path(__file__).parents[4] / "docs" / "operating.md"
LEFT = {"digitbot.db", "digitbot.db-wal", "digitbot.db-shm", "digitbot.db.lock", "models"}


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", "here")


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """Of a bot that knows one person and made one version, which serves."""
    keep(Path("here"), person=7)
    registry = local_store(Path("here/models"))
    registry.promote(registry.add(a_twin(tmp_path / "made")).name)
    assert main(["backup", "kept.zip"]) == 0
    return tmp_path / "kept.zip"


def keep(folder: Path, person: int) -> None:
    """A bot keeps that a person agreed."""
    database = Database(f"sqlite:///{folder}/digitbot.db")

    async def agree() -> None:
        async with store_in(database) as store:
            await store.agree(person)

    with database.prepared():
        asyncio.run(agree())


def people(folder: Path) -> list[int]:
    with closing(sqlite3.connect(folder / "digitbot.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return [person for (person,) in db.execute("SELECT person FROM people ORDER BY person")]


def spoilt(file: Path, change: Callable[[dict[str, bytes]], object]) -> None:
    """Write the backup anew with other members, and a list that fits what is left of the old names."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def test_what_is_kept_comes_back(
    backup: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backup", "kept.zip"]) == 0  # in the place of the one before
    assert capsys.readouterr().out.startswith("kept.zip: the database and 1 version of the model, ")
    assert backup.stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("DATA_DIR", "new/place")
    assert main(["restore", "kept.zip"]) == 0
    assert capsys.readouterr().out == "new/place has the database and 1 version of the model of kept.zip.\n"
    assert people(Path("new/place")) == [7]
    made, restored = local_store(Path("here/models")).serving(), local_store(Path("new/place/models")).serving()
    assert restored.name == made.name != shipped_name()
    assert restored.folder.is_relative_to("new/place")
    assert {path.name for path in Path("new/place").iterdir()} <= LEFT
    assert Path("new/place/digitbot.db").stat().st_mode & 0o777 == 0o600


async def test_one_moment_of_a_database_that_is_written_to_is_copied(tmp_path: Path) -> None:
    """One after another messages arrive and people agree: no copy has one without what came before it."""
    settings = Settings.load()
    with settings.database.prepared():
        async with SqliteInbox(settings.database.file) as inbox, store_in(settings.database) as store:
            enough = asyncio.Event()

            async def busy() -> None:
                for number in range(1, 100_000):
                    await inbox.record(Arrival(number, number % 50, False, None, "{}"))
                    await store.agree(number)
                    if enough.is_set():
                        return

            work = asyncio.create_task(busy())
            for number in range(3):
                assert await asyncio.to_thread(main, ["backup", "kept.zip"]) == 0
                assert await asyncio.to_thread(main, ["restore", "kept.zip"]) == 1  # a bot is at work here
                with zipfile.ZipFile("kept.zip") as archive:
                    archive.extract("digitbot.db", tmp_path / f"{number}")
            enough.set()
            await work
    counts = []
    for number in range(3):
        agreed = people(tmp_path / f"{number}")
        with closing(sqlite3.connect(tmp_path / f"{number}" / "digitbot.db")) as db:
            waiting = db.execute("SELECT count(*) FROM inbox").fetchone()[0]
        assert agreed == list(range(1, len(agreed) + 1))
        assert waiting - len(agreed) in {0, 1}  # who was written down and hasn't agreed yet
        counts.append(waiting)
    assert counts == sorted(set(counts))  # it went on meanwhile


def test_what_is_there_is_left_unless_told(
    backup: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATA_DIR", "other")
    keep(Path("other"), person=8)
    assert main(["restore", "kept.zip"]) == 1
    assert "digitbot: other holds data already. --replace " in capsys.readouterr().err
    assert people(Path("other")) == [8]
    assert main(["restore", "kept.zip", "--replace"]) == 0
    assert people(Path("other")) == [7]
    (aside,) = Path("other").glob("before-restore-*")
    assert f"What was there before is in {aside}: delete it" in capsys.readouterr().out
    assert people(aside) == [8]
    assert aside.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("left", ["digitbot.db-wal", "models/current", "models/versions/2026.01-1/card.json"])
def test_whatever_a_bot_left_counts_as_data(backup: Path, monkeypatch: pytest.MonkeyPatch, left: str) -> None:
    monkeypatch.setenv("DATA_DIR", "other")
    Path("other", left).parent.mkdir(parents=True)
    Path("other", left).write_text("something")
    assert main(["restore", "kept.zip"]) == 1
    assert main(["restore", "kept.zip", "--replace"]) == 0
    (aside,) = Path("other").glob("before-restore-*")
    assert (aside / left).read_text() == "something"
    assert people(Path("other")) == [7]


def test_the_database_may_lie_elsewhere(backup: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATA_DIR", "other")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/apart/digitbot.db")
    assert main(["restore", "kept.zip"]) == 0
    assert people(Path("apart")) == [7]
    assert len(local_store(Path("other/models")).versions()) == 2
    assert not Path("other/digitbot.db").exists()


NAMES = ["../evil", "/tmp/evil", "models/../../evil", "models/versions/../evil/card.json", "digitbot.db/evil", "evil"]


@pytest.mark.parametrize("name", NAMES)
def test_no_name_in_a_backup_leads_elsewhere(
    backup: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    def add(members: dict[str, bytes]) -> None:
        contents = json.loads(members.pop("contents.json"))
        members[name] = b"evil"
        contents["sha256"][name] = "4b0bdb8d6d4cb8ae4e6ba7a8e3a0a7a2"
        members["contents.json"] = json.dumps(contents).encode()

    spoilt(backup, add)
    refused(monkeypatch, capsys)
    assert not list(Path().rglob("*evil*"))
    assert not Path("/tmp/evil").exists()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_is_packed_otherwise_is_refused(
    backup: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], method: int
) -> None:
    whole = backup.read_bytes()
    entry = whole.index(b"PK\x01\x02")  # of the database, in the directory at the end; 10 bytes on is how it is packed
    backup.write_bytes(whole[: entry + 10] + bytes([method]) + whole[entry + 11 :])
    refused(monkeypatch, capsys)


def lacking(name: str) -> Callable[[dict[str, bytes]], object]:
    return lambda members: [members.pop(each) for each in list(members) if each.startswith(name)]


def changed(name: str, to: bytes) -> Callable[[dict[str, bytes]], object]:
    return lambda members: members.update({name: to})


@pytest.mark.parametrize(
    "change",
    [
        lacking("digitbot.db"),
        lacking("models/current"),
        lacking("contents.json"),
        changed("digitbot.db", b"something else"),
        changed("contents.json", b"[]"),
        changed("contents.json", b'{"format": "digitbot backup 1", "sha256": {"digitbot.db": 1}}'),
        changed("contents.json", b'{"format": "digitbot backup 2", "sha256": {}}'),
        changed("contents.json", b'{"format": "digitbot backup 1", "sha256": ["digitbot.db"]}'),
        changed("contents.json", b'{"format": ["digitbot backup 1"], "sha256": {"digitbot.db": null}}'),
        changed("contents.json", b"[" * 200_000),
        changed("contents.json", b"\xff" * 2_000_000),
    ],
)
def test_what_is_not_as_its_list_says_is_refused(
    backup: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[dict[str, bytes]], object],
) -> None:
    spoilt(backup, change)
    refused(monkeypatch, capsys)


def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], why: str = "no whole backup") -> None:
    """In one sentence, and nothing is there that wasn't."""
    capsys.readouterr()
    monkeypatch.setenv("DATA_DIR", "untouched")
    assert main(["restore", "kept.zip"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("digitbot: ")
    assert why in error
    assert error.count("\n") == 1
    assert not Path("untouched").exists()


@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_spoilt_backup_is_restored(
    backup: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], data: st.DataObject
) -> None:
    """Cut off anywhere, or with a byte changed: refused, unless the byte means nothing (a date in a header)."""
    whole = backup.read_bytes()
    spoil = bytearray(whole)
    if data.draw(st.booleans()):
        del spoil[data.draw(st.integers(0, len(spoil) - 1)) :]
    else:
        spoil[data.draw(st.integers(0, len(spoil) - 1))] ^= data.draw(st.integers(1, 255))
    backup.write_bytes(spoil)
    try:
        monkeypatch.setenv("DATA_DIR", "untouched")
        if main(["restore", "kept.zip"]) == 0:
            assert len(spoil) == len(whole)
            assert people(Path("untouched")) == [7]
            assert len(local_store(Path("untouched/models")).versions()) == 2
        else:
            assert not Path("untouched").exists()
            assert capsys.readouterr().err.count("\n") == 1
    finally:
        backup.write_bytes(whole)
        shutil.rmtree("untouched", ignore_errors=True)


def test_other_files_are_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("holiday.jpg", b"sea")
    for content in (b"", b"no zip at all" * 100, buffer.getvalue()):
        Path("kept.zip").write_bytes(content)
        refused(monkeypatch, capsys)
    Path("kept.zip").unlink()
    refused(monkeypatch, capsys, "kept.zip: No such file or directory. Nothing was restored.")
    Path("kept.zip").mkdir()
    refused(monkeypatch, capsys, "kept.zip: Is a directory. Nothing was restored.")


def test_only_a_backup_is_written_over(backup: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("thesis.odt").write_text("years of work")
    assert main(["backup", "thesis.odt"]) == 1
    assert capsys.readouterr().err == "digitbot: thesis.odt is there already, and is no backup. Give another name.\n"
    assert Path("thesis.odt").read_text() == "years of work"
    assert main(["backup", "no/folder/kept.zip"]) == 1
    assert "no/folder/kept.zip can't be written: No such file or directory." in capsys.readouterr().err
    assert {path.name for path in Path().iterdir()} == {"here", "made", "kept.zip", "thesis.odt"}


def test_without_data_there_is_nothing_to_back_up(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backup", "kept.zip"]) == 1
    assert capsys.readouterr().err.startswith("digitbot: There is nothing to back up yet: ")
    assert not list(Path().iterdir())
    Path("here").mkdir()
    Path("here/digitbot.db").touch()  # a start that failed
    assert main(["backup", "kept.zip"]) == 1
    assert not Path("kept.zip").exists()


def test_a_damaged_database_is_told_and_the_last_backup_stays(backup: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, damaged = backup.read_bytes(), bytearray(Path("here/digitbot.db").read_bytes())
    damaged[8192:] = b"\x55" * (len(damaged) - 8192)
    Path("here/digitbot.db").write_bytes(damaged)
    assert main(["backup", "kept.zip"]) == 1
    assert "digitbot: The database here/digitbot.db can't be used: " in capsys.readouterr().err
    assert backup.read_bytes() == before


def test_a_backup_of_a_newer_program_is_told(
    backup: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect("here/digitbot.db")) as db, db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    assert main(["backup", "kept.zip"]) == 0
    monkeypatch.setenv("DATA_DIR", "other")
    keep(Path("other"), person=8)
    assert main(["restore", "kept.zip", "--replace"]) == 1
    assert "was made by a newer digitbot (schema 9999" in capsys.readouterr().err
    assert people(Path("other")) == [8]
    assert {path.name for path in Path("other").iterdir()} <= LEFT


@pytest.mark.parametrize(
    "deeds",
    [
        ["DROP TABLE corrections"],
        ["ALTER TABLE people DROP COLUMN agreed"],
        ["UPDATE alembic_version SET version_num = '0001'"],
        ["DROP TABLE alembic_version", "CREATE TABLE alembic_version AS SELECT NULL AS version_num"],
        ["CREATE TRIGGER t AFTER INSERT ON corrections BEGIN UPDATE corrections SET status = 'accepted'; END"],
        ["CREATE VIEW v AS SELECT * FROM people"],
    ],
)
def test_a_database_of_another_shape_is_refused(
    backup: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], deeds: list[str]
) -> None:
    with closing(sqlite3.connect("here/digitbot.db")) as db, db:
        for deed in deeds:
            db.execute(deed)
    assert main(["backup", "kept.zip"]) == 0
    monkeypatch.setenv("DATA_DIR", "other")
    keep(Path("other"), person=8)
    capsys.readouterr()
    assert main(["restore", "kept.zip", "--replace"]) == 1
    said = capsys.readouterr().err
    assert "no whole backup" in said
    assert said.count("\n") == 1
    assert people(Path("other")) == [8]
    assert {path.name for path in Path("other").iterdir()} <= LEFT


def test_what_cannot_be_put_in_place_leaves_all_as_it_was(
    backup: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATA_DIR", "other")
    keep(Path("other"), person=8)
    Path("other/models/versions").mkdir(parents=True)
    real, moved = Path.replace, []

    def full(self: Path, target: Path) -> Path:
        moved.append(self)
        if self.name == "digitbot.db" and self.parent.name.startswith(WORK):  # the last move
            raise OSError(28, "No space left on device")
        return real(self, target)

    with monkeypatch.context() as at_the_end:
        at_the_end.setattr(Path, "replace", full)
        assert main(["restore", "kept.zip", "--replace"]) == 1
    assert "No space left on device. Nothing was restored." in capsys.readouterr().err
    assert len(moved) > 3
    assert people(Path("other")) == [8]
    assert local_store(Path("other/models")).serving().shipped
    assert {path.name for path in Path("other").iterdir()} <= LEFT


DYING = """
import os, signal, sys
from pathlib import Path
from bot.__main__ import main

moves, replace = iter(range(int(sys.argv[1]))), Path.replace
def deadly(self, target):
    if next(moves, None) is None:
        os.kill(os.getpid(), signal.SIGKILL)
    return replace(self, target)
Path.replace = deadly
main(["restore", "kept.zip", "--replace"])
"""


@pytest.mark.parametrize("moves", range(4))
def test_no_bot_starts_on_half_a_restore(backup: Path, monkeypatch: pytest.MonkeyPatch, moves: int) -> None:
    """Killed after so many moves; done again, it is whole, and the old data are still there."""
    monkeypatch.setenv("DATA_DIR", "other")
    keep(Path("other"), person=8)
    Path("other/models").mkdir()
    assert subprocess.run([sys.executable, "-c", DYING, str(moves)]).returncode == -signal.SIGKILL
    with pytest.raises(DatabaseError, match="was interrupted"), Settings.load().database.prepared():
        pass
    assert main(["restore", "kept.zip", "--replace"]) == 0
    with Settings.load().database.prepared():
        assert people(Path("other")) == [7]
    assert len(local_store(Path("other/models")).versions()) == 2
    assert [people(file.parent) for file in Path("other").glob("before-restore-*/digitbot.db")] == [[8]]
    left = {path.name for path in Path("other").iterdir() if not path.name.startswith("before-restore-")}
    assert left <= LEFT


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_postgresql_has_commands_of_its_own(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:canary@db.example/digits")
    assert main([command, "kept.zip"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("digitbot: Everything is kept in PostgreSQL (db.example/digits), ")
    assert "pg_dump and pg_restore" in error
    assert "canary" not in error
    assert not list(Path().iterdir())


def test_no_room_for_the_backup_is_told_of_its_own_disk(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(Path("here"), person=7)

    class Cramped(sqlite3.Connection):
        """Where the copy would go, there is no room."""

        def execute(self, sql: str, *arguments: Any) -> sqlite3.Cursor:
            if sql.startswith("VACUUM INTO"):
                error = sqlite3.OperationalError("database or disk is full")
                error.sqlite_errorcode = sqlite3.SQLITE_FULL
                raise error
            return super().execute(sql, *arguments)

    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Cramped))
    assert main(["backup", "kept.zip"]) == 1
    assert capsys.readouterr().err == "digitbot: kept.zip can't be written: No space left on device.\n"
    assert [path.name for path in Path().iterdir()] == ["here"]


def test_the_commands_that_are_named_for_postgresql_bring_everything_back() -> None:
    lines = [line for line in OPERATING.read_text("utf-8").splitlines() if re.match("pg_(dump|restore) ", line)]

    async def agreed(url: str, *people: int) -> list[bool]:
        async with store_in(Database(url)) as store:
            for person in people:
                await store.agree(person)
            return [await store.has_agreed(person) for person in (7, 8)]

    with new_database() as url:
        dump, restore = [shlex.split(re.sub(r"postgresql://\S+", url, line)) for line in lines]
        folder = programs()
        assert folder
        assert asyncio.run(agreed(url, 7)) == [True, False]
        subprocess.run([folder / dump[0], *dump[1:]], check=True)
        assert asyncio.run(agreed(url, 8)) == [True, True]
        subprocess.run([folder / restore[0], *restore[1:]], check=True)
        assert asyncio.run(agreed(url)) == [True, False]
        with Database(url).prepared():
            pass
