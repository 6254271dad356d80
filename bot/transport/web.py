"""What the bot serves: the webhook, where Telegram delivers updates, and on another address how the bot is.

A reverse proxy of the operator's stands before the webhook: it speaks https, and keeps slow clients away.
"""

import asyncio
import hmac
import json
import logging
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote, urlsplit

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from telegram import Update
from telegram.error import BadRequest, NetworkError
from telegram.ext import Application

from bot.inbox import Inbox
from bot.readers.pool import Readers
from bot.settings import Settings, host_and_port
from bot.storage.database import DatabaseUnavailable
from bot.telemetry import metrics
from bot.transport.serving import WebServer

# https://core.telegram.org/bots/api#setwebhook
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (a name)  # nosec B105
AT_ONCE = 40  # updates that Telegram delivers side by side
BODY_BYTES = 1_000_000  # Telegram's updates have some thousands
BODY_SECONDS = 10  # for an update to come in
PUT_SECONDS = 45  # and to be written down: Telegram waits for a minute
CHECK_SECONDS = 5  # for the database to answer
ROOM = 10_000_000  # bytes that have to be free for what arrives

Bot = Application[Any, Any, Any, Any, Any, None]
log = logging.getLogger(__name__)


class NotServed(Exception):
    """The bot can't be reached where it should be; `str(error)` says in a sentence why, and what to do."""


@asynccontextmanager
async def webhook(bot: Bot, settings: Settings, updates: list[str]) -> AsyncIterator[None]:
    """Telegram delivers the kinds of `updates` to WEBHOOK_URL during the block. Polling ends; what waits comes here.

    Behind the block the webhook stays set: Telegram keeps what is sent meanwhile for the next start, and another
    replica may be serving it. Raises NotServed and TelegramError.
    """
    url, secret = settings.webhook_url or "", settings.webhook_token
    async with _served("LISTEN", settings.listen, _Delivery(bot, url, secret)):
        try:
            await bot.bot.set_webhook(
                url,
                secret_token=secret,
                allowed_updates=updates,
                max_connections=AT_ONCE,
                drop_pending_updates=False,
            )
        except BadRequest as error:
            raise NotServed(f"WEBHOOK_URL: Telegram doesn't deliver there: {error.message}.") from error
        log.info("Telegram delivers to %s, which has to lead to %s", urlsplit(url).hostname, settings.listen)
        yield


class _Delivery:
    """The ASGI application that Telegram calls. To everybody else there is nothing here."""

    def __init__(self, bot: Bot, url: str, secret: str) -> None:
        self._bot = bot
        self._path = unquote(urlsplit(url).path) or "/"
        self._secret = secret.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            status = await self._take(Request(scope, receive))
        except asyncio.CancelledError:  # the bot stops, and can wait no longer
            status = HTTPStatus.SERVICE_UNAVAILABLE
        # what is refused may not have been read to its end
        headers = {} if status is HTTPStatus.OK else {"Connection": "close"}
        await Response(status_code=status, headers=headers)(scope, receive, send)

    async def _take(self, request: Request) -> HTTPStatus:
        """Whether an update was taken. Telegram delivers it again, for a day, until it hears OK."""
        if request.method != "POST" or request.scope["path"] != self._path:
            return HTTPStatus.NOT_FOUND
        if not hmac.compare_digest(request.headers.get(SECRET_HEADER, "").encode(), self._secret):
            return HTTPStatus.FORBIDDEN
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _body_of(request)
        except (TimeoutError, ClientDisconnect):
            return HTTPStatus.REQUEST_TIMEOUT
        if body is None:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return await self._write_down(body)

    async def _write_down(self, body: bytes) -> HTTPStatus:
        try:
            update = _update_in(body, self._bot)
        except Exception:  # whatever the library stumbles over
            log.exception("What was delivered is no update")
            return HTTPStatus.BAD_REQUEST
        try:
            async with asyncio.timeout(PUT_SECONDS):
                await self._bot.update_queue.put(update)
        except (NetworkError, TimeoutError):
            return HTTPStatus.SERVICE_UNAVAILABLE
        return HTTPStatus.OK


async def _body_of(request: Request) -> bytes | None:
    """None where it is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES:
            return None
    return bytes(body)


def _update_in(body: bytes, bot: Bot) -> Update:
    content = json.loads(body)
    if type(content["update_id"]) is not int:
        raise TypeError("update_id")
    return Update.de_json(content, bot.bot)


class Health:
    """How the bot is: starting, then ready or in trouble, then stopping."""

    def __init__(self, settings: Settings) -> None:
        self._database = settings.database
        self._phase = "starting"
        self._parts: tuple[Inbox, Readers] | None = None

    @contextmanager
    def ready(self, inbox: Inbox, readers: Readers) -> Iterator[None]:
        """During the block updates arrive and are answered, as far as inbox and readers are well."""
        self._parts = inbox, readers
        try:
            yield
        finally:
            self._parts, self._phase = None, "stopping"

    async def measure(self) -> None:
        """Bring up to date the metrics that nobody counts."""
        if self._parts is None:
            metrics.inbox_is()
            return
        inbox, _ = self._parts
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                waiting, oldest = await inbox.waiting(), await inbox.oldest()
        except (DatabaseUnavailable, TimeoutError):
            metrics.inbox_is()
        else:
            metrics.inbox_is(waiting, 0.0 if oldest is None else max(time.time() - oldest, 0.0))

    async def trouble(self) -> str | None:
        """In a word, why the bot isn't ready; None when it is."""
        if self._parts is None:
            return self._phase
        inbox, readers = self._parts
        if not readers.up:
            return "readers"
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                await inbox.waiting()
        except (DatabaseUnavailable, TimeoutError):
            return "database"
        if not self._database.on_postgres and shutil.disk_usage(self._database.file.parent).free < ROOM:
            return "disk"
        return None


@asynccontextmanager
async def health(settings: Settings) -> AsyncIterator[Health]:
    """On METRICS_LISTEN the bot tells how it is during the block. Raises NotServed.

    `/healthz` answers while the process lives, `/readyz` says 503 and why while the bot isn't ready, `/metrics` is for
    Prometheus.
    """
    told = Health(settings)
    async with AsyncExitStack() as life:
        if settings.metrics_listen is not None:
            try:
                await life.enter_async_context(_served("METRICS_LISTEN", settings.metrics_listen, _pages(told)))
            except NotServed as error:
                if "metrics_listen" in settings.model_fields_set:
                    raise
                log.warning("%s The bot works without, but tells nobody how it is", error)  # two bots on one machine
        yield told


def _pages(told: Health) -> Starlette:
    async def alive(request: Request) -> Response:
        return PlainTextResponse("ok")

    async def ready(request: Request) -> Response:
        trouble = await told.trouble()
        return PlainTextResponse(trouble or "ok", HTTPStatus.SERVICE_UNAVAILABLE if trouble else HTTPStatus.OK)

    async def measured(request: Request) -> Response:
        await told.measure()
        return Response(metrics.page(), media_type=metrics.CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/healthz", alive), Route("/readyz", ready), Route("/metrics", measured)])


@asynccontextmanager
async def _served(setting: str, address: str, app: ASGIApp) -> AsyncIterator[None]:
    async with AsyncExitStack() as life:
        try:
            await life.enter_async_context(WebServer(app, *host_and_port(address)))
        except OSError as error:
            why = (error.strerror or str(error)).partition(" (while ")[0]
            raise NotServed(f"{setting}: {address} can't be listened on: {why}. Choose another address.") from error
        yield
