"""Calls to Telegram that are tried again: the network's short failures and "too many requests" hurt nobody."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any, TypeVar

from telegram.error import BadRequest, NetworkError, RetryAfter
from telegram.ext import BaseRateLimiter

ATTEMPTS = 4
FIRST_PAUSE = 0.5  # seconds, doubled each time
LONGEST_PAUSE = 60  # seconds: a longer "retry after" is a failure
ONCE = {"sendChatAction"}  # worth nothing later

T = TypeVar("T")
Answer = bool | dict[str, Any] | list[dict[str, Any]]
log = logging.getLogger(__name__)


async def patiently(call: Callable[[], Awaitable[T]]) -> T:
    """What `call()` gives, tried ATTEMPTS times. Raises the last error, and every other than the two at once.

    A send that timed out may have arrived: an answer that comes twice is better than none.
    """
    pause = FIRST_PAUSE
    for _ in range(ATTEMPTS - 1):
        try:
            return await call()
        except BadRequest:  # in the library a kind of NetworkError
            raise
        except RetryAfter as error:
            wait = seconds_of(error)
            if wait > LONGEST_PAUSE:
                raise
        except NetworkError as error:
            log.info("Telegram: %s; trying again in %.1f s", error, pause)
            wait, pause = pause, pause * 2
        await asyncio.sleep(wait)
    return await call()


def seconds_of(error: RetryAfter) -> float:
    """How long Telegram wants to be left alone."""
    after = error.retry_after
    return after.total_seconds() if isinstance(after, timedelta) else after


class Retries(BaseRateLimiter[None]):
    """Puts `patiently` around every method that the bot calls; the library asks its rate limiter for that."""

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
        rate_limit_args: None,
    ) -> Answer:
        if endpoint in ONCE:
            return await callback(*args, **kwargs)
        return await patiently(lambda: callback(*args, **kwargs))
