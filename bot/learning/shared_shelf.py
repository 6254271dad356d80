"""Versions of the model in PostgreSQL, for bots that share it; each bot's folder holds what it needs of them."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Hashable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from bot.learning.listed import Listed
from bot.storage.database import Lock
from bot.storage.postgres import Connection, Pool, pool, told
from model.versions.promotions import age, expendable, next_name, serving, with_promoted
from model.versions.registry import (
    NO_SUCH,
    PRETRAINED,
    Registry,
    Version,
    VersionError,
    open_version,
    parent_of,
    roll_back,
    shipped_name,
)

CONNECTIONS = 2

SERVING = """
SELECT version FROM promotions WHERE version = %s OR version IN (SELECT name FROM versions) ORDER BY serial DESC LIMIT 1
"""

log = logging.getLogger(__name__)


class SharedShelf:
    """A Shelf in the tables `versions` and `promotions`. Its methods raise DatabaseUnavailable."""

    def __init__(self, connections: Pool, cache: Registry) -> None:
        self._pool = connections
        self._cache = cache
        self._shipped = shipped_name()

    async def mark(self) -> Hashable:
        with told():
            async with self._pool.connection() as connection:
                found = await (await connection.execute(SERVING, (self._shipped,))).fetchone()
        return found[0] if found else self._shipped

    async def serving(self) -> Version:
        with told():
            async with self._pool.connection() as connection:
                promoted = await _promoted(connection)
        for name in reversed(promoted):
            try:
                return await self.fetch(name)
            except VersionError as error:
                log.warning("Version %s was promoted, and is passed over: %s", name, error)
        return await asyncio.to_thread(open_version, PRETRAINED)

    async def fetch(self, name: str) -> Version:
        with told():
            async with self._pool.connection() as connection:
                found = await connection.execute("SELECT card FROM versions WHERE name = %s", (name,))
                if row := await found.fetchone():
                    card = json.loads(row[0])
                    if here := await asyncio.to_thread(self._cached, name, card):
                        return here
                    found = await connection.execute("SELECT keras, tflite FROM versions WHERE name = %s", (name,))
                    row = await found.fetchone()
        if row:
            files = {"model.keras": bytes(row[0]), "model.tflite": bytes(row[1])}
            return await asyncio.to_thread(self._put, name, files, card)
        if name == self._shipped:
            return await asyncio.to_thread(open_version, PRETRAINED)
        raise VersionError(NO_SUCH)

    async def listed(self) -> list[Listed]:
        with told():
            async with self._pool.connection() as connection:
                cards, promoted = await _cards(connection), await _promoted(connection)
        shipped = await asyncio.to_thread(open_version, PRETRAINED)
        now = serving(promoted, self._among(cards), self._shipped)
        return [Listed(shipped.name, shipped.card, now == shipped.name and now not in cards, shipped=True)] + [
            Listed(name, card, name == now, shipped=False) for name, card in cards.items()
        ]

    async def add(self, folder: Path) -> str:
        version = await asyncio.to_thread(open_version, folder)
        keras, tflite = [await asyncio.to_thread((folder / f"model.{kind}").read_bytes) for kind in ("keras", "tflite")]
        with told():
            while True:
                async with self._pool.connection() as connection:
                    name = next_name([self._shipped, *await _cards(connection)])
                    card = json.dumps(version.card | {"version": name})
                    added = await connection.execute(
                        "INSERT INTO versions (name, card, keras, tflite) VALUES (%s, %s, %s, %s)"
                        " ON CONFLICT (name) DO NOTHING",
                        (name, card, keras, tflite),
                    )
                if added.rowcount:  # else another bot took the name in between
                    return name

    async def promote(self, name: str) -> None:
        def promoted(history: Sequence[str], there: Callable[[str], bool]) -> list[str]:
            if not there(name):
                raise VersionError(NO_SUCH)
            return with_promoted(history, name, there, self._shipped)

        await self._change(promoted)

    async def roll_back(self, expected: str | None = None) -> str:
        return await self._change(lambda history, there: roll_back(history, there, expected))

    async def prune(self, keep: int) -> list[str]:
        with told():
            async with self._pool.connection() as connection:
                await connection.execute("SELECT pg_advisory_xact_lock(%s)", (Lock.VERSIONS,))
                cards, promoted = await _cards(connection), await _promoted(connection)
                parents = {name: parent_of(card) for name, card in cards.items()}
                gone = expendable(parents, promoted, self._shipped, keep)
                await connection.execute("DELETE FROM versions WHERE name = ANY(%s)", (gone,))
        await asyncio.to_thread(self._forget, set(cards).difference(gone))
        return gone

    async def _change(self, change: Callable[[Sequence[str], Callable[[str], bool]], list[str]]) -> str:
        """Change the names promoted, one bot at a time; gives the name of the version that serves then."""
        with told():
            async with self._pool.connection() as connection:
                await connection.execute("SELECT pg_advisory_xact_lock(%s)", (Lock.VERSIONS,))
                there = self._among(await _cards(connection))
                before = await _promoted(connection)
                after = change(before, there)
                if after != before:
                    await connection.execute("DELETE FROM promotions")
                    async with connection.cursor() as cursor:
                        await cursor.executemany("INSERT INTO promotions (version) VALUES (%s)", [(n,) for n in after])
        return serving(after, there, self._shipped)

    def _among(self, names: dict[str, Any]) -> Callable[[str], bool]:
        return lambda name: name in names or name == self._shipped

    def _cached(self, name: str, card: dict[str, Any]) -> Version | None:
        with suppress(VersionError):
            version = self._cache.named(name)
            if version.card == card:
                return version
        return None

    def _put(self, name: str, files: dict[str, bytes], card: dict[str, Any]) -> Version:
        try:
            return self._cache.put(name, files, card)
        except FileExistsError:
            if here := self._cached(name, card):  # another bot on this machine was quicker
                return here
            self._cache.remove(name)  # it is damaged, or of another database
            return self._cache.put(name, files, card)

    def _forget(self, kept: set[str]) -> None:
        for version in self._cache.versions()[1:]:
            if version.name not in kept:
                self._cache.remove(version.name)


@asynccontextmanager
async def shared_shelf(url: str, cache: Registry) -> AsyncIterator[SharedShelf]:
    """The versions in the database, with connections of their own; `cache` is this bot's folder for them."""
    async with pool(url, CONNECTIONS) as connections:
        yield SharedShelf(connections, cache)


async def _promoted(connection: Connection) -> list[str]:
    found = await connection.execute("SELECT version FROM promotions ORDER BY serial")
    return [row[0] for row in await found.fetchall()]


async def _cards(connection: Connection) -> dict[str, dict[str, Any]]:
    """Name and card of all versions, from the oldest on."""
    found = await connection.execute("SELECT name, card FROM versions")
    cards = {name: json.loads(card) for name, card in await found.fetchall()}
    return {name: cards[name] for name in sorted(cards, key=age)}
