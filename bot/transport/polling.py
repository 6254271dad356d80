"""Asks Telegram for updates by long polling, and knows when that has no sense any more."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any, cast

from telegram import Update
from telegram.error import Conflict, InvalidToken, TelegramError
from telegram.ext import Application, ExtBot, Updater

from bot.storage.database import Database
from bot.transport.retries import Check

POLL = timedelta(seconds=25)  # for which Telegram may hold a poll until there is news
SETTLED, ESTABLISHED = 5, 30  # seconds of polling; between them a bot gives way to another one with its token
STOPPING = 2  # seconds for the polling to end
AGAIN = 2  # seconds until polling is begun anew where that failed

log = logging.getLogger(__name__)


class Refused(Exception):
    """Telegram gives this bot no updates, whatever it tries; `str(error)` says in a sentence why, and what to do."""


class PollingBot(ExtBot[Check]):
    """The library's, which also tells when polling is refused for good; the library ends it in silence."""

    def __init__(self, token: str, **options: Any) -> None:
        super().__init__(token, **options)
        with self._unfrozen():
            self.end: asyncio.Future[Exception] = asyncio.get_event_loop().create_future()
            self._polling_since = float("inf")

    def give_up(self, error: Exception) -> None:
        """The bot can't go on: whoever keeps it running ends it with this error."""
        if not self.end.done():
            self.end.set_result(error)

    def begin_polling(self) -> None:
        """From now on it counts how long the polling works."""
        with self._unfrozen():
            self._polling_since = time.monotonic()

    async def get_updates(self, *arguments: Any, **options: Any) -> tuple[Update, ...]:
        try:
            return await super().get_updates(*arguments, **options)
        except InvalidToken:
            return self._refuse(
                "Telegram no longer takes this token: it was revoked, or a new one was made. Copy TELEGRAM_BOT_TOKEN"
                " anew from @BotFather (/mybots, API Token)."
            )
        except Conflict:
            # Before, it may be one that is just ending. An established one tries again and goes on.
            if SETTLED < time.monotonic() - self._polling_since < ESTABLISHED:
                return self._refuse(
                    "Another bot is at work with this token, and only one of them would get each message. Stop that"
                    " one first, or give this one a token of its own from @BotFather."
                )
            raise

    def _refuse(self, sentence: str) -> tuple[Update, ...]:
        self.give_up(Refused(sentence))
        return ()


Bot = Application[PollingBot, Any, Any, Any, Any, None]


@asynccontextmanager
async def polling(bot: Bot, updates: list[str], database: Database) -> AsyncIterator[None]:
    """Polling for the kinds of `updates` during the block. A webhook ends, and what waits for it comes here.

    Of several bots on one PostgreSQL database one at a time polls.
    """
    if not database.on_postgres:
        async with _polling(bot, updates):
            yield
        return
    turns = asyncio.create_task(_in_turn(bot, updates, database.url), name="polling in turn")
    turns.add_done_callback(partial(_ended, bot))
    try:
        yield
    finally:
        turns.cancel()
        await asyncio.wait([turns])


def _ended(bot: Bot, turns: asyncio.Task[None]) -> None:
    if not turns.cancelled() and isinstance(error := turns.exception(), Exception):
        bot.bot.give_up(error)


async def _in_turn(bot: Bot, updates: list[str], url: str) -> None:
    """Poll whenever it is this bot's turn: when nobody else does, until the database is out of reach."""
    from bot.inbox.leader import leadership  # PostgreSQL's library is there only where it is needed

    async with leadership(url) as leader:
        while True:
            await leader.gained()
            try:
                async with _polling(bot, updates):
                    log.info("It is this bot's turn to poll")
                    await leader.lost()
            except InvalidToken:
                raise
            except TelegramError as error:
                log.warning("The polling can't begin, trying again: %s", error)
                await asyncio.sleep(AGAIN)
            await leader.give_up()


@asynccontextmanager
async def _polling(bot: Bot, updates: list[str]) -> AsyncIterator[None]:
    updater = cast("Updater", bot.updater)
    bot.bot.begin_polling()
    try:
        await updater.start_polling(timeout=POLL, allowed_updates=updates, error_callback=_polling_failed)
        yield
    finally:
        if updater.running:  # also where its start was interrupted
            await _stop(updater)


async def _stop(updater: Updater) -> None:
    try:
        async with asyncio.timeout(STOPPING):
            await updater.stop()
    except TimeoutError:
        log.warning("The polling didn't end in time; what was asked for last may come again")


def _polling_failed(error: TelegramError) -> None:
    if isinstance(error, Conflict):
        log.warning("Another program asks for this bot's messages with the same token; only one of them gets each")
    else:
        log.warning("No news from Telegram for now, trying again: %s", error)
