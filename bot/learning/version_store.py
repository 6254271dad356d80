"""Where the versions of the model are stored: in files for one bot, in PostgreSQL for several together."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.storage.database import Database, Lock
from model.versions.promotions import age
from model.versions.store import FileBackend, Locked, VersionStore, local_store
from model.versions.version import FILES, Version, read_version

if TYPE_CHECKING:  # it is installed only where it is needed
    from psycopg import Connection
    from psycopg_pool import ConnectionPool


@contextmanager
def version_store(database: Database, models: Path) -> Iterator[VersionStore]:
    """The versions of the bots on a database whose schema is up to date; `models` is this bot's folder for them.

    All it does waits for disks or the network: not for the event loop. Raises DatabaseUnavailable where PostgreSQL
    can't be used.
    """
    if not database.on_postgres:
        yield local_store(models)
        return
    from psycopg_pool import ConnectionPool

    from bot.storage.postgres import CLIENT, REACHED

    wait = 2 * REACHED
    look = ConnectionPool.check_connection  # before each use: a server that was restarted is survived
    with ConnectionPool(
        database.url, kwargs=CLIENT, min_size=1, max_size=2, timeout=wait, reconnect_timeout=wait, check=look, open=True
    ) as pool:
        yield VersionStore(DatabaseBackend(pool, FileBackend(models / "shared")))


class DatabaseBackend:
    """The tables `versions` and `promotions`; `cache` has what this bot needs of them."""

    def __init__(self, pool: "ConnectionPool", cache: FileBackend) -> None:
        self._pool = pool
        self._cache = cache

    def promoted(self) -> list[str]:
        with self._transaction() as connection:
            return _promoted(connection)

    def versions(self) -> list[Version]:
        with self._transaction() as connection:
            return self._versions(connection)

    def names(self) -> list[str]:
        with self._transaction() as connection:
            return [name for (name,) in connection.execute("SELECT name FROM versions")]

    def fetch(self, name: str) -> Version | None:
        with self._transaction() as connection:
            row = connection.execute("SELECT card FROM versions WHERE name = %s", (name,)).fetchone()
            if row is None:
                return None
            card = json.loads(row[0])
            if cached := self._cached(name, card):
                return cached
            row = connection.execute("SELECT keras, tflite FROM versions WHERE name = %s", (name,)).fetchone()
        if row is None:  # it was deleted just now
            return None
        files = dict(zip(FILES, map(bytes, row), strict=True))
        try:
            return self._cache.put(name, files, card)
        except FileExistsError:
            if cached := self._cached(name, card):  # another bot on this machine was quicker
                return cached
            self._cache.remove(name)  # it is damaged, or of another database
            return self._cache.put(name, files, card)

    def put(self, name: str, files: Mapping[str, bytes], card: dict[str, Any]) -> Version:
        values = (name, json.dumps(card), *(files[file] for file in FILES))
        with self._transaction() as connection:
            added = connection.execute(
                "INSERT INTO versions (name, card, keras, tflite) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                values,
            )
        if not added.rowcount:
            raise FileExistsError(name)
        return Version(name, self._cache.place / name, card)

    @contextmanager
    def locked(self) -> Iterator[Locked]:
        with self._transaction() as connection:

            def remove(name: str) -> bool:
                return connection.execute("DELETE FROM versions WHERE name = %s", (name,)).rowcount > 0

            connection.execute("SELECT pg_advisory_xact_lock(%s)", (Lock.VERSIONS,))
            before = _promoted(connection)
            state = Locked(list(before), self._versions(connection), remove)
            yield state
            if state.promoted != before:
                connection.execute("DELETE FROM promotions")
                names = [(name,) for name in state.promoted]
                connection.cursor().executemany("INSERT INTO promotions (version) VALUES (%s)", names)
        for name in set(self._cache.names()).difference(self.names()):
            self._cache.remove(name)

    @contextmanager
    def _transaction(self) -> Iterator["Connection"]:
        from bot.storage.postgres import told

        with told(), self._pool.connection() as connection:
            yield connection

    def _versions(self, connection: "Connection") -> list[Version]:
        rows = connection.execute("SELECT name, card FROM versions").fetchall()
        rows.sort(key=lambda row: age(row[0]))
        return [Version(name, self._cache.place / name, json.loads(card)) for name, card in rows]

    def _cached(self, name: str, card: dict[str, Any]) -> Version | None:
        version = read_version(self._cache.place / name)
        return version if version and version.card == card else None


def _promoted(connection: "Connection") -> list[str]:
    return [name for (name,) in connection.execute("SELECT version FROM promotions ORDER BY serial")]
