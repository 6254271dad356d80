"""`pictures` as the playground's server asks for them: of strangers' files, so in processes with a reader's limits."""

from collections.abc import Callable
from typing import TypeVar

from bot.playground import pictures
from bot.playground.pictures import Measures, NotAPhoto, Picture
from bot.readers.pool import LIBRARIES, ReaderFailed, Workers

T = TypeVar("T")

COUNT = 2  # pictures decoded at a time


class PictureWorkers:
    """Makes of a file what Telegram makes of pictures; a file that ends its process is no picture."""

    def __init__(self) -> None:
        self._workers = Workers(COUNT, (*LIBRARIES, pictures.__name__))

    async def photo_sizes(self, data: bytes) -> list[Picture]:
        """`pictures.photo_sizes`. Raises as it does."""
        try:
            return await self._workers.run(pictures.photo_sizes, data)
        except ReaderFailed as error:
            raise NotAPhoto from error

    async def thumbnail(self, data: bytes) -> Picture | None:
        """`pictures.thumbnail`."""
        return await self._or_none(pictures.thumbnail, data)

    async def measure(self, data: bytes) -> Measures | None:
        """`pictures.measure`."""
        return await self._or_none(pictures.measure, data)

    async def close(self) -> None:
        """End the processes, whatever they are at."""
        await self._workers.stop()

    async def _or_none(self, function: Callable[[bytes], T | None], data: bytes) -> T | None:
        try:
            return await self._workers.run(function, data)
        except ReaderFailed:
            return None
