"""Versions in a running bot, on both databases: what is promoted anywhere reads everywhere; nothing needed is deleted."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.database import Database
from bot.reading import Readers
from bot.shelf import Shelf, shelf_in
from bot.versions import Versions
from model.registry import PRETRAINED, VersionError, read_version, shipped_name
from tests.pictures import photo
from tests.postgres import new_database
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
async def at_work(database: Database, models: Path, keep: int = 10) -> AsyncIterator[tuple[Versions, Readers, Shelf]]:
    async with shelf_in(database, models) as shelf, Readers(1, (await shelf.serving()).folder) as readers:
        async with Versions(shelf, readers, keep) as versions:
            yield versions, readers, shelf


async def read_by(readers: Readers) -> str:
    return (await readers.read(photo("7"))).reading.model


async def names(versions: Versions) -> list[str]:
    return [each.name for each in await versions.listed()]


async def test_what_is_promoted_reads_at_once_and_is_rolled_back(database: Database, tmp_path: Path) -> None:
    made = a_twin(tmp_path / "made", parent=SHIPPED, corrections=[1, 2])
    async with at_work(database, tmp_path / "models") as (versions, readers, _):
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
