"""The training as a child process: given what it needs and nothing secret, heard line by line, surely ended.

A child ends when its bot does, for its standard input closes then. Until it has, it holds the lock that it inherited.
"""

import asyncio
import json
import logging
import os
import shutil
import signal
import sys
import tempfile
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, cast

from bot.settings import Settings

COMMAND: tuple[str, ...] = (sys.executable, "-P", "-m", "model.training", "--child", "--progress", "json")
# What of the environment a child is given: no token, no address of a database.
GIVEN = (
    "PATH", "HOME", "LANG", "SYSTEMROOT", "XDG_CACHE_HOME", "LD_LIBRARY_PATH", "PYTHONPATH",
    "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE",
)  # fmt: skip
GRACE = 10  # seconds for a child to end in order
PREDECESSOR = 15  # seconds to wait for a child of a bot that was killed
LINE = 1_000_000  # bytes of one event at most
LAST_WORDS = 20  # lines of its errors that are kept

log = logging.getLogger(__name__)


class Busy(Exception):
    """A child of an earlier bot is still at work on this machine."""


class Died(Exception):
    """The child ended, and neither with a version nor with a reason; the message has its last words, for the log."""


class Workplace:
    """A folder for one training, this machine's only one: `async with workplace(settings) as place`."""

    def __init__(self, settings: Settings, folder: Path, lock: int) -> None:
        self.version = folder / "version"  # where the child puts what it made
        self._corrections = folder / "corrections.npz"
        self._folder = folder
        self._settings = settings
        self._lock = lock

    def put(self, corrections: bytes) -> Path:
        """Write the corrections for the child, readable by the bot's user alone; gives the file."""
        with os.fdopen(os.open(self._corrections, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(corrections)
        return self._corrections

    async def events(self, *arguments: str | Path) -> AsyncGenerator[dict[str, Any]]:
        """What the training tells, `stage` by stage, until it has ended; an end of the iteration ends it too.

        Raises Died.
        """
        child = await asyncio.create_subprocess_exec(
            *(*COMMAND, *map(str, arguments), "--out", str(self.version)),
            stdin=asyncio.subprocess.PIPE,  # never written to: it closes when this process ends, however it does
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=LINE,
            env=self._environment(),
            **_apart(self._lock),
        )
        words: deque[str] = deque(maxlen=LAST_WORDS)
        listening = asyncio.create_task(
            _keep(cast("asyncio.StreamReader", child.stderr), words), name="a training's last words"
        )
        finished = False
        try:
            async for line in cast("asyncio.StreamReader", child.stdout):
                if event := _event(line):
                    finished = finished or event["stage"] in ("done", "refused")
                    yield event
            await child.wait()
            await listening
            if not finished:
                raise Died(f"the training ended with exit status {child.returncode}: {' / '.join(words)}")
        finally:
            await _ended(child)
            listening.cancel()

    def _environment(self) -> dict[str, str]:
        settings = self._settings
        own = {
            "DATA_DIR": settings.data_dir,
            "MNIST_PATH": settings.mnist_path,
            "HANDWRITING_PATH": settings.handwriting_path,
            "TMPDIR": self._folder,  # what a killed child had begun goes with the folder
            "TEMP": self._folder,
        }
        given = {name: os.environ[name] for name in GIVEN if name in os.environ}
        return given | {name: str(path) for name, path in own.items() if path}


@asynccontextmanager
async def workplace(settings: Settings) -> AsyncIterator[Workplace]:
    """The place for a training, empty; gone behind the block. Raises Busy, OSError."""
    place = settings.data_dir / "training"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(place) as lock:
        if not _take(lock):
            await _predecessors_end(lock)
        folder = await asyncio.to_thread(_empty, place)
        try:
            yield Workplace(settings, folder, lock)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def clear(settings: Settings) -> None:
    """Delete what a training of a killed bot left, unless its child is still at work on it."""
    place = settings.data_dir / "training"
    if place.is_dir():
        with _alone(place) as lock:
            if _take(lock):
                _remove_leftovers(place)


async def _predecessors_end(lock: int) -> None:
    for _ in range(PREDECESSOR * 10):
        await asyncio.sleep(0.1)
        if _take(lock):
            return
    raise Busy("the training of an earlier bot is still at work here")


def _empty(place: Path) -> Path:
    _remove_leftovers(place)
    return Path(tempfile.mkdtemp(prefix="run-", dir=place))  # for this user alone


def _remove_leftovers(place: Path) -> None:
    for left in place.glob("run-*"):
        shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _alone(place: Path) -> Iterator[int]:
    """The lock's file, not yet locked; locked for as long as this process or a child of it has it open."""
    handle = os.open(place / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)


def _take(handle: int) -> bool:
    if sys.platform == "win32":  # no lock there that a child inherits
        return True
    import fcntl

    with suppress(BlockingIOError):
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _apart(lock: int) -> dict[str, Any]:
    """In a process group of its own: Ctrl-C is for the bot. Not in a session of its own, where `nice` would count for
    nothing beside this one."""
    return {} if sys.platform == "win32" else {"process_group": 0, "pass_fds": (lock,)}


async def _keep(stream: asyncio.StreamReader, words: deque[str]) -> None:
    with suppress(ValueError):  # a line beyond all bounds
        async for line in stream:
            words.append(line.decode(errors="replace").strip())
            log.debug("Training: %s", words[-1])


def _event(line: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:
        event = None
    if isinstance(event, dict) and isinstance(event.get("stage"), str):
        return event
    log.warning("The training said what isn't understood: %.200r", line)
    return None


async def _ended(child: asyncio.subprocess.Process) -> None:
    """Have the child end in order, then by force, and with it whatever it started."""
    if child.returncode is None:
        with suppress(ProcessLookupError):
            child.terminate()
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE):
                await _read_out(child)
    if sys.platform == "win32":
        with suppress(ProcessLookupError):
            child.kill()
    else:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    await child.wait()


async def _read_out(child: asyncio.subprocess.Process) -> None:
    """Until its end, so that it doesn't wait for somebody to read what it says."""
    if child.stdout:
        while await child.stdout.read(LINE):
            pass
    await child.wait()
