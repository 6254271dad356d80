"""The versions of the model in a running bot: what is promoted, here or elsewhere, reads within a second."""

import asyncio
import logging
import time
from collections.abc import Hashable
from contextlib import suppress
from pathlib import Path
from typing import Self

from bot.learning.listed import Listed
from bot.learning.shelf import Shelf
from bot.readers.pool import ReaderFailed, Readers
from bot.storage.database import DatabaseUnavailable
from bot.telemetry import metrics
from model.versions.registry import Version, VersionError

LOOK = 0.5  # seconds between two looks for another version that serves
ASKED = 5  # seconds for the place where versions are kept to answer such a look
AGAIN = 60  # seconds until a version that couldn't be loaded is tried again

log = logging.getLogger(__name__)


class Versions:
    """A shelf with the readers that follow it: `async with Versions(shelf, readers, keep) as versions`.

    During the block readers switch to the version that serves, whoever promoted it.
    """

    def __init__(self, shelf: Shelf, readers: Readers, keep: int) -> None:
        """`keep` of the newest versions are kept, and those that somebody needs."""
        self._shelf = shelf
        self._readers = readers
        self._keep = keep
        self._switching = asyncio.Lock()
        self._seen: Hashable = object()  # the shelf's mark when the readers last had the version that serves
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
        return await self._shelf.serving()

    async def listed(self) -> list[Listed]:
        """All versions: the shipped one, then from the oldest to the newest."""
        return await self._shelf.listed()

    async def fetch(self, name: str) -> Version:
        """A version, whole and on this machine. Raises VersionError."""
        return await self._shelf.fetch(name)

    async def add(self, folder: Path) -> str:
        """Keep a copy of the finished version in `folder` under the next free name, which is given.

        It doesn't serve yet; what nobody needs any more is deleted. Raises VersionError.
        """
        name = await self._shelf.add(folder)
        log.info("Version %s was added", name)
        await self._prune()
        return name

    async def promote(self, name: str) -> None:
        """Let a version serve: here at once, in other bots within a second.

        Raises VersionError, and nothing has changed, where it is unknown or damaged or readers can't load it.
        """
        version = await self._shelf.fetch(name)
        try:
            await self._readers.try_out(version.folder)
        except ReaderFailed as error:
            log.error("%s isn't promoted: %s", name, error)
            raise VersionError(f"{name} can't be loaded, so the version before goes on.") from error
        await self._shelf.promote(name)
        await self._look()

    async def roll_back(self, expected: str | None = None) -> str:
        """Undo the last promotion, as `promote`; gives the name of the version that serves now.

        Raises VersionError where none served before, or another one serves than `expected`.
        """
        name = await self._shelf.roll_back(expected)
        await self._look()
        return name

    async def _follow(self) -> None:
        told = False
        while True:
            try:
                await self._look()
                told = False
            except (DatabaseUnavailable, VersionError, OSError, TimeoutError) as error:
                if not told:
                    log.warning(
                        "Which version serves can't be looked up for now: %s", str(error) or "no answer in time"
                    )
                told = True
            await asyncio.sleep(LOOK)

    async def _look(self) -> None:
        """Have the readers switch where another version serves. Raises what the shelf raises."""
        async with self._switching:
            async with asyncio.timeout(ASKED):
                mark = await self._shelf.mark()
            if mark == self._seen and time.monotonic() < self._again:
                return
            version = await self._shelf.serving()
            self._seen, self._again = mark, float("inf")
            if version.folder == self._readers.model:
                metrics.version_is(version.name)
                return
            try:
                await self._readers.serve(version.folder)
                metrics.version_is(version.name)
                log.info("%s serves now", version.name)
            except ReaderFailed as error:
                self._again = time.monotonic() + AGAIN
                log.error("The version before goes on: %s", error)

    async def _prune(self) -> None:
        try:
            if gone := await self._shelf.prune(self._keep):
                log.info("Old versions were deleted: %s", ", ".join(gone))
        except (DatabaseUnavailable, VersionError, OSError) as error:
            log.warning("Old versions can't be deleted for now: %s", error)
