"""Disks and databases on their bad days: one clear sentence, nothing lost, and the bot goes on by itself."""

import resource
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot.app import StartFailed
from bot.inbox import sqlite
from bot.playground.server import LocalServer
from bot.storage import database
from tests.e2e.process import digitbot, end_of
from tests.e2e.running import TOKEN, answer_to, running_bot, running_on
from tests.pictures import photo
from tests.waiting import until

linux = pytest.mark.skipif(sys.platform != "linux", reason="sets another process's limits")


async def asked_in_vain(server: LocalServer) -> None:
    """The bot asks for the same updates again and again, as it can't write them down."""
    polls = sum(name == "getUpdates" for name, _ in server.world.calls)
    await until(lambda: sum(name == "getUpdates" for name, _ in server.world.calls) > polls + 1)


@linux
async def test_while_the_disk_is_full_telegram_keeps_what_arrives(tmp_path: Path) -> None:
    async with (
        LocalServer(token=TOKEN) as server,
        digitbot(tmp_path, "run", TELEGRAM_BOT_TOKEN=TOKEN, BOT_API_URL=server.url) as process,
    ):
        ann = server.world.person()
        await answer_to(ann, ann.send_photo(photo("7")))
        _, most = resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        message = ann.send_photo(photo("3"))
        await asked_in_vain(server)
        assert len(server.world.updates) == 1
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (most, most))
        assert (await answer_to(ann, message))["text"].startswith("3")
        process.terminate()
        status, said = await end_of(process)
    assert status == 0
    assert "can't be written down, Telegram keeps it meanwhile" in said


async def test_a_locked_database_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY", 0.1)
    async with running_bot() as running:
        ann = running.person()
        await answer_to(ann, ann.send_photo(photo("7")))
        file = running.bot.bot_data.settings.database.file
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            message = ann.send_photo(photo("3"))
            await asked_in_vain(running.server)
            other.execute("COMMIT")
        assert (await answer_to(ann, message))["text"].startswith("3")


async def test_a_database_locked_at_the_start_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY", 0.1)
    file = tmp_path / "digitbot.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        async with LocalServer(token=TOKEN) as server:
            with pytest.raises(StartFailed, match=r"digitbot\.db can't be used: database is locked\. Mend that"):
                async with running_on(server, data_dir=tmp_path):
                    pass


@pytest.mark.parametrize("content", [b"no database at all " * 100, b""])
async def test_a_file_that_is_no_database_is_told_and_left_alone(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "digitbot.db"
    file.write_bytes(content)
    async with LocalServer(token=TOKEN) as server:
        if content:
            with pytest.raises(StartFailed, match="file is not a database"):
                async with running_on(server, data_dir=tmp_path):
                    pass
            assert file.read_bytes() == content
        else:
            async with running_on(server, data_dir=tmp_path):
                pass


async def test_a_database_of_a_newer_program_is_told_and_left_alone(tmp_path: Path) -> None:
    async with LocalServer(token=TOKEN) as server:
        async with running_on(server, data_dir=tmp_path):
            pass
        with closing(sqlite3.connect(tmp_path / "digitbot.db", isolation_level=None)) as db:
            db.execute("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(StartFailed, match="written by a newer digitbot"):
            async with running_on(server, data_dir=tmp_path):
                pass


async def test_a_folder_that_cannot_be_written_to_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    in_the_way = tmp_path / "a-file"
    in_the_way.touch()
    settings = {"TELEGRAM_BOT_TOKEN": TOKEN, "DATA_DIR": str(in_the_way / "data")}
    async with digitbot(tmp_path, "run", **settings) as process:
        status, said = await end_of(process)
    assert status == 1
    assert said.startswith("digitbot: The database ")
    assert said.rstrip().endswith("Mend that, or set DATA_DIR to another one.")
    assert "Traceback" not in said


async def test_what_waits_is_private_to_the_bots_user(tmp_path: Path) -> None:
    async with LocalServer(token=TOKEN) as server, running_on(server, data_dir=tmp_path / "data"):
        modes = {file.name: file.stat().st_mode & 0o077 for file in (tmp_path / "data").glob("digitbot.db*")}
    assert {"digitbot.db", "digitbot.db-wal"} <= modes.keys()
    assert not any(modes.values()), modes


async def test_a_database_damaged_behind_its_beginning_stops_the_start_with_the_way_on(tmp_path: Path) -> None:
    async with LocalServer(token=TOKEN) as server:
        async with running_on(server, data_dir=tmp_path):
            pass
        with (tmp_path / "digitbot.db").open("r+b") as file:
            file.seek(3 * 4096)
            file.write(b"\xa5" * 20 * 4096)
        with pytest.raises(StartFailed, match=r"malformed\. `digitbot doctor` tells more\.$"):
            async with running_on(server, data_dir=tmp_path):
                pass
