"""HTTP calls to Telegram, each failure counted: the one place that all of them pass, polling and downloads too."""

from typing import Any

from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bot.telemetry import metrics


class CountedRequest(HTTPXRequest):
    """The library's, which counts what fails."""

    async def do_request(self, *arguments: Any, **options: Any) -> tuple[int, bytes]:
        """The status and the body of an answer. Raises TelegramError where none comes."""
        try:
            status, body = await super().do_request(*arguments, **options)
        except TelegramError:
            metrics.call_failed(None)
            raise
        if status >= 400:
            metrics.call_failed(status)
        return status, body
