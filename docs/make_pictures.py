"""Makes the pictures in this folder: the chat page in a real browser, and each step of reading a photo; and the photo
that /demo tour shows to who sent none.

    .venv/bin/python -m docs.make_pictures

The handwriting is the tests' own; no photo of anybody is in it. For the training that is shown it needs MNIST, as
`train.py` does; for the Chinese one, a font that has its signs.
"""

import asyncio
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.async_api import Browser, Page, expect

from bot.storage.records import Label, SeenDigit, SeenPhoto, Status
from model.drawing.drawing import boxes_on_photo, explain
from model.drawing.tour import tour
from model.reading.ink import ink
from model.reading.photo import decode
from model.reading.reader import DigitReader
from model.versions.version import PRETRAINED, shipped_name
from tests.browser.chat import PHONE, SEVEN, Chat, become, upload
from tests.browser.test_page_groups import opened
from tests.chromium import open_browser
from tests.e2e.test_show import digit_called
from tests.odd_hand import odd_digits
from tests.pictures import photo
from tests.running import Running, running_bot

HERE = Path(__file__).parent
EXAMPLE = HERE.parent / "bot" / "example.jpg"
PATIENCE = 30_000  # milliseconds
TRAINED = 1_200_000  # milliseconds: on a busy machine
CORRECTIONS = 40
LAST = 6  # of the class: draws something else than was called
ADMIN = 2**41
PAGE = photo("4 2 0", "1 7 3", seed=3)


async def main() -> None:
    """Make them all."""
    steps()
    async with running_bot(admin_ids="1") as running, open_browser() as browser:
        await chat(running, browser, "chat-phone.jpg", "en-GB", dark=False)
        await chat(running, browser, "chat-zh.jpg", "zh-CN", dark=False)
        await chat(running, browser, "chat-ru.jpg", "ru-RU", dark=True)
        await feedback(running, browser)
        await show(running, browser)
        await playing(running, browser)
    async with running_bot(admin_ids=str(ADMIN)) as running, open_browser() as browser:
        await learning(running, browser)


def steps() -> None:
    """The photo, its ink, the boxes, and what the network saw."""
    reading = DigitReader().read(PAGE)
    found = ink(decode(PAGE).grey)
    Image.fromarray(np.where(found.mask, 255 - found.strength, 255).astype(np.uint8)).save(HERE / "step-ink.png")
    (HERE / "step-photo.jpg").write_bytes(PAGE)
    (HERE / "step-boxes.jpg").write_bytes(boxes_on_photo(PAGE, reading))
    explain(PAGE, reading).save(HERE / "step-explained.png")
    example = photo("5", seed=4)
    EXAMPLE.write_bytes(example)
    if found := tour(example, DigitReader(PRETRAINED), PRETRAINED):
        _, _, pixels, layers, _ = found[1]
        (HERE / "tour-pixels.png").write_bytes(pixels)
        (HERE / "tour-layers.png").write_bytes(layers)


async def chat(running: Running, browser: Browser, file: str, locale: str, *, dark: bool) -> None:
    """A short conversation on a phone, in the language of whoever has it."""
    context = await browser.new_context(color_scheme="dark" if dark else "light", locale=locale, **PHONE)  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(running.server.url)
    await page.click("#welcome-start")
    await answers(page, 1)
    await page.click("#draw")
    await draw(page, running, SEVEN)
    await page.click("#pad-send")
    await answers(page, 2)
    await page.locator("#photo-input").set_input_files([upload("page.jpg", PAGE, "image/jpeg")])
    await page.click("#preview .main")
    await answers(page, 3)
    await page.wait_for_timeout(1000)  # the page scrolls smoothly
    await page.screenshot(path=HERE / file, quality=85)
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


async def playing(running: Running, browser: Browser) -> None:
    """The demo that plays by itself draws a seven, on a phone."""
    context = await browser.new_context(locale="en-GB", **PHONE)  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(running.server.url)
    await page.click("#play")
    await page.keyboard.press("ArrowRight")
    await page.wait_for_selector("#pad[open]")
    await page.wait_for_timeout(1200)  # it is half drawn
    await page.screenshot(path=HERE / "playing.png")
    await context.close()


async def show(running: Running, browser: Browser) -> None:
    """A round of /demo in a class: photos, reactions and the score; then everybody's digits on a sheet."""
    wide = {"viewport": {"width": 1000, "height": 900}}
    async with opened(running, browser, wide) as here:
        await here.entry().click()
        await here.chat.say("/demo read")
        call = await here.said("Draw a")
        called = digit_called(call)
        for seed, person in enumerate(running.server.page.casts[here.admin.id][1:], 3):
            digit = called if seed < LAST else str((int(called) + 3) % 10)
            here.group.member(person).send_photo(photo(digit, seed=seed), reply_to=call["message_id"])
            await expect(here.page.locator(".reactions")).to_have_count(seed - 2, timeout=PATIENCE)
        board = here.bubble(await here.said("📊"))
        await expect(board).to_contain_text("4 photos", timeout=PATIENCE)
        await board.scroll_into_view_if_needed()
        await here.page.wait_for_timeout(1000)
        await here.page.screenshot(path=HERE / "show-round.png")
        await here.chat.say("/stop")
        await expect(here.bubble(await here.said("The round is over")).locator("img[width]")).to_be_visible(
            timeout=PATIENCE
        )
        await here.page.wait_for_timeout(1000)
        await here.page.screenshot(path=HERE / "show-sheet.png")


async def learning(running: Running, browser: Browser) -> None:
    """An admin has it learn a strange hand, on a phone: how far it is, and the report."""
    running.person(person_id=ADMIN, first_name="Admin")
    await keep_corrections(running, *odd_digits(CORRECTIONS, seed=1))
    phone = PHONE | {"viewport": {"width": 360, "height": 840}}  # high enough for the report
    context = await browser.new_context(locale="en-GB", **phone)  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(f"{running.server.url}/#admin={ADMIN}")
    await become(page, "Admin")
    await page.get_by_role("textbox", name="Message").fill("/retrain")
    await page.keyboard.press("Enter")
    await expect(page.locator(".theirs").first).to_contain_text("Evaluating the result: 2 of", timeout=TRAINED)
    await page.screenshot(path=HERE / "retrain-progress.png")
    await expect(page.locator(".theirs")).to_have_count(2, timeout=TRAINED)
    await page.wait_for_timeout(1000)
    await page.screenshot(path=HERE / "retrain-report.png")
    await context.close()


async def keep_corrections(running: Running, pictures: NDArray[np.uint8], labels: NDArray[np.uint8]) -> None:
    """Keep them as people said them and an admin accepted them."""
    store = running.bot.bot_data.store
    seen = SeenPhoto(1, "file", (28, 28), (SeenDigit(0, 0.9, (0, 0, 28, 28)),))
    for picture, label in zip(pictures, labels, strict=True):
        reading = await store.add_reading(ADMIN, ADMIN, [seen], shipped_name())
        said = Label(reading, 0, ADMIN, int(label), 0, 0.9, picture.tobytes(), shipped_name(), Status.ACCEPTED)
        await store.label([said])


async def draw(page: Page, running: Running, stroke: list[tuple[float, float]]) -> None:
    """Draw a stroke on the open pad."""
    await page.wait_for_selector("#pad[open]")
    await Chat(page, running.server, None, []).draw(stroke)  # type: ignore[arg-type]


async def answers(page: Page, count: int) -> None:
    """Wait until the bot has said so much."""
    await expect(page.locator(".theirs")).to_have_count(count, timeout=PATIENCE)


if __name__ == "__main__":
    asyncio.run(main())
