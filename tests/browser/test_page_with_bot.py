"""The whole way, as people go it: drawn or chosen on the page in a real browser, read and answered by the real bot."""

import asyncio

import pytest
from playwright.async_api import Browser, expect

from tests.browser.chat import PHONE, SEVEN, chat_on, upload
from tests.pictures import photo
from tests.running import Running
from tests.waiting import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_seven_drawn_with_the_mouse_is_answered_with_a_seven(browser: Browser, running: Running) -> None:
    async with chat_on(running.server, browser) as chat:
        await chat.page.get_by_role("button", name="Draw a digit (D)").click()
        await chat.draw(SEVEN)
        await chat.page.locator("#pad").get_by_role("button", name="Send").click()

        answer = chat.page.locator(".theirs .bubble")
        await expect(answer).to_contain_text("7 · ")
        await expect(answer.locator("strong")).to_have_text("7")
        await expect(answer.locator(".quote")).to_contain_text("Photo")


async def test_who_has_a_keyboard_alone_draws_sends_and_corrects(browser: Browser, running: Running) -> None:
    async with chat_on(running.server, browser) as chat:
        keyboard = chat.page.keyboard
        for key in ("Escape", "d", "4", "2", "0", "7", "3"):
            await keyboard.press(key)
        for _ in range(4):
            await keyboard.press("Tab")
        await expect(chat.page.locator("#pad-send")).to_be_focused()
        await keyboard.press("Enter")
        await expect(chat.page.locator(".theirs .bubble")).to_contain_text("4207\n3")

        await expect(chat.key("✗ Wrong")).to_be_visible()
        async with asyncio.timeout(PATIENCE):
            while await chat.page.evaluate("document.activeElement.textContent") != "✗ Wrong":
                await keyboard.press("Shift+Tab")
        await keyboard.press("Enter")
        await expect(chat.key("1: 4")).to_be_focused()
        await keyboard.press("Enter")
        await expect(chat.key("0")).to_be_focused()


async def test_a_photo_from_a_file_is_answered(browser: Browser, running: Running) -> None:
    async with chat_on(running.server, browser) as chat:
        await chat.page.locator("#photo-input").set_input_files([upload("three.jpg", photo("3", seed=3), "image/jpeg")])
        await chat.page.locator("#preview").get_by_role("button", name="Send").click()

        await expect(chat.page.locator(".theirs .bubble")).to_contain_text("3 · ")


async def test_several_digits_come_back_as_a_picture_that_opens_large(browser: Browser, running: Running) -> None:
    async with chat_on(running.server, browser) as chat:
        await chat.page.locator("#photo-input").set_input_files([upload("number.jpg", photo("42"), "image/jpeg")])
        await chat.page.locator("#preview").get_by_role("button", name="Send").click()
        answer = chat.page.locator(".theirs .bubble")
        await expect(answer).to_contain_text("42")
        await answer.get_by_role("button", name="Photo from").click()

        await expect(chat.page.get_by_role("dialog", name="Picture").locator("img")).to_be_visible()


async def test_a_wrong_answer_is_put_right_by_pressing_buttons(browser: Browser, running: Running) -> None:
    async with chat_on(running.server, browser, device=PHONE) as chat:
        (await chat.person).send_photo(photo("7"))
        answer = chat.page.locator(".theirs .bubble")
        await expect(chat.key("✗ Wrong")).to_be_visible()
        for button in ("✗ Wrong", "1", "Yes, keep it"):
            await chat.key(button).tap()

        await expect(answer).to_contain_text("Thanks: that was 1.")
        await expect(answer).to_have_count(1)
        assert chat.elsewhere == []


async def test_start_is_answered_and_its_menu_is_there(browser: Browser, running: Running) -> None:
    async with chat_on(running.server, browser) as chat:
        await chat.page.get_by_role("button", name="Start").click()
        await expect(chat.page.locator(".theirs .bubble")).to_be_visible()
        await chat.page.get_by_role("textbox", name="Message").fill("/")
        await expect(chat.page.get_by_role("option").filter(has_text="/help")).to_be_visible()
        assert chat.elsewhere == []
