"""`digitbot models`: lists, promotes and rolls back versions for the bots on this database."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from bot.learning.listed import UNKNOWN, Listed
from bot.learning.shelf import Shelf, shelf_in
from bot.messages.percent import percent
from bot.storage.database import Database
from model.reading.result import N_
from model.versions.registry import Registry, VersionError

HEADINGS = ("version", "made", "MNIST test", "validation", "parent", "")


def list_versions(database: Database) -> None:
    """Print a table of versions: figures, which is in use, which is shipped."""

    async def act(shelf: Shelf) -> str:
        rows = [HEADINGS, *(_row(version) for version in await shelf.listed())]
        widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
        return "\n".join(_line(row, widths) for row in rows)

    _say(act, database)


def promote(database: Database, version: str) -> None:
    """Promote `version`: a name, or a folder, which is added first. Raises VersionError."""

    async def act(shelf: Shelf) -> str:
        try:
            name, folder = version, (await shelf.fetch(version)).folder
        except VersionError:  # it is elsewhere on this machine, such as a newly trained one
            name, folder = None, Registry().find(version)
        _try_out(folder)
        name = name or await shelf.add(folder)
        await shelf.promote(name)
        return f"{name} serves; a running bot reads with it within a second."

    _say(act, database)


def roll_back(database: Database) -> None:
    """Undo the last promotion. Raises VersionError."""

    async def act(shelf: Shelf) -> str:
        return f"{await shelf.roll_back()} serves; a running bot reads with it within a second."

    _say(act, database)


def _try_out(folder: Path) -> None:
    """Load the version as a reader would. Raises VersionError."""
    from model.reading.reader import DigitReader  # slow to import, and only a promotion needs it

    try:
        DigitReader(folder)
    except Exception as error:
        cause = str(error).partition("\n")[0]
        raise VersionError(f"{folder} can't be loaded, so the version before goes on: {cause}") from error


def _say(act: Callable[[Shelf], Awaitable[str]], database: Database) -> None:
    async def say() -> None:
        async with shelf_in(database, Registry().folder) as shelf:
            sys.stdout.write(f"{await act(shelf)}\n")

    if not database.on_postgres:  # versions are files then; a running bot holds the database for itself
        asyncio.run(say())
        return
    with database.prepared():
        asyncio.run(say())


def _row(version: Listed) -> tuple[str, ...]:
    notes = ["serves" if version.serves else "", "shipped" if version.shipped else ""]
    figures = [version.accuracy(part) for part in ("test", "validation")]
    shown = [UNKNOWN if figure is None else percent(figure, N_, 2) for figure in figures]
    return (version.name, version.made, *shown, version.parent, ", ".join(filter(None, notes)))


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
