"""How reader processes begin: knowing nothing of what the bot's process was told, and left alone by Ctrl-C."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from threading import Lock

# What of the environment a reader is given: no token, no address of a database.
GIVEN = (
    "PATH", "HOME", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "LD_LIBRARY_PATH",
    "PYTHONPATH", "PYTHONSAFEPATH",
)  # fmt: skip
# A fork of a process that has a reader's libraries starts in a tenth of the time. Only Linux forks safely.
_USUAL = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
_environment = Lock()


class Process(_USUAL.Process):  # type: ignore[name-defined,misc] # which of two it is, is known when it runs
    """A reader's process, and with the first one the process that all are forks of."""

    def start(self) -> None:
        with _interrupts_held(), _environment_of_a_reader():
            super().start()


class Context(type(_USUAL)):  # type: ignore[misc]
    """Lets a pool begin its processes so."""

    Process = Process


PROCESSES = Context()
PROCESSES.set_forkserver_preload(["bot.readers.libraries"])


@contextmanager
def _environment_of_a_reader() -> Iterator[None]:
    """A process gets its starter's environment, and shows it in /proc whatever becomes of it later."""
    with _environment:
        held_back = {name: os.environ.pop(name) for name in list(os.environ) if name.upper() not in GIVEN}
        try:
            yield
        finally:
            os.environ.update(held_back)


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
