"""getUpdates: nothing is lost, nothing comes twice, and only one bot asks."""

import asyncio
from typing import Any

from tests.playground import Playground, picture, playground

CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


def texts(updates: list[Any]) -> list[str]:
    return [update["message"]["text"] for update in updates]


def send(bot: Playground, *words: str) -> None:
    ann = bot.world.person(person_id=1001)
    for word in words:
        ann.send_text(word)


async def polling(bot: Playground, **parameters: Any) -> asyncio.Task[Any]:
    """A long poll that the server is waiting in."""
    called = len(bot.world.calls)
    poll = asyncio.create_task(bot.ask("getUpdates", timeout=30, **parameters))
    async with asyncio.timeout(10):
        while len(bot.world.calls) == called:  # noqa: ASYNC110 (a call is counted at once before it waits)
            await asyncio.sleep(0.001)
    return poll


async def test_updates_come_in_order_with_ids_that_count_up() -> None:
    async with playground() as bot:
        send(bot, "a", "b", "c")
        updates = await bot.call("getUpdates")

    first = updates[0]["update_id"]
    assert texts(updates) == ["a", "b", "c"]
    assert [update["update_id"] for update in updates] == [first, first + 1, first + 2]


async def test_an_update_comes_again_until_an_offset_confirms_it() -> None:
    async with playground() as bot:
        send(bot, "a", "b")
        before = await bot.call("getUpdates")
        again = await bot.call("getUpdates")
        after = await bot.call("getUpdates", offset=before[0]["update_id"] + 1)
        confirmed_stays_confirmed = await bot.call("getUpdates")

    assert texts(again) == ["a", "b"]
    assert texts(after) == ["b"]
    assert texts(confirmed_stays_confirmed) == ["b"]


async def test_a_negative_offset_counts_from_the_end_and_forgets_the_rest() -> None:
    async with playground() as bot:
        send(bot, "a", "b", "c")

        assert texts(await bot.call("getUpdates", offset=-2)) == ["b", "c"]
        assert texts(await bot.call("getUpdates", offset=-9)) == ["b", "c"]
        assert texts(await bot.call("getUpdates")) == ["b", "c"]


async def test_a_limit_leaves_the_rest_for_later() -> None:
    async with playground() as bot:
        send(bot, "a", "b", "c")

        assert texts(await bot.call("getUpdates", limit=2)) == ["a", "b"]
        assert texts(await bot.call("getUpdates", limit=0)) == ["a", "b", "c"]


async def test_a_long_poll_ends_when_something_comes() -> None:
    async with playground() as bot:
        poll = await polling(bot)
        send(bot, "at last")

        assert texts((await poll).json()["result"]) == ["at last"]


async def test_a_long_poll_ends_empty_when_its_time_is_over() -> None:
    async with playground() as bot:
        assert await bot.call("getUpdates", timeout=1) == []


async def test_a_second_poller_ends_the_first_with_a_conflict_and_gets_the_updates() -> None:
    async with playground() as bot:
        older = await polling(bot)
        newer = await polling(bot)
        refused = (await older).json()
        send(bot, "a")
        updates = (await newer).json()["result"]

    assert refused == {"ok": False, "error_code": 409, "description": CONFLICT}
    assert texts(updates) == ["a"]


async def test_two_pollers_that_go_on_end_each_other_in_turn() -> None:
    async with playground() as bot:
        waiting = await polling(bot)
        refusals = []
        for _ in range(4):
            newer = await polling(bot)
            refusals.append((await waiting).status_code)
            waiting = newer
        send(bot, "a")

        assert refusals == [409, 409, 409, 409]
        assert texts((await waiting).json()["result"]) == ["a"]


async def test_only_the_kinds_of_updates_that_were_asked_for_are_kept() -> None:
    async with playground() as bot:
        await bot.call("getUpdates", allowed_updates=["edited_message"])
        ann = bot.world.person()
        photo = ann.send_photo(picture())
        ann.edit_photo(photo["message_id"], picture())
        remembered = await bot.call("getUpdates")
        info = await bot.call("getWebhookInfo")
        await bot.call("getUpdates", allowed_updates=[])
        ann.send_text("hello")
        everything = await bot.call("getUpdates")

    assert [update.keys() - {"update_id"} for update in remembered] == [{"edited_message"}]
    assert info["allowed_updates"] == ["edited_message"]
    assert info["pending_update_count"] == 1
    assert everything[-1]["message"]["text"] == "hello"


async def test_what_waits_can_be_dropped() -> None:
    async with playground() as bot:
        send(bot, "a")
        await bot.call("deleteWebhook", drop_pending_updates=True)

        assert await bot.call("getUpdates") == []
