"""HTTP calls to Telegram, each failure counted: the one place that all of them pass, polling and downloads too."""

from typing import Any

import httpx
from telegram.error import BadRequest, NetworkError, TelegramError, TimedOut
from telegram.request import HTTPXRequest

from bot.telemetry import metrics
from model.reading.result import N_

LARGEST = 20 * 1024**2  # bytes that Telegram lets a bot download

# What the library names itself, and what may pass; it takes every other refusal for trouble with the network.
NAMED = {400, 401, 403, 404, 409}
PASSING = {408, 425, 429}  # timeout, too early, too many requests


class NotTaken(BadRequest):
    """Telegram, or what is in between, doesn't take a call, and won't take it the next time: it is too large, say."""

    sentence = N_("Telegram doesn't accept my answer, and sending this again won't help. It is noted.")


class CountedRequest(HTTPXRequest):
    """The library's, which counts what fails."""

    async def do_request(self, *arguments: Any, **options: Any) -> tuple[int, bytes]:
        """The status and the body of an answer. Raises TelegramError where none comes."""
        try:
            if options.get("method") == "GET":
                status, body = await self._download(options["url"])
            else:
                status, body = await super().do_request(*arguments, **options)
        except TelegramError:
            metrics.call_failed(None)
            raise
        if status >= 400:
            metrics.call_failed(status)
        if 400 <= status < 500 and status not in NAMED | PASSING:
            raise NotTaken(f"not taken, with status {status}")
        return status, body

    async def _download(self, url: str) -> tuple[int, bytes]:
        """A file. The library's own way leaves its bytes in a circle of objects, until garbage is collected."""
        body = bytearray()
        try:
            async with self._client.stream("GET", url, headers={"User-Agent": self.USER_AGENT}) as response:
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > LARGEST:
                        raise BadRequest("file is too big")
        except httpx.TimeoutException as error:
            raise TimedOut from error
        except httpx.HTTPError as error:
            raise NetworkError(f"{type(error).__name__}: {error}") from error
        return response.status_code, bytes(body)
