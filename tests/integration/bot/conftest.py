"""A database of either kind with its schema, and the store in it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.storage.database import Database
from bot.storage.store import Store, store_in
from tests.postgres import new_database


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        known = Database(f"sqlite:///{tmp_path}/digitbot.db")
        with known.prepared():
            yield known
    else:
        with new_database() as url:
            yield Database(url)


@pytest_asyncio.fixture
async def store(database: Database) -> AsyncIterator[Store]:
    async with store_in(database) as store:
        yield store
