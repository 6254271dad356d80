"""Tells the bot's admins of errors: at once of the first, then at most once an hour, with a count."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable

from telegram import Bot
from telegram.error import TelegramError

from bot.i18n import speech

QUIET = 3600  # seconds between two notices

log = logging.getLogger(__name__)


class Troubles:
    """Counts errors and tells `admins` (Telegram user ids) of them, each in the language of `language_of`."""

    def __init__(self, admins: Iterable[int], language_of: Callable[[int], Awaitable[str | None]]) -> None:
        self._admins = tuple(admins)
        self._language_of = language_of
        self._count = 0  # since the last notice
        self._last_notice = -float("inf")
        self._later: asyncio.Task[None] | None = None

    async def report(self, bot: Bot, error: BaseException) -> None:
        """Take note of one error; the admins hear of it now, or when the quiet hour is over."""
        self._count += 1
        wait = self._last_notice + QUIET - time.monotonic()
        if wait <= 0:
            await self._tell(bot, error)
        elif self._later is None:
            self._later = asyncio.create_task(self._tell_later(bot, error, wait))

    def close(self) -> None:
        """Forget the notice that still waits for its hour; the log has all errors."""
        if self._later:
            self._later.cancel()

    async def _tell_later(self, bot: Bot, error: BaseException, wait: float) -> None:
        await asyncio.sleep(wait)
        self._later = None
        await self._tell(bot, error)

    async def _tell(self, bot: Bot, error: BaseException) -> None:
        count, self._count = self._count, 0
        self._last_notice = time.monotonic()
        for admin in self._admins:
            text = speech(await self._language_of(admin)).ngettext(
                "{count} error since my last notice: {kind}. The log has the details.",
                "{count} errors since my last notice, including {kind}. The log has the details.",
                count,
            )
            try:
                await bot.send_message(admin, text.format(count=count, kind=type(error).__name__))
            except TelegramError as failure:  # an admin who never pressed Start, or no network
                log.warning("Admin %s can't be told of errors: %s", admin, failure)
