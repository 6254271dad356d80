"""Trains a network and exports it as a version: a thin command line over model/training, which takes what of training
stands in `.env` too, and nothing else of it.
"""

import os
from pathlib import Path

from dotenv import dotenv_values

from model.training.__main__ import main

SETTINGS = ("DATA_DIR", "MNIST_PATH", "HANDWRITING_PATH")

if __name__ == "__main__":
    written = dotenv_values(".env")
    for name in SETTINGS:
        if path := written.get(name):
            os.environ.setdefault(name, str(Path(path).expanduser()))
    os.environ["PYTHONSAFEPATH"] = "1"  # its own processes import nothing that happens to lie where it was started
    raise SystemExit(main())
