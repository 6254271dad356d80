"""Versions in a running bot, on both databases: what is promoted reads everywhere, and nothing needed is deleted."""

import os
import signal
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest

from bot.learning.version_store import version_store
from bot.learning.versions import Versions
from bot.readers.pool import Readers
from bot.storage.database import Database
from model.versions.store import local_store
from model.versions.version import PRETRAINED, VersionError, read_version, shipped_name
from tests.pictures import photo
from tests.postgres import cluster, new_database
from tests.reader_process import reader_pids
from tests.versions import a_dud, a_twin
from tests.waiting import until

SHIPPED = shipped_name()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        yield Database(f"sqlite:///{tmp_path}/digitbot.db")
    else:
        with new_database() as url:
            yield Database(url)


@asynccontextmanager
async def at_work(database: Database, models: Path, keep: int = 10) -> AsyncIterator[tuple[Versions, Readers]]:
    with version_store(database, models) as store:
        async with (
            Readers(1, store.serving().folder, models) as readers,
            Versions(store, readers, keep) as versions,
        ):
            yield versions, readers


async def read_by(readers: Readers) -> str:
    return (await readers.read(photo("7"))).reading.model


async def names(versions: Versions) -> list[str]:
    return [each.name for each in await versions.listed()]


async def test_what_is_promoted_reads_at_once_and_is_rolled_back(database: Database, tmp_path: Path) -> None:
    made = a_twin(tmp_path / "made", parent=SHIPPED, corrections=[1, 2])
    async with at_work(database, tmp_path / "models") as (versions, readers):
        assert await names(versions) == [SHIPPED]
        first, second = [await versions.add(made) for _ in range(2)]
        assert (await versions.serving()).folder == PRETRAINED
        await versions.promote(first)
        assert await read_by(readers) == first
        assert [each.name for each in await versions.listed() if each.serves] == [first]
        assert (await versions.serving()).card["corrections"] == [1, 2]
        await versions.promote(second)
        assert await versions.roll_back(expected=second) == first
        assert await read_by(readers) == first
        with pytest.raises(VersionError, match="doesn't serve any more"):
            await versions.roll_back(expected=second)
        assert await versions.roll_back() == SHIPPED
        assert await read_by(readers) == SHIPPED
        with pytest.raises(VersionError, match="nothing to roll back"):
            await versions.roll_back()
        assert await names(versions) == [SHIPPED, first, second]


async def test_what_is_promoted_elsewhere_reads_here(database: Database, tmp_path: Path) -> None:
    with version_store(database, tmp_path / "models") as elsewhere:
        async with at_work(database, tmp_path / "models") as (versions, readers):
            name = elsewhere.add(a_twin(tmp_path / "made")).name
            elsewhere.promote(name)
            await until(lambda: readers.model.name == name)
            assert await read_by(readers) == name
            elsewhere.roll_back()
            await until(lambda: readers.model == PRETRAINED)
            assert name in await names(versions)


async def test_a_version_that_no_reader_can_load_is_refused_and_the_one_before_goes_on(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with at_work(database, tmp_path / "models") as (versions, readers):
        good = await versions.add(a_twin(tmp_path / "made"))
        dud = await versions.add(a_dud(tmp_path / "dud"))
        await versions.promote(good)
        with pytest.raises(VersionError, match="can't be loaded"):
            await versions.promote(dud)
        assert (await versions.serving()).name == good
        assert "The version before goes on" not in caplog.text
        with version_store(database, tmp_path / "models") as elsewhere:
            elsewhere.promote(dud)  # by somebody who doesn't look
        await until(lambda: "The version before goes on" in caplog.text)
        assert await read_by(readers) == good
        assert await versions.roll_back() == good
        assert await read_by(readers) == good


@pytest.mark.parametrize("name", ["", "..", "../made", "/etc/passwd", "2026.11-9999", "2026.11-1\n", "made"])
def test_a_name_that_nobody_gave_is_refused(database: Database, tmp_path: Path, name: str) -> None:
    a_twin(tmp_path / "models" / "made")
    with version_store(database, tmp_path / "models") as store:
        with pytest.raises(VersionError):
            store.named(name)
        with pytest.raises(VersionError):
            store.promote(name)
        assert store.serving().folder == PRETRAINED


def test_what_is_no_whole_version_is_not_added(database: Database, tmp_path: Path) -> None:
    (a_twin(tmp_path / "made") / "model.tflite").write_bytes(b"half")
    with version_store(database, tmp_path / "models") as store:
        with pytest.raises(VersionError, match="no whole version"):
            store.add(tmp_path / "made")
        assert [each.name for each in store.versions()] == [SHIPPED]


def test_versions_added_and_promoted_at_once_are_all_there(database: Database, tmp_path: Path) -> None:
    made = a_twin(tmp_path / "made")
    with (
        version_store(database, tmp_path / "models") as one,
        version_store(database, tmp_path / "models") as other,
        ThreadPoolExecutor(20) as threads,
    ):
        adding = [threads.submit(store.add, made) for store in (one, other) for _ in range(4)]
        added = [each.result().name for each in adding]
        assert len(set(added)) == 8
        changes = [threads.submit(store.promote, name) for store in (one, other) for name in added]
        pruning = [threads.submit(store.prune, 2) for store in (one, other)]
        wait(changes)  # some were pruned before
        wait(pruning)
        listed = one.versions()
        assert other.versions() == listed
        serving = one.serving().name
        assert [each.name for each in listed if each.serves] == [serving]
        seen = {serving}
        for _ in range(20):
            try:
                seen.add(other.roll_back())
            except VersionError:
                break
            assert one.serving().name in seen
        assert one.serving().name == SHIPPED


async def test_old_versions_are_pruned_but_none_that_is_needed(database: Database, tmp_path: Path) -> None:
    async with at_work(database, tmp_path / "models", keep=2) as (versions, readers):
        parent = await versions.add(a_twin(tmp_path / "made"))
        child = await versions.add(a_twin(tmp_path / "child", parent=parent))
        await versions.promote(child)
        before = await versions.add(tmp_path / "made")
        await versions.promote(before)
        await versions.promote(child)
        newer = [await versions.add(tmp_path / "made") for _ in range(4)]
        assert await names(versions) == [SHIPPED, parent, child, before, *newer[-2:]]
        assert await read_by(readers) == child
        await versions.promote(newer[-1])
        newest = await versions.add(tmp_path / "made")  # now a rollback leads to the child
        assert await names(versions) == [SHIPPED, child, newer[-1], newest]
        with pytest.raises(VersionError):
            await versions.promote(parent)
        assert await versions.roll_back() == child
        assert await versions.roll_back() == SHIPPED  # the one promoted before the child is gone


async def test_pruning_is_done_at_the_start(database: Database, tmp_path: Path) -> None:
    made = a_twin(tmp_path / "made")
    with version_store(database, tmp_path / "models") as store:
        added = [store.add(made).name for _ in range(4)]
    async with at_work(database, tmp_path / "models", keep=3) as (versions, _):
        assert await names(versions) == [SHIPPED, *added[1:]]


async def test_a_reader_that_is_replaced_begins_with_the_version_that_serves(
    database: Database, tmp_path: Path
) -> None:
    async with at_work(database, tmp_path / "models", keep=2) as (versions, readers):
        for n in range(4):  # the first ones are pruned
            await versions.promote(name := await versions.add(a_twin(tmp_path / str(n))))
        (reader,) = reader_pids()
        os.kill(reader, signal.SIGKILL)
        assert await read_by(readers) == name


@pytest.fixture
def postgres() -> Iterator[Database]:
    with new_database() as url:
        yield Database(url)


def test_a_bot_fetches_what_it_needs_whole(postgres: Database, tmp_path: Path) -> None:
    with version_store(postgres, tmp_path / "one") as one, version_store(postgres, tmp_path / "other") as other:
        name = one.add(a_twin(tmp_path / "made", corrections=[3])).name
        one.promote(name)
        fetched = other.serving()
        assert fetched.folder.is_relative_to(tmp_path / "other")
        assert read_version(fetched.folder) == fetched
        assert fetched.card["corrections"] == [3]
        (fetched.folder / "model.tflite").write_bytes(b"damaged on this disk")
        assert other.serving() == fetched
        assert read_version(fetched.folder)


def test_a_cached_version_of_another_database_is_not_taken_for_this_ones(postgres: Database, tmp_path: Path) -> None:
    with new_database() as url, version_store(Database(url), tmp_path / "models") as another:
        another.named(name := another.add(a_twin(tmp_path / "made", corrections=[1])).name)
    with version_store(postgres, tmp_path / "models") as store:
        assert store.add(a_twin(tmp_path / "other", corrections=[2])).name == name
        assert store.named(name).card["corrections"] == [2]


def test_a_version_damaged_in_the_database_is_passed_over(
    postgres: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with version_store(postgres, tmp_path / "models") as store:
        good, bad = [store.add(a_twin(tmp_path / str(n))).name for n in range(2)]
        store.promote(good)
        store.promote(bad)
        with psycopg.connect(postgres.url) as connection:
            connection.execute("UPDATE versions SET tflite = 'half' WHERE name = %s", (bad,))
        with pytest.raises(VersionError, match="no whole version"):
            store.named(bad)
        assert store.serving().name == good
        assert f"Version {bad} was promoted, and is passed over" in caplog.text
        assert not list((tmp_path / "models").rglob(f"*{bad}*"))


def test_a_pruned_version_leaves_every_bots_folder(postgres: Database, tmp_path: Path) -> None:
    made = a_twin(tmp_path / "made")
    own = local_store(tmp_path / "other").add(made).name  # trained on that machine: not the bots' to delete
    with version_store(postgres, tmp_path / "one") as one, version_store(postgres, tmp_path / "other") as other:
        added = [one.add(made).name for _ in range(3)]
        for name in added:
            other.named(name)
        assert one.prune(2) == added[:1]
        assert other.prune(2) == []
        folders = sorted(path.name for path in (tmp_path / "other" / "shared" / "versions").iterdir())
        assert folders == added[1:]
        assert local_store(tmp_path / "other").find(own)


async def test_a_database_out_of_reach_stops_no_reading(
    postgres: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with at_work(postgres, tmp_path / "models") as (versions, readers):
        made = await versions.add(a_twin(tmp_path / "made"))
        cluster().stop("immediate")
        try:
            await until(lambda: "can't be looked up for now" in caplog.text)
            assert await read_by(readers) == SHIPPED
        finally:
            cluster().start()
        with version_store(postgres, tmp_path / "elsewhere") as elsewhere:
            elsewhere.promote(made)
        await until(lambda: readers.model.name == made)
