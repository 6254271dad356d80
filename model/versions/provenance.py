"""When, from which code and on what machine something was made: what a model card says of its own origin."""

import os
import platform
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("tensorflow-cpu", "tensorflow", "keras", "numpy", "ai-edge-litert", "opencv-python-headless")


def circumstances() -> dict[str, Any]:
    """Date, commit, processor, Python and packages; asked at the start of a long work: the code may change under it."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "commit": _commit(),
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "packages": _packages(),
    }


def _commit() -> str | None:
    """The last commit of the code that ran, with "+changes" where it differs from that; None outside a checkout."""
    files = [str(module.__file__) for name, module in sys.modules.items() if name.startswith("model.")]
    try:
        commit, changes = _git("log", "-1", "--format=%H", "--", *files), _git("status", "--porcelain", "--", *files)
    except (OSError, subprocess.SubprocessError):
        return None
    return commit + ("+changes" if changes else "") if commit else None


def _git(*arguments: str) -> str:
    command = ["git", *arguments]  # no shell, and the arguments stand above
    here = Path(__file__).parent
    done = subprocess.run(command, cwd=here, capture_output=True, check=True, timeout=10)  # noqa: S603
    return done.stdout.decode().strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _packages() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found
