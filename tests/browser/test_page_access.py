"""The chat page by axe's rules: for people who see little, who listen, who have only a keyboard; and for fingers."""

from collections.abc import AsyncIterator

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, expect

from tests.browser.chat import DESKTOP, PHONE, SEVEN, Chat, Device, opened_chat, picture, upload
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")
FINGER = 40  # CSS pixels
WIDE = {"viewport": {"width": 1600, "height": 900}}
SMALL = """(least) => [...document.querySelectorAll("button, a, textarea, li[role=option], input[type=range]")]
    .filter((node) => node.checkVisibility() && !node.closest(".text"))  // what is in a sentence is as high as its line
    .map((node) => ({name: node.ariaLabel || node.textContent, box: node.getBoundingClientRect()}))
    .filter(({box}) => box.width < least || box.height < least)
    .map(({name, box}) => `${name}: ${box.width}×${box.height}`)"""


async def problems_of(chat: Chat) -> list[str]:
    """What axe finds in the page as it is now: rule and element."""
    results = await Axe().run(chat.page)
    violations = results.response["violations"]
    return [f"{found['id']}: {node['html']}" for found in violations for node in found["nodes"]]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_axe_finds_nothing_wrong_with_the_page(browser: Browser, theme: str, device: Device) -> None:
    async with opened_chat(browser, theme, device) as chat:
        assert await problems_of(chat) == []

        admin = chat.server.world.person("Admin")
        await chat.page.evaluate("number => { location.hash = `admin=${number}`; }", str(admin.id))
        photo = (await chat.person).send_photo(picture(), caption="What is this?")
        await chat.bot_answers("<b>7</b> · 99.8 %", to=photo)
        await chat.bot_asks("Which digit is it?", list("01234"), ["Not a digit", "https://example.org/help"])
        await chat.key("1").click()
        await expect(chat.key("1")).to_have_attribute("aria-busy", "true")
        assert await problems_of(chat) == []

        (query,) = await chat.presses()
        await chat.bot("answerCallbackQuery", callback_query_id=query["id"], text="Only who asked.", show_alert=True)
        await expect(chat.page.get_by_role("alertdialog")).to_be_visible()
        assert await problems_of(chat) == []


async def views(chat: Chat) -> AsyncIterator[str]:
    """Brings up all that a page with one chat can show, one after the other."""
    page = chat.page
    yield "welcome"
    await chat.bot("setMyCommands", commands=[{"command": "start", "description": "Begin"}])
    await page.get_by_role("textbox", name="Message").fill("/")
    await expect(page.get_by_role("option")).to_have_count(1)
    yield "commands"
    await page.get_by_role("textbox", name="Message").fill("")
    await page.get_by_role("button", name="Attach").click()
    yield "attach"
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Draw a digit (D)").click()
    await chat.draw(SEVEN)
    yield "pad"
    await page.keyboard.press("Escape")
    await page.locator("#photo-input").set_input_files(
        [upload(f"{digit}.png", picture(str(digit))) for digit in (3, 8)]
    )
    yield "preview"
    await page.locator("#preview").get_by_role("button", name="Send").click()
    album = page.get_by_role("group", name="Album of 2 pictures").get_by_role("button").first
    await album.click()
    await expect(page.get_by_role("dialog", name="Picture")).to_be_visible()
    yield "viewer"
    await page.keyboard.press("Escape")
    person = await chat.person
    await until(lambda: len(person.messages()) == 2)  # a page shows pictures before the server has them
    await chat.bot_asks("Which is it?", ["✓ Right", "✗ Wrong", "What I saw"])
    person.block()
    await chat.say("hello")
    await expect(page.get_by_role("button", name="Try again")).to_be_visible()
    yield "a failure"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("device", [PHONE, WIDE], ids=["phone", "wide"])
async def test_each_view_is_right_by_axe_large_enough_for_fingers_and_not_too_wide(
    browser: Browser, device: Device, theme: str
) -> None:
    async with opened_chat(browser, theme, device) as chat:
        async for view in views(chat):
            assert await problems_of(chat) == [], view
            assert await chat.page.evaluate(SMALL, FINGER) == [], view
            assert await chat.page.evaluate("document.documentElement.scrollWidth") == device["viewport"]["width"], view


async def test_a_button_whose_name_is_long_stays_in_one_line_beside_two_others_on_a_phone(browser: Browser) -> None:
    async with opened_chat(browser, device=PHONE) as chat:
        await chat.say("hello")
        await chat.sent()
        await chat.bot_asks("7 · 99.8 %", ["✓ Right", "✗ Wrong", "🔍 What I saw"])
        await expect(chat.key("🔍 What I saw")).to_be_visible()
        keys = await chat.page.locator(".key").evaluate_all("keys => keys.map((key) => key.offsetHeight)")
        assert max(keys) == min(keys) < 50
        assert await chat.page.evaluate("document.getElementById('scroll').scrollWidth") <= 360
