"""A training as somebody else's child: it gives way to what serves, and ends when whoever started it is gone."""

import os
import shutil
import signal
import sys
import threading
from pathlib import Path

from model.registry import Refusal, data_folder

NICE = 10  # added to the priority's number: what serves comes first
GRACE = 5  # seconds to end in order
MEMORY = 1_200_000_000  # bytes that TensorFlow and the pictures take
DISK = 100_000_000  # bytes for a version, twice
CGROUP = Path("/sys/fs/cgroup")
MEMINFO = Path("/proc/meminfo")


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


def check_room(folder: Path | None = None) -> None:
    """Raises Missing where memory or disk are too small for a training."""
    free = free_memory()
    if free is not None and free < MEMORY:
        raise Missing("memory", f"Training takes {MEMORY >> 20} MB of memory, and {free >> 20} MB are free.")
    place = folder or data_folder()
    while not place.exists():
        place = place.parent
    if shutil.disk_usage(place).free < DISK:
        raise Missing("disk", f"Training takes {DISK >> 20} MB on the disk of {place}, and there is less.")


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
    raise KeyboardInterrupt


def _end_with_input() -> None:
    while os.read(sys.stdin.fileno(), 4096):  # not by the stream, whose lock this thread would take into the end
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(GRACE)
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)
