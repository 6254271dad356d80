"""What a reader knows and may do: nothing of the bot's secrets, no file but the model's, no socket."""

import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.readers import confinement
from bot.readers.pool import LIBRARIES, Readers, Workers
from model.versions.version import PRETRAINED
from tests.pictures import photo
from tests.reader_process import needs_proc, parent_of, reader_pids

needs_both = pytest.mark.skipif(bool(confinement.missing()), reason="needs Landlock and seccomp")


@needs_proc
async def test_a_readers_environment_has_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Readers(1, PRETRAINED) as readers:
        [reader] = reader_pids()
        os.kill(parent_of(reader), signal.SIGKILL)  # what readers are forks of begins anew, and knows what is set now
        os.kill(reader, signal.SIGKILL)
        monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "1:canary")
        monkeypatch.setenv("DATABASE_URL", "postgresql://canary")
        monkeypatch.setenv("SOMEBODYS_API_KEY", "canary")
        assert (await readers.read(photo("7"))).reading.text == "7"

        [reader] = reader_pids()
        for pid in (reader, parent_of(reader)):
            assert b"PATH=" in environment_of(pid)
            assert b"canary" not in environment_of(pid)
    assert os.environ["TELEGRAM_BOT_TOKEN"] == "1:canary"  # it is taken from nobody else


@needs_proc
async def test_a_reader_has_none_of_the_bots_open_files(tmp_path: Path) -> None:
    (tmp_path / "digitbot.db").touch()
    with (tmp_path / "digitbot.db").open(), socket.create_server(("127.0.0.1", 0)):
        async with Readers(1, PRETRAINED) as readers:
            await readers.read(photo("7"))
            [reader] = reader_pids()
            opened = opened_by(reader)
    assert "/dev/null" in opened
    assert [each for each in opened if not each.startswith(("pipe:", "/dev/null", str(PRETRAINED)))] == []


def environment_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


def opened_by(pid: int) -> set[str]:
    return {str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir()}


@pytest_asyncio.fixture
async def worker() -> AsyncIterator[Workers]:
    """A reader that can be asked for what is in this module."""
    workers = Workers(1, (*LIBRARIES, __name__), [PRETRAINED])
    yield workers
    await workers.stop()


@needs_both
async def test_a_reader_opens_no_file_but_the_models(worker: Workers, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("canary")
    bot = f"/proc/{os.getpid()}/environ"
    for other in (tmp_path / "secret", "/etc/hostname", bot, sys.executable, __file__):
        assert await worker.run(opens, str(other)) is False, other
    assert await worker.run(opens, str(PRETRAINED / "card.json")) is True


@needs_both
async def test_a_reader_writes_and_starts_nothing(worker: Workers, tmp_path: Path) -> None:
    assert await worker.run(opens, str(tmp_path / "new"), "wb") is False
    assert await worker.run(opens, str(PRETRAINED / "new"), "wb") is False
    assert await worker.run(starts, "/bin/true") is False


@needs_both
@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6, socket.AF_UNIX])
async def test_a_reader_opens_no_socket(family: int, worker: Workers) -> None:
    assert await worker.run(connects, family) is False


@pytest.mark.parametrize("lacking", [["Landlock"], ["Landlock", "seccomp"]])
async def test_where_readers_are_not_confined_the_log_says_so_once(
    lacking: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(confinement, "missing", lambda: lacking)
    caplog.set_level("INFO")
    async with Readers(2, PRETRAINED) as readers:
        await readers.read(photo("7"))
    assert [each.message for each in caplog.records if "readers may open" in each.message] == [
        f"There is no {' and no '.join(lacking)} here: readers may open what the bot may"
    ]


def opens(path: str, mode: str = "rb") -> bool:
    try:
        Path(path).open(mode).close()
    except PermissionError:
        return False
    return True


def starts(program: str) -> bool:
    try:
        os.posix_spawn(program, [program], {})
    except PermissionError:
        return False
    return True


def connects(family: int) -> bool:
    try:
        socket.socket(family).close()
    except PermissionError:
        return False
    return True
