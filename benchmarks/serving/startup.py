"""What starting costs: `digitbot read` and the bot until it is ready, beside importing TensorFlow. Linux only.

    python -m benchmarks.serving.startup [--runs N]

CPU seconds of the whole process with its children, the median of some runs, each taking its turn; memory is resident.
"""

import argparse
import os
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

from benchmarks.conditions import ROOT, conditions, parsed
from benchmarks.serving.processes import cpu, descendants, resident
from tests.handwriting import page

PATIENCE = 120  # seconds


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="of each")
    runs = parsed(parser, runs=1).runs
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder) / "one.jpg"
        photo.write_bytes(page(["7"], np.random.default_rng(0), size=(1280, 960), height=400)[0])
        sides: dict[str, Callable[[], float]] = {
            'python -c "import tensorflow"': lambda: cpu_of([sys.executable, "-c", "import tensorflow"]),
            "digitbot read one.jpg": lambda: cpu_of([sys.executable, "-m", "bot", "read", str(photo)]),
            "digitbot demo until it is ready": lambda: bot_ready(Path(folder))[0],
        }
        seconds: dict[str, list[float]] = {name: [] for name in sides}
        for _ in range(runs):
            for name, measure in sides.items():
                seconds[name].append(measure())
        memory = bot_ready(Path(folder))[1]
    tensorflow = statistics.median(seconds['python -c "import tensorflow"'])
    print(f"{conditions()} · {runs} runs each\n")
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
        family = dict(
            zip(("the bot", "what readers are forks of", "a reader"), [bot.pid, *descendants(bot.pid)], strict=True)
        )
        return sum(map(cpu, family.values())), {name: resident(pid) for name, pid in family.items()}
    finally:
        bot.send_signal(signal.SIGINT)
        bot.communicate(timeout=PATIENCE)


if __name__ == "__main__":
    sys.exit(main())
