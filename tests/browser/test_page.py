"""The chat page in a real browser: what a person sees, on the real server. The bot's part is played by the tests."""

from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from playwright.async_api import Browser, expect

from bot.playground.events import EVENTS_WAITING
from bot.playground.server import LocalServer
from tests.browser.chat import DESKTOP, PHONE, TOKEN, Chat, Device, chat_on, opened_chat, picture, upload
from tests.web import free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_new_person_is_invited_and_starts_with_one_press(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        await chat.bot("setMyDescription", description="I read digits.")
        await expect(chat.page.locator("#welcome")).to_contain_text("I read digits.")

        await chat.page.get_by_role("button", name="Start").click()

        assert [message["text"] for message in await chat.sent()] == ["/start"]
        await expect(chat.page.locator("#welcome")).to_be_hidden()


async def test_typing_is_seen_until_the_answer_comes(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        await chat.say("hello")
        await chat.sent()
        await chat.bot("sendChatAction", chat_id=(await chat.person).id, action="typing")
        await expect(chat.page.locator("#bot-status")).to_have_text("typing…")
        await expect(chat.page.locator("#typing")).to_be_visible()

        await chat.bot_answers("Hello!")

        await expect(chat.page.locator("#bot-status")).to_have_text("online")
        await expect(chat.page.locator("#typing")).to_be_hidden()


async def test_an_answer_quotes_the_photo_and_leads_back_to_it(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        photo = (await chat.person).send_photo(picture())
        for _ in range(8):
            await chat.bot_answers("another\nmessage\nof\nmany\nlines")
        await chat.bot_answers("<b>7</b> · 99.8 %", to=photo)
        answer = chat.bubbles().last
        await expect(answer).to_contain_text("7 · 99.8 %")
        await expect(answer.locator("strong")).to_have_text("7")
        await expect(answer.locator(".quote")).to_contain_text("Photo")
        await expect(answer).to_be_in_viewport()
        quoted = chat.page.locator(f"#m{photo['message_id']}")
        await expect(quoted).not_to_be_in_viewport()

        await answer.get_by_role("button", name="In reply to").click()

        await expect(quoted).to_be_in_viewport()
        await expect(quoted).to_have_class("message mine first last flash")


async def test_what_people_write_stays_text(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        hostile = "<img src=x onerror=\"document.title='broken'\"> & <b>bold</b>"
        await chat.say(hostile)
        await chat.sent()

        await expect(chat.bubbles().last).to_contain_text(hostile)
        assert await chat.bubbles().locator("img, b").count() == 0
        assert await chat.page.title() == "Digit bot"


async def test_formatting_and_links_are_shown(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        await chat.say("hello")
        await chat.sent()
        await chat.bot_answers(
            '😀 <b>bold <i>both</i></b> <code>code</code> <pre>pre</pre> <a href="https://example.org/">link</a> '
            "<tg-spoiler>secret</tg-spoiler>"
        )
        answer = chat.bubbles().last
        await expect(answer.locator("strong")).to_have_text("bold both")
        await expect(answer.locator("strong em")).to_have_text("both")
        await expect(answer.locator("code")).to_have_text("code")
        await expect(answer.locator("pre")).to_have_text("pre")
        await expect(answer.get_by_role("link")).to_have_attribute("href", "https://example.org/")
        await expect(answer.get_by_role("link")).to_have_attribute("rel", "noopener noreferrer")


async def test_a_file_is_a_row_with_name_and_size_to_download(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        await chat.page.locator("#file-input").set_input_files([upload("notes.txt", b"x" * 1500, "text/plain")])
        await chat.page.locator("#preview").get_by_role("button", name="Send").click()
        await chat.sent()
        row = chat.page.get_by_role("link", name="Download notes.txt")
        await expect(row).to_contain_text("1.5 KB")

        async with chat.page.expect_download() as download:
            await row.click()
        assert (await download.value).suggested_filename == "notes.txt"


async def test_pictures_open_large_zoom_and_close_by_escape(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        person = await chat.person
        person.send_photo(picture("1"), caption="one")
        person.send_photo(picture("2"), caption="two")
        await chat.page.get_by_role("button", name="Photo from You").first.click()
        viewer = chat.page.get_by_role("dialog", name="Picture")
        large = viewer.get_by_role("img", name="one")
        await expect(large).to_be_visible()
        before = await large.bounding_box()
        assert before is not None

        await viewer.get_by_role("button", name="Zoom in").click()
        await chat.page.wait_for_function(
            "([picture, width]) => Math.abs(picture.getBoundingClientRect().width - width) < 0.01 * width",
            arg=[await large.element_handle(), before["width"] * 1.5],
        )

        await chat.page.keyboard.press("ArrowRight")
        await expect(viewer.get_by_role("img", name="two")).to_be_visible()
        await chat.page.keyboard.press("Escape")
        await expect(viewer).to_be_hidden()


async def test_stickers_and_other_kinds_are_shown(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        person = await chat.person
        person.send_sticker(picture(size=(512, 512), kind="WEBP"))
        person.send_sticker(b"not looked at", animated=True)
        person.send_voice(b"not looked at")
        await expect(chat.bubbles().nth(0).get_by_role("img", name="Sticker")).to_be_visible()
        await expect(chat.bubbles().nth(1)).to_contain_text("Animated sticker")
        await expect(chat.bubbles().nth(2)).to_contain_text("Voice message")


async def test_edits_and_deletions_are_followed(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        await chat.say("hello")
        await chat.sent()
        first = await chat.bot_answers("Reading…")
        await expect(chat.bubbles().last).to_contain_text("Reading…")

        edited = {"chat_id": first["chat"]["id"], "message_id": first["message_id"], "text": "It is a 7"}
        await chat.bot("editMessageText", **edited)

        await expect(chat.bubbles().last).to_contain_text("It is a 7")
        await expect(chat.bubbles().last).to_contain_text("edited")


async def test_the_keyboard_alone_is_enough(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        keyboard = chat.page.keyboard
        await keyboard.press("Escape")  # out of the input, where a letter is a letter
        await keyboard.press("d")
        await expect(chat.page.get_by_role("dialog", name="Draw a digit")).to_be_visible()
        reached = set()
        for _ in range(4):
            reached.add(await chat.page.evaluate("document.activeElement.id || document.activeElement.title"))
            await keyboard.press("Tab")
        assert {"Close", "pad-width"} <= reached
        await keyboard.press("Escape")
        await expect(chat.page.locator("#pad")).to_be_hidden()

        await chat.page.get_by_role("button", name="Attach").focus()
        await keyboard.press("Enter")
        await expect(chat.page.get_by_role("menuitem", name="Photo")).to_be_focused()
        await keyboard.press("ArrowDown")
        await expect(chat.page.get_by_role("menuitem", name="File")).to_be_focused()
        await keyboard.press("Escape")
        await keyboard.press("Tab")
        await keyboard.type("hello")
        await keyboard.press("Enter")

        assert [message["text"] for message in await chat.sent()] == ["hello"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_nothing_is_wider_than_the_screen_and_nothing_comes_from_elsewhere(
    browser: Browser, theme: str, device: Device
) -> None:
    async with opened_chat(browser, theme, device) as chat:
        await have_a_long_conversation(chat)
        width = device["viewport"]["width"]
        assert await chat.page.evaluate("document.documentElement.scrollWidth") == width
        assert await chat.page.evaluate("document.getElementById('scroll').scrollWidth") <= width
        brightness = await chat.page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g)[0]")
        assert (int(brightness) < 64) == (theme == "dark")
        await chat.page.get_by_role("button", name="Draw a digit (D)").click()
        pad = await chat.page.locator("#pad").bounding_box()
        assert pad is not None
        assert pad["x"] >= 0
        assert pad["x"] + pad["width"] <= width
        assert pad["y"] + pad["height"] <= device["viewport"]["height"]
        assert chat.elsewhere == []


async def test_after_a_restart_of_the_server_the_page_begins_a_new_chat_by_itself(browser: Browser) -> None:
    async with AsyncExitStack() as first:
        port = free_port()
        server = await first.enter_async_context(LocalServer(token=TOKEN, port=port))
        async with chat_on(server, browser) as chat:
            (await chat.person).send_text("before")
            await expect(chat.bubbles()).to_have_count(1)
            await first.aclose()
            await expect(chat.page.get_by_role("alert")).to_contain_text("The playground doesn't answer")
            await expect(chat.page.locator("#bot-status")).to_have_text("connecting…")

            async with LocalServer(token=TOKEN, port=port) as restarted:
                await expect(chat.page.get_by_role("alert")).to_contain_text("restarted")
                await expect(chat.bubbles()).to_have_count(0)
                await chat.say("after")
                assert [message["text"] for message in await replace(chat, server=restarted).sent()] == ["after"]


async def test_a_page_that_fell_behind_catches_up(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        person = await chat.person
        message = person.send_text("hello")
        for count in range(EVENTS_WAITING + 1):  # more at once than the stream takes: the server ends it
            person.chat.edit(message["message_id"], {"text": f"edited {count} times"})

        await expect(chat.bubbles()).to_contain_text(f"edited {EVENTS_WAITING} times")
        await chat.say("still here")
        await chat.sent(2)


async def have_a_long_conversation(chat: Chat) -> None:
    """One message of each kind, with words too long for a line."""
    person = await chat.person
    photo = person.send_photo(picture(size=(1200, 300)), caption="wide")
    person.send_album([picture(str(digit)) for digit in range(5)])
    person.send_document(picture(), "a-name-" * 20 + ".png", "image/png")
    person.send_text("w" * 300)
    await chat.bot_answers(f"<pre>{'code ' * 60}</pre>", to=photo)
    await chat.bot_answers("<b>7</b> · 99.8 %", to=photo)
    await expect(chat.bubbles()).to_have_count(6)
