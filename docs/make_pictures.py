"""Makes the pictures in this folder: the chat page in a real browser, and each step of reading a photo.

    .venv/bin/python -m docs.make_pictures

The handwriting is the tests' own; no photo of anybody is in it.
"""

import asyncio
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.async_api import Browser, Page, expect

from model.drawing import boxes_on_photo, explain
from model.ink import ink
from model.photo import decode
from model.reader import DigitReader
from tests.browser import open_browser
from tests.e2e.chat import DESKTOP, PHONE, SEVEN, Chat, upload
from tests.e2e.running import Running, running_bot
from tests.pictures import photo

HERE = Path(__file__).parent
PATIENCE = 30_000  # milliseconds
PAGE = photo("4 2 0", "1 7 3", seed=3)


async def main() -> None:
    """Make them all."""
    steps()
    async with running_bot() as running, open_browser() as browser:
        await chat(running, browser, PHONE, "chat-phone.png", dark=True)
        await chat(running, browser, DESKTOP | {"viewport": {"width": 900, "height": 1240}}, "chat.png", dark=False)
        await feedback(running, browser)


def steps() -> None:
    """The photo, its ink, the boxes, and what the network saw."""
    reading = DigitReader().read(PAGE)
    found = ink(decode(PAGE).grey)
    Image.fromarray(np.where(found.mask, 255 - found.strength, 255).astype(np.uint8)).save(HERE / "step-ink.png")
    (HERE / "step-photo.jpg").write_bytes(PAGE)
    (HERE / "step-boxes.jpg").write_bytes(boxes_on_photo(PAGE, reading))
    explain(PAGE, reading).save(HERE / "step-explained.png")


async def chat(running: Running, browser: Browser, device: dict[str, object], file: str, *, dark: bool) -> None:
    """A short conversation, photographed."""
    context = await browser.new_context(color_scheme="dark" if dark else "light", locale="en-GB", **device)  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(running.server.url)
    await page.click("#welcome-start")
    await answers(page, 1)
    await page.click("#draw")
    await draw(page, running, SEVEN)
    await page.screenshot(path=HERE / file.replace("chat", "pad"))
    await page.click("#pad-send")
    await answers(page, 2)
    await page.locator("#photo-input").set_input_files([upload("page.jpg", PAGE, "image/jpeg")])
    await page.click("#preview .main")
    await answers(page, 3)
    await page.wait_for_timeout(1000)  # the page scrolls smoothly
    await page.screenshot(path=HERE / file)
    await context.close()


async def feedback(running: Running, browser: Browser) -> None:
    """One digit of several is corrected, and how they were read is shown, on a phone."""
    context = await browser.new_context(locale="en-GB", **PHONE)  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(running.server.url)
    await page.locator("#photo-input").set_input_files([upload("page.jpg", PAGE, "image/jpeg")])
    await page.click("#preview .main")
    for name in ("✗ Wrong", "5: 7"):
        await page.locator(".keys").get_by_role("button", name=name, exact=True).tap(timeout=PATIENCE)
    await expect(page.locator(".theirs")).to_contain_text("Which digit is in box 5?")
    await page.wait_for_timeout(1000)
    await page.screenshot(path=HERE / "feedback-pad.png")
    for name in ("↩ Back", "↩ Back", "What I saw"):
        await page.locator(".keys").get_by_role("button", name=name, exact=True).tap()
    await answers(page, 2)
    await page.wait_for_timeout(1000)
    await page.screenshot(path=HERE / "feedback-saw.png")
    await context.close()


async def draw(page: Page, running: Running, stroke: list[tuple[float, float]]) -> None:
    """Draw a stroke on the open pad."""
    await page.wait_for_selector("#pad[open]")
    await Chat(page, running.server, None, []).draw(stroke)  # type: ignore[arg-type]


async def answers(page: Page, count: int) -> None:
    """Wait until the bot has said so much."""
    await expect(page.locator(".theirs")).to_have_count(count, timeout=PATIENCE)


if __name__ == "__main__":
    asyncio.run(main())
