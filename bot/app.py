"""Builds the bot and keeps its life: inbox, readers, Telegram, workers, what arrives, and all down again in order."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from ipaddress import ip_address
from typing import cast
from urllib.parse import urlsplit

from telegram import Update
from telegram.error import InvalidToken, TelegramError
from telegram.ext import ApplicationBuilder, ContextTypes, Defaults

from bot.context import Bot, Context, Parts
from bot.game.rounds_store import Rounds
from bot.game.show import Show
from bot.handlers import (
    basics,
    edits,
    errors,
    feedback,
    groups,
    membership,
    models,
    photos,
    privacy,
    retrain,
    review,
    settings_command,
    show,
    stats,
    tour,
)
from bot.i18n import catalogues
from bot.inbox import Inbox
from bot.inbox.sqlite import SqliteInbox
from bot.inbox.work import Work
from bot.learning.retraining import Retraining
from bot.learning.version_store import version_store
from bot.learning.versions import Versions
from bot.messages.downloads import Downloads, give_back_large_blocks
from bot.readers.pool import ReaderFailed, Readers
from bot.settings import Settings
from bot.storage.database import Database, DatabaseError, DatabaseUnavailable
from bot.storage.store import Store, expiring, store_in
from bot.telemetry.troubles import Troubles
from bot.transport.calls import CountedRequest
from bot.transport.inbox_queue import InboxQueue
from bot.transport.limits import Limits, MemoryAllowances
from bot.transport.polling import PollingBot, polling
from bot.transport.profile import introduce
from bot.transport.retries import Retries
from bot.transport.web import NotServed, health, webhook
from model.versions.version import VersionError

UPDATES = [  # what Telegram is asked for
    Update.MESSAGE,
    Update.EDITED_MESSAGE,
    Update.CALLBACK_QUERY,
    Update.MY_CHAT_MEMBER,
]
CONNECTIONS = 80  # to Telegram: two for each update that may be in work

log = logging.getLogger(__name__)


class StartFailed(Exception):
    """The bot can't start; `str(error)` says in a sentence why, and what to do."""


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Bot]:
    """The bot at work: it has been reached and updates arrive when the block begins, and has ended behind it.

    Raises StartFailed.
    """
    async with AsyncExitStack() as life:
        bot = await _start(settings, life)
        try:
            yield bot
        finally:
            log.info("@%s ends, once what is in work is done", bot.bot.username)


async def run(settings: Settings) -> None:
    """The bot at work until cancelled. Raises StartFailed, Refused, and what else makes it end."""
    async with running(settings) as bot:
        raise await bot.bot.end


def build(settings: Settings, readers: Readers, versions: Versions, inbox: Inbox, store: Store, limits: Limits) -> Bot:
    """The application with all its handlers, nothing started."""
    catalogues()
    reach = telegram(settings, limits)
    downloads = Downloads(reach, settings.download_mb * 1_000_000)
    retraining = Retraining(settings, store, readers, versions)
    rounds = Show(settings, Rounds(store.engine), readers, downloads)
    troubles = Troubles(settings.admin_ids, store.languages.chosen)
    parts = Parts(settings, readers, downloads, store, inbox, troubles, versions, retraining, rounds)
    bot = (
        ApplicationBuilder()
        .bot(reach)
        .update_queue(InboxQueue(inbox, rounds.plays, store.languages.listen))
        .context_types(ContextTypes(context=Context, bot_data=cast("type[Parts]", lambda: parts)))
        .job_queue(None)
        .build()
    )
    bot.add_handlers(show.handlers(rounds))
    for module in (
        basics,
        tour,
        membership,
        settings_command,
        groups,
        photos,
        edits,
        review,
        retrain,
        models,
        stats,
        privacy,
        feedback,  # the last: it answers every press that nobody knows
    ):
        bot.add_handlers(module.HANDLERS)
    bot.add_handler(basics.REST)
    bot.add_handler(show.MOVED, group=1)
    bot.add_error_handler(errors.on_error)
    return bot


def telegram(settings: Settings, limits: Limits) -> PollingBot:
    """The way to Telegram, not yet used."""
    return PollingBot(
        settings.token,
        base_url=f"{settings.bot_api_url}/bot",
        base_file_url=f"{settings.bot_api_url}/file/bot",
        request=_requests(settings, connections=CONNECTIONS),
        get_updates_request=_requests(settings, connections=1),
        defaults=Defaults(allow_sending_without_reply=True),
        rate_limiter=Retries(limits),
    )


def _requests(settings: Settings, connections: int) -> CountedRequest:
    here = is_this_machine(urlsplit(settings.bot_api_url).hostname)
    return CountedRequest(
        connection_pool_size=connections,
        proxy=settings.proxy_url.get_secret_value() if settings.proxy_url else None,
        connect_timeout=10,
        read_timeout=20,
        write_timeout=20,
        pool_timeout=30,
        media_write_timeout=60,
        httpx_kwargs={"trust_env": not here},  # a company's HTTPS_PROXY doesn't lead back to this machine
    )


def is_this_machine(host: str | None) -> bool:
    """Whether a host is the one that this runs on."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


async def _start(settings: Settings, life: AsyncExitStack) -> Bot:
    """Everything up, in the order in which it is needed; `life` takes it down again the other way round."""
    give_back_large_blocks()
    try:
        told = await life.enter_async_context(health(settings))
        inbox = await life.enter_async_context(inbox_in(settings.database))
        models = life.enter_context(version_store(settings.database, settings.models))
        serving = await asyncio.to_thread(models.serving)
        readers = Readers(settings.readers, serving.folder, settings.models)
        versions = Versions(models, readers, settings.keep_versions)
        limits = await life.enter_async_context(limits_in(settings.database))
        store = await life.enter_async_context(store_in(settings.database))
        await life.enter_async_context(expiring(store, settings.keep_readings_days))
        bot = build(settings, readers, versions, inbox, store, limits)
        await life.enter_async_context(bot)
        await life.enter_async_context(readers)
        await life.enter_async_context(versions)
        await introduce(bot.bot, settings.admin_ids)
        await bot.start()
        life.push_async_callback(bot.stop)
        life.callback(bot.bot_data.troubles.close)
        await life.enter_async_context(bot.bot_data.retraining.on(bot.bot))
        await life.enter_async_context(bot.bot_data.show.on(bot.bot))
        await life.enter_async_context(Work(bot, inbox, limits.pause))
        await life.enter_async_context(_arrivals(bot, settings))
        life.enter_context(told.ready(inbox, readers))
        release = version("digitbot")
        log.info("@%s is ready: digitbot %s, version %s of the model", bot.bot.username, release, serving.name)
    except InvalidToken:  # its message shows the token
        raise StartFailed(
            "Telegram doesn't know this token. Copy TELEGRAM_BOT_TOKEN anew from @BotFather (/mybots, API Token)."
        ) from None
    except TelegramError as error:
        log.error("The Bot API server: %s", error)
        raise StartFailed(
            f"{settings.bot_api_name} can't be reached. Check the network; if only a proxy leads out, set PROXY_URL."
        ) from error
    except ReaderFailed as error:
        raise StartFailed(f"No photo can be read: {error}. `digitbot doctor` tells more.") from error
    except DatabaseUnavailable as error:
        raise StartFailed(f"{error}. `digitbot doctor` tells more.") from error
    except (DatabaseError, NotServed, VersionError) as error:
        raise StartFailed(str(error)) from error
    return bot


def _arrivals(bot: Bot, settings: Settings) -> AbstractAsyncContextManager[None]:
    """Updates arrive during the block, the one way or the other."""
    return webhook(bot, settings, UPDATES) if settings.webhook_url else polling(bot, UPDATES, settings.database)


@asynccontextmanager
async def inbox_in(database: Database) -> AsyncIterator[Inbox]:
    """The inbox in a database whose schema is brought up to date before.

    Raises DatabaseError and DatabaseUnavailable.
    """
    with database.prepared():
        async with _inbox(database) as inbox:
            yield inbox


def _inbox(database: Database) -> Inbox:
    if not database.on_postgres:
        return SqliteInbox(database.file)
    from bot.inbox.postgres import PostgresInbox  # its library is there only where it is needed

    return PostgresInbox(database.url)


@asynccontextmanager
async def limits_in(database: Database) -> AsyncIterator[Limits]:
    """Telegram's limits, for all bots that share the database."""
    if not database.on_postgres:
        yield Limits(MemoryAllowances())
        return
    from bot.transport.shared_limits import shared_allowances

    async with shared_allowances(database.url) as allowances:
        yield Limits(allowances)
