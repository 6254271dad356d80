"""Readers: what a photo that kills, hangs or bloats its reader does to its sender and to everybody else."""

import asyncio
import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.readers import pool
from bot.readers.pool import ReaderFailed, Readers, TooSlow
from model.reading.result import NotAPicture
from model.versions.version import PRETRAINED, shipped_name
from tests.pictures import photo, slow_picture
from tests.reader_process import address_space, needs_proc, parent_of, reader_in_mid_photo, reader_pids
from tests.versions import a_dud, a_twin
from tests.waiting import PATIENCE, until


async def test_a_photo_is_read_in_another_process() -> None:
    async with Readers(1, PRETRAINED) as readers:
        outcome = await readers.read(photo("7"))
    assert outcome.reading.text == "7"
    assert outcome.drawing is None


async def test_several_digits_come_with_a_drawing() -> None:
    async with Readers(1, PRETRAINED) as readers:
        outcome = await readers.read(photo("42", "17"))
    assert outcome.reading.text == "42\n17"
    assert outcome.drawing is not None
    assert outcome.drawing.startswith(b"\xff\xd8")


async def test_what_is_no_picture_is_told_as_the_reader_told_it() -> None:
    async with Readers(1, PRETRAINED) as readers:
        with pytest.raises(NotAPicture):
            await readers.read(b"no picture")


@needs_proc
async def test_a_reader_leaves_the_bot_the_first_go_at_a_core() -> None:
    async with Readers(1, PRETRAINED):
        [reader] = reader_pids()
        assert os.getpriority(os.PRIO_PROCESS, reader) > os.getpriority(os.PRIO_PROCESS, os.getpid())


@needs_proc
async def test_a_reader_killed_in_mid_photo_costs_that_photo_alone() -> None:
    async with Readers(1, PRETRAINED) as readers:
        unlucky = asyncio.create_task(readers.read(slow_picture()))
        killed = await reader_in_mid_photo()
        os.kill(killed, signal.SIGKILL)
        with pytest.raises(ReaderFailed, match="died"):
            await unlucky
        assert (await readers.read(photo("3"))).reading.text == "3"
        assert killed not in reader_pids()


@needs_proc
async def test_a_reader_killed_while_idle_costs_nothing() -> None:
    async with Readers(1, PRETRAINED) as readers:
        [idle] = reader_pids()
        os.kill(idle, signal.SIGKILL)
        assert (await readers.read(photo("3"))).reading.text == "3"


@needs_proc
async def test_a_reader_that_hangs_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "TIME_LIMIT", 1)
    async with Readers(1, PRETRAINED) as readers:
        unlucky = asyncio.create_task(readers.read(slow_picture()))
        await reader_in_mid_photo()
        with pytest.raises(TooSlow, match="took longer than"):
            await unlucky
        monkeypatch.setattr(pool, "TIME_LIMIT", 10)
        assert (await readers.read(photo("3"))).reading.text == "3"


@needs_proc
async def test_a_photo_that_wants_too_much_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "MEMORY_LIMIT", 40_000_000)
    async with Readers(1, PRETRAINED) as readers:
        with pytest.raises(ReaderFailed, match="ran out of memory"):
            await readers.read(slow_picture())
        assert (await readers.read(photo("3"))).reading.text == "3"


async def test_a_model_that_cannot_be_loaded_is_told_at_the_start() -> None:
    with pytest.raises(ReaderFailed):
        async with Readers(1, PRETRAINED.parent / "nothing-here"):
            pass


@needs_proc
async def test_readers_that_die_as_they_start_are_not_up_until_one_starts(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    async with Readers(1, PRETRAINED) as readers:
        assert readers.up
        monkeypatch.setattr(pool, "MEMORY_LIMIT", None)
        monkeypatch.setattr(pool, "START_LIMIT", 10 * PATIENCE)  # several start, one after the other
        [idle] = reader_pids()
        os.kill(parent_of(idle), signal.SIGKILL)  # the next one's standard error is the one of now
        os.kill(idle, signal.SIGKILL)
        with pytest.raises(ReaderFailed, match="die as they start"):
            await readers.read(photo("3"))
        assert not readers.up
        assert "Error" in capfd.readouterr().err  # their own log says why
        monkeypatch.undo()
        await readers.read(photo("3"))
        assert readers.up


@needs_proc
async def test_when_what_readers_are_forks_of_dies_the_next_photo_is_read() -> None:
    async with Readers(2, PRETRAINED) as readers:
        [origin] = {parent_of(pid) for pid in reader_pids()}
        assert origin != os.getpid()
        os.kill(origin, signal.SIGKILL)
        assert (await readers.read(photo("3"))).reading.text == "3"
        assert (await readers.read(photo("7"))).reading.text == "7"
        assert len(reader_pids()) == 2
        assert origin not in {parent_of(pid) for pid in reader_pids()}


def test_where_a_library_ends_each_process_that_imports_it_the_start_fails(tmp_path: Path) -> None:
    """As one does that was built for another processor."""
    (tmp_path / "cv2.py").write_text("import os\nos.abort()")
    start = """
import asyncio
from bot.readers.pool import ReaderFailed, Readers
from model.versions.version import PRETRAINED

async def main():
    async with Readers(2, PRETRAINED):
        print("is ready")

if __name__ == "__main__":
    try:
        asyncio.run(main())
    except ReaderFailed as error:
        print(error)
"""
    found = subprocess.run(
        [sys.executable, "-c", start],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=10 * PATIENCE,
    )
    assert found.stdout == "readers die as they start; their own log says why\n", found.stderr


async def test_a_stream_of_photos_is_read_while_versions_change(tmp_path: Path) -> None:
    versions = [a_twin(tmp_path / f"2001.01-{n}") for n in range(8)]
    read: list[str] = []

    async def keep_sending(readers: Readers) -> None:
        while len(read) < 1000:
            outcome = await readers.read(photo("7"))
            assert outcome.reading.text == "7"
            read.append(outcome.reading.model)

    async with Readers(2, versions[0], tmp_path) as readers:
        senders = [asyncio.create_task(keep_sending(readers)) for _ in range(4)]
        for version in versions[1:]:
            before = len(read)
            await until(lambda before=before: len(read) > before + 10)  # type: ignore[misc]
            await readers.serve(version)
            assert (await readers.read(photo("3"))).reading.model == version.name
        for sender in senders:
            sender.cancel()
        ended = await asyncio.gather(*senders, return_exceptions=True)
    assert all(isinstance(each, asyncio.CancelledError) for each in ended)
    assert set(read) == {version.name for version in versions}


@needs_proc
async def test_what_is_being_read_is_finished_with_the_version_before(tmp_path: Path) -> None:
    version = a_twin(tmp_path / "2001.01-1")
    async with Readers(2, PRETRAINED, tmp_path) as readers:
        slow = asyncio.create_task(readers.read(slow_picture()))
        stopped = await reader_in_mid_photo()
        await readers.serve(version)
        assert (await readers.read(photo("7"))).reading.model == "2001.01-1"
        os.kill(stopped, signal.SIGCONT)
        assert (await slow).reading.model == shipped_name()


async def test_a_version_that_cannot_be_loaded_leaves_the_one_before(tmp_path: Path) -> None:
    async with Readers(1, PRETRAINED, tmp_path) as readers:
        for dud in (a_dud(tmp_path / "dud"), tmp_path / "nowhere"):
            with pytest.raises(ReaderFailed, match="can't be loaded"):
                await readers.serve(dud)
            assert readers.model == PRETRAINED
            assert (await readers.read(photo("7"))).reading.model == shipped_name()


@needs_proc
async def test_a_reader_grows_by_no_version_that_it_had(tmp_path: Path) -> None:
    async with Readers(1, PRETRAINED, tmp_path) as readers:
        [pid] = reader_pids()
        before = 0
        for n in range(60):
            await readers.serve(a_twin(tmp_path / str(n)))
            await readers.read(photo("7"))
            before = before or (address_space(pid) if n == 20 else 0)
        assert address_space(pid) - before < 20_000_000


async def test_no_reader_outlives_its_bot() -> None:
    async with Readers(2, PRETRAINED):
        assert len(reader_pids()) == 2
    assert reader_pids() == []


def test_failures_travel_between_processes() -> None:
    assert str(pickle.loads(pickle.dumps(ReaderFailed("why")))) == "why"
