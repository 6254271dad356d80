"""Versions of the model for tests: the shipped network under other names, made in a moment."""

import json
from pathlib import Path
from typing import Any

from model.versions.version import FILES, PRETRAINED, write_version


def a_twin(folder: Path, **card: Any) -> Path:
    """A new folder with a version that reads as the shipped one does, and says so of itself in its card."""
    shipped = json.loads((PRETRAINED / "card.json").read_text("utf-8"))
    files = {file: (PRETRAINED / file).read_bytes() for file in FILES}
    return write_version(folder, files, shipped | {"version": folder.name} | card).folder


def a_dud(folder: Path) -> Path:
    """A new folder with a version that is whole, but no reader can load it."""
    shipped = json.loads((PRETRAINED / "card.json").read_text("utf-8"))
    del shipped["files"]
    return write_version(folder, {"model.keras": b"no", "model.tflite": b"network"}, shipped).folder
