"""Calls to Telegram, within its limits and tried again: short failures and "too many requests" hurt nobody."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any, TypeVar, cast

from telegram.error import BadRequest, ChatMigrated, NetworkError, RetryAfter, TimedOut
from telegram.ext import BaseRateLimiter

from bot.transport.limits import PATIENCE, SIGN, Limits

ATTEMPTS = 4
FIRST_PAUSE = 0.5  # seconds, doubled each time
LONGEST = 45  # seconds for a call with all its waits and attempts
UNCHANGED = "message is not modified"  # what Telegram says of an edit to what is there already

T = TypeVar("T")
Answer = bool | dict[str, Any] | list[dict[str, Any]]
Check = Callable[[], Awaitable[None]]  # raises what speaks against a call
log = logging.getLogger(__name__)


async def patiently(call: Callable[[], Awaitable[T]]) -> T:
    """What `call()` gives, tried ATTEMPTS times. Raises the last error, and every other than the network's at once.

    A send that timed out may have arrived: an answer that comes twice is better than none. A "retry after" of more
    than PATIENCE is raised too: whoever has time for that waits elsewhere.
    """
    pause = FIRST_PAUSE
    for _ in range(ATTEMPTS - 1):
        try:
            return await call()
        except BadRequest:  # in the library a kind of NetworkError
            raise
        except RetryAfter as error:
            wait = seconds_of(error)
            if wait > PATIENCE:
                raise
            log.info("Telegram: %s", error)
        except NetworkError as error:
            log.info("Telegram: %s; trying again in %.1f s", error, pause)
            wait, pause = pause, pause * 2
        await asyncio.sleep(wait)
    return await call()


def seconds_of(error: RetryAfter) -> float:
    """How long Telegram wants to be left alone."""
    return cast("timedelta", error.retry_after).total_seconds()


class Retries(BaseRateLimiter[Check]):
    """Around every method that the bot calls, for that the library asks its rate limiter: limits, patience, new ids.

    A method's `rate_limit_args` is awaited when nothing is left to wait for, each time just before it is called.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to release."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Answer]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Check | None,
    ) -> Answer:
        async def call() -> Answer:
            chat = data.get("chat_id")
            if chat is None:
                return await callback(*args, **kwargs)
            await self._limits.wait_for(endpoint, chat)
            if rate_limit_args:
                await rate_limit_args()
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as error:
                self._limits.leave_alone(endpoint, chat, seconds_of(error))
                raise

        if endpoint == SIGN:
            return await callback(*args, **kwargs)
        try:
            async with asyncio.timeout(LONGEST):
                return await self._follow(call, data)
        except TimeoutError as error:
            raise TimedOut(f"{endpoint} took too long") from error
        except BadRequest as error:
            if UNCHANGED not in error.message.lower():
                raise
            return True  # done, by an earlier try or a second press

    async def _follow(self, call: Callable[[], Awaitable[Answer]], data: dict[str, Any]) -> Answer:
        """Call once more where the chat has become a supergroup, with its new id."""
        try:
            return await patiently(call)
        except ChatMigrated as error:
            log.info("A group became a supergroup")
            data["chat_id"] = error.new_chat_id  # the call's arguments hold the same data
            return await patiently(call)
