"""One version of the model: a folder with `model.keras`, `model.tflite`, and a card that says what they are."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from model.versions.atomic_files import new_folder, write_atomically

PRETRAINED = Path(__file__).parents[1] / "pretrained"  # the version that ships
FILES = ("model.keras", "model.tflite")  # what the card vouches for


class Refusal(Exception):
    """What was asked for can't be done. The message is one sentence for the person who asked: why, or what to do."""


class VersionError(Refusal):
    """There is no such version, or it isn't whole."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version's name, its folder on this machine, and what its card says."""

    name: str
    folder: Path
    card: dict[str, Any]
    serves: bool = False  # told by lists

    @property
    def shipped(self) -> bool:
        """Whether it is the one that comes with the program."""
        return self.folder == PRETRAINED

    @property
    def parent(self) -> str | None:
        """The version that it was tuned from."""
        return str(self.card["parent"]) if self.card.get("parent") else None


@cache
def shipped_name() -> str:
    """The name of the version that ships."""
    return open_version(PRETRAINED).name


def read_version(folder: Path) -> Version | None:
    """The version in `folder`, if its card and all its files are there and as the card says; else None."""
    try:
        card = json.loads((folder / "card.json").read_text("utf-8"))
        sums = {file: hashlib.sha256((folder / file).read_bytes()).hexdigest() for file in FILES}
        whole = sums == {file: card["files"][file]["sha256"] for file in FILES}
        return Version(str(card["version"]), folder, card) if whole else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def open_version(folder: Path) -> Version:
    """The version in `folder`. Raises VersionError where it is missing or damaged."""
    version = read_version(folder)
    if version is None:
        raise VersionError(
            f"{folder} holds no whole version: it needs card.json, model.keras and model.tflite unchanged."
        )
    return version


def write_version(folder: Path, files: Mapping[str, bytes], card: dict[str, Any]) -> Version:
    """Write a version to a new `folder`: `files` by name, and the card, which vouches for them once it does.

    Raises FileExistsError, and VersionError for files that the card doesn't mean.
    """
    sums = {name: {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()} for name, body in files.items()}
    with new_folder(folder) as unfinished:
        for name, content in files.items():
            write_atomically(unfinished / name, content)
        write_atomically(unfinished / "card.json", _as_json(card | {"files": card.get("files", sums)}))
        open_version(unfinished)
    return open_version(folder)


def add_to_card(version: Version, **more: Any) -> Version:
    """Write more into a version's card; its files stay as they are."""
    write_atomically(version.folder / "card.json", _as_json(version.card | more))
    return open_version(version.folder)


def _as_json(value: dict[str, Any]) -> bytes:
    text = json.dumps(value, indent=2, ensure_ascii=False)
    rows_on_one_line = re.sub(r"\[\s+([-+.,\s0-9e]+?)\s+\]", lambda row: f"[{' '.join(row[1].split())}]", text)
    return (rows_on_one_line + "\n").encode()
