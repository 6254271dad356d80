"""The database that everything is stored in: which it is, that it is ours alone, and that its schema is up to date."""

import asyncio
import errno
import logging
import os
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import unquote, urlsplit

from filelock import FileLock, Timeout

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY = 10  # seconds to wait for somebody else's write
RETRY = 1.0  # seconds until a database in trouble is asked again
SQLITE = "sqlite:///"
POSTGRESQL = ("postgresql://", "postgres://")
DAMAGE = ("malformed", "not a database", "damaged")  # words of SQLite's, and of ours
FULL = ("disk is full", "disk I/O error", "No space left")  # the second where there is no room for its write-ahead log

T = TypeVar("T")
log = logging.getLogger(__name__)


class Lock(IntEnum):
    """PostgreSQL's advisory locks among the bots that share a database: each has a number of its own."""

    SCHEMA = 7_201_442  # one changes the schema, when several begin at once
    UPDATES = 7_201_443  # one asks Telegram for updates
    VERSIONS = 7_201_444  # one changes what serves
    TRAINING = 7_201_445  # one trains
    ROUNDS = 7_201_446  # one runs the rounds of /demo


class DatabaseError(Exception):
    """The database can't be used; `str(error)` says in a sentence why, and what to do."""


class InUse(DatabaseError):
    """A bot is at work on the file."""


class DatabaseUnavailable(Exception):
    """The database can't be used for now: locked, full, unreachable. `str(error)` says what, without secrets."""


async def persistently(write: Callable[[], Awaitable[T]]) -> T:
    """What `write()` gives, tried until the database can be used.

    For what follows from a message that was sent: else that would be sent again.
    """
    while True:
        try:
            return await write()
        except DatabaseUnavailable as error:
            log.error("What was done can't be written down for now: %s", error)
            await asyncio.sleep(RETRY)


@dataclass(frozen=True, slots=False)
class Database:
    """An SQLite file or a PostgreSQL server's database, by its URL."""

    url: str

    @property
    def on_postgres(self) -> bool:
        """Whether several bots may share it."""
        return self.url.startswith(POSTGRESQL)

    @property
    def file(self) -> Path:
        """The SQLite file."""
        return Path(unquote(self.url.removeprefix(SQLITE))).expanduser()

    @property
    def beside(self) -> tuple[Path, Path]:
        """SQLite's own two files beside it, which belong to it: the write-ahead log, and its index."""
        return self.file.with_name(f"{self.file.name}-wal"), self.file.with_name(f"{self.file.name}-shm")

    @property
    def half_restored(self) -> Path:
        """The file that is there while a restore puts things in their places; no bot starts beside it."""
        return self.file.with_name(f"{self.file.name}.half-restored")

    @cached_property
    def name(self) -> str:
        """What people may be shown: no password."""
        if not self.on_postgres:
            return str(self.file)
        parts = urlsplit(self.url)
        return f"{parts.hostname or 'this machine'}{parts.path}"

    @contextmanager
    def prepared(self) -> Iterator[None]:
        """The database with today's schema; an SQLite file is this process's alone for the block.

        Raises DatabaseError. Takes its time: not for the event loop.
        """
        if self.on_postgres:
            self._bring_up_to_date()
            yield
            return
        with self.alone():
            self.look_for_half_restored()
            self._bring_up_to_date()
            yield

    def look_for_half_restored(self) -> None:
        """Raises DatabaseError where a restore was interrupted among its last moves."""
        with self._told():
            half = not self.on_postgres and self.half_restored.exists()
        if half:
            raise DatabaseError(
                f"A restore into {self.file.parent} was interrupted ({self.half_restored.name} tells so). Do it"
                " again: `digitbot restore FILE --replace`."
            )

    @contextmanager
    def alone(self) -> Iterator[None]:
        """The SQLite file is this process's alone for the block, and there. Raises InUse and DatabaseError."""
        try:
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.file.touch(mode=0o600)  # what people sent is for nobody else on this machine
            lock = FileLock(f"{self.file}.lock", timeout=0, mode=0o600)
            lock.acquire()
        except Timeout:
            raise InUse(
                f"Another bot is at work on {self.file}. Stop that one first, or give this one a DATA_DIR of its own."
            ) from None
        except OSError as error:
            raise DatabaseError(self._trouble(error.strerror or str(error))) from error
        try:
            yield
        finally:
            lock.release()

    def _bring_up_to_date(self) -> None:
        found = self.version()
        if found == newest():
            return
        if found is not None and found not in versions():
            raise DatabaseError(
                f"{self.name} was written by a newer digitbot (schema {found}). Install that one, or restore a backup."
            )
        with self._told():
            upgrade(self)

    def exists(self) -> bool:
        """Whether there is a file, or it isn't one. Raises DatabaseError."""
        with self._told():
            return self.on_postgres or self.file.exists()

    def look_through(self) -> None:
        """Read all of the SQLite file. Raises DatabaseError: it is damaged, or this user may not write to it."""
        if self.on_postgres:
            return
        with self._told():
            for file in (self.file, *self.beside, self.file.with_name(f"{self.file.name}.lock")):
                if file.exists() and not os.access(file, os.R_OK | os.W_OK):
                    raise PermissionError(errno.EACCES, f"this user may not write to {file.name}")
            with closing(sqlite3.connect(self.file, timeout=BUSY)) as connection:
                _check(connection, "quick")

    def version(self) -> str | None:
        """The schema's version; None for an empty database. Raises DatabaseError."""
        with self._told():
            return self._version()

    def _version(self) -> str | None:
        if self.on_postgres:
            import psycopg

            with psycopg.connect(self.url, connect_timeout=BUSY) as connection:
                known = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
                if not known or known[0] is None:
                    return None
                row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        else:
            with closing(sqlite3.connect(self.file, timeout=BUSY)) as connection:
                connection.execute("PRAGMA journal_mode=WAL")  # a file that can't be written to is told here
                known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
                if not known:
                    return None
                row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else None

    def copy(self, target: Path) -> None:
        """Write the SQLite file as it is at one moment to `target`, a new file; a bot goes on meanwhile.

        Raises DatabaseError, also where the file is damaged, and OSError where there is no room for the copy.
        """
        try:
            with self._told(), closing(sqlite3.connect(self.file, timeout=BUSY)) as connection:
                connection.execute("VACUUM INTO ?", (str(target),))  # without free pages, where something may be left
        except DatabaseError as error:
            if getattr(error.__cause__, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:  # only the copy is written
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target)) from error
            raise
        with self._told(), closing(sqlite3.connect(target)) as connection:
            _check(connection, "integrity")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Errors of sqlite3, psycopg and SQLAlchemy, which are imported only where they are needed, in one sentence."""
        try:
            yield
        except ImportError as error:
            raise DatabaseError(
                "For PostgreSQL, psycopg has to be installed: pip install 'digitbot[postgres]', in a checkout"
                " pip install -e '.[postgres]'."
            ) from error
        except Exception as error:
            raise DatabaseError(self._trouble(_cause(error))) from error

    def _trouble(self, cause: str) -> str:
        setting = "DATABASE_URL" if self.on_postgres else "DATA_DIR"
        mend = f"Mend that, or set {setting} to another one."
        if not self.on_postgres and any(word in cause for word in DAMAGE):
            mend = "Bring a backup back: `digitbot restore FILE --replace`."
        elif not self.on_postgres and any(word in cause for word in FULL):
            mend = f"See whether the disk is full, or set {setting} to another one."
        return f"The database {self.name} can't be used: {cause}. {mend}"


def _check(connection: sqlite3.Connection, how: Literal["quick", "integrity"]) -> None:
    found = str(connection.execute(f"PRAGMA {how}_check(1)").fetchone()[0])
    if found != "ok":
        raise sqlite3.DatabaseError(f"it is damaged ({' '.join(found.split())})")


def versions() -> list[str]:
    """All versions of the schema that this program knows, oldest first."""
    return sorted(file.stem.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def newest() -> str:
    """The schema's version that this program works with."""
    return versions()[-1]


def upgrade(database: Database, to: str = "head") -> None:
    """Bring the schema to a version, all or nothing. Imports SQLAlchemy and Alembic, which takes a second."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["url"] = sqlalchemy_url(database)
    command.upgrade(config, to)


def sqlalchemy_url(database: Database) -> Any:
    """The same as SQLAlchemy writes it, with the driver that we use."""
    from sqlalchemy.engine import URL, make_url

    if database.on_postgres:
        return make_url(database.url).set(drivername="postgresql+psycopg")
    return URL.create("sqlite", database=str(database.file))


def _cause(error: BaseException) -> str:
    cause = getattr(error, "orig", None) or getattr(error, "strerror", None) or error
    return str(cause).strip().partition("\n")[0].rstrip(".")
