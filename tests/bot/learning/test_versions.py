"""Versions in a running bot, on both databases: what is promoted reads everywhere, and nothing needed is deleted."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest

from bot.learning.shelf import shelf_in
from bot.learning.versions import Versions
from bot.readers.pool import Readers
from bot.storage.database import Database
from model.versions.registry import PRETRAINED, Registry, VersionError, read_version, shipped_name
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
    async with (
        shelf_in(database, models) as shelf,
        Readers(1, (await shelf.serving()).folder, models) as readers,
        Versions(shelf, readers, keep) as versions,
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
    async with (
        at_work(database, tmp_path / "models") as (versions, readers),
        shelf_in(database, tmp_path / "models") as elsewhere,
    ):
        name = await elsewhere.add(a_twin(tmp_path / "made"))
        await elsewhere.promote(name)
        await until(lambda: readers.model.name == name)
        assert await read_by(readers) == name
        await elsewhere.roll_back()
        await until(lambda: readers.model == PRETRAINED)
        assert name in await names(versions)


async def test_a_version_that_no_reader_can_load_is_refused_and_the_one_before_goes_on(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        at_work(database, tmp_path / "models") as (versions, readers),
        shelf_in(database, tmp_path / "models") as elsewhere,
    ):
        good = await versions.add(a_twin(tmp_path / "made"))
        dud = await versions.add(a_dud(tmp_path / "dud"))
        await versions.promote(good)
        with pytest.raises(VersionError, match="can't be loaded"):
            await versions.promote(dud)
        assert (await versions.serving()).name == good
        assert "The version before goes on" not in caplog.text
        await elsewhere.promote(dud)  # by somebody who doesn't look
        await until(lambda: "The version before goes on" in caplog.text)
        assert await read_by(readers) == good
        assert await versions.roll_back() == good
        assert await read_by(readers) == good


@pytest.mark.parametrize("name", ["", "..", "../made", "/etc/passwd", "2026.11-9999", "2026.11-1\n", "made"])
async def test_a_name_that_nobody_gave_is_refused(database: Database, tmp_path: Path, name: str) -> None:
    a_twin(tmp_path / "models" / "made")
    async with shelf_in(database, tmp_path / "models") as shelf:
        with pytest.raises(VersionError):
            await shelf.fetch(name)
        with pytest.raises(VersionError):
            await shelf.promote(name)
        assert (await shelf.serving()).folder == PRETRAINED


async def test_what_is_no_whole_version_is_not_added(database: Database, tmp_path: Path) -> None:
    (a_twin(tmp_path / "made") / "model.tflite").write_bytes(b"half")
    async with shelf_in(database, tmp_path / "models") as shelf:
        with pytest.raises(VersionError, match="no whole version"):
            await shelf.add(tmp_path / "made")
        assert [each.name for each in await shelf.listed()] == [SHIPPED]


async def test_versions_added_and_promoted_at_once_are_all_there(database: Database, tmp_path: Path) -> None:
    made = a_twin(tmp_path / "made")
    async with shelf_in(database, tmp_path / "models") as one, shelf_in(database, tmp_path / "models") as other:
        added = await asyncio.gather(*(shelf.add(made) for shelf in (one, other) for _ in range(4)))
        assert len(set(added)) == 8
        await asyncio.gather(
            *(shelf.promote(name) for shelf in (one, other) for name in added),
            *(shelf.prune(2) for shelf in (one, other)),
            return_exceptions=True,  # some were pruned before they were promoted
        )
        listed = await one.listed()
        assert await other.listed() == listed
        serving = (await one.serving()).name
        assert [each.name for each in listed if each.serves] == [serving]
        seen = {serving}
        for _ in range(20):
            try:
                seen.add(await other.roll_back())
            except VersionError:
                break
            assert (await one.serving()).name in seen
        assert (await one.serving()).name == SHIPPED


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
    async with shelf_in(database, tmp_path / "models") as shelf:
        added = [await shelf.add(made) for _ in range(4)]
    async with at_work(database, tmp_path / "models", keep=3) as (versions, _):
        assert await names(versions) == [SHIPPED, *added[1:]]


async def test_a_reader_that_is_replaced_begins_with_the_version_that_serves(
    database: Database, tmp_path: Path
) -> None:
    async with at_work(database, tmp_path / "models", keep=2) as (versions, readers):
        for n in range(4):  # the first ones are pruned
            await versions.promote(name := await versions.add(a_twin(tmp_path / str(n))))
        os.kill(*reader_pids(), signal.SIGKILL)
        assert await read_by(readers) == name


@pytest.fixture
def postgres() -> Iterator[Database]:
    with new_database() as url:
        yield Database(url)


async def test_a_bot_fetches_what_it_needs_whole(postgres: Database, tmp_path: Path) -> None:
    async with shelf_in(postgres, tmp_path / "one") as one, shelf_in(postgres, tmp_path / "other") as other:
        name = await one.add(a_twin(tmp_path / "made", corrections=[3]))
        await one.promote(name)
        fetched = await other.serving()
        assert fetched.folder.is_relative_to(tmp_path / "other")
        assert read_version(fetched.folder) == fetched
        assert fetched.card["corrections"] == [3]
        (fetched.folder / "model.tflite").write_bytes(b"damaged on this disk")
        assert await other.serving() == fetched
        assert read_version(fetched.folder)


async def test_a_cached_version_of_another_database_is_not_taken_for_this_ones(
    postgres: Database, tmp_path: Path
) -> None:
    with new_database() as url:
        async with shelf_in(Database(url), tmp_path / "models") as another:
            await another.fetch(name := await another.add(a_twin(tmp_path / "made", corrections=[1])))
    async with shelf_in(postgres, tmp_path / "models") as shelf:
        assert await shelf.add(a_twin(tmp_path / "other", corrections=[2])) == name
        assert (await shelf.fetch(name)).card["corrections"] == [2]


async def test_a_version_damaged_in_the_database_is_passed_over(
    postgres: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with shelf_in(postgres, tmp_path / "models") as shelf:
        good, bad = [await shelf.add(a_twin(tmp_path / str(n))) for n in range(2)]
        await shelf.promote(good)
        await shelf.promote(bad)
        with psycopg.connect(postgres.url) as connection:
            connection.execute("UPDATE versions SET tflite = 'half' WHERE name = %s", (bad,))
        with pytest.raises(VersionError, match="no whole version"):
            await shelf.fetch(bad)
        assert (await shelf.serving()).name == good
        assert f"Version {bad} was promoted, and is passed over" in caplog.text
        assert not list((tmp_path / "models").rglob(f"*{bad}*"))


async def test_a_pruned_version_leaves_every_bots_folder(postgres: Database, tmp_path: Path) -> None:
    made = a_twin(tmp_path / "made")
    own = Registry(tmp_path / "other").add(made).name  # trained on that machine: not the bots' to delete
    async with shelf_in(postgres, tmp_path / "one") as one, shelf_in(postgres, tmp_path / "other") as other:
        added = [await one.add(made) for _ in range(3)]
        for name in added:
            await other.fetch(name)
        assert await one.prune(2) == added[:1]
        assert await other.prune(2) == []
        folders = sorted(path.name for path in (tmp_path / "other" / "shared" / "versions").iterdir())
        assert folders == added[1:]
        assert Registry(tmp_path / "other").find(own)


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
        async with shelf_in(postgres, tmp_path / "elsewhere") as elsewhere:
            await elsewhere.promote(made)
        await until(lambda: readers.model.name == made)
