"""Waiting for what another process or task does: for tests that can't be told when it has happened."""

import asyncio
from collections.abc import Callable

PATIENCE = 30  # seconds: things happen in a fraction of it, unless the machine is very busy


async def until(happened: Callable[[], bool]) -> None:
    """Return as soon as `happened()`; raises TimeoutError after PATIENCE."""
    async with asyncio.timeout(PATIENCE):
        while not happened():  # noqa: ASYNC110 (nothing here could set an event)
            await asyncio.sleep(0.005)
