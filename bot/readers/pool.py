"""Reads photos in reader processes: one that kills, hangs or bloats its reader costs its sender a sentence, no more.

The bot's process keeps the Readers; what they run is in `work`, and only there is the model imported.
"""

import asyncio
import logging
import signal
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from bot.readers import confinement, work
from bot.readers.processes import PROCESSES
from bot.readers.work import CPU_LIMIT, MEMORY_LIMIT, OUT_OF_MEMORY, Outcome, ReaderFailed, TooSlow
from bot.telemetry import metrics
from model.reading.result import Box, Digit
from model.versions.version import PRETRAINED

if TYPE_CHECKING:
    from bot.storage.records import Accepted, Correction, SeenPhoto

__all__ = ["Outcome", "ReaderFailed", "Readers", "TooSlow"]

TIME_LIMIT = 20  # seconds for one photo, for what waits and works on nothing (CPU_LIMIT ends the rest), and on Windows
START_LIMIT = 30  # seconds that a reader has to start, on a slow and busy machine

LIBRARIES = ("bot.readers.libraries",)  # what a reader imports
ORPHANED = 255  # exit status of a reader without its origin, the process that it is a fork of

T = TypeVar("T")
log = logging.getLogger(__name__)


class Workers:
    """`count` processes for work on files that may be hostile, within the limits of readers; each begins when needed.

    `modules` have what they are asked for, by name; `folders` what they may read from, beside what is imported so.
    """

    def __init__(self, count: int, modules: Sequence[str], folders: Sequence[Path] = ()) -> None:
        self._readers = [_Reader(modules, folders) for _ in range(count)]
        self._free = deque(self._readers)
        self._turn = asyncio.Semaphore(count)  # first come, first served; a queue gives what is free to whoever runs

    async def run(self, function: Callable[..., T], *args: Any) -> T:
        """What the function gives in one of them, once it is free. Raises its PhotoErrors, and ReaderFailed."""
        async with self._one() as reader:
            return await reader.run(work.guarded, function, *args)

    @asynccontextmanager
    async def _one(self) -> AsyncIterator["_Reader"]:
        async with self._turn:
            reader = self._free.popleft()
            try:
                yield reader
            finally:
                self._free.append(reader)

    async def stop(self) -> None:
        """End them all, whatever they are at."""
        await asyncio.gather(*(reader.stop() for reader in self._readers))


class Readers(Workers):
    """`count` processes that read photos: `async with Readers(2) as readers: await readers.read(photo)`."""

    def __init__(self, count: int, model: Path, versions: Path = PRETRAINED) -> None:
        """`model` is the folder of the version that serves at first, `versions` has those that may serve later."""
        super().__init__(count, LIBRARIES, (PRETRAINED, model, versions))
        self._model, self._versions = model, versions

    async def __aenter__(self) -> Self:
        """Start them all and load their models, so that the first photo needn't wait. Raises ReaderFailed."""
        if lacking := confinement.missing():
            log.info("There is no %s here: readers may open what the bot may", " and no ".join(lacking))
        with suppress(OSError):  # what isn't there yet can't be allowed; without it no version will be in it
            self._versions.mkdir(parents=True, exist_ok=True)
        starts = (reader.run(work.guarded, work.load, self._model) for reader in self._readers)
        try:
            for failure in await asyncio.gather(*starts, return_exceptions=True):  # none is stopped while it replaces
                if failure:
                    raise failure
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def up(self) -> bool:
        """Whether there is a reader that didn't die as it started when it was last needed."""
        return any(reader.up for reader in self._readers)

    @property
    def model(self) -> Path:
        """The folder of the version that serves."""
        return self._model

    async def try_out(self, model: Path) -> None:
        """Load a version in one reader, once one is free; it doesn't serve yet. Raises ReaderFailed."""
        await self.run(work.load, model)

    async def serve(self, model: Path) -> None:
        """Read with this version from now on; what is being read is finished with the one before.

        Each reader loads it, in a millisecond, for its next photo. Raises ReaderFailed where it can't be loaded: then
        the one before goes on.
        """
        await self.try_out(model)
        self._model = model

    async def read(self, photo: bytes) -> Outcome:
        """Read one photo, once a reader is free. Raises PhotoError for what is no picture, and ReaderFailed."""
        return await self._run(work.read, photo)

    async def cut(self, photo: bytes, boxes: Sequence[Box]) -> list[bytes]:
        """The 28×28 pixels in each box, as a Digit has them. Raises as `read`."""
        return await self._run(work.cut, photo, boxes)

    async def explain(self, photo: bytes, seen: "SeenPhoto") -> tuple[bytes, str]:
        """A JPEG of how the photo was read, and the version that its bars are of. Raises as `read`."""
        return await self._run(
            work.explain, photo, [(Box(*each.box), each.digit, each.confidence) for each in seen.digits]
        )

    async def tour(self, photo: bytes) -> tuple[Digit, list[bytes]] | None:
        """The first digit in the photo, and five pictures of how it is read; None without one. Raises as `read`."""
        return await self._run(work.tour, photo)

    async def in_order_of_doubt(self, corrections: Sequence["Correction"]) -> list[int]:
        """Indices of corrections, the most doubtful first, what is alike together. Raises ReaderFailed."""
        return await self._run(work.in_order_of_doubt, [_claim_of(each) for each in corrections])

    async def contact_sheet(self, corrections: Sequence["Correction"]) -> bytes:
        """A JPEG of their pictures, numbered from 1. Raises ReaderFailed."""
        return await self._run(work.contact_sheet, [_claim_of(each) for each in corrections])

    async def class_sheet(self, drawn: Sequence[tuple[bytes, int, str, float, int]]) -> bytes:
        """A JPEG of a round's digits, each as a `model.drawing.class_sheet.Drawn` has it. Raises ReaderFailed."""
        return await self._run(work.class_sheet, drawn)

    async def chart(self, counts: Mapping[int, tuple[int, int]]) -> bytes:
        """A PNG of how often each label was read right and wrong. Raises ReaderFailed."""
        return await self._run(work.chart, counts)

    async def pack(self, accepted: Sequence["Accepted"]) -> bytes:
        """The corrections as a training is given them. Raises ReaderFailed."""
        return await self._run(work.pack, [(each.pixels, each.label, each.id) for each in accepted])

    async def confusion(self, tables: Sequence[Sequence[Sequence[int]]]) -> bytes:
        """A PNG of what was read for what, before and after a training. Raises ReaderFailed."""
        return await self._run(work.confusion, *tables)

    async def _run(self, function: Callable[..., T], *args: Any) -> T:
        """With the version that serves once a reader is free."""
        async with self._one() as reader:
            return await reader.run(work.guarded, function, self._model, *args)


class _Reader:
    """One process with a pool of its own around it: a pool that breaks is replaced and takes no other reader along."""

    def __init__(self, modules: Sequence[str], folders: Sequence[Path]) -> None:
        self.up = True
        self._modules, self._folders = modules, folders
        self._pool = self._new_pool()

    async def run(self, function: Callable[..., T], *args: Any) -> T:
        """What `function` gives in the process; a process that died while it was idle is replaced first."""
        self.up = True
        try:
            return await self._run(function, *args)
        except BrokenProcessPool:  # it hadn't begun with this photo, or isn't to blame
            log.warning("A reader died by no photo of anybody's; another one takes its place")
        await self._replace()
        try:
            return await self._run(function, *args)
        except BrokenProcessPool as error:
            self.up = False
            await self._replace()
            raise ReaderFailed("readers die as they start; their own log says why") from error

    async def _run(self, function: Callable[..., T], *args: Any) -> T:
        if not self._started():
            raise BrokenProcessPool
        given = list(args)
        try:
            async with asyncio.timeout(START_LIMIT + TIME_LIMIT):
                return await asyncio.wrap_future(self._pool.schedule(function, args=given, timeout=TIME_LIMIT))
        except ProcessExpired as error:
            metrics.reader_restarted()
            if error.exitcode == ORPHANED:
                raise BrokenProcessPool from error
            if sys.platform != "win32" and error.exitcode == -signal.SIGPROF:
                raise TooSlow(f"the reader worked for longer than {CPU_LIMIT} s") from error
            if error.exitcode == OUT_OF_MEMORY:
                raise ReaderFailed("the reader ran out of memory") from error
            raise ReaderFailed(f"the reader died with exit status {error.exitcode}") from error
        except TimeoutError as error:
            await self._replace()
            raise TooSlow(f"the reader took longer than {TIME_LIMIT} s") from error
        finally:
            given.clear()  # the pool keeps its last task in mind, and with it a photo, until the next one

    def _started(self) -> bool:
        """Start the process if it hasn't begun; False where it died, or can't start."""
        with suppress(BrokenProcessPool):
            return bool(self._pool.active)
        return False

    async def _replace(self) -> None:
        metrics.reader_restarted()
        await self.stop()
        self._pool = self._new_pool()
        self._started()  # the next photo needn't wait for it

    async def stop(self) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]
        await asyncio.to_thread(self._pool.join)

    def _new_pool(self) -> ProcessPool:
        return ProcessPool(
            max_workers=1,
            initializer=work.start,
            initargs=[MEMORY_LIMIT, self._modules, self._folders],
            context=PROCESSES,
        )


def _claim_of(correction: "Correction") -> tuple[int, int, float, bytes]:
    return correction.label, correction.said, correction.confidence, correction.pixels
