"""Buttons under messages on the chat page: pressed by mouse, finger and keyboard; what the bot answers is seen."""

import io
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import Browser, FloatRect, Locator, expect

from tests.browser.chat import DESKTOP, PHONE, Chat, Device, opened_chat, picture

pytestmark = pytest.mark.asyncio(loop_scope="module")

DIGITS = (list("01234"), list("56789"), ["Not a digit", "Back"])
FINGER = 44  # CSS pixels: https://www.w3.org/WAI/WCAG22/Understanding/target-size-enhanced


async def asked(chat: Chat, text: str = "Is it a 7?", *rows: list[Any]) -> dict[str, Any]:
    """A question of the bot's that the page shows with its buttons."""
    await chat.say("hello")
    await chat.sent()
    question: dict[str, Any] = await chat.bot_asks(text, *(rows or [["Right", "Wrong"]]))
    await expect(chat.page.locator(".key")).to_have_count(sum(len(row) for row in rows or [["Right", "Wrong"]]))
    return question


def place(message: dict[str, Any]) -> dict[str, Any]:
    return {"chat_id": message["chat"]["id"], "message_id": message["message_id"]}


def keyboard(*words: str) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": word, "callback_data": word} for word in words]]}


async def box_of(node: Locator) -> FloatRect:
    box = await node.bounding_box()
    assert box is not None
    return box


async def test_a_press_waits_for_the_bot_and_shows_what_it_says(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        question = await asked(chat)
        await chat.key("Right").click()
        await expect(chat.key("Right")).to_have_attribute("aria-busy", "true")
        await chat.key("Right").click(force=True)  # which does nothing while it waits
        (query,) = await chat.presses()
        assert (query["data"], query["message"]["message_id"]) == ("Right", question["message_id"])

        await chat.bot("answerCallbackQuery", callback_query_id=query["id"], text="Thanks: that was a 7")

        await expect(chat.page.get_by_role("alert")).to_contain_text("Thanks: that was a 7")
        await expect(chat.key("Right")).to_have_attribute("aria-busy", "false")
        assert len(await chat.presses()) == 1
        await chat.key("Right").click()
        await chat.presses(2)


async def test_an_alert_is_a_dialog_until_it_is_read(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        await asked(chat)
        await chat.key("Wrong").click()
        (query,) = await chat.presses()
        await chat.bot("answerCallbackQuery", callback_query_id=query["id"], text="Only who asked.", show_alert=True)

        notice = chat.page.get_by_role("alertdialog", name="Digit bot")
        await expect(notice).to_contain_text("Only who asked.")
        await expect(notice.get_by_role("button", name="OK")).to_be_focused()
        await chat.page.keyboard.press("Enter")
        await expect(notice).to_be_hidden()


async def test_an_answer_without_words_only_ends_the_waiting(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        await asked(chat)
        await chat.key("Right").click()
        (query,) = await chat.presses()
        await chat.bot("answerCallbackQuery", callback_query_id=query["id"])

        await expect(chat.key("Right")).to_have_attribute("aria-busy", "false")
        await expect(chat.page.locator("#toast")).to_be_hidden()
        await expect(chat.page.locator("#notice")).to_be_hidden()


async def test_a_bot_that_says_nothing_is_waited_for_only_so_long(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.playground.chat_page.SPINNER_SECONDS", 0.1)
    async with opened_chat(browser) as chat:
        await asked(chat)
        await chat.key("Right").click()

        await expect(chat.page.get_by_role("alert")).to_contain_text("The bot hasn't answered yet.")
        await expect(chat.key("Right")).to_have_attribute("aria-busy", "false")


async def test_the_buttons_follow_what_the_bot_makes_of_them(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        question = await asked(chat)
        await chat.bot("editMessageReplyMarkup", **place(question), reply_markup=keyboard("1", "7"))
        await expect(chat.page.locator(".key")).to_have_text(["1", "7"])
        await expect(chat.bubbles().last).not_to_contain_text("edited")

        await chat.bot("editMessageText", **place(question), text="Thanks", reply_markup=keyboard("Undo"))
        await expect(chat.bubbles().last).to_contain_text("Thanks")
        await expect(chat.page.locator(".key")).to_have_text(["Undo"])
        await chat.page.reload()
        await expect(chat.page.locator(".key")).to_have_text(["Undo"])
        await chat.key("Undo").click()
        assert (await chat.presses())[0]["data"] == "Undo"

        await chat.bot("editMessageText", **place(question), text="Thanks!")
        await expect(chat.page.locator(".key")).to_have_count(0)


async def test_a_message_becomes_a_photo_in_its_place_and_goes(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        question = await asked(chat)
        media = '{"type": "photo", "media": "attach://seen", "caption": "What I saw"}'
        files = {"seen": picture()}
        fields = {"chat_id": question["chat"]["id"], "message_id": question["message_id"], "media": media}
        assert (await chat.api.post("editMessageMedia", data=fields, files=files)).json()["ok"]
        await expect(chat.bubbles().last.get_by_role("button", name="Photo from Digit bot")).to_be_visible()
        await expect(chat.bubbles().last).to_contain_text("What I saw")
        await expect(chat.bubbles()).to_have_count(2)

        await chat.bot("deleteMessage", **place(question))
        await expect(chat.bubbles()).to_have_count(1)


async def test_a_file_of_the_bot_can_be_downloaded(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        await chat.say("/mydata")
        await chat.sent()
        fields = {"chat_id": (await chat.person).id, "caption": "Everything I store"}
        await chat.api.post("sendDocument", data=fields, files={"document": ("my-data.json", b'{"corrections": []}')})
        row = chat.page.get_by_role("link", name="Download my-data.json")
        await expect(chat.bubbles().last).to_contain_text("Everything I store")

        async with chat.page.expect_download() as download:
            await row.click()
        saved = await (await download.value).path()
        assert saved.read_bytes() == b'{"corrections": []}'


async def test_the_keyboard_alone_presses_and_stays_where_it_was(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        question = await asked(chat)
        await chat.key("Right").focus()
        await chat.page.keyboard.press("Tab")
        await chat.page.keyboard.press("Enter")
        assert (await chat.presses())[0]["data"] == "Wrong"

        await chat.bot("editMessageText", **place(question), text="Which?", reply_markup=keyboard("1", "7"))
        await expect(chat.key("1")).to_be_focused()
        await chat.page.keyboard.press("Tab")
        await chat.bot("editMessageReplyMarkup", **place(question), reply_markup=keyboard("0", "7"))
        await expect(chat.key("0")).to_be_visible()
        await expect(chat.key("7")).to_be_focused()


async def test_who_is_writing_goes_on_writing_after_a_press(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        await asked(chat)
        await chat.page.get_by_role("textbox", name="Message").focus()
        await chat.key("Wrong").click()
        await chat.page.keyboard.type("1")
        await chat.page.keyboard.press("Enter")

        assert (await chat.sent(2))[1]["text"] == "1"


async def test_an_address_opens_elsewhere_and_no_script_hides_in_one(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        question = await asked(chat, "More?", ["https://example.org/more"])
        link = chat.page.get_by_role("link", name="https://example.org/more (opens another page)")
        await expect(link).to_have_attribute("href", "https://example.org/more")
        await expect(link).to_have_attribute("rel", "noopener noreferrer")
        await expect(link).to_have_attribute("target", "_blank")

        button = {"text": "More", "url": "javascript:document.title='broken'//example.org"}
        (await chat.person).chat.edit(question["message_id"], {"reply_markup": {"inline_keyboard": [[button]]}})
        await expect(chat.page.get_by_role("link", name="More")).to_have_attribute("href", f"https://{button['url']}")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_buttons_are_large_and_even_and_lie_under_their_bubble(
    browser: Browser, theme: str, device: Device
) -> None:
    async with opened_chat(browser, theme, device) as chat:
        await asked(chat, "Which digit is it?", *DIGITS)
        await chat.bot_asks("Long", ["long " * 12, "w" * 60], ["Yes"])
        keys = chat.page.locator(".key")
        await expect(keys).to_have_count(15)
        where = "nodes => nodes.map(node => node.getBoundingClientRect().toJSON())"  # all at one moment
        found = await chat.page.locator(".theirs .bubble, .key").evaluate_all(where)
        first, *boxes = found[:13]
        second, *long = found[13:]

        assert min(min(box["width"], box["height"]) for box in boxes + long) >= FINGER
        for row in (boxes[:5], boxes[5:10], boxes[10:], long[:2]):
            assert max(box["width"] for box in row) - min(box["width"] for box in row) < 1
            assert {box["y"] for box in row} == {row[0]["y"]}
        for bubble, row in ((first, boxes[:5]), (second, long[:2])):
            assert abs(row[0]["x"] - bubble["x"]) < 1
            assert abs(row[-1]["x"] + row[-1]["width"] - bubble["x"] - bubble["width"]) < 1
            assert 0 < row[0]["y"] - bubble["y"] - bubble["height"] < 10
        assert await chat.page.evaluate("document.getElementById('scroll').scrollWidth") <= device["viewport"]["width"]
        assert chat.elsewhere == []


async def test_a_finger_presses_a_digit_and_a_narrow_photo_fills_its_bubble(browser: Browser) -> None:
    async with opened_chat(browser, device=PHONE) as chat:
        await asked(chat, "Which digit is it?", *DIGITS)
        await chat.key("7").tap()
        assert (await chat.presses())[0]["data"] == "7"

        narrow = io.BytesIO()
        Image.new("L", (100, 400), "white").save(narrow, "PNG")
        person = await chat.person
        markup = (
            '{"inline_keyboard": [[{"text": "Right", "callback_data": "r"}, {"text": "Wrong", "callback_data": "w"}]]}'
        )
        fields = {"chat_id": person.id, "reply_markup": markup}
        await chat.api.post("sendPhoto", data=fields, files={"photo": narrow.getvalue()})
        photo = await box_of(chat.bubbles().last.get_by_role("button", name="Photo from"))
        bubble = await box_of(chat.bubbles().last)  # it may have moved meanwhile, but not grown
        assert bubble["width"] - photo["width"] < 12
