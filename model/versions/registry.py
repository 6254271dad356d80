"""The versions of the model on this machine: which there are, and which one reads.

A version is a folder with `model.keras`, `model.tflite` and `card.json`. `versions/` holds them by name; the file
`current` holds the names promoted, one a line, the last one serving. Files and folders appear whole or not at all.
"""

import hashlib
import json
import logging
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import platformdirs
from filelock import FileLock, Timeout

from model.versions.atomic_files import new_folder, write_whole
from model.versions.promotions import NAME, age, expendable, next_name, rolled_back, serving, with_promoted

PRETRAINED = Path(__file__).parents[1] / "pretrained"  # the version that ships
FILES = ("model.keras", "model.tflite")  # what the card vouches for
BUSY = 10  # seconds to wait for another program that changes what serves
ABANDONED = 24 * 3600  # seconds after which what is half written is nobody's any more
NO_SUCH = "There is no version of that name: `digitbot models` lists those there are."
NOTHING_BEFORE = "There is nothing to roll back to: no other version served before."

log = logging.getLogger(__name__)


class Refusal(Exception):
    """What was asked for can't be done. The message is one sentence for the person who asked: why, or what to do."""


class VersionError(Refusal):
    """There is no such version, or it isn't whole."""


@dataclass(frozen=True, slots=True)
class Version:
    """One whole version: its name, where it lies, and what its card says."""

    name: str
    folder: Path
    card: dict[str, Any]


def data_folder() -> Path:
    """Where this program keeps its data: DATA_DIR, else the place that the system has for it."""
    return Path(os.environ.get("DATA_DIR") or platformdirs.user_data_path("digitbot")).expanduser()


class Registry:
    """The versions under `folder` (by default `models` in the data folder), and the shipped one."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or data_folder() / "models"

    def versions(self) -> list[Version]:
        """Every whole version, the shipped one first, then from the oldest to the newest."""
        folders = [path for path in self._versions.glob("*") if NAME.fullmatch(path.name)]
        folders.sort(key=lambda path: age(path.name))
        return [version for path in [PRETRAINED, *folders] if (version := read_version(path))]

    def add(self, folder: Path) -> Version:
        """Take a copy of the version in `folder` under the next free name of this month; it doesn't serve yet."""
        version = open_version(folder)
        files = {file: (folder / file).read_bytes() for file in FILES}
        while True:
            name = self.next_name()
            with suppress(FileExistsError):  # another process took the name in between
                return self.put(name, files, version.card | {"version": name})

    def put(self, name: str, files: Mapping[str, bytes], card: dict[str, Any]) -> Version:
        """Write the version `name`. Raises FileExistsError, and VersionError for files that the card doesn't mean."""
        with new_folder(self._versions / name) as unfinished:
            for file in FILES:
                write_whole(unfinished / file, files[file])
            write_whole(unfinished / "card.json", _as_json(card))
            open_version(unfinished)
        return open_version(self._versions / name)

    def promote(self, name: str) -> None:
        """Let the version `name` serve from now on. Raises VersionError for an unknown or damaged one."""
        self.named(name)
        with self._changing() as history:
            self.named(name)  # it may have been pruned while others changed something
            history[:] = with_promoted(history, name, self._is_there, shipped_name())

    def rollback(self, expected: str | None = None) -> str:
        """Undo the last promotion; gives the name of the version that serves now.

        Raises VersionError where nothing is promoted, or another version serves than `expected`.
        """
        if not self._history():
            raise VersionError(NOTHING_BEFORE)
        with self._changing() as history:
            history[:] = roll_back(history, self._is_there, expected)
        return self.serving().name

    def serving(self) -> Version:
        """The version that serves. One that was damaged or is gone since it was promoted is passed over."""
        for name in reversed(self._history()):
            try:
                return self.named(name)
            except VersionError as error:
                log.warning("Version %s was promoted, and is passed over: %s", name, error)
        return open_version(PRETRAINED)

    def current(self) -> Path | None:
        """The folder of the version that serves; None: the shipped one."""
        folder = self.serving().folder
        return None if folder == PRETRAINED else folder

    def named(self, name: str) -> Version:
        """The version of this name; the one made here, should a later release ship another. Raises VersionError."""
        if NAME.fullmatch(name) and (self._versions / name).is_dir():
            return open_version(self._versions / name)
        if name == shipped_name():
            return open_version(PRETRAINED)
        raise VersionError(NO_SUCH)

    def find(self, version: str | Path) -> Path:
        """The folder of a version given by its name or by its folder. Raises VersionError."""
        if NAME.fullmatch(str(version)):
            return self.named(str(version)).folder
        return open_version(Path(version)).folder

    def prune(self, keep: int) -> list[str]:
        """Delete versions beyond the newest `keep` that nobody needs (see `expendable`); gives their names."""
        if not self._versions.is_dir():
            return []
        with self._changing() as history:
            parents = {version.name: parent_of(version.card) for version in self.versions()[1:]}
            gone = [name for name in expendable(parents, history, shipped_name(), keep) if self.remove(name)]
        for left in self._versions.glob(".*"):  # by writers that were killed
            with suppress(FileNotFoundError):  # or by one that has just finished
                if left.stat().st_mtime < time.time() - ABANDONED:
                    shutil.rmtree(left, ignore_errors=True)
        return gone

    def remove(self, name: str) -> bool:
        """Delete a version, whoever needs it, so that it is whole or not there; whether that could be done."""
        with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=self._versions, ignore_cleanup_errors=True) as doomed:
            try:
                (self._versions / name).rename(Path(doomed) / name)
            except OSError:  # it isn't there any more; on Windows, it is open
                return False
        return True

    def next_name(self) -> str:
        """The next free name of this month; the shipped version's counts as taken."""
        return next_name([shipped_name(), *(path.name for path in self._versions.glob("*"))])

    @property
    def _versions(self) -> Path:
        return self.folder / "versions"

    def _is_there(self, name: str) -> bool:
        try:
            return bool(self.named(name))
        except VersionError:
            return False

    def _history(self) -> list[str]:
        try:
            lines = (self.folder / "current").read_text("utf-8").splitlines()
        except (FileNotFoundError, UnicodeDecodeError):
            return []
        return [line for line in lines if NAME.fullmatch(line)]

    @contextmanager
    def _changing(self) -> Iterator[list[str]]:
        """The names promoted, to be changed in place by one program at a time. Raises VersionError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            lock = FileLock(self.folder / ".lock", timeout=BUSY)
            lock.acquire()
        except Timeout:
            raise VersionError("Another program is changing the versions just now. Try again in a minute.") from None
        try:
            before = self._history()
            history = list(before)
            yield history
            if history != before:
                write_whole(self.folder / "current", "".join(f"{name}\n" for name in history).encode())
        finally:
            lock.release()


@cache
def shipped_name() -> str:
    """The name of the version that ships."""
    return open_version(PRETRAINED).name


def parent_of(card: Mapping[str, Any]) -> str | None:
    """The version that this one was tuned from, as its card says."""
    return str(card["parent"]) if card.get("parent") else None


def roll_back(history: Sequence[str], there: Callable[[str], bool], expected: str | None) -> list[str]:
    """The names that are left when the last promotion is undone. Raises as Registry.rollback."""
    shipped = shipped_name()
    if expected not in (None, serving(history, there, shipped)):
        raise VersionError(f"{expected} doesn't serve any more: nothing was changed.")
    left = rolled_back(history, there, shipped)
    if left is None:
        raise VersionError(NOTHING_BEFORE)
    return left


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


def write_version(folder: Path, files: dict[str, bytes], card: dict[str, Any]) -> Version:
    """Write a version as a new `folder`: `files` by name, and the card, which gets their sizes and checksums."""
    sizes = {name: {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()} for name, body in files.items()}
    with new_folder(folder) as unfinished:
        for name, content in files.items():
            write_whole(unfinished / name, content)
        write_whole(unfinished / "card.json", _as_json(card | {"files": sizes}))
    return open_version(folder)


def add_to_card(version: Version, **more: Any) -> Version:
    """Write more into a version's card; its files stay as they are."""
    write_whole(version.folder / "card.json", _as_json(version.card | more))
    return open_version(version.folder)


def _as_json(value: dict[str, Any]) -> bytes:
    text = json.dumps(value, indent=2, ensure_ascii=False)
    rows_on_one_line = re.sub(r"\[\s+([-+.,\s0-9e]+?)\s+\]", lambda row: f"[{' '.join(row[1].split())}]", text)
    return (rows_on_one_line + "\n").encode()
