"""The versions of the model on this machine: which there are, and which one reads.

A version is a folder with `model.keras`, `model.tflite` and `card.json`. `versions/` holds them by name; the file
`current` holds the names promoted, one a line, the last one serving. Files and folders appear whole or not at all.
"""

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import platformdirs

PRETRAINED = Path(__file__).parent / "pretrained"  # the version that ships
FILES = ("model.keras", "model.tflite")  # what the card vouches for
NAME = re.compile(r"[0-9]{4}\.[0-9]{2}-[0-9]{1,6}")  # 2026.11-1: the first of November 2026
REMEMBERED = 50  # promotions that can be rolled back


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
        folders.sort(key=lambda path: [int(part) for part in re.split("[.-]", path.name)])
        return [version for path in [PRETRAINED, *folders] if (version := read_version(path))]

    def add(self, folder: Path) -> Version:
        """Take a copy of the version in `folder` under the next free name of this month; it doesn't serve yet."""
        version = open_version(folder)
        self._versions.mkdir(parents=True, exist_ok=True)
        while True:
            name = self.next_name()
            try:
                with new_folder(self._versions / name) as copy:
                    for file in FILES:
                        write_whole(copy / file, (folder / file).read_bytes())
                    write_whole(copy / "card.json", _as_json(version.card | {"version": name}))
            except FileExistsError:
                continue  # another process took the name in between
            return open_version(self._versions / name)

    def promote(self, name: str) -> None:
        """Let the version `name` serve from now on. Raises VersionError for an unknown or damaged one."""
        history = self._history()
        version = self._named(name)
        if history[-1:] != [version.name]:
            self._remember([*history, version.name])

    def rollback(self) -> str:
        """Undo the last promotion; gives the name of the version that serves now."""
        history = self._history()
        if not history:
            raise VersionError("There is nothing to roll back to: the shipped version serves.")
        self._remember(history[:-1])
        folder = self.current() or PRETRAINED
        return open_version(folder).name

    def current(self) -> Path | None:
        """The folder of the version that serves; None: the shipped one. One that was damaged since is passed over."""
        for name in reversed(self._history()):
            try:
                version = self._named(name)
            except VersionError:
                continue
            return None if version.folder == PRETRAINED else version.folder
        return None

    def find(self, version: str | Path) -> Path:
        """The folder of a version given by its name or by its folder. Raises VersionError."""
        if NAME.fullmatch(str(version)):
            return self._named(str(version)).folder
        return open_version(Path(version)).folder

    def next_name(self) -> str:
        """The next free name of this month; the shipped version's counts as taken."""
        month = f"{datetime.now(UTC):%Y.%m}"
        shipped = read_version(PRETRAINED)
        names = [path.name for path in self._versions.glob(f"{month}-*")] + ([shipped.name] if shipped else [])
        taken = [int(name.split("-")[1]) for name in names if NAME.fullmatch(name) and name.startswith(month)]
        return f"{month}-{max(taken, default=0) + 1}"

    @property
    def _versions(self) -> Path:
        return self.folder / "versions"

    def _named(self, name: str) -> Version:
        shipped = read_version(PRETRAINED)
        if shipped and name == shipped.name:
            return shipped
        if not NAME.fullmatch(name) or not (self._versions / name).is_dir():
            raise VersionError("There is no version of that name: `digitbot models` lists those there are.")
        return open_version(self._versions / name)

    def _history(self) -> list[str]:
        try:
            lines = (self.folder / "current").read_text("utf-8").splitlines()
        except (FileNotFoundError, UnicodeDecodeError):
            return []
        return [line for line in lines if NAME.fullmatch(line)]

    def _remember(self, names: list[str]) -> None:
        write_whole(self.folder / "current", "".join(f"{name}\n" for name in names[-REMEMBERED:]).encode())


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


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A place to fill that becomes `folder` in one step at the end; FileExistsError where there is one already."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield unfinished
        unfinished.chmod(0o755)
        for path in [*unfinished.iterdir(), unfinished]:
            _to_disk(path)
        try:
            unfinished.rename(folder)
        except OSError as problem:
            raise FileExistsError(f"{folder} is there already") from problem
        _to_disk(folder.parent)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there with all its content or as it was before, whatever happens in between."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.chmod(0o644)
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    _to_disk(path.parent)


def _to_disk(path: Path) -> None:
    if os.name == "nt":  # Windows can't open a folder, and needs no sync of it
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _as_json(value: dict[str, Any]) -> bytes:
    text = json.dumps(value, indent=2, ensure_ascii=False)
    rows_on_one_line = re.sub(r"\[\s+([-+.,\s0-9e]+?)\s+\]", lambda row: f"[{' '.join(row[1].split())}]", text)
    return (rows_on_one_line + "\n").encode()
