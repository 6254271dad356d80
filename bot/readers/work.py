"""What runs in a reader process: each function is given the folder of the version that reads.

Both sides import this module, and only a reader imports the model's libraries, as it starts: then it is confined, and
what its functions import must be in `libraries`.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from traceback import format_exc
from typing import TYPE_CHECKING, Any, TypeVar

from bot.readers.confinement import confine
from model.reading.result import N_, Box, Digit, PhotoError, Reading

if TYPE_CHECKING:
    from model.reading.reader import DigitReader

CPU_LIMIT = 3.0  # seconds of CPU time for whatever a reader is asked for
MEMORY_LIMIT = 250_000_000  # bytes that a reader may take beside those that it starts with
NICE = 5  # lowers the priority: what is read is sent and written down before more is read
OUT_OF_MEMORY = 77  # its exit status where it wanted more
PR_SET_PDEATHSIG = 1  # prctl(2): the signal to get when the process that forked this one ends

T = TypeVar("T")


class ReaderFailed(Exception):
    """The reader died, hung, ran out of memory or met a fault of ours; the message says which, for the log."""

    sentence = N_("Something went wrong while I was reading this picture. Please try another photo.")


class TooSlow(ReaderFailed):
    """The picture took the reader longer than any should, so the reader was ended."""

    sentence = N_("This picture takes too long to read. Please send it as a photo, not as a file.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was read in a photo, and how that looks on it."""

    reading: Reading
    drawing: bytes | None  # JPEG: boxes drawn on the photo; None for fewer than two digits


def start(memory: int, modules: Sequence[str], folders: Sequence[Path]) -> None:
    """Begin a reader: import its modules, then take no more memory than that, and open nothing but what is there."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # without its origin nobody knows how it ends
    if hasattr(os, "nice"):
        os.nice(NICE)
    for module in modules:  # before the first photo: it takes its time where there was no fork
        import_module(module)
    _limit_memory(memory)
    confine(folders)
    _silence()


def _limit_memory(more: int) -> None:
    """Data, which is what decoders take, not address space, of which libraries map ten times what they use."""
    if sys.platform == "linux":
        import resource

        status = Path("/proc/self/status").read_text(encoding="ascii")
        (data,) = (int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmData:"))
        resource.setrlimit(resource.RLIMIT_DATA, (data + more, data + more))


def _silence() -> None:
    """Nobody reads what libraries write about people's files; what fails is told as an exception."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
    os.close(nowhere)


@lru_cache(maxsize=2)  # the one that serves, and one that is tried out
def _reader(model: Path) -> "DigitReader":
    from model.reading.reader import DigitReader

    return DigitReader(model)


def load(model: Path) -> None:
    try:
        _reader(model)
    except Exception as error:
        cause = str(error).partition("\n")[0]
        raise ReaderFailed(f"{model} can't be loaded: {cause}") from error


@contextmanager
def _cpu_limited() -> Iterator[None]:
    """A block that works for longer than CPU_LIMIT ends its process (SIGPROF), in the midst of a decoder too."""
    if sys.platform == "win32":  # it has no such timer
        yield
        return
    signal.setitimer(signal.ITIMER_PROF, CPU_LIMIT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def guarded(function: Callable[..., T], *args: Any) -> T:
    """Do what a reader is asked for, within its limits. Raises PhotoError and ReaderFailed alone."""
    try:
        with _cpu_limited():
            return function(*args)
    except (PhotoError, ReaderFailed):
        raise
    except MemoryError:  # what is left of it after that, nobody knows
        os._exit(OUT_OF_MEMORY)
    except Exception as error:  # its type may be of a library that the bot's process doesn't import
        raise ReaderFailed(format_exc()) from error


def read(model: Path, photo: bytes) -> Outcome:
    from model.drawing.drawing import boxes_on_photo

    reading = _reader(model).read(photo)
    return Outcome(reading, boxes_on_photo(photo, reading) if len(reading.digits) > 1 else None)


def cut(model: Path, photo: bytes, boxes: Sequence[Box]) -> list[bytes]:
    return _reader(model).cut(photo, boxes)


def in_order_of_doubt(_: Path, claims: Sequence[tuple[int, int, float, bytes]]) -> list[int]:
    from model.drawing.review import Claimed, in_order_of_doubt

    return in_order_of_doubt([Claimed(*each) for each in claims])


def contact_sheet(_: Path, claims: Sequence[tuple[int, int, float, bytes]]) -> bytes:
    from model.drawing.review import Claimed, contact_sheet

    return contact_sheet([Claimed(*each) for each in claims])


def class_sheet(_: Path, drawn: Sequence[tuple[bytes, int, str, float, int]]) -> bytes:
    from model.drawing.class_sheet import Drawn, class_sheet

    return class_sheet([Drawn(*each) for each in drawn])


def chart(_: Path, counts: Mapping[int, tuple[int, int]]) -> bytes:
    from model.drawing.chart import bars

    return bars(counts)


def pack(_: Path, accepted: Sequence[tuple[bytes, int, int]]) -> bytes:
    from model.training.corrections import packed

    pixels, labels, ids = zip(*accepted, strict=True)
    return packed(pixels, labels, ids)


def confusion(_: Path, before: Sequence[Sequence[int]], after: Sequence[Sequence[int]]) -> bytes:
    from model.drawing.confusion import before_and_after

    return before_and_after(before, after)


def explain(model: Path, photo: bytes, known: Sequence[tuple[Box, int, float]]) -> tuple[bytes, str]:
    from model.drawing.drawing import explained

    reading = _reader(model).recall(photo, known)
    return explained(photo, reading), reading.model


def tour(model: Path, photo: bytes) -> tuple[Digit, list[bytes]] | None:
    from model.drawing.tour import tour

    return tour(photo, _reader(model), model)
