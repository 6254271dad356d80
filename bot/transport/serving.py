"""A web server as a guest in the running event loop: the playground's, the webhook's, the one that tells of health."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from typing import Self

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

STOP_SECONDS = 2  # for requests in progress
KEEP_ALIVE_SECONDS = 75  # longer than clients keep idle connections: none is closed just as a call arrives


class WebServer:
    """An ASGI application on HTTP, for as long as the `async with` lasts; then requests in progress are finished.

    `port` 0 takes a free one. Entering raises OSError where the address can't be had.
    """

    def __init__(self, app: ASGIApp, host: str, port: int, protocol: type[H11Protocol] = H11Protocol) -> None:
        self.url = ""  # known once it runs
        self._address = host, port
        self._config = _config(app, protocol)

    async def __aenter__(self) -> Self:
        host, _ = self._address
        listener = socket.create_server(self._address, family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        # asyncio asks for it only on sockets that name their protocol; without it each answer is 40 ms late
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.url = _url(host, listener.getsockname()[1])
        self._server = _Guest(self._config)
        self._serving = asyncio.create_task(self._server.serve([listener]), name="web server")
        await self._server.ready.wait()
        if not self._server.started:
            await self._serving  # raises what went wrong
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.should_exit = True
        await self._serving


class _Guest(uvicorn.Server):
    """Signals stay with the host process, and it tells when it has started, or failed to."""

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


def _config(app: ASGIApp, protocol: type[H11Protocol]) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=protocol,
        lifespan="off",
        ws="none",
        log_config=None,
        log_level="error",  # what strangers send is no concern of the log's
        access_log=False,  # its lines would show the token
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
    )


def _url(host: str, port: int) -> str:
    reachable = host
    with suppress(ValueError):  # a name
        if ip_address(host).is_unspecified:
            reachable = "::1" if ":" in host else "127.0.0.1"
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"
