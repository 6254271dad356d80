"""What starting costs: `digitbot read` and the bot until it is ready, beside importing TensorFlow. Linux only.

    python benchmarks/startup.py [--runs N]

CPU seconds of the whole process with its children, the median of some runs, each taking its turn; memory is resident.
"""

import argparse
import os
import re
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.handwriting import page  # noqa: E402 (the tests' own handwriting)

PATIENCE = 120  # seconds


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="of each")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder) / "one.jpg"
        photo.write_bytes(page(["7"], np.random.default_rng(0), size=(1280, 960), height=400)[0])
        sides: dict[str, Callable[[], float]] = {
            'python -c "import tensorflow"': lambda: cpu_of([sys.executable, "-c", "import tensorflow"]),
            "digitbot read one.jpg": lambda: cpu_of([sys.executable, "-m", "bot", "read", str(photo)]),
            "digitbot demo until it is ready": lambda: bot_ready(Path(folder))[0],
        }
        seconds = {name: [] for name in sides}
        for _ in range(runs):
            for name, measure in sides.items():
                seconds[name].append(measure())
        memory = bot_ready(Path(folder))[1]
    tensorflow = statistics.median(seconds['python -c "import tensorflow"'])
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    print(f"{' '.join(sys.argv)} · commit {commit.stdout.strip()} · {os.cpu_count()} cores · {runs} runs each\n")
    print(f"{'':<34} CPU s   (least – most)   share of TensorFlow's import")
    for name, times in seconds.items():
        middle = statistics.median(times)
        print(f"{name:<34} {middle:5.2f}   ({min(times):.2f} – {max(times):.2f})   {middle / tensorflow:6.1%}")
    print("\nresident memory of " + ", ".join(f"{name} {size / 1e6:.0f} MB" for name, size in memory.items()))
    return 0


def cpu_of(command: list[str]) -> float:
    """CPU seconds of a command, user and system."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=PATIENCE)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def bot_ready(folder: Path) -> tuple[float, dict[str, int]]:
    """CPU seconds of the bot and its reader until it says that it is ready, and their memory in bytes."""
    environment = os.environ | {"DATA_DIR": str(folder), "READERS": "1"}
    bot = subprocess.Popen(
        [sys.executable, "-m", "bot", "demo", "--no-browser", "--port", "0"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert bot.stdout is not None
        deadline = time.monotonic() + PATIENCE
        for line in bot.stdout:
            if "Chat with the bot at" in line or time.monotonic() > deadline:
                break
        family = {"the bot": bot.pid} | {f"reader {i}": pid for i, pid in enumerate(_children(bot.pid), 1)}
        return sum(map(_cpu, family.values())), {name: _resident(pid) for name, pid in family.items()}
    finally:
        bot.send_signal(signal.SIGINT)
        bot.communicate(timeout=PATIENCE)


def _children(pid: int) -> list[int]:
    """Readers: the processes that the bot spawned, without Python's resource tracker."""
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    threads = Path(f"/proc/{pid}/task").iterdir()
    children += [int(c) for thread in threads for c in (thread / "children").read_text().split()]
    return [c for c in sorted(set(children)) if b"resource_tracker" not in Path(f"/proc/{c}/cmdline").read_bytes()]


def _cpu(pid: int) -> float:
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _resident(pid: int) -> int:
    match = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(match[1]) * 1024 if match else 0


if __name__ == "__main__":
    sys.exit(main())
