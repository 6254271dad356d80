"""Makes demo.webp in this folder: the demo that the chat page plays by itself, filmed in a real browser.

.venv/bin/python -m docs.make_moving_picture
"""

import asyncio
import io
import time
from itertools import pairwise
from pathlib import Path

from PIL import Image
from playwright.async_api import Page, expect

from tests.chromium import open_browser
from tests.running import running_bot

FILM = Path(__file__).parent / "demo.webp"
SIZE = {"width": 400, "height": 640}
QUICKER = 1.5  # times than it is played
LONGEST = 1500  # milliseconds of a still picture
UNTIL = "/demo tour"  # what the bot is asked last; its five pictures are for reading
PATIENCE = 60_000  # milliseconds

Frames = list[tuple[bytes, float]]  # PNGs, and when each was seen, in seconds


async def main() -> None:
    """Film it."""
    async with running_bot(admin_ids="1") as running, open_browser() as browser:
        page = await browser.new_page(viewport=SIZE, color_scheme="light", locale="en-GB")  # type: ignore[arg-type]
        await page.goto(running.server.url)
        await page.click("#play", timeout=PATIENCE)
        await expect(page.locator(".theirs")).not_to_have_count(0, timeout=PATIENCE)
        save(await filmed(page))


async def filmed(page: Page) -> Frames:
    """Each picture that differs from the one before."""
    frames: Frames = []
    asked = page.locator(".mine").filter(has_text=UNTIL)
    while not await asked.count():
        seen = await page.screenshot(animations="allow")
        if not frames or seen != frames[-1][0]:
            frames.append((seen, time.monotonic()))
    return [*frames, (frames[-1][0], time.monotonic())]


def save(frames: Frames) -> None:
    """As an animation without end."""
    pictures = [Image.open(io.BytesIO(png)).convert("RGB") for png, _ in frames[:-1]]
    moments = [moment for _, moment in frames]
    lasting = [min(LONGEST, round(1000 * (after - at) / QUICKER)) for at, after in pairwise(moments)]
    first, *rest = pictures
    first.save(
        FILM, save_all=True, append_images=rest, duration=lasting, loop=0, quality=80, method=4, minimize_size=True
    )


if __name__ == "__main__":
    asyncio.run(main())
