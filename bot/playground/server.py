"""The playground as a running server: one process, one bot, real HTTP. Used by `digitbot demo` and by the tests."""

from types import TracebackType
from typing import Self

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
from bot.transport.serving import WebServer


class LocalServer:
    """A local Bot API server with a chat page, in the running event loop for as long as the `async with` lasts.

    `port` 0 takes a free one. Without `limits` the bot may send as much as it likes, for benchmarks. `privacy` is
    its mode in groups. Entering raises OSError where the address can't be had.
    """

    def __init__(
        self, token: str, host: str = "127.0.0.1", port: int = 0, *, limits: bool = True, privacy: bool = True
    ) -> None:
        self.token = token
        bot_id = token.partition(":")[0]
        self.world = World(int(bot_id) if bot_id.isdecimal() else 4242, limits, privacy)
        self.page = ChatPage(self.world)
        self.url = ""  # known once it runs
        self._web = WebServer(self._app(is_loopback(host)), host, port, Connection)

    async def __aenter__(self) -> Self:
        await self._web.__aenter__()
        self.url = self._web.url
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.world.close()
        await self._web.__aexit__()
        await self.world.pictures.close()  # behind those who ask for them

    def _app(self, local: bool) -> Starlette:
        return Starlette(
            routes=[*BotApi(self.world, self.token).routes(), *self.page.routes()],
            middleware=[Middleware(Guard, local=local)],
            exception_handlers={HTTPException: _http_error, Exception: _unexpected},
        )


def _http_error(request: Request, error: Exception) -> Response:
    status, detail = (error.status_code, error.detail) if isinstance(error, HTTPException) else (500, str(error))
    if request.url.path.startswith(("/bot", "/file/")):
        failure = NOT_FOUND if status == 404 else BotApiError(status, detail)
        return JsonAnswer(failure.answer(), status)
    return JsonAnswer({"error": detail}, status)


def _unexpected(request: Request, error: Exception) -> Response:
    return _http_error(request, HTTPException(500, "Internal Server Error"))
