"""Webhooks: what waits arrives once it can, in order within a chat, and nothing is lost by changing to it or back."""

import asyncio
from typing import Any

import pytest

from bot.playground import webhook as webhooks
from bot.playground.faults import LOST_ANSWER, LOST_CALL, SERVER_ERROR, WEBHOOK, Fault
from bot.playground.person import Person
from tests.integration.bot.playground.test_updates import polling, texts
from tests.playground import Playground, picture, playground, webhook
from tests.waiting import until

CONFLICT = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
TERMINATED = "Conflict: terminated by setWebhook request"


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "LONGEST_PAUSE", 0.2)


def people(bot: Playground, count: int) -> list[Person]:
    return [bot.world.person() for _ in range(count)]


async def delivered(bot: Playground) -> None:
    """Return once nothing waits any longer."""
    await until(lambda: len(bot.world.updates) == 0)


async def test_updates_arrive_with_the_secret() -> None:
    async with playground() as bot, webhook() as hook:
        assert await bot.call("setWebhook", url=hook.url, secret_token="A-z_9")
        sent = bot.world.person().send_text("half \ud83d")
        await delivered(bot)

    assert [update["message"] for update in hook.updates] == [sent]
    assert hook.headers[0]["x-telegram-bot-api-secret-token"] == "A-z_9"
    assert hook.headers[0]["content-type"] == "application/json"


async def test_without_a_secret_none_is_sent() -> None:
    async with playground() as bot, webhook() as hook:
        await bot.call("setWebhook", url=hook.url)
        bot.world.person().send_text("a")
        await delivered(bot)

    assert "x-telegram-bot-api-secret-token" not in hook.headers[0]


@pytest.mark.parametrize(
    ("parameters", "description"),
    [
        ({"url": "ftp://bots.example/hook"}, "Bad Request: invalid webhook URL specified"),
        ({"url": "https://"}, "Bad Request: invalid webhook URL specified"),
        ({"url": "hook"}, "Bad Request: invalid webhook URL specified"),
        ({"url": "https://bots.example:port/"}, "Bad Request: invalid webhook URL specified"),
        ({"secret_token": "a b"}, "Bad Request: secret token contains unallowed characters"),
        ({"secret_token": "a\n"}, "Bad Request: secret token contains unallowed characters"),
        ({"secret_token": "a" * 257}, "Bad Request: secret token is too long"),
        (
            {"certificate": "x"},
            "Bad Request: the local Bot API server doesn't know the parameter certificate of setWebhook",
        ),
    ],
)
async def test_a_webhook_that_cannot_be_is_refused(parameters: dict[str, Any], description: str) -> None:
    async with playground() as bot:
        given = {"url": "https://bots.example/hook", **parameters}

        assert await bot.failure("setWebhook", **given) == (400, description)
        assert (await bot.call("getWebhookInfo"))["url"] == ""


async def test_a_bot_with_a_webhook_cannot_poll_until_it_deletes_it() -> None:
    async with playground() as bot, webhook() as hook:
        hook.opened.clear()
        await bot.call("setWebhook", url=hook.url)
        assert await bot.failure("getUpdates") == (409, CONFLICT)
        bot.world.person().send_text("a")
        await until(lambda: hook.unanswered == 1)
        await bot.call("deleteWebhook")

        assert texts(await bot.call("getUpdates")) == ["a"]
        assert await bot.call("getWebhookInfo") == {
            "url": "",
            "has_custom_certificate": False,
            "pending_update_count": 1,
        }


async def test_setting_a_webhook_ends_the_poll_that_waits() -> None:
    async with playground() as bot, webhook() as hook:
        poll = await polling(bot)
        await bot.call("setWebhook", url=hook.url)

        assert (await poll).json() == {"ok": False, "error_code": 409, "description": TERMINATED}


async def test_what_waits_survives_the_change_to_a_webhook_and_back() -> None:
    async with playground() as bot, webhook() as hook:
        ann, ben = people(bot, 2)
        ann.send_text("a")
        ben.send_text("b")
        await bot.call("setWebhook", url=hook.url)
        await delivered(bot)
        await bot.call("setWebhook", url="")
        ann.send_text("c")

        assert sorted(hook.texts()) == ["a", "b"]
        assert texts(await bot.call("getUpdates")) == ["c"]


async def test_what_waits_can_be_dropped_when_a_webhook_is_set() -> None:
    async with playground() as bot, webhook() as hook:
        (ann,) = people(bot, 1)
        ann.send_text("a")
        for _ in range(2):  # also where the address stays the same
            await bot.call("setWebhook", url=hook.url, drop_pending_updates=True)
        ann.send_text("b")
        await delivered(bot)

    assert hook.texts() == ["b"]


async def test_a_webhook_says_how_it_is_doing() -> None:
    async with playground() as bot, webhook() as hook:
        hook.answer = lambda update: 503
        await bot.call("setWebhook", url=hook.url, max_connections=1000, allowed_updates=["message"])
        bot.world.person().send_text("a")
        await until(lambda: len(hook.updates) > 1)
        info = await bot.call("getWebhookInfo")

    assert info.pop("last_error_date") > 0
    assert info == {
        "url": hook.url,
        "has_custom_certificate": False,
        "pending_update_count": 1,
        "max_connections": 100,
        "last_error_message": "Wrong response from the webhook: 503 As told",
        "allowed_updates": ["message"],
    }


async def test_only_the_kinds_of_updates_that_were_asked_for_are_delivered() -> None:
    async with playground() as bot, webhook() as hook:
        await bot.call("setWebhook", url=hook.url, allowed_updates=["edited_message"])
        (ann,) = people(bot, 1)
        photo = ann.send_photo(picture())
        ann.edit_photo(photo["message_id"], picture())
        await delivered(bot)

    assert [update.keys() - {"update_id"} for update in hook.updates] == [{"edited_message"}]


async def test_an_update_is_offered_until_it_is_taken_and_the_next_of_its_chat_waits() -> None:
    async with playground() as bot, webhook() as hook:
        answers = iter([500, 302, 404, 204])
        hook.answer = lambda update: next(answers, 200)
        await bot.call("setWebhook", url=hook.url)
        (ann,) = people(bot, 1)
        ann.send_text("a")
        ann.send_text("b")
        await delivered(bot)

    assert hook.texts() == ["a", "a", "a", "a", "b"]
    assert len({update["update_id"] for update in hook.updates}) == 2


async def test_a_bot_that_comes_back_gets_what_it_missed() -> None:
    async with playground() as bot:
        async with webhook() as hook:
            port = int(hook.url.split(":")[2].partition("/")[0])
        await bot.call("setWebhook", url=hook.url)
        (ann,) = people(bot, 1)
        for word in "abc":
            ann.send_text(word)
        await until(lambda: bot.world.webhook.info().get("last_error_message") == webhooks.REFUSED)
        async with webhook(port) as back:
            await delivered(bot)

    assert back.texts() == ["a", "b", "c"]


async def test_a_bot_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "ANSWER_SECONDS", 0.05)
    async with playground() as bot, webhook() as hook:
        hook.opened.clear()
        await bot.call("setWebhook", url=hook.url)
        bot.world.person().send_text("a")
        await until(lambda: bot.world.webhook.info().get("last_error_message") == webhooks.TIMED_OUT)
        hook.opened.set()
        await delivered(bot)

    assert set(hook.texts()) == {"a"}


async def test_chats_are_served_side_by_side_and_each_in_its_order() -> None:
    async with playground() as bot, webhook() as hook:
        hook.opened.clear()
        await bot.call("setWebhook", url=hook.url, max_connections=3)
        chats = people(bot, 5)
        for number in range(4):
            for person in chats:
                person.send_text(str(number))
        await until(lambda: hook.unanswered == 3)
        at_once = {update["message"]["chat"]["id"] for update in hook.updates}
        hook.opened.set()
        await delivered(bot)

    assert len(at_once) == 3  # as many as there are connections, of different chats
    for person in chats:
        mine = [update for update in hook.updates if update["message"]["chat"]["id"] == person.id]
        assert [update["message"]["text"] for update in mine] == ["0", "1", "2", "3"]


async def test_a_chat_whose_updates_fail_holds_up_no_other() -> None:
    async with playground() as bot, webhook() as hook:
        ann, ben = people(bot, 2)
        hook.answer = lambda update: 500 if update["message"]["text"] == "bad" else 200
        await bot.call("setWebhook", url=hook.url, max_connections=1)
        ann.send_text("bad")
        for _ in range(3):
            ben.send_text("good")
        await until(lambda: hook.texts().count("good") == 3)
        await until(lambda: len(bot.world.updates) == 1)


async def test_setting_the_same_webhook_again_disturbs_nothing() -> None:
    async with playground() as bot, webhook() as hook:
        hook.opened.clear()
        await bot.call("setWebhook", url=hook.url)
        bot.world.person().send_text("a")
        await until(lambda: hook.unanswered == 1)
        await bot.call("setWebhook", url=hook.url)
        hook.opened.set()
        await delivered(bot)

    assert hook.texts() == ["a"]


async def test_a_webhook_can_move() -> None:
    async with playground() as bot, webhook() as old, webhook() as new:
        old.opened.clear()
        await bot.call("setWebhook", url=old.url)
        bot.world.person().send_text("a")
        await until(lambda: old.unanswered == 1)
        await bot.call("setWebhook", url=new.url)
        await delivered(bot)

    assert new.texts() == ["a"]


@pytest.mark.parametrize(
    ("fault", "arrivals"), [(LOST_ANSWER, 2), (LOST_CALL, 1), (SERVER_ERROR, 1), (Fault(delay=0.01), 1)]
)
async def test_a_delivery_can_fail_as_calls_do(fault: Fault, arrivals: int) -> None:
    async with playground() as bot, webhook() as hook:
        bot.world.faults.add(fault, WEBHOOK, times=1)
        await bot.call("setWebhook", url=hook.url)
        bot.world.person().send_text("a")
        await delivered(bot)

    assert hook.texts() == ["a"] * arrivals
    assert len({update["update_id"] for update in hook.updates}) == 1


async def test_without_a_network_nothing_is_delivered() -> None:
    async with playground() as bot, webhook() as hook:
        hook.opened.clear()
        await bot.call("setWebhook", url=hook.url)
        ann, ben = people(bot, 2)
        ann.send_text("on its way")
        await until(lambda: hook.unanswered == 1)
        bot.world.faults.network = False
        ben.send_text("later")
        hook.opened.set()
        await until(lambda: bot.world.webhook.info().get("last_error_message") == webhooks.TIMED_OUT)
        arrived = hook.texts()
        bot.world.faults.network = True
        await delivered(bot)

    assert arrived == ["on its way"]
    assert sorted(hook.texts()) == ["later", "on its way", "on its way"]


async def test_a_server_that_stops_leaves_no_delivery_behind() -> None:
    async with webhook() as hook:
        async with playground() as bot:
            hook.opened.clear()
            await bot.call("setWebhook", url=hook.url)
            bot.world.person().send_text("a")
            await until(lambda: hook.unanswered == 1)

        assert not [task for task in asyncio.all_tasks() if task.get_name() == "webhook"]
