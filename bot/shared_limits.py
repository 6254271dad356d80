"""What may be sent when, counted in PostgreSQL: so Telegram's limits hold over all bots that share the token."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import psycopg

from bot.limits import Rule, next_time
from bot.postgres import Pool, pool

CONNECTIONS = 2
FORGOTTEN = 1000  # takes after which keys that have rested are deleted

log = logging.getLogger(__name__)


class PostgresAllowances:
    """Allowances in the table of that name."""

    def __init__(self, connections: Pool) -> None:
        self._pool = connections
        self._takes = 0

    async def take(self, rule: Rule, patience: float) -> float:
        try:
            return await self._take(rule, patience)
        except psycopg.Error as error:  # Telegram itself holds back what is too much
            log.warning("The limits that bots share can't be looked up for now: %s", error)
            return 0

    async def _take(self, rule: Rule, patience: float) -> float:
        async with self._pool.connection() as connection:
            await connection.execute(
                "INSERT INTO allowances (key, times) VALUES (%s, '{}') ON CONFLICT (key) DO NOTHING", (rule.key,)
            )
            found = await connection.execute(
                "SELECT times, unix_time() FROM allowances WHERE key = %s FOR UPDATE", (rule.key,)
            )
            times, now = (await found.fetchone()) or ([], 0.0)
            at = next_time(times, rule, now)
            if at - now <= patience:
                values = ([*times, at][-rule.count :], rule.key)
                await connection.execute("UPDATE allowances SET times = %s WHERE key = %s", values)
            await self._forget(connection)
        return float(at - now)

    async def delay(self, rule: Rule, seconds: float) -> None:
        with suppress(psycopg.Error):
            async with self._pool.connection() as connection:
                await connection.execute(
                    "UPDATE allowances SET times[cardinality(times)] = times[cardinality(times)] + %s WHERE key = %s",
                    (seconds, rule.key),
                )

    async def _forget(self, connection: Any) -> None:
        """Keys that have rested for longer than any rule looks back."""
        self._takes += 1
        if self._takes % FORGOTTEN == 0:
            await connection.execute("DELETE FROM allowances WHERE times[cardinality(times)] < unix_time() - 60")


@asynccontextmanager
async def shared_allowances(url: str) -> AsyncIterator[PostgresAllowances]:
    """Those in the database, with connections of their own."""
    async with pool(url, CONNECTIONS) as connections:
        yield PostgresAllowances(connections)
