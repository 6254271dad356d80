"""A class on one page: the demo's people, their chats and their group, with the real bot in it; in a real browser."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from bot.commands.demo import cast
from bot.playground.groups import Group
from bot.playground.person import Person
from bot.playground.wire import Json
from tests.browser.chat import DESKTOP, PHONE, SEVEN, Chat, Device, become, switch, upload
from tests.browser.test_page_access import FINGER, SMALL, problems_of
from tests.e2e.test_show import digit_called, said
from tests.pictures import photo
from tests.running import Running

pytestmark = pytest.mark.asyncio(loop_scope="module")
TITLE = "Class 4b"


@dataclass(frozen=True, slots=True)
class Class:
    """The demo's people, and a page that can be each of them."""

    chat: Chat
    group: Group
    admin: Person
    you: Person
    ann: Person

    @property
    def page(self) -> Page:
        return self.chat.page

    def entry(self, name: str = TITLE) -> Locator:
        """A chat in the list."""
        chats = self.page.get_by_role("navigation", name="Chats").get_by_role("button")
        return chats.filter(has=self.page.locator(".name").filter(has_text=name))

    def bubble(self, message: Json) -> Locator:
        return self.page.locator(f"#m{message['message_id']}")

    async def said(self, words: str) -> Json:
        """The bot's message in the group."""
        return await said(self.group.member(self.you), words)

    async def answer(self, message: Json) -> None:
        """Choose a message to be answered."""
        await self.bubble(message).locator(".bubble").dblclick(position={"x": 20, "y": 8})
        await expect(self.page.locator("#replying")).to_be_visible()

    async def send_photo(self, *digits: str) -> None:
        files = [upload(f"{digit}.jpg", photo(digit, seed=3), "image/jpeg") for digit in digits]
        await self.page.locator("#photo-input").set_input_files(files)
        await self.page.locator("#preview").get_by_role("button", name="Send").click()
        await expect(self.page.locator(".pending")).to_have_count(0)


@asynccontextmanager
async def opened(
    running: Running, browser: Browser, device: Device = DESKTOP, theme: str = "light", query: str = ""
) -> AsyncIterator[Class]:
    """The demo's page, opened by its own link."""
    admin, group = cast(running.server)
    you, ann, *_ = running.server.page.casts[admin.id]
    context = await browser.new_context(color_scheme=theme, reduced_motion="reduce", locale="en-GB", **device)  # type: ignore[arg-type]
    try:
        page = await context.new_page()
        await page.goto(f"{running.server.url}/{query}#admin={admin.id}")
        await expect(switch(page)).to_be_visible()
        yield Class(Chat(page, running.server, None, []), group, admin, you, ann)  # type: ignore[arg-type]
    finally:
        await context.close()


async def test_the_list_leads_to_each_chat_and_says_what_is_new_there(browser: Browser, running: Running) -> None:
    async with opened(running, browser) as here:
        await expect(here.entry("Digit bot")).to_have_attribute("aria-current", "true")
        await here.said("read handwritten digits")  # it introduces itself
        await expect(here.entry().locator(".badge")).to_have_text("1")
        here.group.member(here.ann).send_text("hello all")
        await expect(here.entry()).to_contain_text("Ann: hello all")
        await expect(here.entry().locator(".badge")).to_have_text("2")

        await here.entry().click()
        await expect(here.page.get_by_role("heading", name=TITLE)).to_be_visible()
        await expect(here.page.get_by_text("5 people")).to_be_visible()
        here.group.chat.act("typing")
        await expect(here.page.get_by_text("Digit bot: typing…")).to_be_visible()
        await expect(here.chat.bubbles().last).to_contain_text("hello all")
        await expect(here.chat.bubbles().last.locator(".sender")).to_have_text("Ann: ")
        await expect(here.page.locator(".service")).to_have_text(
            ["You added Ann, Ben, Cem, Dan", "You added Digit bot"]
        )
        await expect(here.entry().locator(".badge")).to_be_hidden()

        await here.entry("Digit bot").click()
        await expect(here.chat.bubbles()).to_have_count(0)
        await expect(here.page.get_by_role("heading", name="Digit bot", exact=True)).to_be_visible()


async def test_each_person_writes_under_their_own_name(browser: Browser, running: Running) -> None:
    async with opened(running, browser) as here:
        await here.entry().click()
        await here.chat.say("from you")
        await become(here.page, "Ann")
        await expect(here.chat.bubbles().last).to_contain_text("from you")
        await expect(here.page.locator(".mine")).to_have_count(0)
        await here.chat.say("from Ann")
        await expect(here.page.locator(".mine")).to_have_count(1)
        await expect(here.page.locator(".pending")).to_have_count(0)
        people = [(m["from"]["first_name"], m["text"]) for m in here.group.member(here.you).messages() if "text" in m]
        assert [each for each in people if each[0] != "Digit bot"] == [("You", "from you"), ("Ann", "from Ann")]


async def test_a_reload_keeps_the_person_and_the_chat(browser: Browser, running: Running) -> None:
    async with opened(running, browser) as here:
        await become(here.page, "Ann")
        await here.entry().click()
        await here.chat.say("before")
        await expect(here.page.locator(".mine")).to_have_count(1)
        await here.page.reload()

        await expect(switch(here.page)).to_have_text("AAnn")
        await expect(here.entry()).to_have_attribute("aria-current", "true")
        await expect(here.page.locator(".mine")).to_contain_text("before")


async def test_a_photo_as_a_reply_to_the_bot_is_read(browser: Browser, running: Running) -> None:
    async with opened(running, browser) as here:
        await here.entry().click()
        greeting = await here.said("read handwritten digits")
        await here.answer(greeting)
        await here.page.get_by_role("button", name="Draw a digit (D)").click()
        await here.chat.draw(SEVEN)
        await here.page.locator("#pad").get_by_role("button", name="Send").click()

        await expect(here.page.locator(".mine .quote")).to_contain_text("Digit bot")
        answer = here.chat.bubbles().last
        await expect(answer).to_contain_text("7 · ")
        await expect(answer.locator(".quote")).to_contain_text("You")
        await here.chat.key("✓ Right").click()
        await expect(here.chat.key("✓ Right")).to_be_hidden()


async def test_digit_from_the_menu_reads_the_photo_that_is_answered(browser: Browser, running: Running) -> None:
    async with opened(running, browser) as here:
        await here.entry().click()
        sent = here.group.member(here.ann).send_photo(photo("3", seed=3))
        await here.answer(sent)
        await here.page.get_by_role("button", name="Commands").click()
        menu = here.page.get_by_role("listbox", name="Commands")
        await expect(menu).to_contain_text("/settings")  # You run this group
        await menu.get_by_role("option").filter(has_text="/digit").click()

        await expect(here.chat.bubbles().last).to_contain_text("3 · ")
        await become(here.page, "Ann")
        await here.page.get_by_role("button", name="Commands").click()
        await expect(menu).to_contain_text("/digit")
        await expect(menu).not_to_contain_text("/settings")


async def test_a_round_reactions_appear_and_the_scoreboard_is_edited_in_place(
    browser: Browser, running: Running
) -> None:
    async with opened(running, browser) as here:
        await here.entry().click()
        await here.chat.say("/demo read")
        call = await here.said("Draw a")
        await become(here.page, "Ann")
        await here.answer(call)
        await here.send_photo(digit_called(call))
        await expect(here.page.locator(".mine .reactions")).to_have_text("Reactions: 👍 1")
        board = here.bubble(await here.said("📊"))
        await expect(board).to_contain_text("1 photo")
        before = await board.get_attribute("id")

        await become(here.page, "Ben")
        await here.answer(call)
        await here.send_photo(digit_called(call), "1")
        await expect(here.page.locator(".mine .reactions")).to_have_count(1)  # an album has one, of either photo
        await expect(board).to_contain_text("3 photos")
        await expect(here.page.locator(".bubble").filter(has_text="📊")).to_have_count(1)
        assert await board.get_attribute("id") == before
        await become(here.page, "You")
        await here.chat.say("/stop")
        await expect(here.chat.bubbles().last).to_contain_text("The round is over")


async def test_a_group_becomes_a_supergroup_and_goes_on(browser: Browser, running: Running) -> None:
    async with opened(running, browser) as here:
        await here.entry().click()
        await here.chat.say("before")
        await expect(here.page.locator(".pending")).to_have_count(0)
        here.group.migrate()
        await expect(here.page.locator(".service")).to_have_text(["This group is a supergroup now"])
        await here.chat.say("after")
        await expect(here.page.locator(".mine")).to_have_count(1)
        await expect(here.page.locator(".pending")).to_have_count(0)
        assert here.group.member(here.you).messages()[-1]["text"] == "after"


async def test_who_is_removed_sees_the_group_no_more(browser: Browser, running: Running) -> None:
    async with opened(running, browser) as here:
        await become(here.page, "Ann")
        await here.entry().click()
        here.group.remove(here.ann)

        await expect(here.page.get_by_role("alert")).to_contain_text("You are no longer in Class 4b.")
        await expect(here.entry()).to_have_count(0)


async def test_who_is_added_sees_the_group_at_once(browser: Browser, running: Running) -> None:
    async with opened(running, browser) as here:
        club = running.server.world.group("Club", here.ann)
        club.add(here.you, by=here.ann)
        await here.entry("Club").click()
        club.member(here.ann).send_text("welcome")

        await expect(here.page.locator(".service").last).to_have_text("Ann added You")
        await expect(here.chat.bubbles().last).to_contain_text("welcome")


async def test_what_was_begun_in_a_chat_waits_there(browser: Browser, running: Running) -> None:
    async with opened(running, browser) as here:
        message = here.page.get_by_role("textbox", name="Message")
        await here.entry().click()
        greeting = await here.said("read handwritten digits")
        await here.answer(greeting)
        await message.fill("begun")
        await here.entry("Digit bot").click()
        await expect(message).to_have_value("")
        await expect(here.page.locator("#replying")).to_be_hidden()
        await here.entry().click()
        await expect(message).to_have_value("begun")
        await here.page.keyboard.press("Enter")

        await expect(here.page.locator(".mine .quote")).to_contain_text("Digit bot")


async def test_on_a_phone_the_list_is_a_view_of_its_own_and_back_leads_to_it(
    browser: Browser, running: Running
) -> None:
    async with opened(running, browser, PHONE) as here:
        message = here.page.get_by_role("textbox", name="Message")
        await expect(message).to_be_hidden()
        await here.said("read handwritten digits")
        await here.entry().tap()
        await expect(message).to_be_visible()
        await expect(here.entry()).to_be_hidden()
        await here.page.go_back()
        await expect(here.entry()).to_be_visible()

        await here.entry("Digit bot").tap()
        here.group.member(here.ann).send_text("hello")
        back = here.page.get_by_role("button", name="All chats")
        await expect(back).to_contain_text("1")
        await here.page.reload()
        await expect(message).to_be_visible()
        await back.tap()
        await expect(here.entry().locator(".badge")).to_have_text("1")
        assert await here.page.evaluate("document.documentElement.scrollWidth") == 360


async def test_the_keyboard_alone_changes_chat_and_person(browser: Browser, running: Running) -> None:
    async with opened(running, browser) as here:
        keyboard = here.page.keyboard
        await here.entry().focus()
        await keyboard.press("Enter")
        await expect(here.page.get_by_role("textbox", name="Message")).to_be_focused()
        await switch(here.page).focus()
        await keyboard.press("Enter")
        await expect(here.page.get_by_role("menuitemradio", name="You")).to_be_focused()
        for key in ("ArrowUp", "Enter"):  # round the corner, to the last
            await keyboard.press(key)
        await expect(switch(here.page)).to_have_text("DDan")
        await here.chat.say("by keys")
        await expect(here.page.locator(".mine")).to_contain_text("by keys")


async def test_a_deep_link_starts_the_bot_with_what_it_carries(browser: Browser, running: Running) -> None:
    async with opened(running, browser, query="?start=demo") as here:
        await expect(here.page.locator(".mine")).to_contain_text("/start demo")
        await expect(here.page.locator(".theirs")).to_have_count(1)
        assert here.page.url == f"{running.server.url}/"
        await here.page.reload()
        await expect(here.page.locator(".mine")).to_have_count(1)


async def test_an_invitation_asks_for_a_name_once(browser: Browser, running: Running) -> None:
    async with opened(running, browser) as here:
        context = await browser.new_context()
        try:
            guest = await context.new_page()
            await guest.goto(f"{running.server.url}/#group={here.group.id}")
            await guest.get_by_role("textbox", name="Your name there").fill("Zoe")
            await guest.get_by_role("button", name="Join").click()
            await expect(guest.locator(".service").last).to_have_text("Zoe joined")
            await expect(switch(guest)).to_be_hidden()
            await guest.get_by_role("textbox", name="Message").fill("hello")
            await guest.keyboard.press("Enter")
            await expect(here.entry()).to_contain_text("Zoe: hello")
            await guest.goto("about:blank")
            await guest.goto(f"{running.server.url}/#group={here.group.id}")
            await expect(guest.locator(".mine")).to_contain_text("hello")
            await expect(guest.locator("#invitation")).to_be_hidden()
        finally:
            await context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_axe_finds_nothing_wrong_with_list_menu_and_group(
    browser: Browser, running: Running, device: Device, theme: str
) -> None:
    async with opened(running, browser, device, theme) as here:
        greeting = await here.said("read handwritten digits")
        await expect(here.entry().locator(".badge")).to_have_text("1")
        assert await problems_of(here.chat) == []
        assert await here.page.evaluate(SMALL, FINGER) == []

        await here.entry().click()
        for each in running.server.page.casts[here.admin.id]:
            if each is not here.admin:
                here.group.member(each).send_photo(photo("3", seed=3), "mine", greeting["message_id"])
        await expect(here.page.locator(".theirs .bubble").last).to_contain_text("·")
        await switch(here.page).click()
        await expect(here.page.get_by_role("menuitemradio", name="Ben")).to_be_visible()
        assert await problems_of(here.chat) == []
        assert await here.page.evaluate(SMALL, FINGER) == []
