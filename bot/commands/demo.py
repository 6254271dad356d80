"""`digitbot demo`: the bot and a local Bot API server with a chat page, in one event loop."""

import asyncio
import os
import secrets
import shutil
import socket
import sys
import tempfile
import time
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.util import get_temp_dir
from pathlib import Path

from filelock import FileLock, Timeout

from bot.app import StartFailed, running
from bot.playground.groups import Group
from bot.playground.person import Person
from bot.playground.server import LocalServer
from bot.settings import Settings
from bot.telemetry import logs
from model.versions.store import FileBackend, VersionStore, local_store
from model.versions.version import FILES, PRETRAINED, VersionError

FIRST_PORT = 8080
PORTS = 100  # number of ports to try
FOLDER = "digitbot-demo-"  # prefix of its temporary folders
LOCK, BESIDE = "lock", "beside"  # in it: locked while the demo runs; records multiprocessing's folder
YOUNG = 60  # seconds: a younger folder may belong to a demo that is starting
MATES = ("Ann", "Ben", "Cem", "Dan")


async def demo(host: str, port: int | None, *, browser: bool) -> None:
    """Serve the chat page and its bot until cancelled. Raises StartFailed and WrongSettings."""
    port = free_port(host) if port is None else port
    if not is_free(host, port):
        raise StartFailed(f"{host}:{port} is taken or not available. Choose another --port.")
    token = f"1:{secrets.token_urlsafe(24)}"  # on a host other than loopback, nobody else may act as the bot
    with _own_folder() as folder:
        await _serve(LocalServer(token=token, host=host, port=port), folder, browser=browser)


async def _serve(server: LocalServer, folder: Path, *, browser: bool) -> None:
    async with server:
        admin, group = cast(server)
        settings = _settings(server, folder, admin.id)
        logs.set_up(settings.log_level, settings.secrets, settings.log_format)
        async with running(settings):
            # the part after # stays in the browser: only people who see this terminal become the admin
            own = f"{server.url}/#admin={admin.id}"
            sys.stdout.write(f"Chat with the bot at {server.url} (Ctrl-C to stop)\n")
            sys.stdout.write(f"Keep for yourself, you are its admin and a whole class: {own}\n")
            sys.stdout.write(f"To join the class: {server.url}/#group={group.id}\n")
            sys.stdout.flush()
            if browser and has_desktop():
                # every user of this machine can see the browser's command line, so its link works once
                once = server.page.invitation(f"admin={admin.id}")
                await asyncio.to_thread(webbrowser.open, f"{server.url}{once}")
            await asyncio.Event().wait()


def cast(server: LocalServer) -> tuple[Person, Group]:
    """Create the bot's admin and the class whose group they run.

    The admin's number lets one page act as all of these people.
    """
    you, *mates = (server.world.person(name) for name in ("You", *MATES))
    server.page.casts[you.id] = [you, *mates]
    return you, server.world.group("Class 4b", you, *mates)


@contextmanager
def _own_folder() -> Iterator[Path]:
    """A temporary folder for this demo's data; clears up after demos that were killed."""
    with tempfile.TemporaryDirectory(prefix=FOLDER) as name:
        folder = Path(name)
        with FileLock(folder / LOCK):
            (folder / BESIDE).write_text(get_temp_dir(), encoding="utf-8")
            _clear_up(folder)
            yield folder


def _clear_up(mine: Path) -> None:
    for folder in mine.parent.glob(f"{FOLDER}*"):
        with suppress(OSError, Timeout):
            seen = folder.lstat()
            if folder == mine or seen.st_uid != mine.lstat().st_uid or time.time() < seen.st_mtime + YOUNG:
                continue
            with FileLock(folder / LOCK, timeout=0):
                beside = (folder / BESIDE).read_text(encoding="utf-8")
            shutil.rmtree(folder)
            shutil.rmtree(beside, ignore_errors=True)


def _settings(server: LocalServer, folder: Path, admin: int) -> Settings:
    """The environment's settings, with the local server, its admin and a temporary data folder.

    That folder starts with the version in use in the environment's data folder.
    """
    alone = dict.fromkeys(["proxy_url", "webhook_url", "metrics_listen", "database_url"])
    reach = {"telegram_bot_token": server.token, "bot_api_url": server.url}
    settings = Settings.load(**(alone | reach | {"admin_ids": {admin}}))
    own = settings.model_copy(update={"data_dir": folder / "data"})
    _copy_serving(local_store(settings.models), FileBackend(own.models))
    return own


def _copy_serving(theirs: VersionStore, own: FileBackend) -> None:
    """Copy the version in use, and the one it was fine-tuned from for the next time."""
    serving = theirs.serving()
    if serving.folder == PRETRAINED:
        return
    for name in filter(None, [serving.parent, serving.name]):
        with suppress(VersionError):  # its parent may be gone
            version = theirs.named(name)
            if version.folder != PRETRAINED:
                own.put(name, {file: (version.folder / file).read_bytes() for file in FILES}, version.card)
    VersionStore(own).promote(serving.name)


def free_port(host: str) -> int:
    """The first free port from FIRST_PORT up. Raises StartFailed if there is none among PORTS."""
    for port in range(FIRST_PORT, FIRST_PORT + PORTS):
        if is_free(host, port):
            return port
    raise StartFailed(f"{host} has no free port from {FIRST_PORT} on. Choose one with --port.")


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host, port), family=family):
            return True
    except (OSError, OverflowError):  # in use, not this machine's, or not a port at all
        return False


def has_desktop() -> bool:
    """Whether a browser window can open here."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
