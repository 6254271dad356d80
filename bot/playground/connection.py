"""A TCP connection of the server's that can be cut, as networks do it: before the answer, or in the midst of it."""

import asyncio

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol


class Connection(H11Protocol):
    """Uvicorn's, which whoever answers a request can cut: `request.state.cut()`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "cut": transport.abort}


class CutOff(Response):
    """No answer, or the first half of one, and then the end of the connection."""

    def __init__(self, begun: Response | None = None) -> None:
        super().__init__()
        self._begun = begun

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what is sent, and hang up."""
        if self._begun is not None:
            status, headers, body = self._begun.status_code, self._begun.raw_headers, bytes(self._begun.body)
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        scope["state"]["cut"]()
        while (await receive())["type"] != "http.disconnect":
            pass
