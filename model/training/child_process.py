"""A training as somebody else's child: it gives way to what serves, and ends when whoever started it is gone.

Ended, it leaves nothing: no process and no temporary file.
"""

import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from model.versions.store import data_folder
from model.versions.version import Refusal

NICE = 10  # added to the priority's number: what serves comes first
GRACE, LONGEST = 10, 60  # seconds to end in order: of work, for a busy machine gives few of them, and by the clock
MEMORY = 1_200_000_000  # bytes that TensorFlow and the pictures take
DISK = 100_000_000  # bytes for a version, twice
CGROUP = Path("/sys/fs/cgroup")
MEMINFO = Path("/proc/meminfo")
MB = 1_000_000
MAKE_ROOM = "make room there, or name a folder on another disk with `--out FOLDER`."
ELSEWHERE = "train on another machine and bring the version with `digitbot models promote FOLDER`."


class Missing(Refusal):
    """Something isn't there that training needs: `what` names it, for programs."""

    def __init__(self, what: str, sentence: str) -> None:
        super().__init__(sentence)
        self.what = what


def cores() -> int:
    """How many a training takes beside what serves: half of them."""
    return max(1, (os.cpu_count() or 1) // 2)


def give_way() -> None:
    """From here on: half the cores, low priority, an end in order on SIGTERM and when standard input closes.

    To be called before TensorFlow is imported. A process that leads a process group takes it along when it ends.
    """
    for name in ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS"):
        os.environ[name] = str(cores())
    os.environ["TF_NUM_INTEROP_THREADS"] = "1"
    if hasattr(os, "nice"):
        os.nice(NICE)
    signal.signal(signal.SIGTERM, _interrupt)
    threading.Thread(target=_end_with_input, name="end with input", daemon=True).start()


@contextmanager
def temporary_files_together() -> Iterator[None]:
    """What is temporary lies in one folder that is gone behind the block: TensorFlow and Keras forget some of it."""
    with tempfile.TemporaryDirectory(prefix="digitbot-training-", ignore_cleanup_errors=True) as folder:
        tempfile.tempdir = folder
        try:
            yield
        finally:
            tempfile.tempdir = None
            if signal.getsignal(signal.SIGTERM) is _interrupt:  # it ends, and wants to clear up undisturbed
                signal.signal(signal.SIGTERM, signal.SIG_IGN)


def end_with_parent() -> None:
    """From here on a process that `multiprocessing` started ends when the one that started it has, however it did."""
    threading.Thread(target=_wait_for_parent, name="end with parent", daemon=True).start()


def check_room(folder: Path | None = None) -> None:
    """Raises Missing where memory or disk are too small for a training."""
    free = free_memory()
    if free is not None and free < MEMORY:
        raise Missing(
            "memory",
            f"Training takes {MEMORY // MB} MB of memory, and {free // MB} MB are free: end other programs, or "
            + ELSEWHERE,
        )
    place = folder or data_folder()
    while not place.exists():
        place = place.parent
    room = shutil.disk_usage(place).free
    if room < DISK:
        raise Missing(
            "disk",
            f"Training takes {DISK // MB} MB on the disk of {place}, and {room // MB} MB are free: " + MAKE_ROOM,
        )


def free_memory() -> int | None:
    """Bytes that may be taken, of the machine's and of the container's; None where the system doesn't tell."""
    found = []
    try:
        lines = dict(line.split(":", 1) for line in MEMINFO.read_text("ascii").splitlines())
        found.append(int(lines["MemAvailable"].split()[0]) * 1024)
    except (OSError, KeyError, ValueError):
        pass
    try:
        limit, used = ((CGROUP / name).read_text("ascii").strip() for name in ("memory.max", "memory.current"))
        stat = dict(line.split(" ") for line in (CGROUP / "memory.stat").read_text("ascii").splitlines())
        found.append(int(limit) - int(used) + int(stat["inactive_file"]))  # "max" is no number: no limit
    except (OSError, KeyError, ValueError):
        pass
    return min(found, default=None)


def _interrupt(*_: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough: what clears up isn't interrupted again
    for worker in multiprocessing.active_children():
        worker.terminate()
    threading.Thread(target=_end_by_force, name="end by force", daemon=True).start()
    raise KeyboardInterrupt


def _end_with_input() -> None:
    while os.read(sys.stdin.fileno(), 4096):  # not by the stream, whose lock this thread would take into the end
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    _end_by_force()


def _end_by_force() -> None:
    work, clock = time.process_time() + GRACE, time.monotonic() + LONGEST
    while time.process_time() < work and time.monotonic() < clock:
        time.sleep(0.2)
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def _wait_for_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)
