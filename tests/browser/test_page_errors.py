"""What goes wrong between the chat page and its server: it is said, and nothing that somebody wrote or drew is lost."""

from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from bot.playground.guard import BODY_BYTES
from bot.playground.server import LocalServer
from tests.browser.chat import PHONE, SEVEN, TOKEN, chat_on, opened_chat
from tests.web import free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_what_was_written_and_drawn_while_the_server_was_away_goes_to_the_next_one(browser: Browser) -> None:
    async with AsyncExitStack() as first:
        port = free_port()
        server = await first.enter_async_context(LocalServer(token=TOKEN, port=port))
        async with chat_on(server, browser, device=PHONE) as chat:
            await first.aclose()
            await expect(chat.page.locator("#bot-status")).to_have_text("connecting…")
            await chat.say("written meanwhile")
            failures = chat.page.locator(".failure")
            await expect(failures).to_contain_text("Not sent. The playground couldn't be reached.")
            await expect(chat.page.get_by_role("alert")).to_contain_text("Check that it is running, then try again.")
            await chat.page.get_by_role("button", name="Draw a digit (D)").click()
            await chat.draw(SEVEN)
            await chat.page.locator("#pad").get_by_role("button", name="Send").click()
            await expect(failures).to_have_count(2)
            await chat.page.get_by_role("textbox", name="Message").fill("begun")
            assert await chat.page.evaluate("document.documentElement.scrollWidth") == 360

            async with LocalServer(token=TOKEN, port=port) as restarted:
                await expect(chat.page.get_by_role("alert")).to_contain_text("restarted")
                await expect(failures).to_have_count(2)
                for left in (1, 0):
                    await chat.page.get_by_role("button", name="Try again").first.click()
                    await expect(failures).to_have_count(left)
                text, drawing = await replace(chat, server=restarted).sent(2)
                assert text["text"] == "written meanwhile"
                assert drawing["photo"]
                await expect(chat.page.get_by_role("textbox", name="Message")).to_have_value("begun")


async def test_what_is_too_large_for_the_server_is_said_and_kept(browser: Browser, tmp_path: Path) -> None:
    large = tmp_path / "large.bin"
    large.write_bytes(bytes(BODY_BYTES + 1))
    async with opened_chat(browser) as chat:
        await chat.page.locator("#file-input").set_input_files(large)
        await chat.page.locator("#preview").get_by_role("button", name="Send").click()

        await expect(chat.page.get_by_role("alert")).to_contain_text("too large to be sent: choose a smaller file")
        await expect(chat.page.locator(".failure")).to_contain_text("Not sent. This is too large")
        await expect(chat.bubbles()).to_contain_text("large.bin")


@pytest.mark.parametrize(
    ("status", "sentence"),
    [(429, "too much at once: wait a moment, then try again"), (500, "failed (error 500): try again")],
)
async def test_an_answer_in_the_words_of_http_becomes_a_sentence(browser: Browser, status: int, sentence: str) -> None:
    async with opened_chat(browser) as chat:
        await chat.page.route("**/chat/send*", lambda route: route.fulfill(status=status, json={"error": "No"}))
        await chat.say("hello")
        await expect(chat.page.get_by_role("alert")).to_contain_text(sentence)
        await chat.page.unroute_all()
        await chat.page.get_by_role("button", name="Try again").click()

        assert [message["text"] for message in await chat.sent()] == ["hello"]


async def test_a_press_that_does_not_reach_the_server_is_said_and_can_be_made_again(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        await chat.say("hello")
        await chat.sent()
        await chat.bot_asks("Which?", ["1", "7"])
        await chat.page.context.set_offline(True)
        await chat.key("7").click()
        await expect(chat.page.get_by_role("alert")).to_contain_text("couldn't be reached")
        await expect(chat.key("7")).to_have_attribute("aria-busy", "false")

        await chat.page.context.set_offline(False)
        await chat.key("7").click()
        (query,) = await chat.presses()
        assert query["data"] == "7"
