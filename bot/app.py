"""Builds the bot and keeps its life: Telegram reached, readers up, polling, and everything down again in order."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from ipaddress import ip_address
from typing import Any, TypeAlias, cast
from urllib.parse import urlsplit

from telegram import Update
from telegram.error import Conflict, InvalidToken, TelegramError
from telegram.ext import Application, ApplicationBuilder, ContextTypes, Defaults, ExtBot, Updater
from telegram.request import HTTPXRequest

from bot.context import Context, Parts
from bot.handlers import basics, errors, photos
from bot.i18n import catalogues
from bot.profile import introduce
from bot.reading import ReaderFailed, Readers
from bot.retries import Retries
from bot.settings import Settings
from bot.troubles import Troubles
from model.registry import PRETRAINED, Registry

AT_ONCE = 128  # updates handled side by side; most of them wait for a reader
UPDATES = [Update.MESSAGE, Update.EDITED_MESSAGE]  # what Telegram is asked for
POLL = timedelta(seconds=25)  # for which Telegram may hold a poll until there is news
STOPPING = 10  # seconds for what is in work when the bot is to stop


class PollingBot(ExtBot[None]):
    """The library's, which also tells when Telegram refuses the token: polling would end by that in silence."""

    def __init__(self, token: str, **options: Any) -> None:
        super().__init__(token, **options)
        with self._unfrozen():
            self.refused = asyncio.Event()

    async def get_updates(self, *arguments: Any, **options: Any) -> tuple[Update, ...]:
        try:
            return await super().get_updates(*arguments, **options)
        except InvalidToken:
            self.refused.set()  # and whoever waits for it stops the polling
            return ()


Bot: TypeAlias = Application[PollingBot, Context, dict[Any, Any], dict[Any, Any], Parts, None]
log = logging.getLogger(__name__)


class StartFailed(Exception):
    """The bot can't start; `str(error)` says in a sentence why, and what to do."""


class TokenRevoked(Exception):
    """The bot can't go on; `str(error)` says in a sentence why, and what to do."""


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Bot]:
    """The bot at work: it has been reached and is polling when the block begins, and has ended behind it.

    Raises StartFailed.
    """
    readers = Readers(settings.readers, Registry(settings.models).current() or PRETRAINED)
    bot = build(settings, readers)
    async with AsyncExitStack() as life:
        await _start(bot, readers, life)
        log.info("@%s is ready", bot.bot.username)
        yield bot


async def run(settings: Settings) -> None:
    """The bot at work until cancelled. Raises StartFailed and TokenRevoked."""
    async with running(settings) as bot:
        await bot.bot.refused.wait()
        raise TokenRevoked(
            "Telegram no longer takes this token: it was revoked, or a new one was made. Copy TELEGRAM_BOT_TOKEN anew"
            " from @BotFather (/mybots, API Token)."
        )


def build(settings: Settings, readers: Readers) -> Bot:
    """The application with all its handlers, nothing started."""
    catalogues()
    parts = Parts(settings, readers, Troubles(settings.admin_ids))
    bot = (
        ApplicationBuilder()
        .bot(_bot(settings))
        .concurrent_updates(AT_ONCE)
        .context_types(ContextTypes(context=Context, bot_data=cast("type[Parts]", lambda: parts)))
        .job_queue(None)
        .build()
    )
    bot.add_handlers([*basics.HANDLERS, *photos.HANDLERS, basics.REST])
    bot.add_error_handler(errors.on_error)
    return bot


def _bot(settings: Settings) -> PollingBot:
    return PollingBot(
        settings.token,
        base_url=f"{settings.bot_api_url}/bot",
        base_file_url=f"{settings.bot_api_url}/file/bot",
        request=_requests(settings, connections=2 * AT_ONCE),
        get_updates_request=_requests(settings, connections=1),
        defaults=Defaults(allow_sending_without_reply=True),
        rate_limiter=Retries(),
    )


def _requests(settings: Settings, connections: int) -> HTTPXRequest:
    here = _is_this_machine(urlsplit(settings.bot_api_url).hostname)
    return HTTPXRequest(
        connection_pool_size=connections,
        proxy=settings.proxy_url.get_secret_value() if settings.proxy_url else None,
        connect_timeout=10,
        read_timeout=20,
        write_timeout=20,
        pool_timeout=30,
        media_write_timeout=60,
        httpx_kwargs={"trust_env": not here},  # a company's HTTPS_PROXY doesn't lead back to this machine
    )


def _is_this_machine(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


async def _start(bot: Bot, readers: Readers, life: AsyncExitStack) -> None:
    updater = cast("Updater", bot.updater)
    try:
        await life.enter_async_context(bot)
        await life.enter_async_context(readers)
        await introduce(bot.bot)
        await bot.start()
        life.push_async_callback(_stop, bot)
        await updater.start_polling(timeout=POLL, allowed_updates=UPDATES, error_callback=_polling_failed)
    except InvalidToken:  # its message shows the token
        raise StartFailed(
            "Telegram doesn't know this token. Copy TELEGRAM_BOT_TOKEN anew from @BotFather (/mybots, API Token)."
        ) from None
    except TelegramError as error:
        log.error("The Bot API server: %s", error)
        raise StartFailed(
            f"{bot.bot_data.settings.bot_api_url} can't be reached. Check the network; if only a proxy leads out,"
            " set PROXY_URL."
        ) from error
    except ReaderFailed as error:
        raise StartFailed(f"No photo can be read: {error}. `digitbot doctor` tells more.") from error


def _polling_failed(error: TelegramError) -> None:
    if isinstance(error, Conflict):
        log.warning("Another program asks for this bot's messages with the same token; only one of them gets each")
    else:
        log.warning("No news from Telegram for now, trying again: %s", error)


async def _stop(bot: Bot) -> None:
    bot.bot_data.troubles.close()
    try:
        async with asyncio.timeout(STOPPING):
            if bot.updater and bot.updater.running:
                await bot.updater.stop()
            await bot.stop()
    except TimeoutError:
        log.warning("Stopped before everything was answered")
