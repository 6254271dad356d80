"""What a printed figure needs beside it, and where the photos to measure on lie: shared by the other scripts here."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PHOTOS = ROOT.parent / "shared" / "photos" / "dev"


def conditions() -> str:
    """The command, the commit and the machine, in one line."""
    describe = ["git", "describe", "--always", "--dirty"]
    commit = subprocess.run(describe, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    return f"{' '.join(sys.argv)} · commit {commit or 'unknown'} · {os.cpu_count()} cores"
