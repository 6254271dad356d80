"""What every group of tests shares: the same examples in every run, a running bot, an empty database."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from hypothesis import settings

if TYPE_CHECKING:  # the fixtures import what they need: most unit tests need neither bot nor database
    from tests.running import Running

settings.load_profile("ci")  # no chance, no time limits: a failure elsewhere is a failure here

# Where several processes share the tests (`make test`), file by file, these come first: no process has a long one left
# at the end. One process alone goes from the fast groups to the slow ones.
LONG = (
    "test_fine_tuning.py",
    "test_training.py",
    "test_bot_benches.py",
    "test_learning_benches.py",
    "test_killed_training.py",
    "test_retrain.py",
    "test_crash.py",
    "test_page_script.py",
    "test_no_english.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    order = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: order.get(item.path.name, len(LONG)))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> "AsyncIterator[Running]":
    """One running bot for all tests of a module: each test brings persons of its own."""
    from tests.running import running_bot

    async with running_bot() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database, of either kind."""
    from tests.postgres import new_database

    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/digitbot.db"
    else:
        with new_database() as url:
            yield url
