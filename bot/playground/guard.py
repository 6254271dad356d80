"""Keeps other web sites and oversized requests away from the server, and gives every answer its protective headers."""

import asyncio
import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.playground.wire import BotApiError, JsonAnswer

BODY_BYTES = 50 * 1024 * 1024  # Telegram's own limit for what bots send
DRAINED_BYTES = 4 * BODY_BYTES  # read and thrown away of a larger body, so that its sender sees the answer
DRAIN_SECONDS = 60
TOO_LARGE = "Request Entity Too Large"
HEADERS = {  # unless an answer has its own
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
        "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def is_loopback(host: str) -> bool:
    """Whether an address or name is this machine's own."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Guard:
    """ASGI middleware. `local`: the server listens on loopback alone, so a request by another name is an attack."""

    def __init__(self, app: ASGIApp, local: bool) -> None:
        self._app = app
        self._local = local

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        headers = Headers(scope=scope)
        if self._is_foreign(headers):
            await _refusal(scope, 403, "Forbidden: this request came from another web site")(
                scope, receive, send_protected
            )
        elif int(headers.get("content-length", "0")) > BODY_BYTES:
            await _drain(receive)
            await _refusal(scope, 413, TOO_LARGE)(scope, receive, send_protected)
        else:
            await self._app(scope, _counted(receive), send_protected)

    def _is_foreign(self, headers: Headers) -> bool:
        host = headers.get("host", "")
        origin = headers.get("origin")
        try:
            if origin is not None and urlsplit(origin).netloc != host:
                return True
            return self._local and not is_loopback(urlsplit(f"//{host}").hostname or "")
        except ValueError:  # no address at all
            return True


def _refusal(scope: Scope, status: int, description: str) -> JsonAnswer:
    if scope["path"].startswith("/bot"):
        return JsonAnswer(BotApiError(status, description).answer(), status)
    return JsonAnswer({"error": description}, status)


def _counted(receive: Receive) -> Receive:
    """The body, as long as it is within the limit: what comes in chunks says its length only so."""
    received = 0

    async def receive_counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > BODY_BYTES:
            raise HTTPException(413, TOO_LARGE)
        return message

    return receive_counted


async def _drain(receive: Receive) -> None:
    drained, more = 0, True
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            while more and drained < DRAINED_BYTES:
                message = await receive()
                drained += len(message.get("body", b""))
                more = message.get("more_body", False)
    except TimeoutError:
        pass
