"""Disks and databases on their bad days: one clear sentence, nothing lost, and the bot goes on by itself."""

import asyncio
import resource
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from bot.app import StartFailed
from bot.inbox import Claim, sqlite
from bot.learning import trainer
from bot.playground.faults import DOWNLOAD, Fault
from bot.playground.person import Person
from bot.playground.server import LocalServer
from bot.playground.wire import Json
from bot.storage import database as databases
from bot.storage import store
from tests.e2e.test_show import calls_of, digit_called
from tests.pictures import photo
from tests.postgres import cluster
from tests.process import digitbot, end_of
from tests.running import TOKEN, answer_to, quotes, running_bot, running_on, text_of
from tests.trainings import accept
from tests.waiting import PATIENCE, until

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
        async with away(running.bot.bot_data.settings.database.url):
            message = ann.send_photo(photo("3"))
            await asked_in_vain(running.server)
        assert (await answer_to(ann, message))["text"].startswith("3")


async def test_a_photo_that_arrives_just_after_the_inbox_could_not_be_read_is_answered_soon(
    logged: Callable[[str], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    claim, locked = sqlite.SqliteInbox.claim, True

    async def claim_unless_locked(self: sqlite.SqliteInbox, photos: bool) -> Claim | None:
        if locked:
            raise databases.DatabaseUnavailable("database is locked")
        return await claim(self, photos)

    monkeypatch.setattr(sqlite.SqliteInbox, "claim", claim_unless_locked)
    async with running_bot() as running:
        ann = running.person()
        await until(lambda: logged("The inbox can't be read for now"))
        locked = False
        assert (await answer_to(ann, ann.send_photo(photo("7"))))["text"].startswith("7")


async def test_a_database_locked_at_the_start_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "BUSY", 0.1)
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


ADMIN = 99


@asynccontextmanager
async def away(url: str) -> AsyncIterator[None]:
    """A database that can't be used during the block: locked by somebody else, or stopped."""
    if url.startswith("sqlite"):
        file = url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(file, isolation_level=None, timeout=PATIENCE, check_same_thread=False)) as other:
            await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")  # once who writes just now has ended
            yield
            other.execute("ROLLBACK")
        return
    await asyncio.to_thread(cluster().stop, "immediate")
    try:
        yield
    finally:
        await asyncio.to_thread(cluster().start)


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], bool]:
    """Whether the bot's log has said so; the bot waits for a locked file only for a moment."""
    for module in (sqlite, store):
        monkeypatch.setattr(module, "BUSY", 0.1)
    return lambda words: any(words in record.getMessage() for record in caplog.records)


def answers(person: Person, message: Json) -> list[str]:
    return [text_of(answer) for answer in person.messages() if quotes(answer, message)]


async def test_a_photo_in_work_when_the_database_goes_away_is_answered_once(
    database: str, logged: Callable[[str], bool]
) -> None:
    async with running_bot(database_url=database, admin_ids=str(ADMIN)) as running:
        ann, admin = running.person(), running.person(person_id=ADMIN)
        running.server.world.faults.add(Fault(delay=1), DOWNLOAD, times=1)
        in_work, following = ann.send_photo(photo("3")), ann.send_photo(photo("7"))
        await until(lambda: any(name == "getFile" for name, _ in running.server.world.calls))
        async with away(database):
            await until(lambda: logged("the update is tried again"))
        assert text_of(await answer_to(ann, following)).startswith("7")
        assert [each[:1] for each in answers(ann, in_work) + answers(ann, following)] == ["3", "7"]
        assert not any("error" in text_of(each) for each in admin.messages())


async def test_an_answer_in_flight_when_the_database_goes_away_is_sent_once_and_known_afterwards(
    tmp_path: Path, logged: Callable[[str], bool]
) -> None:
    database = f"sqlite:///{tmp_path}/digitbot.db"
    async with running_bot(database_url=database) as running:
        ann = running.person()
        running.server.world.faults.add(Fault(delay=1), "sendMessage", times=1)
        sent = ann.send_photo(photo("7"))
        await until(lambda: any(name == "sendMessage" for name, _ in running.server.world.calls))
        async with away(database):
            answer = await answer_to(ann, sent)
            await until(lambda: logged("can't be written down for now"))
        question = await answer_to(ann, ann.send_text("1", reply_to=answer["message_id"]))
        assert text_of(question).startswith("May I learn from this?")
        assert len(answers(ann, sent)) == 1


async def test_a_round_goes_on_after_the_database_was_away_and_calls_each_digit_once(
    database: str, logged: Callable[[str], bool]
) -> None:
    async with running_bot(database_url=database) as running:
        ann = running.person()
        ann.send_text("/demo read")
        call = await ann.wait_for(lambda message: "(1/3)" in text_of(message), PATIENCE)
        running.server.world.faults.add(Fault(delay=1), "sendMessage")
        before = calls_of(running, "sendMessage", ann.id)
        ann.send_photo(photo(digit_called(call), seed=3))
        await until(lambda: calls_of(running, "sendMessage", ann.id) > before)
        async with away(database):
            await ann.wait_for(lambda message: "(2/3)" in text_of(message), PATIENCE)
            await until(lambda: logged("can't be written down for now"))
        ann.send_text("/stop")
        await ann.wait_for(lambda message: "The round is over" in text_of(message), PATIENCE)
        said = [text_of(message) for message in ann.messages()]
        assert [sum(words in each for each in said) for words in ("(2/3)", "The round is over")] == [1, 1]


async def test_a_training_that_ends_while_the_database_is_away_is_reported(
    database: str, logged: Callable[[str], bool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, may_end = tmp_path / "began", tmp_path / "may-end"
    refuses = f"""import json, os, time
open({str(began)!r}, "w").close()
while not os.path.exists({str(may_end)!r}): time.sleep(0.05)
print(json.dumps({{"stage": "refused", "what": "mnist", "why": "it isn't here"}}))"""
    monkeypatch.setattr(trainer, "COMMAND", (sys.executable, "-c", refuses))
    async with running_bot(database_url=database, admin_ids=str(ADMIN)) as running:
        admin = running.person(person_id=ADMIN)
        await accept(running.bot.bot_data.store, 10)
        admin.send_text("/retrain")
        await admin.wait_for(lambda message: "Learning from corrections" in text_of(message), PATIENCE)
        await until(began.exists)
        async with away(database):
            may_end.touch()
            await until(lambda: logged("can't be written down for now"))
        await until(lambda: any("MNIST isn't here" in text_of(each) for each in admin.messages()))
        assert not any("interrupted" in text_of(each) for each in admin.messages())


@linux
async def test_a_photo_in_work_when_the_disk_gets_full_is_answered_once(tmp_path: Path) -> None:
    async with (
        LocalServer(token=TOKEN) as server,
        digitbot(tmp_path, "run", TELEGRAM_BOT_TOKEN=TOKEN, BOT_API_URL=server.url) as process,
    ):
        ann = server.world.person()
        await answer_to(ann, ann.send_photo(photo("7")))
        server.world.faults.add(Fault(delay=1), DOWNLOAD, times=1)
        in_work = ann.send_photo(photo("3"))
        await until(lambda: sum(name == "getFile" for name, _ in server.world.calls) == 2)
        _, most = resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        async with asyncio.timeout(PATIENCE):
            assert process.stderr
            while b"can't be written down for now" not in await process.stderr.readline():
                pass
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (most, most))
        assert (await answer_to(ann, in_work))["text"].startswith("3")
        assert len(answers(ann, in_work)) == 1
