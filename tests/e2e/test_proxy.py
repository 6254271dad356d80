"""PROXY_URL: everything that goes to Telegram goes through it, through a real little HTTP proxy."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from bot.playground.server import LocalServer
from tests.pictures import photo
from tests.running import TOKEN, answer_to, running_on


class Proxy:
    """Passes HTTP requests on, one a connection, and remembers their paths."""

    def __init__(self) -> None:
        self.url = ""
        self.paths: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        method, target, version = (await reader.readline()).split()
        headers = [line for line in (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n") if line]
        address = urlsplit(target.decode())
        self.paths.append(address.path)
        kept = [line for line in headers if not line.lower().startswith((b"connection", b"proxy-connection"))]
        request = [b" ".join((method, address.path.encode(), version)), *kept, b"Connection: close", b"", b""]
        there, back = await asyncio.open_connection(address.hostname, address.port)
        back.write(b"\r\n".join(request))
        with suppress(ConnectionError):
            upload = asyncio.create_task(pump(reader, back))
            await pump(there, writer)
            upload.cancel()
        back.close()
        writer.close()


async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        sink.write(data)
        await sink.drain()


@asynccontextmanager
async def running_proxy() -> AsyncIterator[Proxy]:
    proxy = Proxy()
    listener = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    async with listener:
        yield proxy


async def test_calls_polling_and_downloads_go_through_the_proxy() -> None:
    async with running_proxy() as proxy, LocalServer(token=TOKEN) as server:
        async with running_on(server, proxy_url=proxy.url):
            ann = server.world.person()
            assert (await answer_to(ann, ann.send_photo(photo("42"))))["photo"]
        assert len([path for path in proxy.paths if path.startswith("/bot")]) == len(server.world.calls)
    methods = {path.rpartition("/")[2] for path in proxy.paths if path.startswith("/bot")}
    assert {"getMe", "getUpdates", "getFile", "sendPhoto"} <= methods
    assert any(path.startswith("/file/bot") for path in proxy.paths)
