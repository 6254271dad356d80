"""Which of several bots asks Telegram for updates: the one that holds an advisory lock, which dies with it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg

from bot.storage.database import Lock
from bot.storage.postgres import Connection, connected

TURN = 1.0  # seconds between two tries to get the lock, and between two looks whether it is still there
ALIVE = 3.0  # seconds for a look


class Leader:
    """Whether this bot leads, in what `lock` stands for."""

    def __init__(self, url: str, lock: Lock) -> None:
        self._url = url
        self._lock = lock
        self._connection: Connection | None = None

    async def gained(self) -> None:
        """Return when this bot leads."""
        while not await self.take():  # noqa: ASYNC110 (a database is asked)
            await asyncio.sleep(TURN)

    async def lost(self) -> None:
        """Return when this bot may lead no longer: the connection with the lock is broken."""
        while await self._holds():  # noqa: ASYNC110
            await asyncio.sleep(TURN)

    async def take(self) -> bool:
        """Whether this bot leads from now on; it didn't before."""
        try:
            async with asyncio.timeout(ALIVE * 2):
                self._connection = self._connection or await connected(self._url)
                found = await self._connection.execute("SELECT pg_try_advisory_lock(%s)", (self._lock,))
                return bool((await found.fetchone() or (False,))[0])
        except (psycopg.Error, TimeoutError):
            await self.give_up()
            return False

    async def _holds(self) -> bool:
        try:
            async with asyncio.timeout(ALIVE):
                await self._connection.execute("SELECT 1")  # type: ignore[union-attr]
        except (psycopg.Error, TimeoutError):
            return False
        return True

    async def give_up(self) -> None:
        """Lead no longer."""
        if self._connection:
            await self._connection.close()
            self._connection = None


@asynccontextmanager
async def leadership(url: str) -> AsyncIterator[Leader]:
    """Among the bots on this database one leads, and gives it up when the block ends."""
    leader = Leader(url, Lock.UPDATES)
    try:
        yield leader
    finally:
        await leader.give_up()
