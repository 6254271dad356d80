"""Reads photos in reader processes: one that kills, hangs or bloats its reader costs its sender a sentence, no more.

This module is imported on both sides. The bot's process keeps the Readers; the functions below them run in a reader,
and only there is the model imported.
"""

import asyncio
import logging
import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import resource_tracker
from pathlib import Path
from traceback import format_exc
from typing import TYPE_CHECKING, Any, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from model.reading import N_, Box, PhotoError, Reading

if TYPE_CHECKING:
    from bot.kept import Correction, SeenPhoto
    from bot.trainings import Accepted
    from model.reader import DigitReader

TIME_LIMIT = 10  # seconds that a reader has for one photo
START_LIMIT = 30  # seconds that a reader has to start, on a slow and busy machine
MEMORY_LIMIT = 1_500_000_000  # bytes of address space for a reader, which maps 560 MB before any photo
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # a reader is one core's work

T = TypeVar("T")
log = logging.getLogger(__name__)


class ReaderFailed(Exception):
    """The reader died, hung, ran out of memory or met a fault of ours; the message says which, for the log."""

    sentence = N_("Something went wrong while I was reading this picture. Please try another photo.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was read in a photo, and how that looks on it."""

    reading: Reading
    drawing: bytes | None  # JPEG: boxes drawn on the photo; None for fewer than two digits


class Readers:
    """`count` processes that read photos: `async with Readers(2) as readers: await readers.read(photo)`."""

    def __init__(self, count: int, model: Path) -> None:
        """`model` is the folder of the version that serves at first."""
        self._model = model
        self._readers = [_Reader() for _ in range(count)]
        self._free: deque[_Reader] = deque()
        self._turn = asyncio.Semaphore(count)  # first come, first served; a queue gives what is free to whoever runs

    async def __aenter__(self) -> Self:
        """Start them all and load their models, so that the first photo needn't wait. Raises ReaderFailed."""
        try:
            await asyncio.gather(*(reader.run(_guarded, _load, self._model) for reader in self._readers))
        except BaseException:
            await self.__aexit__()
            raise
        self._free.extend(self._readers)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(reader.stop() for reader in self._readers))

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
        await self._run_with(model, _load)

    async def serve(self, model: Path) -> None:
        """Read with this version from now on; what is being read is finished with the one before.

        Each reader loads it, in a millisecond, for its next photo. Raises ReaderFailed where it can't be loaded: then
        the one before goes on.
        """
        await self.try_out(model)
        self._model = model

    async def read(self, photo: bytes) -> Outcome:
        """Read one photo, once a reader is free. Raises PhotoError for what is no picture, and ReaderFailed."""
        return await self._run(_read, photo)

    async def cut(self, photo: bytes, boxes: Sequence[Box]) -> list[bytes]:
        """The 28×28 pixels in each box, as a Digit has them. Raises as `read`."""
        return await self._run(_cut, photo, boxes)

    async def explain(self, photo: bytes, seen: "SeenPhoto") -> tuple[bytes, str]:
        """A JPEG of how the photo was read, and the version that its bars are of. Raises as `read`."""
        return await self._run(_explain, photo, [(Box(*each.box), each.digit, each.confidence) for each in seen.digits])

    async def in_order_of_doubt(self, corrections: Sequence["Correction"]) -> list[int]:
        """Indices of corrections, the most doubtful first, what is alike together. Raises ReaderFailed."""
        return await self._run(_in_order_of_doubt, [_claim_of(each) for each in corrections])

    async def contact_sheet(self, corrections: Sequence["Correction"]) -> bytes:
        """A JPEG of their pictures, numbered from 1. Raises ReaderFailed."""
        return await self._run(_contact_sheet, [_claim_of(each) for each in corrections])

    async def chart(self, counts: Mapping[int, tuple[int, int]]) -> bytes:
        """A PNG of how often each label was read right and wrong. Raises ReaderFailed."""
        return await self._run(_chart, counts)

    async def pack(self, accepted: Sequence["Accepted"]) -> bytes:
        """The corrections as a training is given them. Raises ReaderFailed."""
        return await self._run(_pack, [(each.pixels, each.label, each.id) for each in accepted])

    async def confusion(self, tables: Sequence[Sequence[Sequence[int]]]) -> bytes:
        """A PNG of what was read for what, before and after a training. Raises ReaderFailed."""
        return await self._run(_confusion, *tables)

    async def _run(self, function: Callable[..., T], *args: Any) -> T:
        return await self._run_with(None, function, *args)

    async def _run_with(self, model: Path | None, function: Callable[..., T], *args: Any) -> T:
        """`model` None: the one that serves once a reader is free."""
        async with self._turn:
            reader = self._free.popleft()
            try:
                return await reader.run(_guarded, function, model or self._model, *args)
            finally:
                self._free.append(reader)


class _Reader:
    """One process with a pool of its own around it: a pool that breaks is replaced and takes no other reader along."""

    def __init__(self) -> None:
        self.up = True
        self._pool = self._new_pool()

    async def run(self, function: Callable[..., T], *args: Any) -> T:
        """What `function` gives in the process; a process that died while it was idle is replaced first."""
        self.up = True
        try:
            return await self._run(function, *args)
        except BrokenProcessPool:  # it hadn't begun with this photo
            log.warning("A reader died while it was idle; another one takes its place")
        await self._replace()
        try:
            return await self._run(function, *args)
        except BrokenProcessPool as error:
            self.up = False
            await self._replace()
            raise ReaderFailed("readers die as they start; their own log says why") from error

    async def _run(self, function: Callable[..., T], *args: Any) -> T:
        with _interrupts_held():  # the first look starts the pool; a process inherits what its starter holds back
            if not self._pool.active:
                raise BrokenProcessPool
        try:
            async with asyncio.timeout(START_LIMIT + TIME_LIMIT):
                return await asyncio.wrap_future(self._pool.schedule(function, args=args, timeout=TIME_LIMIT))
        except ProcessExpired as error:
            raise ReaderFailed(f"the reader died with exit status {error.exitcode}") from error
        except TimeoutError as error:
            await self._replace()
            raise ReaderFailed(f"the reader took longer than {TIME_LIMIT} s") from error

    async def _replace(self) -> None:
        await self.stop()
        self._pool = self._new_pool()

    async def stop(self) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]
        await asyncio.to_thread(self._pool.join)

    def _new_pool(self) -> ProcessPool:
        return ProcessPool(
            max_workers=1,
            initializer=_start,
            initargs=[MEMORY_LIMIT],
            context=multiprocessing.get_context("spawn"),
        )


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C in a terminal reaches all its processes, but it is for the bot's own alone."""
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()  # multiprocessing's own helper: its start would let them through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _claim_of(correction: "Correction") -> tuple[int, int, float, bytes]:
    return correction.label, correction.said, correction.confidence, correction.pixels


# From here on: what runs in a reader process.


def _start(memory: int) -> None:
    os.environ.update(ONE_THREAD)
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    import model.reader  # noqa: F401 (before the first photo: it takes its time)


@lru_cache(maxsize=2)  # the one that serves, and one that is tried out
def _reader(model: Path) -> "DigitReader":
    from model.reader import DigitReader

    return DigitReader(model)


def _load(model: Path) -> None:
    try:
        _reader(model)
    except Exception as error:
        cause = str(error).partition("\n")[0]
        raise ReaderFailed(f"{model} can't be loaded: {cause}") from error


def _guarded(function: Callable[..., T], model: Path, *args: Any) -> T:
    try:
        return function(model, *args)
    except (PhotoError, ReaderFailed):
        raise
    except Exception as error:  # its type may be of a library that the bot's process doesn't import
        raise ReaderFailed(format_exc()) from error


def _read(model: Path, photo: bytes) -> Outcome:
    from model.drawing import boxes_on_photo

    reading = _reader(model).read(photo)
    return Outcome(reading, boxes_on_photo(photo, reading) if len(reading.digits) > 1 else None)


def _cut(model: Path, photo: bytes, boxes: Sequence[Box]) -> list[bytes]:
    return _reader(model).cut(photo, boxes)


def _in_order_of_doubt(_: Path, claims: Sequence[tuple[int, int, float, bytes]]) -> list[int]:
    from model.review import Claimed, in_order_of_doubt

    return in_order_of_doubt([Claimed(*each) for each in claims])


def _contact_sheet(_: Path, claims: Sequence[tuple[int, int, float, bytes]]) -> bytes:
    from model.review import Claimed, contact_sheet

    return contact_sheet([Claimed(*each) for each in claims])


def _chart(_: Path, counts: Mapping[int, tuple[int, int]]) -> bytes:
    from model.chart import bars

    return bars(counts)


def _pack(_: Path, accepted: Sequence[tuple[bytes, int, int]]) -> bytes:
    from model.corrections import packed

    pixels, labels, ids = zip(*accepted, strict=True)
    return packed(pixels, labels, ids)


def _confusion(_: Path, before: Sequence[Sequence[int]], after: Sequence[Sequence[int]]) -> bytes:
    from model.confusion import before_and_after

    return before_and_after(before, after)


def _explain(model: Path, photo: bytes, known: Sequence[tuple[Box, int, float]]) -> tuple[bytes, str]:
    from model.drawing import explained

    reading = _reader(model).recall(photo, known)
    return explained(photo, reading), reading.model
