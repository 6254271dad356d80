"""`digitbot doctor`: checks what the bot needs, one line each, with the fix if it fails.

Checks that ask Telegram are in `doctor_telegram`.
"""

import asyncio
import getpass
import os
import shutil
import socket
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http import HTTPStatus
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from PIL import Image, ImageDraw

from bot.commands.checks import Told, Wrong
from bot.commands.doctor_telegram import admins, clock, groups, token, webhook
from bot.learning.version_store import version_store
from bot.readers.pool import TIME_LIMIT, ReaderFailed, Readers
from bot.settings import Settings, host_and_port
from bot.storage.database import DatabaseError, DatabaseUnavailable, newest
from bot.storage.database import versions as schemas
from model.reading.result import PhotoError
from model.versions.promotions import NAME
from model.versions.version import PRETRAINED, VersionError, read_version

ROOM = 500_000_000  # bytes that should be free for data and models
SLOW = TIME_LIMIT / 4  # seconds for a test photo: a large one takes several times as long
TROUBLES = ("starting", "stopping", "database", "disk", "readers")  # reasons that /readyz may give
ANSWER = 10  # seconds for a running bot to report its health


def doctor(settings: Settings) -> bool:
    """Print a line for each check; returns True if nothing is wrong."""
    known = _passes(token, settings)
    of_telegram = (webhook, clock, admins, groups) if known else ()
    listens = (listen,) if settings.webhook_url else ()
    here = (data_folder, privacy, disk, database, model, versions, training, *listens, metrics)
    return all([known, *(_passes(check, settings) for check in (*of_telegram, *here))])


def _passes(check: Callable[[Settings], str], settings: Settings) -> bool:
    try:
        line = f"✓ {check(settings)}"
    except Told as told:
        line = f"· {told}"
    except Wrong as wrong:
        line = f"✗ {wrong}"
    except OSError as error:  # the check itself failed, mostly for lack of permissions
        line = f"✗ {check.__name__}: {error.filename or ''}: {error.strerror or error}. Run it as the bot's user"
    sys.stdout.write(f"{line}\n")
    return not line.startswith("✗")


def data_folder(settings: Settings) -> str:
    """Check that the data folder is writable."""
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.data_dir) as file:
            file.write(b"written")
    except PermissionError as error:
        raise Wrong(f"data folder: {settings.data_dir}: {error.strerror}. {_whose(settings.data_dir)}") from error
    except OSError as error:
        raise Wrong(f"data folder: {settings.data_dir}: {error.strerror}. Mend that, or set DATA_DIR") from error
    return f"data folder: {settings.data_dir} can be written to"


def _whose(folder: Path) -> str:
    """What to do if a folder can't be created or written to."""
    try:
        us = getpass.getuser()
        owner = folder.owner() if folder.exists() else None
    except (KeyError, OSError, NotImplementedError):  # a user without a name, as in containers; Windows
        return "Give it to the bot's user, or set DATA_DIR"
    if owner is None:
        return f"Run as root: install -d -m 700 -o {us} {folder}, or set DATA_DIR"
    if owner == us:
        return f"Run: chmod u+rwx {folder}, or set DATA_DIR"
    return (
        f"It is {owner}'s, and this is {us}: if the bot runs as {owner}, so must this; else run as root:"
        f" chown -R {us} {folder}, or set DATA_DIR"
    )


def privacy(settings: Settings) -> str:
    """Check that other users of this machine can't read the token or people's data."""
    if sys.platform == "win32":
        raise Told("privacy: not checked on Windows")
    for path, forbidden in _private(settings):
        try:
            mode = path.stat().st_mode
        except OSError:  # it doesn't exist
            continue
        if mode & forbidden:
            does = "read" if mode & forbidden & stat.S_IROTH else "change"
            raise Wrong(f"privacy: others on this machine may {does} {path}. Run: chmod go-rwx {path}")
    return "privacy: nobody else on this machine may read the database or .env, or change the data folder"


def _private(settings: Settings) -> Iterator[tuple[Path, int]]:
    """Each private file with the permissions that others mustn't have on it.

    Others may list folders.
    """
    yield Path(".env"), stat.S_IROTH | stat.S_IWOTH
    yield settings.data_dir, stat.S_IWOTH
    if not settings.database.on_postgres:
        for each in (settings.database.file, *settings.database.beside):
            yield each, stat.S_IROTH | stat.S_IWOTH | stat.S_IRGRP | stat.S_IWGRP


def disk(settings: Settings) -> str:
    """Check the disk space for data and models."""
    folder = next(path for path in [settings.data_dir, *settings.data_dir.parents] if path.is_dir())
    free = shutil.disk_usage(folder).free
    if free < ROOM:
        raise Wrong(f"disk: only {free / 1e6:.0f} MB are free at {folder}. Make room, or set DATA_DIR to another disk")
    return f"disk: {free / 1e9:.1f} GB are free"


def database(settings: Settings) -> str:
    """Check the database read-only, since a bot may be using it."""
    place = settings.database
    try:
        place.look_for_half_restored()
        schema = place.version() if place.exists() else None
        if schema is not None:
            place.look_through()
    except DatabaseError as error:
        raise Wrong(f"database: {error}") from error
    if schema is None:
        return f"database: {place.name} will be made at the first start"
    if schema > newest():
        raise Wrong(f"database: {place.name} was written by a newer digitbot. Install that one, or restore a backup")
    if schema < newest():
        behind = sum(schema < each for each in schemas())
        raise Told(f"database: {place.name} gets a newer schema at the next start ({behind} steps). Back it up before")
    return f"database: {place.name} can be used"


def model(settings: Settings) -> str:
    """Check that the version in use loads in all readers and reads a digit fast enough."""
    version = PRETRAINED

    async def reading() -> tuple[str, str, float]:
        nonlocal version
        with suppress(DatabaseError, DatabaseUnavailable):  # the database's own check reports them
            if settings.database.on_postgres:
                settings.database.version()  # fails at once, unlike a connection pool
            with version_store(settings.database, settings.models) as store:
                version = await asyncio.to_thread(lambda: store.serving().folder)
        async with Readers(settings.readers, version) as readers:
            begun = time.monotonic()
            photo = _drawn_seven()
            outcome, *_ = await asyncio.gather(*(readers.read(photo) for _ in range(settings.readers)))
            return outcome.reading.model, outcome.reading.text, time.monotonic() - begun

    try:
        name, text, seconds = asyncio.run(reading())
    except (ReaderFailed, PhotoError, VersionError) as error:
        raise Wrong(f"model: {version} can't read: {error}. Try `digitbot models rollback`") from error
    if text != "7":
        raise Wrong(f"model: {name} reads a drawn 7 as {text or 'no digit'}. Try `digitbot models rollback`")
    if seconds > SLOW:
        raise Wrong(
            f"model: {settings.readers} readers took {seconds:.1f} s for a small picture each, and may take"
            f" {TIME_LIMIT} s for any. Set READERS to fewer, or give the machine less else to do"
        )
    return f"model: {name} reads, in {seconds * 1000:.0f} ms with {settings.readers} readers at once"


def versions(settings: Settings) -> str:
    """Check that all versions of the model on this machine are undamaged."""
    folders = sorted(path for path in settings.models.glob("versions/*") if NAME.fullmatch(path.name))
    damaged = [folder for folder in (PRETRAINED, *folders) if read_version(folder) is None]
    if PRETRAINED in damaged:
        raise Wrong("versions: the one that ships is damaged. Install digitbot anew")
    if damaged:
        raise Wrong(f"versions: {damaged[0]} is damaged. Restore it from a backup, or delete that folder")
    return f"versions: the one that ships and {len(folders)} more, all whole"


def training(settings: Settings) -> str:
    """Say whether the bot could /retrain; it reads without it."""
    if find_spec("tensorflow") is None:
        raise Told(
            "training: TensorFlow isn't installed, so there is no /retrain"
            " (pip install --require-hashes -r requirements/train.txt, or the image with it)"
        )
    from model.data.mnist import CACHE  # numpy is slow to import

    given = settings.mnist_path
    if given and not given.exists():
        raise Wrong(f"training: MNIST_PATH: there is no {given}. Put mnist.npz there, or leave it empty")
    if given is None and not CACHE.is_file():
        raise Told("training: TensorFlow is there; MNIST will be downloaded by the first /retrain (or set MNIST_PATH)")
    return "training: TensorFlow and MNIST are there"


def listen(settings: Settings) -> str:
    """Check that LISTEN is free, or that the running bot listens there."""
    why = _taken(settings.listen)
    if why is None:
        return f"listen: {settings.listen} is free; deliveries to WEBHOOK_URL have to be handed on to it"
    try:
        path = urlsplit(settings.webhook_url or "").path or "/"
        answer = httpx.post(f"http://{settings.listen}{path}", timeout=ANSWER, trust_env=False)
        ours = answer.status_code == HTTPStatus.FORBIDDEN  # our bot: it knows the path and asks for the secret
    except httpx.HTTPError:
        ours = False
    if ours:
        return f"listen: a bot is at work at {settings.listen}"
    raise Wrong(f"listen: {settings.listen} can't be had: {why}. Set LISTEN to another address, and hand on to that")


def metrics(settings: Settings) -> str:
    """Check that METRICS_LISTEN is free, or that the bot running there is healthy."""
    address = settings.metrics_listen
    if address is None:
        raise Told("metrics: METRICS_LISTEN is empty: there are no health checks and no metrics")
    why = _taken(address)
    if why is None:
        return f"metrics: {address} is free; /healthz, /readyz and /metrics will be there"
    try:
        ready = httpx.get(f"http://{address}/readyz", timeout=ANSWER, trust_env=False).text.strip()[:80]
    except httpx.HTTPError:
        ready = ""
    if ready == "ok":
        return f"metrics: a bot is at work at {address}, and ready"
    if ready in TROUBLES:
        raise Wrong(f"metrics: the bot at {address} isn't ready: {ready}. Its log says more")
    raise Wrong(f"metrics: {address} can't be had: {why}. Set METRICS_LISTEN to another address")


def _taken(address: str) -> str | None:
    """Why this process can't listen there; None if it can."""
    host, port = host_and_port(address)
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            return None
    except OSError as error:
        return os.strerror(error.errno) if error.errno else str(error)


def _drawn_seven() -> bytes:
    page = Image.new("L", (320, 320), 235)
    ImageDraw.Draw(page).line([(100, 80), (220, 80), (150, 250)], fill=30, width=16, joint="curve")
    png = BytesIO()
    page.save(png, "PNG")
    return png.getvalue()
