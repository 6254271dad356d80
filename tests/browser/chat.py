"""A chat for tests of the page: the playground's server, the page open in a real browser, and the bot's side of it."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import httpx
from PIL import Image, ImageDraw
from playwright.async_api import Browser, FilePayload, Locator, Page, expect

from bot.playground.person import Person
from bot.playground.server import LocalServer
from tests.waiting import PATIENCE

Stroke: TypeAlias = list[tuple[float, float]]
Device: TypeAlias = dict[str, Any]  # what playwright calls a browser context's options

TOKEN = "42:test-token"
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
DESKTOP = {"viewport": {"width": 1440, "height": 900}}
SEVEN: Stroke = [
    (0.3, 0.25),
    (0.5, 0.24),
    (0.7, 0.22),
    (0.6, 0.45),
    (0.5, 0.65),
    (0.45, 0.85),
]  # shares of the paper's sides


@dataclass(frozen=True)
class Chat:
    """One person's chat, seen from all sides: the page, the server's person, the bot."""

    page: Page
    server: LocalServer
    api: httpx.AsyncClient
    elsewhere: list[str]  # addresses asked for outside the server, and what the browser complained of

    @property
    async def person(self) -> Person:
        number = await self.page.evaluate("localStorage.getItem('person')")
        person = self.server.world.find(int(number))
        assert person is not None
        return person

    async def bot(self, method: str, **parameters: Any) -> Any:
        """What the bot does: a call of the Bot API."""
        answer = (await self.api.post(method, json=parameters)).json()
        assert answer["ok"], answer
        return answer["result"]

    async def bot_answers(self, text: str, to: dict[str, Any] | None = None) -> Any:
        """A message of the bot in HTML, which may quote another."""
        quoting = {"reply_parameters": {"message_id": to["message_id"]}} if to else {}
        person = await self.person
        return await self.bot("sendMessage", chat_id=person.id, text=text, parse_mode="HTML", **quoting)

    async def bot_asks(self, text: str, *rows: list[Any]) -> Any:
        """A message of the bot with rows of buttons: each a word that is its data too, or an address."""
        keys = [[{"text": word, "url" if "://" in word else "callback_data": word} for word in row] for row in rows]
        person = await self.person
        return await self.bot("sendMessage", chat_id=person.id, text=text, reply_markup={"inline_keyboard": keys})

    async def presses(self, count: int = 1) -> list[dict[str, Any]]:
        """The presses that wait for the bot, once there are so many."""
        found: list[dict[str, Any]] = []
        async with asyncio.timeout(PATIENCE):
            while len(found) < count:
                await asyncio.sleep(0.01)
                updates = await self.bot("getUpdates")
                found = [update["callback_query"] for update in updates if "callback_query" in update]
        return found

    def key(self, name: str) -> Locator:
        """The button of this name under a message."""
        return self.page.locator(".keys").get_by_role("button", name=name, exact=True)

    async def say(self, text: str) -> None:
        """Types a message and sends it with Enter."""
        await self.page.get_by_role("textbox", name="Message").fill(text)
        await self.page.keyboard.press("Enter")

    def bubbles(self) -> Locator:
        return self.page.get_by_role("log").locator(".bubble")

    async def sent(self, count: int = 1) -> list[dict[str, Any]]:
        """The person's messages, once the page shows that all of them have arrived."""
        await expect(self.page.locator(".mine")).to_have_count(count)
        await expect(self.page.locator(".pending")).to_have_count(0)
        person = await self.person
        return [message for message in person.messages() if message["from"]["id"] == person.id]

    async def draw(self, stroke: Stroke) -> None:
        """Draws on the open pad with the mouse."""
        first, *others = await self.on_paper(stroke)
        await self.page.mouse.move(*first)
        await self.page.mouse.down()
        for point in others:
            await self.page.mouse.move(*point, steps=5)
        await self.page.mouse.up()

    async def on_paper(self, stroke: Stroke) -> Stroke:
        """Where on the page the points of a stroke are, once the pad is open."""
        paper = await self.page.locator("#pad-canvas").bounding_box()
        assert paper is not None
        return [(paper["x"] + x * paper["width"], paper["y"] + y * paper["height"]) for x, y in stroke]

    async def touch(self, points: Stroke) -> None:
        """A finger goes along these points of the page."""
        finger = await self.page.context.new_cdp_session(self.page)
        for index, (x, y) in enumerate(points):
            kind = "touchMove" if index else "touchStart"
            await finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        await finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    def file_of(self, message: dict[str, Any]) -> bytes:
        """The largest picture of a message, or its file."""
        file_id = message["photo"][-1]["file_id"] if "photo" in message else message["document"]["file_id"]
        file = self.server.world.files.get(file_id)
        assert file is not None
        return file.data


def switch(page: Page) -> Locator:
    """The button that shows who the page is, and opens the menu of all whom it can be."""
    return page.locator("#identity")


async def become(page: Page, who: str) -> None:
    """From now on the page is somebody else."""
    await switch(page).click()
    await page.get_by_role("menuitemradio", name=who).click()


@asynccontextmanager
async def opened_chat(browser: Browser, theme: str = "light", device: Device = DESKTOP) -> AsyncIterator[Chat]:
    """The page, open and connected, as a new person sees it."""
    async with LocalServer(token=TOKEN) as server, chat_on(server, browser, theme, device) as chat:
        yield chat


@asynccontextmanager
async def chat_on(
    server: LocalServer, browser: Browser, theme: str = "light", device: Device = DESKTOP
) -> AsyncIterator[Chat]:
    """The same on a server that runs already."""
    base = f"{server.url}/bot{server.token}/"
    context = await browser.new_context(color_scheme=theme, reduced_motion="reduce", locale="en-GB", **device)  # type: ignore[arg-type]
    page = await context.new_page()
    elsewhere: list[str] = []
    page.on("request", lambda request: _note(request.url, server.url, elsewhere))
    page.on("pageerror", lambda error: elsewhere.append(str(error)))
    page.on("console", lambda line: elsewhere.append(line.text) if "Content Security" in line.text else None)
    try:
        async with httpx.AsyncClient(base_url=base, trust_env=False) as api:
            await page.goto(server.url)
            await expect(page.get_by_text("online")).to_be_visible()
            yield Chat(page, server, api, elsewhere)
    finally:
        await context.close()


def picture(text: str = "7", size: tuple[int, int] = (640, 480), kind: str = "PNG") -> bytes:
    """A picture with some ink in it."""
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text((size[0] // 2 - 40, size[1] // 2 - 60), text, fill="black", font_size=120)
    encoded = io.BytesIO()
    image.save(encoded, kind)
    return encoded.getvalue()


def upload(name: str, data: bytes, mime_type: str = "image/png") -> FilePayload:
    """A file as a browser's file input takes it."""
    return {"name": name, "mimeType": mime_type, "buffer": data}


async def give(chat: Chat, how: str, name: str, data: bytes) -> None:
    """Pastes ("paste") or drops ("drop") a file onto the page."""
    script = """([how, name, bytes]) => {
        const files = new DataTransfer();
        files.items.add(new File([new Uint8Array(bytes)], name, {type: "image/png"}));
        if (how === "paste") return document.dispatchEvent(new ClipboardEvent("paste", {clipboardData: files}));
        const happen = (kind) => dispatchEvent(new DragEvent(kind, {dataTransfer: files, cancelable: true}));
        happen("dragover");
        globalThis.overlay = !document.getElementById("drop").hidden;
        happen("drop");
    }"""
    await chat.page.evaluate(script, [how, name, list(data)])


def _note(url: str, server: str, elsewhere: list[str]) -> None:
    if not url.startswith((server, "blob:", "data:")):
        elsewhere.append(url)
