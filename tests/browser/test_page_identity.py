"""Being a person or the bot's admin on one page: by the link that holds the admin's number, and by nothing else."""

import pytest
from playwright.async_api import Browser, expect

from bot.playground.person import Person
from tests.browser.chat import DESKTOP, PHONE, Chat, become, opened_chat, switch

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def with_admin(chat: Chat) -> Person:
    """The page, opened once more by the admin's link."""
    admin = chat.server.world.person("Admin")
    await chat.page.goto("about:blank")
    await chat.page.goto(f"{chat.server.url}/#admin={admin.id}")
    await expect(switch(chat.page)).to_have_text("YYou")
    return admin


def texts(person: Person) -> list[str]:
    return [message["text"] for message in person.messages()]


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_each_has_a_chat_of_their_own_and_a_reload_changes_nothing(browser: Browser, device: object) -> None:
    async with opened_chat(browser, device=device) as chat:  # type: ignore[arg-type]
        person, admin = await chat.person, await with_admin(chat)
        await chat.say("as you")
        await chat.sent()

        await become(chat.page, "Admin")
        await expect(chat.bubbles()).to_have_count(0)
        await chat.say("as the admin")
        await expect(chat.bubbles()).to_have_count(1)
        await expect(chat.page.locator(".pending")).to_have_count(0)
        await chat.bot("sendMessage", chat_id=admin.id, text="1 correction waits")
        await expect(chat.bubbles()).to_have_count(2)
        await chat.page.reload()
        await expect(switch(chat.page)).to_have_text("AAdmin")
        await expect(chat.bubbles().last).to_contain_text("1 correction waits")

        await become(chat.page, "You")
        await expect(chat.bubbles()).to_have_count(1)
        await expect(chat.bubbles().last).to_contain_text("as you")
        assert texts(person) == ["as you"]
        assert texts(admin) == ["as the admin", "1 correction waits"]


async def test_what_is_on_its_way_stays_with_who_sent_it(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        person, admin = await chat.person, await with_admin(chat)
        person.block()
        await chat.say("held up")
        await expect(chat.page.get_by_role("button", name="Try again")).to_be_visible()
        await become(chat.page, "Admin")
        await expect(chat.bubbles()).to_have_count(0)
        await become(chat.page, "You")
        person.unblock()
        await chat.page.get_by_role("button", name="Try again").click()
        await become(chat.page, "Admin")
        await become(chat.page, "You")

        await chat.sent()
        assert (texts(person), texts(admin)) == (["held up"], [])


async def test_the_keyboard_switches_too(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        admin = await with_admin(chat)
        await switch(chat.page).focus()
        await chat.page.keyboard.press("Enter")
        await expect(chat.page.get_by_role("menuitemradio", name="You")).to_be_focused()
        await chat.page.keyboard.press("ArrowDown")
        await chat.page.keyboard.press("Enter")
        await expect(switch(chat.page)).to_be_focused()
        await chat.say("hello")
        await expect(chat.bubbles()).to_have_count(1)
        await expect(chat.page.locator(".pending")).to_have_count(0)

        assert texts(admin) == ["hello"]


async def test_another_tab_can_be_the_other_one(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        await with_admin(chat)
        await become(chat.page, "Admin")
        other = await chat.page.context.new_page()
        await other.goto(chat.server.url)

        await expect(switch(other)).to_have_text("YYou")
        await expect(switch(chat.page)).to_have_text("AAdmin")


async def test_the_link_works_on_an_open_page_and_is_gone_from_its_address(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        await expect(switch(chat.page)).to_be_hidden()
        admin = chat.server.world.person("Admin")
        await chat.page.evaluate("number => { location.hash = `admin=${number}`; }", str(admin.id))

        await expect(switch(chat.page)).to_be_visible()
        assert chat.page.url == f"{chat.server.url}/"


async def test_without_the_right_number_nobody_is_the_admin(browser: Browser) -> None:
    async with opened_chat(browser) as chat:
        person = await chat.person
        admin = chat.server.world.person("Admin")
        await chat.page.goto("about:blank")
        await chat.page.goto(f"{chat.server.url}/#admin={admin.id + 1}")

        await chat.say("who am I?")
        await chat.sent()
        await expect(switch(chat.page)).to_be_hidden()
        assert (texts(person), texts(admin)) == (["who am I?"], [])
