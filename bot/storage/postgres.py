"""Connections to PostgreSQL that break soon where the other side is gone: its locks are what keeps bots apart."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from bot.storage.database import DatabaseUnavailable

REACHED = 5  # seconds to connect in
# What the server does with a bot that is gone, and with one that hangs in the middle of its work.
SERVER = {
    "tcp_keepalives_idle": "2s",
    "tcp_keepalives_interval": "1s",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "5s",
    "idle_in_transaction_session_timeout": "120s",  # longer than a claim may be in work
    "statement_timeout": "20s",
    "lock_timeout": "10s",
}
CLIENT: dict[str, Any] = {
    "connect_timeout": REACHED,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 5000,  # ms
    "options": " ".join(f"-c {name}={value}" for name, value in SERVER.items()),
}

POOL: dict[str, Any] = {
    "kwargs": CLIENT,
    "min_size": 1,
    "timeout": REACHED * 2,
    "reconnect_timeout": REACHED * 2,
}

Connection = AsyncConnection[tuple[Any, ...]]
Pool = AsyncConnectionPool[Connection]
Connect = Callable[[], AbstractContextManager[psycopg.Connection]]


def pool(url: str, size: int) -> Pool:
    """At most `size` connections, looked at before each use: a server that was restarted is survived. Not yet open."""
    return AsyncConnectionPool(url, max_size=size, open=False, check=AsyncConnectionPool.check_connection, **POOL)


@contextmanager
def connections(url: str, size: int) -> Iterator[Connect]:
    """The same for threads: each use is a transaction. Raises DatabaseUnavailable."""
    with ConnectionPool(url, max_size=size, open=True, check=ConnectionPool.check_connection, **POOL) as pool:

        @contextmanager
        def connect() -> Iterator[psycopg.Connection]:
            with told(), pool.connection() as connection:
                yield connection

        yield connect


async def connected(url: str) -> Connection:
    """A connection of its own, each statement by itself. Raises psycopg.Error."""
    return await AsyncConnection.connect(url, autocommit=True, **CLIENT)


@contextmanager
def told() -> Iterator[None]:
    """PostgreSQL's errors as DatabaseUnavailable, in a line without the address."""
    try:
        yield
    except psycopg.Error as error:
        cause = str(error).strip().partition("\n")[0] or type(error).__name__
        raise DatabaseUnavailable(f"PostgreSQL: {cause}") from error
