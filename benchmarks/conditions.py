"""What a printed figure needs beside it."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def conditions() -> str:
    """The command, the commit and the machine, in one line."""
    describe = ["git", "describe", "--always", "--dirty"]
    commit = subprocess.run(describe, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    return f"{' '.join(sys.argv)} · commit {commit or 'unknown'} · {os.cpu_count()} cores"
