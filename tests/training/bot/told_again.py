"""A training that was done before, told again at once: `python tests/training/bot/told_again.py RECORDED … --out DIR`.

In its place in the bot, it says line by line what the real one said (RECORDED/events), and puts down what that made
(RECORDED/version).
"""

import shutil
import sys
from pathlib import Path

if __name__ == "__main__":
    recorded = Path(sys.argv[1])
    shutil.copytree(recorded / "version", sys.argv[sys.argv.index("--out") + 1])
    sys.stdout.write((recorded / "events").read_text())
