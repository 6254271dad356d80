"""A bench as a person runs it, and the tables that it prints."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PATIENCE = 300  # seconds
LONG = 1200  # for trainings: they give way to all else on a busy machine
ROWS = (
    *("multi photo", "none photo", "single photo", "20 digits, generated", "all photos, scenes too", "in all"),
    *("100 digits, generated", "date  ", "brackets  ", "ring  ", "hundred  "),
    *("kills", "outages", "photos sent", "lost", "answered again", "  though not in flight", "out of order"),
    "answered without a digit",
    *("digitbot  ", "digitbot, no limits", "no limits, nothing read", '"ok"', "for photos", "for /help"),
    *("without  ", "with a training"),
)


def run(
    bench: str, *arguments: str, patience: float = PATIENCE, **environment: str
) -> subprocess.CompletedProcess[str]:
    """A bench's output."""
    return subprocess.run(
        [sys.executable, "-m", f"benchmarks.{bench}", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=patience,
    )


def rows(output: str) -> dict[str, list[str]]:
    """The tables' lines: what comes after each name, by words."""
    found = {name: line for line in output.splitlines() for name in ROWS if line.startswith(name)}
    return {name: line.removeprefix(name).split() for name, line in found.items()}


def cells(output: str) -> list[list[str]]:
    """A table in Markdown: its head, then its rows."""
    head, _, *table = (line.strip("|").split("|") for line in output.splitlines() if line.startswith("|"))
    return [[cell.strip() for cell in row] for row in (head, *table)]
