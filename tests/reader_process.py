"""A look at the reader processes from outside, and a hand on them: for tests of what happens when one fails."""

import multiprocessing
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.waiting import until

needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through Linux's /proc")


def reader_pids() -> list[int]:
    """The process ids of all readers of this process."""
    return [
        child.pid for child in multiprocessing.active_children() if child.name == "pebble_pool_worker" and child.pid
    ]


async def reader_in_mid_photo() -> int:
    """The process id of the first reader that works on a photo for 0.1 s of CPU time; it is stopped (SIGSTOP) then."""
    idle = {pid: cpu_seconds(pid) for pid in reader_pids()}

    def busy() -> list[int]:
        return [pid for pid, seconds in idle.items() if cpu_seconds(pid) >= seconds + 0.1]

    await until(lambda: bool(busy()))
    [pid] = busy()
    os.kill(pid, signal.SIGSTOP)
    return pid


def address_space(pid: int) -> int:
    """The most bytes of address space that the process has had."""
    return _bytes_of("VmPeak", pid)


def most_memory(pid: int) -> int:
    """The most bytes that the process has had in memory."""
    return _bytes_of("VmHWM", pid)


def memory(pid: int) -> int:
    """The bytes that it has in memory now."""
    return _bytes_of("VmRSS", pid)


def _bytes_of(field: str, pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{field}:"))


def parent_of(pid: int) -> int:
    """The process that started it."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def cpu_seconds(pid: int) -> float:
    """That the process has worked, its children apart."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
