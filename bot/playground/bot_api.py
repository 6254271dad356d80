"""The HTTP side of the Bot API: `/bot<token>/<method>` and `/file/bot<token>/<path>`, on good days and bad."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from bot.playground import bot_methods, edit_methods, group_methods, message_methods  # noqa: F401 (they fill METHODS)
from bot.playground.connection import CutOff
from bot.playground.faults import DOWNLOAD, Cut
from bot.playground.registry import METHODS, Method
from bot.playground.wire import BotApiError, InputFile, Json, JsonAnswer, number_in, parameters_of
from bot.playground.world import World

Answer = Callable[[], Awaitable[Response]]

NOT_FOUND = BotApiError(404, "Not Found")
UNAUTHORIZED = BotApiError(401, "Unauthorized")


class BotApi:
    """Answers the calls of the one bot that has `token`."""

    def __init__(self, world: World, token: str) -> None:
        self._world = world
        self._token = token

    def routes(self) -> list[Route]:
        """Where it is served."""
        return [
            Route("/file/bot{token}/{path:path}", self._download, methods=["GET"]),
            Route("/bot{token}/{method}", self._call, methods=["GET", "POST"]),
        ]

    async def _call(self, request: Request) -> Response:
        asked = request.path_params["method"]
        return await self._connected(request, lambda: self._answer(request, asked))

    async def _download(self, request: Request) -> Response:
        path = request.path_params["path"]
        return await self._connected(request, lambda: self._through(DOWNLOAD, None, lambda: self._file(path)))

    async def _connected(self, request: Request, answer: Answer) -> Response:
        """What is answered to whoever has the token, as long as there is a network."""
        with self._world.faults.connection(request.state.cut):
            if not self._world.faults.network:
                return CutOff()
            if not self._is_authorized(request):
                return _failure(UNAUTHORIZED)
            try:
                return await answer()
            except ClientDisconnect:  # in the midst of the call
                return CutOff()
            except BotApiError as error:
                return _failure(error)
            except HTTPException as error:  # a body that can't be parsed or is too large
                return _failure(BotApiError(error.status_code, error.detail))

    async def _answer(self, request: Request, asked: str) -> Response:
        method = METHODS.get(asked.lower())
        values = await parameters_of(request)
        self._world.calls.append((method.name if method else asked, _without_bytes(values)))
        if method is None:
            return _failure(NOT_FOUND)
        chat = number_in(str(values.get("chat_id", "")))
        return await self._through(method.name, chat, lambda: self._result(method, values))

    async def _through(self, name: str, chat: int | None, answer: Answer) -> Response:
        """An answer, as far as the day's faults let it through."""
        fault = self._world.faults.strike(name, chat)
        await asyncio.sleep(fault.delay)
        if fault.error:
            return _failure(fault.error)
        if fault.cut is Cut.BEFORE:
            return CutOff()
        response = await answer()
        if fault.cut is Cut.AFTER:
            return CutOff()
        return CutOff(response) if fault.cut else response

    async def _result(self, method: Method, values: Json) -> Response:
        try:
            return JsonAnswer({"ok": True, "result": await method.call(self._world, values)})
        except BotApiError as error:
            return _failure(error)

    async def _file(self, path: str) -> Response:
        file = self._world.files.at(path)
        return Response(file.data, media_type="application/octet-stream") if file else _failure(NOT_FOUND)

    def _is_authorized(self, request: Request) -> bool:
        return hmac.compare_digest(request.path_params["token"].encode(), self._token.encode())


def _failure(error: BotApiError) -> Response:
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    return JsonAnswer(error.answer(), error.code, headers)


def _without_bytes(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_bytes(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_without_bytes(each) for each in value]
    return replace(value, data=b"") if isinstance(value, InputFile) else value
