"""What the playground's tests begin with: a running server and an HTTP client for it, a webhook, and pictures."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from PIL import Image

from bot.playground.person import Person
from bot.playground.server import LocalServer
from bot.playground.world import World

TOKEN = "4242:canary-token"


@dataclass(frozen=True, slots=True)
class Playground:
    """A server, and a client that any Bot API library could be."""

    server: LocalServer
    http: httpx.AsyncClient

    @property
    def world(self) -> World:
        return self.server.world

    async def ask(self, method: str, files: dict[str, Any] | None = None, **parameters: Any) -> httpx.Response:
        """Call a method of the bot, whatever comes of it."""
        address = f"/bot{TOKEN}/{method}"
        if files is not None:
            return await self.http.post(address, data=parameters, files=files)
        body = json.dumps(parameters)
        return await self.http.post(address, content=body, headers={"content-type": "application/json"})

    async def call(self, method: str, files: dict[str, Any] | None = None, **parameters: Any) -> Any:
        """Call a method that succeeds; gives its result."""
        body = (await self.ask(method, files, **parameters)).json()
        assert body["ok"], body
        return body["result"]

    async def failure(self, method: str, files: dict[str, Any] | None = None, **parameters: Any) -> tuple[int, str]:
        """Call a method that fails; gives its error code and description."""
        response = await self.ask(method, files, **parameters)
        body = response.json()
        assert not body["ok"], body
        assert response.status_code == body["error_code"]
        return body["error_code"], body["description"]


@asynccontextmanager
async def playground() -> AsyncIterator[Playground]:
    """A server on a free port, and a client."""
    async with LocalServer(TOKEN) as server, httpx.AsyncClient(base_url=server.url, timeout=30, verify=False) as http:
        yield Playground(server, http)


def somebody(bot: Playground) -> Person:
    """A person who has written to the bot; their message has the id 1."""
    person = bot.world.person()
    person.send_text("/start")
    return person


@dataclass(slots=True)
class Hook:
    """A bot's own web server: what arrived there, and how it answers."""

    url: str = ""
    answer: Callable[[Any], int] = lambda update: 200  # the status for an update
    opened: asyncio.Event = field(default_factory=asyncio.Event)  # nothing is answered while it is cleared
    headers: list[dict[str, str]] = field(default_factory=list)
    updates: list[Any] = field(default_factory=list)
    unanswered: int = 0

    def texts(self) -> list[str]:
        """The texts that arrived, in order."""
        return [update["message"]["text"] for update in self.updates]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take the updates of one connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().split("\r\n")[1:-2]
                headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
                update = json.loads(await reader.readexactly(int(headers["content-length"])))
                self.headers.append(headers)
                self.updates.append(update)
                self.unanswered += 1
                await self.opened.wait()
                self.unanswered -= 1
                writer.write(f"HTTP/1.1 {self.answer(update)} As told\r\ncontent-length: 0\r\n\r\n".encode())
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def webhook(port: int = 0) -> AsyncIterator[Hook]:
    """A web server that a webhook can be set to."""
    hook = Hook()
    hook.opened.set()
    async with await asyncio.start_server(hook.serve, "127.0.0.1", port) as server:
        hook.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
        yield hook


def picture(width: int = 640, height: int = 480, form: str = "JPEG", color: Any = "white", **options: Any) -> bytes:
    """A picture of one colour; `options` are Pillow's for saving it."""
    mode = "RGBA" if isinstance(color, tuple) and len(color) == 4 else "RGB"
    return encoded(Image.new(mode, (width, height), color), form, **options)


def encoded(image: Image.Image, form: str, **options: Any) -> bytes:
    """An image as the bytes of a file."""
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def gif(frames: int) -> bytes:
    """A GIF of so many different frames."""
    images = [Image.new("L", (32, 32), 10 * i) for i in range(frames)]
    return encoded(images[0], "GIF", save_all=True, append_images=images[1:])
