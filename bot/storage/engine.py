"""Connections to the database in which things are kept; what hinders them has one name."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Self

from sqlalchemy import exc
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage.database import BUSY, DatabaseUnavailable

ONLY_READS = "only_reads"  # an engine's option: it needn't wait for who writes
# What isn't the fault of who asks: locked, full, stopped, out of reach, all connections in use.
PASSING = (exc.OperationalError, exc.InternalError, exc.TimeoutError, sqlite3.OperationalError)


class Engine:
    """Gives connections. Raises DatabaseUnavailable, also for what is done with them."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self.dialect: str = engine.dialect.name
        # SQLite lets one write at a time: whoever has to wait asks again now and then, and may find it taken each time.
        self._turn = asyncio.Lock()

    def only_reads(self) -> Self:
        """The same for what only reads: it waits for nobody who writes."""
        return type(self)(self._engine.execution_options(**{ONLY_READS: True}))

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[AsyncConnection]:
        """A connection, to read."""
        with named():
            async with self._engine.connect() as db:
                yield db

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A transaction, committed at the end of the block."""
        with named():
            async with self._in_turn(), self._engine.begin() as db:
                yield db

    @asynccontextmanager
    async def _in_turn(self) -> AsyncIterator[None]:
        """Nobody else here writes to the SQLite file during the block; waits for that as long as for other programs."""
        if self.dialect != "sqlite":
            yield
            return
        try:
            async with asyncio.timeout(BUSY):
                await self._turn.acquire()
        except TimeoutError as error:
            raise DatabaseUnavailable("others write to it all the time") from error
        try:
            yield
        finally:
            self._turn.release()


@contextmanager
def named() -> Iterator[None]:
    """The database's own failures as DatabaseUnavailable, in a line without what was to be written."""
    try:
        yield
    except PASSING as error:
        cause: Any = getattr(error, "orig", None) or error
        if getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:  # a table that isn't there won't come
            raise
        raise DatabaseUnavailable(str(cause).strip().partition("\n")[0] or type(cause).__name__) from error
