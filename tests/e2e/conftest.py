"""One running bot for all tests of a module: each test brings persons of its own, so none sees another's chat."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.e2e.running import Running, running_bot


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[Running]:
    async with running_bot() as running:
        yield running
