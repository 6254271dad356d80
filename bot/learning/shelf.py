"""Where versions of the model are kept: in the registry's folder, or in PostgreSQL for several bots together."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from bot.learning.listed import Listed
from bot.storage.database import Database
from model.versions.registry import PRETRAINED, Registry, Version


class Shelf(Protocol):
    """The versions, and which one serves. VersionError: it is unknown or damaged, or can't be changed as asked."""

    async def mark(self) -> Hashable:
        """What changes when another version comes to serve: cheap to ask."""

    async def serving(self) -> Version:
        """The version that serves, whole and on this machine."""

    async def fetch(self, name: str) -> Version:
        """A version, whole and on this machine. Raises VersionError."""

    async def listed(self) -> list[Listed]:
        """All versions: the shipped one, then from the oldest to the newest."""

    async def add(self, folder: Path) -> str:
        """Take a copy of a version under the next free name, which is given; it doesn't serve. Raises VersionError."""

    async def promote(self, name: str) -> None:
        """Let a version serve. Raises VersionError."""

    async def roll_back(self, expected: str | None = None) -> str:
        """Undo the last promotion; gives the name of the version that serves now.

        Raises VersionError where none served before, or another one serves than `expected`.
        """

    async def prune(self, keep: int) -> list[str]:
        """Delete versions beyond the newest `keep` that nobody needs; gives their names."""


@asynccontextmanager
async def shelf_in(database: Database, models: Path) -> AsyncIterator[Shelf]:
    """The versions of the bots on a database whose schema is up to date; `models` is the registry's folder."""
    if not database.on_postgres:
        yield FolderShelf(Registry(models))
        return
    from bot.learning.shared_shelf import shared_shelf  # its library is there only where it is needed

    async with shared_shelf(database.url, Registry(models / "shared")) as shelf:
        yield shelf


class FolderShelf:
    """A Shelf that is the registry; see there."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    async def mark(self) -> Hashable:
        return await asyncio.to_thread(self._mark)

    async def serving(self) -> Version:
        return await asyncio.to_thread(self._registry.serving)

    async def fetch(self, name: str) -> Version:
        return await asyncio.to_thread(self._registry.named, name)

    async def listed(self) -> list[Listed]:
        return await asyncio.to_thread(self._listed)

    async def add(self, folder: Path) -> str:
        return (await asyncio.to_thread(self._registry.add, folder)).name

    async def promote(self, name: str) -> None:
        await asyncio.to_thread(self._registry.promote, name)

    async def roll_back(self, expected: str | None = None) -> str:
        return await asyncio.to_thread(self._registry.rollback, expected)

    async def prune(self, keep: int) -> list[str]:
        return await asyncio.to_thread(self._registry.prune, keep)

    def _mark(self) -> Hashable:
        try:
            now = (self._registry.folder / "current").stat()
        except FileNotFoundError:
            return None
        return now.st_mtime_ns, now.st_ino, now.st_size

    def _listed(self) -> list[Listed]:
        serving = self._registry.serving().folder
        return [
            Listed(version.name, version.card, version.folder == serving, version.folder == PRETRAINED)
            for version in self._registry.versions()
        ]
