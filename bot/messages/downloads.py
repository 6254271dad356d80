"""Downloads from Telegram within a common budget of bytes; what doesn't fit waits."""

import asyncio
import ctypes
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from telegram import Bot, File
from telegram.error import BadRequest, TimedOut

from bot.messages.pictures import Picture
from bot.transport.calls import LARGEST
from bot.transport.retries import patiently
from model.reading.result import N_

PATIENCE = 60.0  # seconds to wait for room; what would wait for longer goes back into the inbox
FOR_SMALL = 4  # a quarter of all bytes is kept for small files: a phone's photo never waits behind large ones
LARGE_BLOCK = 1_000_000  # bytes
M_MMAP_THRESHOLD = -3  # of glibc's malloc.h
SMALL = 32  # and small is what takes a thirty-second of them or less


def give_back_large_blocks() -> None:
    """Make glibc return a file's memory to the system at once instead of keeping it."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another libc does as it likes
            ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK)


class TooLarge(Exception):
    """A file larger than a bot may download."""

    sentence = N_("This file is larger than 20 MB, the most I can download. Please send it as a photo.")


class Room:
    """A budget of bytes, first come, first served; asking for more takes all of it."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._free = size
        self._turn = asyncio.Lock()  # its waiters are in order
        self._given_back = asyncio.Event()

    @asynccontextmanager
    async def taken(self, size: int) -> AsyncIterator[None]:
        """Wait for room and hold it during the block. Raises TimedOut after PATIENCE."""
        size = min(size, self._size)
        try:
            async with asyncio.timeout(PATIENCE), self._turn:
                while size > self._free:
                    self._given_back.clear()
                    await self._given_back.wait()
                self._free -= size
        except TimeoutError as error:
            raise TimedOut("no room for another download for now") from error
        try:
            yield
        finally:
            self._free += size
            self._given_back.set()


class Downloads:
    """Downloads files. Their bytes count from before the download to the end of the block.

    Nobody may ask for a second file within the block: two who hold one could wait for each other.
    """

    def __init__(self, bot: Bot, budget: int) -> None:
        """`budget` is in bytes."""
        self._bot = bot
        self._small = budget // SMALL
        self._rooms = {True: Room(budget // FOR_SMALL), False: Room(budget - budget // FOR_SMALL)}

    @asynccontextmanager
    async def picture(self, picture: Picture) -> AsyncIterator[bytes]:
        """Download a picture. Raises TooLarge and TelegramError."""
        if (picture.file_size or 0) > LARGEST:
            raise TooLarge
        async with self._room(picture.file_size):
            try:
                photo = await _bytes_of(await self._bot.get_file(picture.file_id))
            except BadRequest as error:
                if "too big" in error.message:
                    raise TooLarge from error
                raise
            yield photo

    @asynccontextmanager
    async def again(self, file_id: str) -> AsyncIterator[bytes]:
        """Download a file that was sent earlier. Raises TelegramError."""
        file = await self._bot.get_file(file_id)
        async with self._room(file.file_size):
            yield await _bytes_of(file)

    @asynccontextmanager
    async def _room(self, size: int | None) -> AsyncIterator[None]:
        """Room for so many bytes; None if Telegram doesn't say how many."""
        size = LARGEST if size is None else size
        async with self._rooms[size <= self._small].taken(size):
            yield


async def _bytes_of(file: File) -> bytes:
    return bytes(await patiently(file.download_as_bytearray))
