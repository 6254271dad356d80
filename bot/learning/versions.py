"""The versions of the model in a running bot: what is promoted, here or elsewhere, reads within a second."""

import asyncio
import logging
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

from bot.readers.pool import ReaderFailed, Readers
from bot.storage.database import DatabaseUnavailable
from bot.telemetry import metrics
from model.versions.store import VersionStore
from model.versions.version import Version, VersionError

LOOK = 0.5  # seconds between two looks for another version that serves
ANSWER = 5  # seconds for the store to answer such a look
AGAIN = 60  # seconds until a version that couldn't be loaded is tried again

log = logging.getLogger(__name__)


class Versions:
    """A store with the readers that follow it: `async with Versions(store, readers, keep) as versions`.

    During the block readers switch to the version that serves, whoever promoted it.
    """

    def __init__(self, store: VersionStore, readers: Readers, keep: int) -> None:
        """`keep` of the newest versions are kept, and those that somebody needs."""
        self._store = store
        self._readers = readers
        self._keep = keep
        self._switching = asyncio.Lock()
        self._seen: list[str] | None = None  # what was promoted when the readers last had the version that serves
        self._again = 0.0

    async def __aenter__(self) -> Self:
        await self._prune()
        self._following = asyncio.create_task(self._follow(), name="following versions")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._following.cancel()
        with suppress(asyncio.CancelledError):
            await self._following

    async def serving(self) -> Version:
        """The version that serves, whole and on this machine."""
        return await asyncio.to_thread(self._store.serving)

    async def listed(self) -> list[Version]:
        """All versions: the shipped one, then from the oldest to the newest."""
        return await asyncio.to_thread(self._store.versions)

    async def fetch(self, name: str) -> Version:
        """A version, whole and on this machine. Raises VersionError."""
        return await asyncio.to_thread(self._store.named, name)

    async def add(self, folder: Path) -> str:
        """Store a copy of the version in `folder` under the next free name, which is given; it doesn't serve.

        What nobody needs any more is deleted. Raises VersionError.
        """
        name = (await asyncio.to_thread(self._store.add, folder)).name
        log.info("Version %s was added", name)
        await self._prune()
        return name

    async def promote(self, name: str) -> None:
        """Let a version serve: here at once, in other bots within a second.

        Raises VersionError, and nothing has changed, where it is unknown or damaged or readers can't load it.
        """
        version = await self.fetch(name)
        try:
            await self._readers.try_out(version.folder)
        except ReaderFailed as error:
            log.error("%s isn't promoted: %s", name, error)
            raise VersionError(f"{name} can't be loaded, so the version before goes on.") from error
        await asyncio.to_thread(self._store.promote, name)
        await self._look()

    async def roll_back(self, expected: str | None = None) -> str:
        """Undo the last promotion, as VersionStore does; gives the name of the version that serves now."""
        name = await asyncio.to_thread(self._store.roll_back, expected)
        await self._look()
        return name

    async def _follow(self) -> None:
        failing = False
        while True:
            try:
                await self._look()
                failing = False
            except (DatabaseUnavailable, VersionError, OSError, TimeoutError) as error:
                if not failing:
                    why = str(error) or "no answer in time"
                    log.warning("Which version serves can't be looked up for now: %s", why)
                failing = True
            await asyncio.sleep(LOOK)

    async def _look(self) -> None:
        """Have the readers switch where another version serves. Raises what the store raises."""
        async with self._switching:
            async with asyncio.timeout(ANSWER):
                promoted = await asyncio.to_thread(self._store.promoted)
            if promoted == self._seen and time.monotonic() < self._again:
                return
            version = await self.serving()
            self._seen, self._again = promoted, float("inf")
            try:
                if version.folder != self._readers.model:
                    await self._readers.serve(version.folder)
                    log.info("%s serves now", version.name)
                metrics.version_is(version.name)
            except ReaderFailed as error:
                self._again = time.monotonic() + AGAIN
                log.error("The version before goes on: %s", error)

    async def _prune(self) -> None:
        try:
            if gone := await asyncio.to_thread(self._store.prune, self._keep):
                log.info("Old versions were deleted: %s", ", ".join(gone))
        except (DatabaseUnavailable, VersionError, OSError) as error:
            log.warning("Old versions can't be deleted for now: %s", error)
