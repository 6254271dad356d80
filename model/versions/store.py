"""The versions of the model and which of them serves.

A `VersionStore` adds, promotes, rolls back and prunes; a `Backend` keeps what it decides: files on one machine (here),
or a database that several bots share (`bot.learning.version_store`).
"""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import platformdirs
from filelock import FileLock, Timeout

from model.versions.atomic_files import remove_abandoned, remove_folder, write_atomically
from model.versions.promotions import NAME, Promotions, age, next_name
from model.versions.version import (
    FILES,
    PRETRAINED,
    Version,
    VersionError,
    open_version,
    read_version,
    shipped_name,
    write_version,
)

BUSY = 10  # seconds to wait for another program that changes what serves
NO_SUCH = "There is no version of that name: `digitbot models` lists those there are."
NOTHING_BEFORE = "There is nothing to roll back to: no other version served before."

log = logging.getLogger(__name__)


class Backend(Protocol):
    """Where versions are stored, all but the shipped one, and the names that were promoted."""

    def promoted(self) -> list[str]: ...  # the latest last; cheap to ask
    def set_promoted(self, names: Sequence[str]) -> None: ...  # while it is locked
    def versions(self) -> list[Version]: ...  # the whole ones, in any order, perhaps not fetched yet
    def names(self) -> list[str]: ...  # those that are taken, by damaged versions too
    def fetch(self, name: str) -> Version | None: ...  # whole and on this machine. Raises VersionError: it is damaged
    def put(self, name: str, files: Mapping[str, bytes], card: dict[str, Any]) -> Version: ...  # or FileExistsError
    def remove(self, name: str) -> bool: ...  # False where that can't be done
    def locked(self) -> AbstractContextManager["Backend"]: ...  # the same, which nobody else changes meanwhile


class VersionStore:
    """The versions in a backend, and the shipped one, which serves until another is promoted."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def promoted(self) -> list[str]:
        """The names that were promoted, the latest last; as long as they stay the same, so does what serves."""
        return self._backend.promoted()

    def serving(self) -> Version:
        """The version that serves. One that was damaged or is gone since it was promoted is passed over."""
        for name in reversed(self.promoted()):
            try:
                return self.named(name)
            except VersionError as error:
                log.warning("Version %s was promoted, and is passed over: %s", name, error)
        return open_version(PRETRAINED)

    def named(self, name: str) -> Version:
        """The version of this name; the one made here, should a later release ship another. Raises VersionError."""
        version = self._backend.fetch(name) if NAME.fullmatch(name) else None
        if version is None and name != shipped_name():
            raise VersionError(NO_SUCH)
        return version or open_version(PRETRAINED)

    def find(self, version: str | Path) -> Version:
        """A version given by its name or by its folder. Raises VersionError."""
        return self.named(str(version)) if NAME.fullmatch(str(version)) else open_version(Path(version))

    def versions(self) -> list[Version]:
        """Every whole version, the shipped one first, then from the oldest to the newest."""
        found = _all(self._backend)
        by_name = {version.name: version for version in found}  # of two with one name, the one made here
        now = by_name[Promotions(self.promoted(), by_name).serving]
        return [replace(each, serves=each is now) for each in found]

    def next_name(self) -> str:
        """The next free name of this month; the shipped version's counts as taken."""
        return next_name([shipped_name(), *self._backend.names()])

    def add(self, folder: Path) -> Version:
        """Store a copy of the version in `folder` under the next free name; it doesn't serve. Raises VersionError."""
        version = open_version(folder)
        files = {file: (folder / file).read_bytes() for file in FILES}
        while True:
            name = self.next_name()
            with suppress(FileExistsError):  # another process took the name in between
                return self._backend.put(name, files, version.card | {"version": name})

    def promote(self, name: str) -> None:
        """Let the version `name` serve from now on. Raises VersionError for an unknown or damaged one."""
        with self._backend.locked() as backend:
            promotions = _promotions(backend)
            if name in promotions.versions:
                backend.set_promoted(promotions.with_promoted(name).names)
                return
        self.named(name)  # tells how it is damaged
        raise VersionError(NO_SUCH)

    def roll_back(self, expected: str | None = None) -> str:
        """Undo the last promotion; gives the name of the version that serves now.

        Raises VersionError where none served before, or another one serves than `expected`.
        """
        if not self.promoted():
            raise VersionError(NOTHING_BEFORE)
        with self._backend.locked() as backend:
            promotions = _promotions(backend)
            if expected not in (None, promotions.serving):
                raise VersionError(f"{expected} doesn't serve any more: nothing was changed.")
            left = promotions.rolled_back()
            if left is None:
                raise VersionError(NOTHING_BEFORE)
            backend.set_promoted(left.names)
            return left.serving

    def prune(self, keep: int) -> list[str]:
        """Delete versions beyond the newest `keep` that nobody needs (see `Promotions`); gives their names."""
        if not self._backend.names():
            return []
        with self._backend.locked() as backend:
            return [name for name in _promotions(backend).expendable(keep) if backend.remove(name)]


def _all(backend: Backend) -> list[Version]:
    return [open_version(PRETRAINED), *sorted(backend.versions(), key=lambda version: age(version.name))]


def _promotions(backend: Backend) -> Promotions:
    return Promotions(backend.promoted(), {version.name: version for version in _all(backend)})


class FileBackend:
    """Versions as folders in `versions`, and the file `current` with the names promoted, one a line.

    Files and folders appear whole or not at all.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.place = folder / "versions"

    def promoted(self) -> list[str]:
        try:
            lines = (self._folder / "current").read_text("utf-8").splitlines()
        except (FileNotFoundError, UnicodeDecodeError):
            return []
        return [line for line in lines if NAME.fullmatch(line)]

    def set_promoted(self, names: Sequence[str]) -> None:
        write_atomically(self._folder / "current", "".join(f"{name}\n" for name in names).encode())

    def versions(self) -> list[Version]:
        return [version for name in self.names() if (version := read_version(self.place / name))]

    def names(self) -> list[str]:
        return [path.name for path in self.place.glob("*") if NAME.fullmatch(path.name)]

    def fetch(self, name: str) -> Version | None:
        return open_version(self.place / name) if (self.place / name).is_dir() else None

    def put(self, name: str, files: Mapping[str, bytes], card: dict[str, Any]) -> Version:
        return write_version(self.place / name, files, card)

    def remove(self, name: str) -> bool:
        return remove_folder(self.place / name)

    @contextmanager
    def locked(self) -> Iterator[Backend]:
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self._folder / ".lock", timeout=BUSY):
                yield self
        except Timeout:
            raise VersionError("Another program is changing the versions just now. Try again in a minute.") from None
        remove_abandoned(self.place)


def data_folder() -> Path:
    """Where this program keeps its data: DATA_DIR, else the place that the system has for it."""
    return Path(os.environ.get("DATA_DIR") or platformdirs.user_data_path("digitbot")).expanduser()


def local_store(folder: Path | None = None) -> VersionStore:
    """The versions in files under `folder`, by default `models` in the data folder."""
    return VersionStore(FileBackend(folder or data_folder() / "models"))
