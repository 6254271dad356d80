"""Too many messages: 30 a second are let through, and faults can be ordered for tests."""

import asyncio

import pytest

from bot.playground.limits import FloodLimit
from bot.playground.wire import BotApiError
from tests.bot.playground.building import playground


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_thirty_messages_in_any_one_second_and_no_more() -> None:
    clock = Clock()
    limit = FloodLimit(30, clock)
    for _ in range(15):
        limit.take()
    clock.now += 0.5
    for _ in range(15):
        limit.take()

    with pytest.raises(BotApiError) as refused:
        limit.take()
    clock.now += 0.5  # half a second's worth is free again
    for _ in range(15):
        limit.take()
    with pytest.raises(BotApiError):
        limit.take()

    assert refused.value.answer() == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    }


async def test_a_flood_is_refused_and_says_when_to_go_on() -> None:
    async with playground() as bot:
        ann = bot.world.person()
        ann.send_text("/start")
        responses = await asyncio.gather(*(bot.ask("sendMessage", chat_id=ann.id, text="7") for _ in range(200)))
        refused = [response for response in responses if response.status_code == 429]

    assert refused
    assert refused[0].headers["retry-after"] == "1"
    assert refused[0].json()["parameters"] == {"retry_after": 1}
    assert len(ann.messages()) == 1 + 200 - len(refused)


async def test_a_fault_is_answered_as_often_as_it_was_ordered() -> None:
    async with playground() as bot:
        bot.world.fail_next("getMe", 429, "Too Many Requests: retry after 3", retry_after=3)
        bot.world.fail_next("getMe", 500, "Internal Server Error", times=2)
        answers = [(await bot.ask("getme")).json() for _ in range(4)]

    assert [answer.get("error_code") for answer in answers] == [429, 500, 500, None]
    assert answers[0]["parameters"] == {"retry_after": 3}
    assert answers[3]["result"]["is_bot"]
