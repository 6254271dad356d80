"""Where the versions of the model are stored: in files for one bot, in PostgreSQL for several together."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.storage.database import Database, Lock
from model.versions.store import Backend, FileBackend, VersionStore, local_store
from model.versions.version import FILES, Version, read_version

if TYPE_CHECKING:
    from bot.storage.postgres import Connect


@contextmanager
def version_store(database: Database, models: Path) -> Iterator[VersionStore]:
    """The versions of the bots on a database whose schema is up to date; `models` is this bot's folder for them.

    All it does waits for disks or the network: not for the event loop. Raises DatabaseUnavailable where PostgreSQL
    can't be used.
    """
    if not database.on_postgres:
        yield local_store(models)
        return
    from bot.storage.postgres import connections  # its library is there only where it is needed

    with connections(database.url, 2) as connect:
        yield VersionStore(DatabaseBackend(connect, FileBackend(models / "shared")))


class DatabaseBackend:
    """The tables `versions` and `promotions`; `cache` has what this bot needs of them."""

    def __init__(self, connect: "Connect", cache: FileBackend) -> None:
        self._connect = connect
        self._cache = cache

    def promoted(self) -> list[str]:
        return [name for (name,) in self._run("SELECT version FROM promotions ORDER BY serial")]

    def set_promoted(self, names: Sequence[str]) -> None:
        self._run("DELETE FROM promotions")
        for name in names:
            self._run("INSERT INTO promotions (version) VALUES (%s)", name)

    def versions(self) -> list[Version]:
        rows = self._run("SELECT name, card FROM versions")
        return [Version(name, self._cache.place / name, json.loads(card)) for name, card in rows]

    def names(self) -> list[str]:
        return [name for (name,) in self._run("SELECT name FROM versions")]

    def fetch(self, name: str) -> Version | None:
        rows = self._run("SELECT card, keras, tflite FROM versions WHERE name = %s", name)  # less than a megabyte
        if not rows:
            return None
        [(text, *files)] = rows
        card, cached = json.loads(text), read_version(self._cache.place / name)
        if cached and cached.card == card:
            return cached
        self._cache.remove(name)  # it is damaged, or of another database
        with suppress(FileExistsError):  # another bot on this machine was quicker
            self._cache.put(name, dict(zip(FILES, files, strict=True)), card)
        return self._cache.fetch(name)

    def put(self, name: str, files: Mapping[str, bytes], card: dict[str, Any]) -> Version:
        add = "INSERT INTO versions (name, card, keras, tflite) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING"
        if not self._run(f"{add} RETURNING name", name, json.dumps(card), *(files[file] for file in FILES)):
            raise FileExistsError(name)
        return Version(name, self._cache.place / name, card)

    def remove(self, name: str) -> bool:
        return bool(self._run("DELETE FROM versions WHERE name = %s RETURNING name", name))

    @contextmanager
    def locked(self) -> Iterator[Backend]:
        with self._connect() as connection:
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (Lock.VERSIONS,))
            yield DatabaseBackend(lambda: nullcontext(connection), self._cache)
        for name in set(self._cache.names()).difference(self.names()):
            self._cache.remove(name)

    def _run(self, statement: str, *values: Any) -> list[Any]:
        """The rows that a statement gives."""
        with self._connect() as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []
