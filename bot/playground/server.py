"""The playground as a running server: one process, one bot, real HTTP. Used by `digitbot demo` and by the tests."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from bot.playground.bot_api import NOT_FOUND, BotApi
from bot.playground.chat_page import ChatPage
from bot.playground.connection import Connection
from bot.playground.guard import Guard, is_loopback
from bot.playground.wire import BotApiError, JsonAnswer
from bot.playground.world import World

STOP_SECONDS = 5  # for requests in progress; event streams and long polls end at once
KEEP_ALIVE_SECONDS = 75  # longer than clients keep idle connections: none is closed just as a call arrives


class LocalServer:
    """A local Bot API server with a chat page, in the running event loop for as long as the `async with` lasts.

    `port` 0 takes a free one. Without `limits` the bot may send as much as it likes, for benchmarks. Entering raises
    OSError where the address can't be had.
    """

    def __init__(self, token: str, host: str = "127.0.0.1", port: int = 0, *, limits: bool = True) -> None:
        self.token = token
        self.world = World(int(bot_id) if (bot_id := token.partition(":")[0]).isdecimal() else 4242, limits)
        self.url = ""  # known once it runs
        self._host = host
        self._port = port

    async def __aenter__(self) -> Self:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listener = socket.create_server((self._host, self._port), family=family)
        # asyncio asks for it only on sockets that name their protocol; without it each answer is 40 ms late
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.url = _url(self._host, listener.getsockname()[1])
        self._server = _Server(_config(self._app()))
        self._serving = asyncio.create_task(self._server.serve([listener]), name="playground")
        await self._server.ready.wait()
        if not self._server.started:
            await self._serving  # raises what went wrong
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.world.close()
        self._server.should_exit = True
        await self._serving

    def _app(self) -> Starlette:
        return Starlette(
            routes=[*BotApi(self.world, self.token).routes(), *ChatPage(self.world).routes()],
            middleware=[Middleware(Guard, local=is_loopback(self._host))],
            exception_handlers={HTTPException: _http_error, Exception: _unexpected},
        )


class _Server(uvicorn.Server):
    """Uvicorn as a guest: signals stay with the host process, and it tells when it has started, or failed to."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        finally:
            self.ready.set()


def _config(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=Connection,
        lifespan="off",
        ws="none",
        log_config=None,
        log_level="warning",
        access_log=False,  # its lines would show the token
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
    )


def _url(host: str, port: int) -> str:
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (compared, not listened on)
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def _http_error(request: Request, error: Exception) -> Response:
    status, detail = (error.status_code, error.detail) if isinstance(error, HTTPException) else (500, str(error))
    if request.url.path.startswith(("/bot", "/file/")):
        failure = NOT_FOUND if status == 404 else BotApiError(status, detail)
        return JsonAnswer(failure.answer(), status)
    return JsonAnswer({"error": detail}, status)


def _unexpected(request: Request, error: Exception) -> Response:
    return _http_error(request, HTTPException(500, "Internal Server Error"))
