"""The demo that plays by itself on the chat page: its handwriting by the real reader, its story with the real bot."""

import asyncio
import base64
from datetime import datetime, timedelta

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from bot.playground.person import Person
from model.reading.reader import DigitReader
from tests.browser.chat import DESKTOP, PHONE, SEVEN, Device, chat_on, opened_chat
from tests.browser.test_page_access import problems_of
from tests.browser.test_page_groups import opened
from tests.running import Running, text_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
SEEDS = list(range(8))
PLAYED = 180  # seconds that the demo may take on a busy machine, without its pauses
DRAWINGS = """async ([texts, seeds]) => {
    const [{Hand}, {Ink}] = await Promise.all([import("/page/hand.js"), import("/page/ink.js")]);
    const drawn = texts.flatMap((text) => seeds.map((seed) => {
        const ink = new Ink();
        const place = {x: 0.5, y: 0.375, height: 0.45};
        for (const {width, points} of new Hand(seed * 97 + text.charCodeAt(0)).write(text, place)) {
            ink.begin(points[0], width);
            for (const point of points.slice(1)) ink.extend(point);
        }
        return ink.toFile(960, 720, text);
    }));
    return Promise.all(drawn);
}"""
PHOTOS = """async ([lines, seeds]) => {
    const [{Hand}, {photographed}] = await Promise.all([import("/page/hand.js"), import("/page/paper.js")]);
    return Promise.all(seeds.map((seed) => photographed(lines, new Hand(seed), "photo")));
}"""
WATCH = """() => {
    const caption = document.getElementById("script-caption");
    globalThis.captions = [];
    new MutationObserver(() => captions.push(caption.textContent)).observe(caption, {childList: true});
}"""
ENCODED = """async (asked) => Promise.all((await (%s)(asked)).map(async (file) =>
    btoa(Array.from(new Uint8Array(await file.arrayBuffer()), (byte) => String.fromCharCode(byte)).join(""))))"""


async def made(page: Page, script: str, what: list[str], seeds: list[int] = SEEDS) -> list[bytes]:
    """Pictures that the page's generator makes."""
    return [base64.b64decode(each) for each in await page.evaluate(ENCODED % script, [what, seeds])]


def bar(page: Page) -> Locator:
    """What takes the composer's place while the demo plays."""
    return page.get_by_role("region", name="Demo")


def play_button(page: Page) -> Locator:
    return page.locator(".top").get_by_role("button", name="Play the two-minute demo")


async def hurry_through(page: Page) -> list[str]:
    """Press the key for the next step until the demo is over: gives its captions."""
    await page.evaluate(WATCH)
    async with asyncio.timeout(PLAYED):
        while await bar(page).is_visible():
            await page.keyboard.press("ArrowRight")
    captions: list[str] = await page.evaluate("captions")
    return captions


def answers(person: Person) -> list[str]:
    """What the bot said, in order."""
    return [text_of(each) for each in person.messages() if each["from"]["is_bot"]]


async def test_what_the_generator_writes_is_read_as_meant(browser: Browser) -> None:
    reader = DigitReader()
    async with opened_chat(browser) as chat:
        digits = list("0123456789")
        meant = [digit for digit in digits for _ in SEEDS]
        read = [reader.read(each).text for each in await made(chat.page, DRAWINGS, digits)]
        assert sum(map(str.__eq__, read, meant)) >= 0.95 * len(meant), list(zip(meant, read, strict=True))
        assert {reader.read(each).text for each in await made(chat.page, DRAWINGS, ["flower"])} == {""}
        assert {reader.read(each).text for each in await made(chat.page, DRAWINGS, ["doubt"])} <= {"1", "7"}
        photos = [reader.read(each).text for each in await made(chat.page, PHOTOS, ["420", "173"])]
        assert photos.count("420\n173") >= len(photos) - 1


async def test_the_same_seed_has_the_same_hand_and_another_one_another(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        first, again = [await made(chat.page, DRAWINGS, ["3"]) for _ in range(2)]
        assert first == again
        assert len(set(first)) == len(SEEDS)


@pytest.mark.parametrize(
    ("device", "theme"),
    [
        pytest.param(PHONE, "dark", id="phone"),
        pytest.param(DESKTOP, "light", id="desktop", marks=pytest.mark.slow),  # the others here play it on one
    ],
)
async def test_it_plays_from_hello_to_a_round_of_five_people(
    browser: Browser, running: Running, device: Device, theme: str
) -> None:
    async with opened(running, browser, device, theme) as here:
        await play_button(here.page).click()
        await expect(here.page.get_by_role("status")).to_have_text("This bot reads handwritten digits. Say hello!")
        await expect(here.page.get_by_role("button", name="Pause (Space)")).to_be_focused()
        captions = await hurry_through(here.page)

        assert "A seven, as somebody writes it" in captions
        assert captions[-1] == "Now you: draw a digit, or send a photo"
        alone = answers(here.you)
        assert any(words.startswith("7 · ") for words in alone)
        assert any("420\n173" in words for words in alone)
        assert any("I see no digit here." in words for words in alone)
        assert any("Thanks: that was 1." in words for words in alone)
        assert [words[0] for words in alone if " of 5 · " in words] == list("12345")
        in_class = answers(here.group.member(here.you))
        assert "5 photos, 5 players" in in_class[-1]
        assert "I read the digit I called: 4 of 5" in in_class[-1]
        assert await here.page.evaluate("document.documentElement.scrollWidth") == device["viewport"]["width"]
        await expect(here.page.get_by_role("textbox", name="Message")).to_be_visible()


async def test_it_ends_by_key_and_leaves_all_as_it_was(browser: Browser, running: Running) -> None:
    async with chat_on(running.server, browser) as chat:
        message = chat.page.get_by_role("textbox", name="Message")
        draw = chat.page.get_by_role("button", name="Draw a digit (D)")
        await draw.click()
        await chat.draw(SEVEN)
        await chat.page.keyboard.press("Escape")
        await message.fill("begun")
        await chat.page.clock.install()
        await chat.page.clock.pause_at(datetime.now() + timedelta(seconds=1))
        await play_button(chat.page).click()
        await expect(message).to_be_hidden()
        await chat.page.keyboard.press("ArrowRight")
        async with asyncio.timeout(PLAYED):
            while not await chat.page.locator("#pad").is_visible():
                await chat.page.clock.run_for(50)
        await chat.page.keyboard.press("Space")
        await expect(chat.page.get_by_role("button", name="Go on (Space)")).to_be_focused()
        await chat.page.clock.resume()
        assert await problems_of(chat) == []
        await chat.page.keyboard.press("Escape")

        await expect(bar(chat.page)).to_be_hidden()
        await expect(chat.page.locator("#pad")).to_be_hidden()
        await expect(message).to_have_value("begun")
        await message.fill("")
        await draw.click()
        await expect(chat.page.locator("#pad").get_by_role("button", name="Send")).to_be_enabled()  # the seven
        assert [each.get("text") for each in await chat.sent()] == ["/start"]


async def test_while_it_is_paused_nothing_goes_on(browser: Browser, running: Running) -> None:
    async with chat_on(running.server, browser) as chat:
        await chat.page.clock.install()
        await play_button(chat.page).click()
        await chat.page.get_by_role("button", name="Pause (Space)").click()
        await chat.page.clock.fast_forward("01:00")
        assert (await chat.person).messages() == []
        await chat.page.get_by_role("button", name="Go on (Space)").click()
        await chat.page.clock.fast_forward("00:10")
        await expect(chat.page.locator(".mine")).to_contain_text("/start")


async def test_a_round_that_was_begun_ends_with_it(browser: Browser, running: Running) -> None:
    async with opened(running, browser) as here:
        await play_button(here.page).click()
        async with asyncio.timeout(PLAYED):
            while "people draw it" not in (await here.page.locator("#script-caption").text_content() or ""):
                await here.page.keyboard.press("ArrowRight")
        await here.page.keyboard.press("Escape")

        await expect(bar(here.page)).to_be_hidden()
        await here.said("The round is over")


async def test_what_it_cannot_send_it_says_and_keeps(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        (await chat.person).block()
        await play_button(chat.page).click()

        await expect(chat.page.get_by_role("alert")).to_contain_text("You have blocked this bot")
        await expect(bar(chat.page)).to_be_hidden()
        await expect(chat.page.get_by_role("button", name="Try again")).to_be_visible()
