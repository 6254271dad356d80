"""The HTTP side of the Bot API: `/bot<token>/<method>` and `/file/bot<token>/<path>`."""

import hmac
from dataclasses import replace
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.playground import bot_methods, message_methods  # noqa: F401 (they fill METHODS)
from bot.playground.registry import METHODS
from bot.playground.wire import BotApiError, InputFile, Json, JsonAnswer, parameters_of
from bot.playground.world import World

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
        try:
            self._check_token(request)
            return JsonAnswer({"ok": True, "result": await self._result(request)})
        except BotApiError as error:
            headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
            return JsonAnswer(error.answer(), error.code, headers)
        except HTTPException as error:  # a body that can't be parsed or is too large
            return JsonAnswer(BotApiError(error.status_code, error.detail).answer(), error.status_code)

    async def _result(self, request: Request) -> Any:
        asked = request.path_params["method"]
        method = METHODS.get(asked.lower())
        values = await parameters_of(request)
        self._world.calls.append((method.name if method else asked, _without_bytes(values)))
        if method is None:
            raise NOT_FOUND
        if fault := self._world.fault(method.name):
            raise fault
        return await method.call(self._world, values)

    async def _download(self, request: Request) -> Response:
        try:
            self._check_token(request)
        except BotApiError as error:
            return JsonAnswer(error.answer(), error.code)
        file = self._world.files.at(request.path_params["path"])
        if file is None:
            return JsonAnswer(NOT_FOUND.answer(), 404)
        return Response(file.data, media_type="application/octet-stream")

    def _check_token(self, request: Request) -> None:
        if not hmac.compare_digest(request.path_params["token"].encode(), self._token.encode()):
            raise UNAUTHORIZED


def _without_bytes(values: Json) -> Json:
    return {name: replace(v, data=b"") if isinstance(v, InputFile) else v for name, v in values.items()}
