"""The real bot on a real local Bot API server, for as long as a block lasts: what end-to-end tests begin with."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.app import running
from bot.context import Bot
from bot.playground.person import Person
from bot.playground.server import LocalServer
from bot.playground.wire import Json
from bot.settings import Settings
from tests.waiting import PATIENCE

TOKEN = "4242:canary-" + "x" * 28  # its second half may turn up nowhere


@dataclass(frozen=True, slots=True)
class Running:
    """A server with the bot at work on it."""

    server: LocalServer
    bot: Bot

    def person(self, **known: Any) -> Person:
        """Somebody new who chats with the bot."""
        return self.server.world.person(**known)


async def answer_to(person: Person, message: dict[str, Any]) -> dict[str, Any]:
    """The bot's message that quotes `message`."""
    return await person.wait_for(lambda answer: quotes(answer, message), timeout=PATIENCE)


def quotes(answer: dict[str, Any], message: dict[str, Any]) -> bool:
    """Whether a message is a reply to the other."""
    return bool(answer.get("reply_to_message", {}).get("message_id") == message["message_id"])


async def answer_from_bot(person: Person) -> dict[str, Any]:
    """The bot's first message to this person."""
    return await person.wait_for(lambda _: True, timeout=PATIENCE)


def now(person: Person, message: Json) -> Json:
    """A message as it is now."""
    return person.chat.messages[message["message_id"]]


def text_of(message: Json) -> str:
    """Its words, under a picture too."""
    return str(message.get("text") or message.get("caption") or "")


def buttons(message: Json) -> list[str]:
    """The names of the buttons under it."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]


async def press(person: Person, message: Json, button: str) -> str:
    """Press a button; gives what the bot says to that."""
    return (await person.press(now(person, message), button).answered(PATIENCE)).text


async def press_data(person: Person, message: Json, data: str) -> str:
    """Press a button that nobody gave, as if the message had it: what the bot would say to it there."""
    before = now(person, message).get("reply_markup")
    rows = before["inline_keyboard"] if before else []
    planted = {"inline_keyboard": [*rows, [{"text": "?", "callback_data": data}]]}
    person.chat.edit(message["message_id"], {"reply_markup": planted})
    pressed = person.press_raw(message, data)
    person.chat.edit(message["message_id"], {"reply_markup": before})
    return (await pressed.answered(PATIENCE)).text


@asynccontextmanager
async def running_bot(**given: Any) -> AsyncIterator[Running]:
    """A server and the bot on it, with one reader; `given` are further settings."""
    with tempfile.TemporaryDirectory() as data:
        async with LocalServer(token=TOKEN) as server, running_on(server, data_dir=Path(data), **given) as bot:
            yield Running(server, bot)


def running_on(server: LocalServer, **given: Any) -> AbstractAsyncContextManager[Bot]:
    """The bot at work on the server; `given` are further settings. It looks at no `.env`."""
    unset = dict.fromkeys(["proxy_url", "webhook_url", "metrics_listen"])
    usual: dict[str, Any] = {"readers": 1, "admin_ids": "", "log_level": "INFO"}
    reach = {"telegram_bot_token": server.token, "bot_api_url": server.url}
    return running(Settings.load(_env_file=None, **(unset | usual | reach | given)))
