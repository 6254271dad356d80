"""`digitbot doctor`: looks at what the bot needs, a line for each, with the mend where something is wrong."""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from io import BytesIO
from typing import TypeVar
from urllib.parse import urlsplit

from PIL import Image, ImageDraw
from telegram.error import InvalidToken, TelegramError

from bot.app import telegram
from bot.database import DatabaseError, newest
from bot.inbox import InboxError
from bot.limits import Limits, MemoryAllowances
from bot.polling import PollingBot
from bot.reading import ReaderFailed, Readers
from bot.settings import Settings
from bot.shelf import shelf_in
from model.reading import PhotoError
from model.registry import PRETRAINED, VersionError

ROOM = 500_000_000  # bytes that should be free for data and models
TIME_LIMIT = 20  # seconds for Telegram's answer

T = TypeVar("T")


class Wrong(Exception):
    """A check that failed; `str(error)` says what is wrong, and the mend."""


def doctor(settings: Settings) -> bool:
    """Print a line for each check; True when nothing is wrong."""
    known = _passes(token, settings)
    checks = ((webhook,) if known else ()) + (data_folder, disk, database, model)
    return all([known, *(_passes(check, settings) for check in checks)])


def _passes(check: Callable[[Settings], str], settings: Settings) -> bool:
    try:
        line = f"✓ {check(settings)}"
    except Wrong as wrong:
        line = f"✗ {wrong}"
    sys.stdout.write(f"{line}\n")
    return line.startswith("✓")


def token(settings: Settings) -> str:
    """Whether the Bot API server knows the token."""
    if settings.telegram_bot_token is None:
        raise Wrong("token: none is set. Get one from @BotFather and put it into .env; `digitbot demo` needs none")

    async def name(bot: PollingBot) -> str:
        return bot.username

    try:
        return f"token: belongs to @{_asked(settings, name)}"
    except InvalidToken:
        raise Wrong("token: Telegram doesn't know it. Copy it anew from @BotFather (/mybots, API Token)") from None
    except (TelegramError, TimeoutError):
        raise Wrong(
            f"token: {settings.bot_api_url} can't be reached. Check the network, BOT_API_URL and PROXY_URL"
        ) from None


def webhook(settings: Settings) -> str:
    """Whether messages come the way that the settings want, as far as Telegram knows."""
    try:
        info = _asked(settings, PollingBot.get_webhook_info)
    except (TelegramError, TimeoutError) as error:
        raise Wrong(f"webhook: Telegram can't be asked for it: {error}") from error
    host = urlsplit(info.url).hostname  # the rest of an address may be meant to be secret
    if info.url != (settings.webhook_url or ""):
        way = "sets WEBHOOK_URL" if settings.webhook_url else "asks for messages itself"
        return f"webhook: {f'the one at {host}' if host else 'none'} for now; the bot {way} when it starts"
    if host is None:
        return "webhook: none, the bot asks for messages itself"
    if info.pending_update_count and info.last_error_message:
        raise Wrong(
            f"webhook: messages wait ({info.pending_update_count}), and the last delivery to {host} failed:"
            f" {info.last_error_message}. See whether the bot runs, and WEBHOOK_URL leads to {settings.listen}"
        )
    return f"webhook: Telegram delivers to {host}"


def _asked(settings: Settings, question: Callable[[PollingBot], Awaitable[T]]) -> T:
    async def asked() -> T:
        bot = telegram(settings, Limits(MemoryAllowances()))
        async with asyncio.timeout(TIME_LIMIT), bot:
            return await question(bot)

    return asyncio.run(asked())


def data_folder(settings: Settings) -> str:
    """Whether the data folder can be written to."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.data_dir) as file:
            file.write(b"written")
    except OSError as error:
        raise Wrong(f"data folder: {settings.data_dir}: {error.strerror}. Mend that, or set DATA_DIR") from error
    return f"data folder: {settings.data_dir} can be written to"


def disk(settings: Settings) -> str:
    """Whether there is room for data and models."""
    folder = next(path for path in [settings.data_dir, *settings.data_dir.parents] if path.is_dir())
    free = shutil.disk_usage(folder).free
    if free < ROOM:
        raise Wrong(f"disk: only {free / 1e6:.0f} MB are free at {folder}. Make room, or set DATA_DIR to another disk")
    return f"disk: {free / 1e9:.1f} GB are free"


def database(settings: Settings) -> str:
    """Whether the database can be used, by looking only: a bot may be at work on it."""
    place = settings.database
    try:
        schema = place.version() if place.exists() else None
    except DatabaseError as error:
        raise Wrong(f"database: {error}") from error
    if schema is None:
        return f"database: {place.name} will be made at the first start"
    if schema > newest():
        raise Wrong(f"database: {place.name} was written by a newer digitbot. Install that one, or restore a backup")
    return f"database: {place.name} can be used"


def model(settings: Settings) -> str:
    """Whether the current version loads in a reader and reads a drawn digit."""
    version = PRETRAINED

    async def reading() -> tuple[str, str]:
        nonlocal version
        with suppress(InboxError, ImportError):  # the database's own line tells of them
            async with shelf_in(settings.database, settings.models) as shelf:
                version = (await shelf.serving()).folder
        async with Readers(1, version) as readers:
            outcome = await readers.read(_drawn_seven())
            return outcome.reading.model, outcome.reading.text

    try:
        name, text = asyncio.run(reading())
    except (ReaderFailed, PhotoError, VersionError) as error:
        raise Wrong(f"model: {version} can't read: {error}. Try `digitbot models rollback`") from error
    if text != "7":
        raise Wrong(f"model: {name} reads a drawn 7 as {text or 'no digit'}. Try `digitbot models rollback`")
    return f"model: {name} reads"


def _drawn_seven() -> bytes:
    page = Image.new("L", (320, 320), 235)
    ImageDraw.Draw(page).line([(100, 80), (220, 80), (150, 250)], fill=30, width=16, joint="curve")
    png = BytesIO()
    page.save(png, "PNG")
    return png.getvalue()
