"""Too many messages: what Telegram lets through in all, in one chat and in a group, and what it says of the rest."""

import asyncio
from collections.abc import Iterator
from itertools import count

import pytest

from bot.playground import limits
from bot.playground.limits import SendingLimits
from bot.playground.server import LocalServer
from bot.playground.wire import BotApiError
from bot.playground.world import World
from tests.playground import TOKEN, Playground, picture, playground


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def refusal(sending: SendingLimits, chat: int) -> BotApiError | None:
    """Send a message: how it is refused, None where it isn't."""
    try:
        sending.take(chat)
    except BotApiError as error:
        return error
    return None


def accepted(sending: SendingLimits, chats: Iterator[int]) -> int:
    """How many messages, one to each of these chats, are let through before one is refused."""
    return next(i for i, chat in enumerate(chats) if refusal(sending, chat))


def strangers() -> Iterator[int]:
    return count(1)


def only(chat: int) -> Iterator[int]:
    return (chat for _ in count())


def test_thirty_messages_in_any_one_second_and_no_more() -> None:
    clock = Clock()
    sending = SendingLimits(clock)
    for chat in range(1, 16):
        sending.take(chat)
    clock.now += 0.5
    assert accepted(sending, strangers()) == 15

    refused = refusal(sending, 99)
    clock.now += 0.5  # half a second's worth is free again
    assert accepted(sending, strangers()) == 15

    assert refused is not None
    assert refused.answer() == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    }


def test_a_chat_takes_a_short_burst_and_then_one_message_a_second() -> None:
    clock = Clock()
    sending = SendingLimits(clock)
    assert accepted(sending, only(7)) == limits.BURST

    for _ in range(5):
        clock.now += 1
        assert accepted(sending, only(7)) == 1
    clock.now += 60  # a burst is saved up for, but no more than one
    assert accepted(sending, only(7)) == limits.BURST


def test_only_the_chat_concerned_is_refused() -> None:
    sending = SendingLimits(Clock())
    accepted(sending, only(7))

    assert refusal(sending, 8) is None
    assert refusal(sending, 7) is not None


def test_a_bot_that_sends_once_a_second_is_never_refused() -> None:
    clock = Clock()
    sending = SendingLimits(clock)
    for late in [0.0, 0.3, 0.0, 0.05] * 30:  # what calls take on their way
        clock.now += 1
        arrival, sent = clock.now + late, clock.now
        clock.now = arrival
        sending.take(7)
        clock.now = sent


def test_a_group_takes_twenty_messages_a_minute() -> None:
    clock = Clock()
    sending = SendingLimits(clock)
    for _ in range(20):
        sending.take(-100)
        clock.now += 1

    refused = refusal(sending, -100)
    clock.now += refused.retry_after if refused and refused.retry_after else 0

    assert refused is not None
    assert 30 <= (refused.retry_after or 0) <= 40
    assert refusal(sending, -100) is None


def test_a_refused_message_does_not_count() -> None:
    clock = Clock()
    sending = SendingLimits(clock)
    accepted(sending, only(7))
    for _ in range(100):
        refusal(sending, 7)
    clock.now += 1

    assert accepted(sending, only(7)) == 1


def test_long_silent_chats_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CHATS_KEPT", 2)
    clock = Clock()
    sending = SendingLimits(clock)
    accepted(sending, only(7))
    clock.now += 1
    for chat in (8, 9):
        sending.take(chat)

    assert accepted(sending, only(7)) == limits.BURST


def somebody(bot: Playground) -> int:
    """Who has written to the bot."""
    ann = bot.world.person()
    ann.send_text("/start")
    return ann.id


async def test_a_flood_is_refused_and_says_when_to_go_on() -> None:
    async with playground() as bot:
        ann, ben = somebody(bot), somebody(bot)
        responses = await asyncio.gather(*(bot.ask("sendMessage", chat_id=ann, text="7") for _ in range(50)))
        refused = [response for response in responses if response.status_code == 429]
        elsewhere = await bot.ask("sendMessage", chat_id=ben, text="7")
        person = bot.world.find(ann)

    assert refused
    assert refused[0].headers["retry-after"] == "1"
    assert refused[0].json()["parameters"] == {"retry_after": 1}
    assert elsewhere.status_code == 200
    assert person is not None
    assert len(person.messages()) == 1 + 50 - len(refused)


async def test_edits_actions_and_refused_messages_are_no_messages() -> None:
    async with playground() as bot:
        ann = somebody(bot)
        sent = await bot.call("sendMessage", chat_id=ann, text="7")
        for number in range(2 * limits.BURST):
            await bot.call("sendChatAction", chat_id=ann, action="typing")
            await bot.call("editMessageText", chat_id=ann, message_id=sent["message_id"], text=str(number))
            await bot.failure("sendMessage", chat_id=ann, text="")

        for _ in range(limits.BURST - 1):
            await bot.call("sendMessage", chat_id=ann, text="7")


async def test_photos_count_as_messages() -> None:
    async with playground() as bot:
        ann = somebody(bot)
        statuses = [
            (await bot.ask("sendPhoto", {"photo": picture(90, 90)}, chat_id=ann)).status_code
            for _ in range(2 * limits.BURST)
        ]

    assert 429 in statuses


async def test_a_server_for_benchmarks_has_no_limits() -> None:
    async with LocalServer(TOKEN, limits=False) as server:
        assert server.world.sending is None
    assert World().sending is not None
