"""`digitbot backup` and `digitbot restore`: all data as one file, made while the bot runs.

The file is a zip with the database, the versions of the model, the promotions, and a list of checksums. Only names of
this kind are extracted, so no entry can escape the target folder.
"""

import hashlib
import os
import re
import shutil
import sqlite3
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import IO, Literal
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from pydantic import BaseModel

from bot.settings import Settings
from bot.storage.database import SQLITE, Database, InUse, newest, upgrade, versions
from model.versions.atomic_files import to_disk
from model.versions.promotions import NAME
from model.versions.store import local_store
from model.versions.version import FILES, PRETRAINED

CONTENTS = "contents.json"
DATABASE = "digitbot.db"
MODEL_FILE = re.compile(
    rf"models/(current|versions/{NAME.pattern}/({'|'.join(map(re.escape, (*FILES, 'card.json')))}))"
)
WORK = ".digitbot-restore-"  # prefix of temporary folders
CONTENTS_BYTES = 1_000_000  # limit of the list; a version takes 300
AT_ONCE = 1 << 20  # bytes per read
BROKEN = (BadZipFile, zlib.error, EOFError, LookupError, ValueError, TypeError, NotImplementedError, RuntimeError)


class Contents(BaseModel):
    """The list of what is in a backup."""

    format: Literal["digitbot backup 1"]
    sha256: dict[str, str]  # checksums by names


class BackupError(Exception):
    """A backup or restore that can't be done; `str(error)` says why and what to do."""


def back_up(settings: Settings, target: Path) -> str:
    """Write all data to `target` atomically; returns a summary to print.

    Replaces an existing backup, but no other file. Raises BackupError and DatabaseError.
    """
    database = _sqlite(settings)
    if not database.exists() or database.version() is None:
        raise BackupError(f"There is nothing to back up yet: no bot has run on {database.file}.")
    if target.exists() and not _is_backup(target):
        raise BackupError(f"{target} is there already, and is no backup. Give another name.")
    try:
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as folder:  # of this user only
            unfinished = Path(folder) / "unfinished"
            unfinished.touch(mode=0o600)
            database.copy(Path(folder) / DATABASE)
            count = _write(unfinished, Path(folder) / DATABASE, settings.models)
            to_disk(unfinished)
            unfinished.replace(target)
        to_disk(target.parent)
        size = target.stat().st_size
    except OSError as error:
        raise BackupError(f"{target} can't be written: {error.strerror or error}.") from error
    return (
        f"{target}: the database and {_counted(count)}, {size / 1e6:.1f} MB. It holds what people sent: keep it safe."
    )


def restore(settings: Settings, source: Path, replace: bool = False) -> str:
    """Replace all data by a backup's, atomically; returns a summary to print.

    Existing data are moved aside if `replace` is set. Raises BackupError and DatabaseError.
    """
    database = _sqlite(settings)
    try:
        with _opened(source) as (archive, sums), database.alone():
            there = _there(database, settings.models)
            if there and not replace:
                raise BackupError(
                    f"{settings.data_dir} holds data already. --replace puts the backup in their place and moves them"
                    " aside."
                )
            aside = _put_in_place(archive, sums, database, settings.models, keep=there)
    except InUse:
        raise BackupError(f"A bot is at work on {database.file}. Stop it, restore, and start it again.") from None
    except OSError as error:
        raise BackupError(f"{error.filename or source}: {error.strerror or error}. Nothing was restored.") from error
    count = sum(name.endswith("card.json") for name in sums)
    said = f"{settings.data_dir} has the database and {_counted(count)} of {source}."
    return "\n".join([said, *(f"What was there before is in {path}: delete it once all is well." for path in aside)])


def _sqlite(settings: Settings) -> Database:
    if settings.database.on_postgres:
        raise BackupError(
            f"Everything is kept in PostgreSQL ({settings.database.name}), which has its own commands for that: pg_dump"
            " and pg_restore."
        )
    return settings.database


def _write(target: Path, copy: Path, models: Path) -> int:
    """Write the zip with a copy of the database; returns the number of versions in it."""
    sums = {}
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:

        def add(name: str, content: bytes) -> None:
            archive.writestr(name, content)
            sums[name] = hashlib.sha256(content).hexdigest()

        archive.write(copy, DATABASE)
        with copy.open("rb") as copied:
            sums[DATABASE] = _sum(copied)
        with suppress(FileNotFoundError):
            add("models/current", (models / "current").read_bytes())
        count = 0
        for version in local_store(models).versions():
            with suppress(FileNotFoundError):  # just pruned
                files = {file: (version.folder / file).read_bytes() for file in (*FILES, "card.json")}
                if version.folder != PRETRAINED:
                    count += 1
                    for file, content in files.items():
                        add(f"models/versions/{version.folder.name}/{file}", content)
        archive.writestr(CONTENTS, Contents(format="digitbot backup 1", sha256=sums).model_dump_json(indent=1))
    return count


def _is_backup(file: Path) -> bool:
    try:
        with ZipFile(file) as archive:
            return bool(_list(archive))
    except (OSError, *BROKEN):
        return False


@contextmanager
def _opened(source: Path) -> Iterator[tuple[ZipFile, dict[str, str]]]:
    """Open a backup, verified against its list; yields it and the list."""
    with ExitStack() as life:
        with _told(source):
            archive = life.enter_context(ZipFile(source))
            sums = _list(archive)
            for name, expected in sums.items():
                with archive.open(name) as file:
                    if _sum(file) != expected:
                        raise BadZipFile(name)
        yield archive, sums


@contextmanager
def _told(source: Path) -> Iterator[None]:
    """Turn any error from a damaged or foreign file into one sentence."""
    try:
        yield
    except BROKEN as error:
        raise BackupError(
            f"{source} is no whole backup of this program: cut off, changed, or something else. Take another copy."
        ) from error


def _list(archive: ZipFile) -> dict[str, str]:
    """The checksums of all entries by name; rejects names that we never write."""
    packed = all(member.compress_type in (ZIP_STORED, ZIP_DEFLATED) for member in archive.infolist())
    if not packed or archive.getinfo(CONTENTS).file_size > CONTENTS_BYTES:
        raise BadZipFile(CONTENTS)
    sums = Contents.model_validate_json(archive.read(CONTENTS)).sha256  # its ValidationError is a ValueError
    ours = all(name == DATABASE or MODEL_FILE.fullmatch(name) for name in sums)
    listed = sorted(archive.namelist()) == sorted([CONTENTS, *sums])
    if DATABASE not in sums or not (ours and listed):
        raise BadZipFile(CONTENTS)
    return sums


def _sum(file: IO[bytes]) -> str:
    found = hashlib.sha256()
    while chunk := file.read(AT_ONCE):
        found.update(chunk)
    return found.hexdigest()


def _there(database: Database, models: Path) -> bool:
    """Whether there are any data here."""
    journal, _ = database.beside  # after a kill it may hold everything
    return (
        any(_is_something(file) for file in (database.file, journal))
        or (models / "current").exists()
        or any(NAME.fullmatch(path.name) for path in models.glob("versions/*"))
    )


def _is_something(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0  # an empty database exists only for its lock


def _put_in_place(archive: ZipFile, sums: dict[str, str], database: Database, models: Path, keep: bool) -> list[Path]:
    """Unpack next to the targets, verify, and only then move.

    Returns the folders with the old data.
    """
    models.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    places = {database.file.parent, models.parent}
    for left in (left for place in places for left in place.glob(f"{WORK}*")):  # from a restore that was killed
        shutil.rmtree(left, ignore_errors=True)
    with ExitStack() as life:
        new = {place: _work_in(place, life) for place in places}
        new_file, new_models = new[database.file.parent] / DATABASE, new[models.parent] / "models"
        new_models.mkdir()
        with _told(Path(str(archive.filename))):
            for name in sums:
                _unpack(archive, name, new_file if name == DATABASE else new_models.parent / name)
            _check_database(new_file)
        old = {place: _aside_in(place, life) if keep else _work_in(place, life) for place in places}
        there = [path for path in (models, *database.beside, database.file) if _is_something(path)]
        moves = [(path, old[path.parent] / path.name) for path in there]
        _move([*moves, (new_models, models), (new_file, database.file)], database.half_restored)
    return sorted(folder for folder in old.values() if folder.exists())


def _work_in(place: Path, life: ExitStack) -> Path:
    return Path(life.enter_context(tempfile.TemporaryDirectory(prefix=WORK, dir=place)))


def _aside_in(place: Path, life: ExitStack) -> Path:
    """A folder for old data, removed again if nothing is put into it."""
    folder = Path(tempfile.mkdtemp(prefix="before-restore-", dir=place))

    def remove() -> None:
        with suppress(OSError):
            folder.rmdir()

    life.callback(remove)
    return folder


def _unpack(archive: ZipFile, name: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(name) as packed, target.open("xb") as file:
        shutil.copyfileobj(packed, file, AT_ONCE)
        file.flush()
        os.fsync(file.fileno())
    if name == DATABASE:
        target.chmod(0o600)


def _check_database(file: Path) -> None:
    """It is whole, of a schema that we know, and has that one's tables and nothing else."""
    try:
        with closing(sqlite3.connect(file)) as db:
            if db.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                raise BadZipFile(DATABASE)
            schema = db.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        found = _shape(file)
    except sqlite3.Error as error:
        raise BadZipFile(DATABASE) from error
    if not isinstance(schema, str):
        raise BadZipFile(DATABASE)
    if schema not in versions():
        raise BackupError(
            f"The backup was made by a newer digitbot (schema {schema}, this one has {newest()}). Install that one."
        )
    empty = file.with_name("empty.db")
    upgrade(Database(f"{SQLITE}{empty}"), schema)
    if found != _shape(empty):
        raise BadZipFile(DATABASE)


def _shape(file: Path) -> set[tuple[str, str, str | None]]:
    """Each column of each table, and what else is more than an index: a trigger would run with the bot."""
    with closing(sqlite3.connect(file)) as db:
        return set(
            db.execute(
                "SELECT sqlite_master.type, sqlite_master.name, columns.name FROM sqlite_master"
                " LEFT JOIN pragma_table_info(sqlite_master.name) AS columns"
                " WHERE sqlite_master.type != 'index' AND sqlite_master.name NOT LIKE 'sqlite_stat%'"
            )
        )


def _move(moves: list[tuple[Path, Path]], half_done: Path) -> None:
    """Make all of the moves, or none.

    A kill in between leaves `half_done`, and then no bot starts.
    """
    done: list[tuple[Path, Path]] = []
    half_done.touch(mode=0o600)
    to_disk(half_done.parent)
    try:
        for here, there in moves:
            here.replace(there)
            done.append((here, there))
        for folder in {path.parent for move in moves for path in move}:
            to_disk(folder)
    except BaseException:
        for here, there in reversed(done):
            there.replace(here)
        half_done.unlink()
        raise
    half_done.unlink()
    to_disk(half_done.parent)


def _counted(count: int) -> str:
    return f"{count} version{'' if count == 1 else 's'} of the model"
