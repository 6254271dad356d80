"""What every benchmark needs: its options, and what a printed figure needs beside it."""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def parsed(parser: argparse.ArgumentParser, **quick: Any) -> argparse.Namespace:
    """The command line's options, with --quick beside the parser's own: those of `quick`, unless others are given."""
    parser.add_argument("--quick", action="store_true", help="a minute at most, to see that it runs: for no figures")
    options = parser.parse_args()
    if options.quick:
        parser.set_defaults(**quick)
        options = parser.parse_args()
    return options


def conditions() -> str:
    """The command, the commit and the machine, in one line."""
    program = Path(sys.argv[0]).resolve().relative_to(ROOT).with_suffix("")
    command = " ".join(["python -m", ".".join(program.parts), *sys.argv[1:]])
    describe = ["git", "describe", "--always", "--dirty"]
    commit = subprocess.run(describe, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    return f"{command} · commit {commit or 'unknown'} · {os.cpu_count()} cores"
