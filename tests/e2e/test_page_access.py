"""The chat page by axe's rules: for people who see little, who listen, who have only a keyboard."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, expect

from tests.e2e.chat import DESKTOP, PHONE, Chat, Device, opened_chat, picture

pytestmark = pytest.mark.asyncio(loop_scope="module")


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
