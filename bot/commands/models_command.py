"""`digitbot models`: lists, promotes and rolls back versions for the bots on this database."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from bot.learning.version_store import version_store
from bot.learning.version_words import figures
from bot.storage.database import Database
from model.reading.result import N_
from model.versions.store import VersionStore, data_folder, local_store
from model.versions.version import VersionError

HEADINGS = ("version", "made", "MNIST test", "validation", "parent", "")


def list_versions(database: Database) -> None:
    """Print a table of versions: figures, which is in use, which is shipped."""
    rows: list[tuple[str, ...]] = [HEADINGS]
    with _store(database) as store:
        for version in store.versions():
            notes = ["serves"] * version.serves + ["shipped"] * version.shipped
            rows.append((version.name, *figures(version, N_).values(), ", ".join(notes)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        sys.stdout.write("  ".join(map(str.ljust, row, widths)).rstrip() + "\n")


def promote(database: Database, version: str) -> None:
    """Promote `version`: a name, or a folder, which is added first. Raises VersionError."""
    with _store(database) as store:
        try:
            name, folder = version, store.named(version).folder
        except VersionError:  # it is elsewhere on this machine, such as a newly trained one
            name, folder = "", local_store().find(version).folder
        _try_out(folder)
        name = name or store.add(folder).name
        store.promote(name)
    _say_serving(name)


def roll_back(database: Database) -> None:
    """Undo the last promotion. Raises VersionError."""
    with _store(database) as store:
        _say_serving(store.roll_back())


@contextmanager
def _store(database: Database) -> Iterator[VersionStore]:
    ours = database.prepared() if database.on_postgres else nullcontext()  # SQLite's file, a running bot's, has none
    with ours, version_store(database, data_folder() / "models") as store:
        yield store


def _try_out(folder: Path) -> None:
    """Load the version as a reader would. Raises VersionError."""
    from model.reading.reader import DigitReader  # slow to import, and only a promotion needs it

    try:
        DigitReader(folder)
    except Exception as error:
        cause = str(error).partition("\n")[0]
        raise VersionError(f"{folder} can't be loaded, so the version before goes on: {cause}") from error


def _say_serving(name: str) -> None:
    sys.stdout.write(f"{name} serves; a running bot reads with it within a second.\n")
