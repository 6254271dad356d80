"""The chat page in a real browser: all the ways in which a person sends something, and what is said when it fails."""

import io

import numpy as np
import pytest
from PIL import Image
from playwright.async_api import Browser, expect

from tests.browser.chat import DESKTOP, PHONE, SEVEN, Device, give, opened_chat, picture, upload

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_drawing_goes_as_a_photo_of_dark_ink_on_white_paper(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        await chat.page.get_by_role("button", name="Draw a digit (D)").click()
        await chat.draw(SEVEN)
        await chat.page.locator("#pad").get_by_role("button", name="Send").click()

        [message] = await chat.sent()
        grey = np.asarray(Image.open(io.BytesIO(chat.file_of(message))).convert("L"))
        assert max(grey.shape) == 960
        assert grey[0, 0] > 245
        assert 0.01 < (grey < 80).mean() < 0.2
        await expect(chat.page.locator("#pad")).to_be_hidden()
        await expect(chat.bubbles().get_by_role("button", name="Photo from You")).to_be_visible()


async def test_a_stroke_can_be_undone_and_the_paper_cleared(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        await chat.page.get_by_role("button", name="Draw a digit (D)").click()
        pad = chat.page.locator("#pad")
        send = pad.get_by_role("button", name="Send")
        await expect(send).to_be_disabled()

        await chat.draw(SEVEN)
        await expect(send).to_be_enabled()
        await pad.get_by_role("button", name="Undo").click()
        await expect(send).to_be_disabled()

        await chat.draw(SEVEN)
        await chat.draw([(0.2, 0.5), (0.8, 0.5)])
        await chat.page.keyboard.press("Control+z")
        await expect(send).to_be_enabled()
        await pad.get_by_role("button", name="Clear").click()
        await expect(send).to_be_disabled()


async def test_a_finger_draws_on_a_phone(browser: Browser) -> None:
    async with opened_chat(browser, device=PHONE) as chat:
        await chat.page.get_by_role("button", name="Draw a digit (D)").tap()
        await chat.touch(await chat.on_paper(SEVEN))
        await chat.page.locator("#pad").get_by_role("button", name="Send").tap()

        [message] = await chat.sent()
        grey = np.asarray(Image.open(io.BytesIO(chat.file_of(message))).convert("L"))
        assert (grey < 80).mean() > 0.01


async def test_a_person_answers_a_message_by_double_click(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        await chat.say("hello")
        await chat.sent()
        asked = await chat.bot_answers("Was it a 7?")
        await chat.bubbles().filter(has_text="Was it a 7?").dblclick()
        await chat.say("Yes")

        message = (await chat.sent(2))[1]
        assert message["reply_to_message"]["message_id"] == asked["message_id"]


async def test_commands_are_offered_while_a_slash_is_typed(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        menu = [{"command": "start", "description": "Begin"}, {"command": "help", "description": "How it works"}]
        await chat.bot("setMyCommands", commands=menu)
        options = chat.page.get_by_role("listbox", name="Commands").get_by_role("option")
        await chat.page.get_by_role("button", name="Commands").click()
        await expect(options).to_have_text(["/startBegin", "/helpHow it works"])

        await chat.page.get_by_role("textbox", name="Message").fill("/h")
        await expect(options).to_have_text(["/helpHow it works"])
        await chat.page.keyboard.press("Enter")

        assert [message["text"] for message in await chat.sent()] == ["/help"]
        await expect(options).to_have_count(0)


async def test_a_command_in_a_message_is_sent_by_a_press(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        await chat.say("hello")
        await chat.sent()
        await chat.bot_answers("Try /help")
        await chat.bubbles().last.get_by_role("button", name="/help", exact=True).click()

        assert (await chat.sent(2))[1]["text"] == "/help"


async def test_a_chosen_photo_is_looked_at_and_given_a_caption_before_it_goes(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        await chat.page.locator("#photo-input").set_input_files([upload("seven.png", picture())])
        preview = chat.page.get_by_role("dialog", name="Send a photo")
        await expect(preview.get_by_role("img", name="seven.png")).to_be_visible()
        await preview.get_by_role("textbox", name="Add a caption").fill("my seven")
        await preview.get_by_role("button", name="Send").click()

        [message] = await chat.sent()
        assert message["caption"] == "my seven"
        assert message["photo"]
        await expect(chat.bubbles().last).to_contain_text("my seven")


async def test_a_picture_can_go_as_a_file_byte_for_byte(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        data = picture()
        await chat.page.locator("#photo-input").set_input_files([upload("seven.png", data)])
        await chat.page.get_by_text("As file").click()
        await chat.page.locator("#preview").get_by_role("button", name="Send").click()

        [message] = await chat.sent()
        assert chat.file_of(message) == data
        await expect(chat.bubbles().last).to_contain_text("seven.png")


async def test_several_photos_are_an_album(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        files = [upload(f"{digit}.png", picture(str(digit))) for digit in range(3)]
        await chat.page.locator("#photo-input").set_input_files(files)
        await chat.page.get_by_role("dialog", name="Send 3 photos").get_by_role("button", name="Send").click()

        sent = await chat.sent()
        assert len({message["media_group_id"] for message in sent}) == 1
        album = chat.page.get_by_role("group", name="Album of 3 pictures")
        await expect(album.get_by_role("button")).to_have_count(3)


@pytest.mark.parametrize("how", ["paste", "drop"])
async def test_a_picture_pasted_or_dropped_opens_the_preview(browser: Browser, how: str) -> None:
    async with opened_chat(browser) as chat:
        await give(chat, how, "found.png", picture())
        preview = chat.page.get_by_role("dialog", name="Send a photo")
        await expect(preview.get_by_role("img", name="found.png")).to_be_visible()
        assert how == "paste" or await chat.page.evaluate("overlay")
        await preview.get_by_role("button", name="Send").click()

        [message] = await chat.sent()
        assert message["photo"][-1]["width"] == 640


async def test_what_the_server_refuses_is_said_and_can_be_tried_again(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        person = await chat.person
        person.block()
        await chat.say("hello")
        await expect(chat.page.get_by_role("alert")).to_contain_text("You have blocked this bot")
        await expect(chat.bubbles().last).to_contain_text("hello")

        person.unblock()
        await chat.page.get_by_role("button", name="Try again").click()

        assert [message["text"] for message in await chat.sent()] == ["hello"]


async def test_a_message_that_failed_can_be_deleted(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        await chat.page.locator("#file-input").set_input_files([upload("empty.txt", b"", "text/plain")])
        await chat.page.locator("#preview").get_by_role("button", name="Send").click()
        await expect(chat.page.get_by_role("alert")).to_contain_text("empty.txt is empty.")
        await chat.page.get_by_role("button", name="Delete").click()

        await expect(chat.bubbles()).to_have_count(0)


async def test_a_swipe_answers_a_message_on_a_phone(browser: Browser) -> None:
    async with opened_chat(browser, device=PHONE) as chat:
        asked = (await chat.person).send_text("Was it a seven, or rather a one?")
        bubble = await chat.bubbles().last.bounding_box()
        assert bubble is not None
        start = (bubble["x"] + bubble["width"] - 20, bubble["y"] + 10)
        await chat.touch([(start[0] - way, start[1]) for way in range(0, 100, 10)])
        await chat.say("Yes")

        assert (await chat.sent(2))[1]["reply_to_message"]["message_id"] == asked["message_id"]


@pytest.mark.parametrize(("device", "offered"), [(PHONE, True), (DESKTOP, False)], ids=["phone", "desktop"])
async def test_the_camera_is_offered_on_a_phone_alone(browser: Browser, device: Device, offered: bool) -> None:
    async with opened_chat(browser, device=device) as chat:
        await chat.page.get_by_role("button", name="Attach").click()
        await expect(chat.page.get_by_role("menuitem", name="Photo")).to_be_visible()
        await expect(chat.page.get_by_role("menuitem", name="Camera")).to_be_visible(visible=offered)
        assert await chat.page.locator("#camera-input").get_attribute("capture") == "environment"
