"""Buttons that people pressed: what waits for the bot's answer, and what the bot answered.

https://core.telegram.org/bots/api#answercallbackquery
"""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass

from bot.playground.wire import Json, bad_request

PRESSES_KEPT = 1_000
ANSWER_SECONDS = 30  # how long a bot may take; Telegram names no time, and refuses from 15 or 20 on
TEXT_LIMIT = 200  # characters
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a bot says to a press: nothing with an empty text, else at the screen's top, or as an alert in a dialog."""

    text: str
    alert: bool


class Press:
    """One press, and what became of it."""

    def __init__(self, query: Json) -> None:
        self.query = query  # the CallbackQuery that the bot gets
        self.answer: Answer | None = None
        self._at = time.monotonic()
        self._over = asyncio.Event()

    async def answered(self, timeout: float = 10) -> Answer:  # noqa: ASYNC109
        """What the bot said, or says within `timeout` seconds. Raises TimeoutError."""
        async with asyncio.timeout(timeout):
            await self._over.wait()
        if self.answer is None:
            raise TimeoutError("the playground has closed")
        return self.answer

    @property
    def expired(self) -> bool:
        """Whether an answer would come too late."""
        return time.monotonic() - self._at > ANSWER_SECONDS

    def end(self, answer: Answer | None = None) -> None:
        """There is an answer, or won't be one."""
        self.answer = answer
        self._over.set()


class Presses:
    """The latest that aren't answered, by the id of their query."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, Press] = OrderedDict()

    def add(self, query: Json) -> Press:
        """Somebody has pressed a button."""
        press = self._open[query["id"]] = Press(query)
        if len(self._open) > PRESSES_KEPT:
            self._open.popitem(last=False)
        return press

    def answer(self, query_id: str, answer: Answer) -> None:
        """The bot's answer, once to each press and in time. Raises BotApiError."""
        if len(answer.text) > TEXT_LIMIT:
            raise bad_request("MESSAGE_TOO_LONG")
        press = self._open.pop(query_id, None)
        if press is None or press.expired:
            raise bad_request(TOO_OLD)
        press.end(answer)

    def close(self) -> None:
        """No answer comes any more."""
        for press in self._open.values():
            press.end()
