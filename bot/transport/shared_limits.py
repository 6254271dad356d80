"""What may be sent when, counted in PostgreSQL: so Telegram's limits hold over all bots that share the token."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from bot.storage.database import DatabaseUnavailable
from bot.storage.postgres import Pool, pool, told
from bot.transport.limits import MemoryAllowances, Rule, first_time, still_counting

CONNECTIONS = 2
ASKED = 2  # seconds for the database to tell
FORGOTTEN = 1000  # takes after which keys that have rested are deleted

# In the order of their keys, so that two bots never wait for each other; the time is that after the wait.
LOCK = """
INSERT INTO allowances (key, times) SELECT unnest(%s::text[]), '{}'
ON CONFLICT (key) DO UPDATE SET times = allowances.times RETURNING times, unix_time()
"""
FORGET = """
DELETE FROM allowances WHERE key IN (
    SELECT key FROM allowances WHERE coalesce(times[cardinality(times)], 0) < unix_time() - 60 FOR UPDATE SKIP LOCKED
)
"""

log = logging.getLogger(__name__)


class PostgresAllowances:
    """Allowances in the table of that name; without the database this bot counts for itself."""

    def __init__(self, connections: Pool) -> None:
        self._pool = connections
        self._here = MemoryAllowances()  # what this bot took
        self._takes = 0

    async def take(self, rules: Sequence[Rule], patience: float) -> float:
        try:
            async with asyncio.timeout(ASKED):
                with told():
                    wait = await self._take(sorted(rules, key=lambda rule: rule.key), patience)
        except (DatabaseUnavailable, TimeoutError) as error:
            log.warning("The limits that bots share can't be looked up for now: %s", str(error) or "no answer in time")
            return await self._here.take(rules, patience)
        if wait <= patience:
            self._here.count(rules, wait)
        return wait

    def next(self, rules: Sequence[Rule]) -> float:
        return self._here.next(rules)

    async def _take(self, rules: Sequence[Rule], patience: float) -> float:
        async with self._pool.connection() as connection, connection.cursor() as cursor:
            await cursor.execute(LOCK, ([rule.key for rule in rules],))
            found = await cursor.fetchall()
            now = float(found[-1][1])
            taken = {rule: still_counting(rule, times, now) for rule, (times, _) in zip(rules, found, strict=True)}
            at = first_time(taken, now)
            if at - now <= patience:
                changes = [(sorted([*times, at]), rule.key) for rule, times in taken.items()]
                await cursor.executemany("UPDATE allowances SET times = %s WHERE key = %s", changes)
        await self._forget()
        return at - now

    async def _forget(self) -> None:
        """Keys that have rested for longer than any rule looks back."""
        self._takes += 1
        if self._takes % FORGOTTEN == 0:
            async with self._pool.connection() as connection:
                await connection.execute(FORGET)


@asynccontextmanager
async def shared_allowances(url: str) -> AsyncIterator[PostgresAllowances]:
    """Those in the database, with connections of their own."""
    async with pool(url, CONNECTIONS) as connections:
        yield PostgresAllowances(connections)
