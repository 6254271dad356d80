"""The local Bot API server without its limits, and what the bots send on it: when, and by which of them.

A bot is told apart by its address: `server.address("first")` leads to the same server as `server.url`.
"""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from benchmarks.serving.processes import TOKEN
from bot.playground.server import LocalServer

SENDING = ("/sendMessage", "/sendPhoto", "/sendDocument")
POLLING = "/getUpdates"
BY = "/by/"


@dataclass(frozen=True, slots=True)
class Sent:
    """A call by which a bot sent a message, or tried to. Times are time.monotonic()."""

    by: str
    began: float
    ended: float  # when the server had taken it
    chat: int | None  # None: it was refused
    quoted: int | None  # id of the message that it answers
    text: str


class WatchedServer(LocalServer):
    """`heard` is called with each message that a bot sent."""

    def __init__(self, heard: Callable[[Sent], None]) -> None:
        super().__init__(TOKEN, limits=False)
        self.poller = ""  # who asked for updates last
        self._heard = heard

    def address(self, name: str) -> str:
        """The Bot API server's address for the bot of this name."""
        return f"{self.url}{BY}{name}"

    def _app(self, *options: Any) -> Any:
        return self._watching(super()._app(*options))

    def _watching(self, app: ASGIApp) -> ASGIApp:
        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            name, path = _parted(scope["path"])
            if path.endswith(POLLING):
                self.poller = name
            if path.endswith(SENDING):
                send = self._noting(name, send)
            with suppress(ClientDisconnect):  # the bot was killed while it spoke
                await app({**scope, "path": path}, receive, send)

        return watched

    def _noting(self, name: str, send: Send) -> Send:
        began, answer = time.monotonic(), bytearray()

        async def noting(message: Message) -> None:
            answer.extend(message.get("body", b""))
            if message["type"] == "http.response.body" and not message.get("more_body"):
                self._heard(_sent(name, began, json.loads(answer).get("result", {})))
            await send(message)

        return noting


def _parted(path: str) -> tuple[str, str]:
    """Who calls, "" where that isn't told, and the path without it."""
    if not path.startswith(BY):
        return "", path
    name, slash, rest = path.removeprefix(BY).partition("/")
    return name, slash + rest


def _sent(by: str, began: float, message: dict[str, Any]) -> Sent:
    return Sent(
        by,
        began,
        time.monotonic(),
        chat=message.get("chat", {}).get("id"),
        quoted=message.get("reply_to_message", {}).get("message_id"),
        text=message.get("text") or message.get("caption") or "",
    )
