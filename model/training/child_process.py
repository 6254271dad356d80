"""Runs a training in a child process that ends with its parent and yields to the bot.

It leaves no process and no temporary file behind.
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

NICE = 10  # lowers the priority, so that the bot comes first
GRACE, LONGEST = 10, 60  # seconds to shut down: of CPU time, since a busy machine gives little of it, and by the clock
MEMORY = 1_200_000_000  # bytes for TensorFlow and the pictures
DISK = 100_000_000  # bytes for a version, twice
CGROUP = Path("/sys/fs/cgroup")
MEMINFO = Path("/proc/meminfo")
MB = 1_000_000
MAKE_ROOM = "make room there, or name a folder on another disk with `--out FOLDER`."
ELSEWHERE = "train on another machine and bring the version with `digitbot models promote FOLDER`."


class Missing(Refusal):
    """Something that training needs is missing; `what` names it for programs."""

    def __init__(self, what: str, sentence: str) -> None:
        super().__init__(sentence)
        self.what = what


def cores() -> int:
    """The number of cores for a training: half of them."""
    return max(1, (os.cpu_count() or 1) // 2)


def give_way() -> None:
    """Switch to half the cores and low priority; end on SIGTERM or when stdin closes.

    Call it before TensorFlow is imported. A process group leader ends its whole group.
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
    """Put temporary files into one folder and delete it after the block.

    TensorFlow and Keras leave some behind.
    """
    with tempfile.TemporaryDirectory(prefix="digitbot-training-", ignore_cleanup_errors=True) as folder:
        tempfile.tempdir = folder
        try:
            yield
        finally:
            tempfile.tempdir = None
            if signal.getsignal(signal.SIGTERM) is _interrupt:  # let it clean up undisturbed as it ends
                signal.signal(signal.SIGTERM, signal.SIG_IGN)


def end_with_parent() -> None:
    """End this `multiprocessing` child when its parent ends, in whatever way."""
    threading.Thread(target=_wait_for_parent, name="end with parent", daemon=True).start()


def check_room(folder: Path | None = None) -> None:
    """Check memory and disk space. Raises Missing if either is too small for a training."""
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
    """Available memory of the machine and container, in bytes; None if unknown."""
    found = []
    try:
        lines = dict(line.split(":", 1) for line in MEMINFO.read_text("ascii").splitlines())
        found.append(int(lines["MemAvailable"].split()[0]) * 1024)
    except (OSError, KeyError, ValueError):
        pass
    try:
        limit, used = ((CGROUP / name).read_text("ascii").strip() for name in ("memory.max", "memory.current"))
        stat = dict(line.split(" ") for line in (CGROUP / "memory.stat").read_text("ascii").splitlines())
        found.append(int(limit) - int(used) + int(stat["inactive_file"]))  # "max" isn't a number: no limit
    except (OSError, KeyError, ValueError):
        pass
    return min(found, default=None)


def _interrupt(*_: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # don't interrupt the clean-up with a second signal
    for worker in multiprocessing.active_children():
        worker.terminate()
    threading.Thread(target=_end_by_force, name="end by force", daemon=True).start()
    raise KeyboardInterrupt


def _end_with_input() -> None:
    while os.read(sys.stdin.fileno(), 4096):  # not through the stream, whose lock this thread would hold at exit
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
