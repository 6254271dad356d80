"""Telegram's limits are kept whatever is to be sent, and nobody waits for longer than they ask."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram.error import RetryAfter

from bot.transport.limits import PATIENCE, Limits, MemoryAllowances

PRIVATE, GROUP = 7, -7


class Time:
    """A clock that goes on only where somebody waits for it."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []
        self._number = count()

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.Event()
        self._sleepers.append((self.now + seconds, next(self._number), woken))
        await woken.wait()

    async def pass_by(self) -> None:
        """Until nobody sleeps any more."""
        await self._settle()
        while self._sleepers:
            first = min(self._sleepers)
            self._sleepers.remove(first)
            self.now = max(self.now, first[0])
            first[2].set()
            await self._settle()

    async def _settle(self) -> None:
        for _ in range(20):  # every task that can go on has gone on
            await asyncio.sleep(0)


@dataclass(slots=True)
class Wish:
    """Somebody asks at a time to send something in a chat; it is sent at another, or never."""

    asked: float
    chat: int
    sent: float = inf


async def what_comes_of(wished: list[tuple[float, int]]) -> list[Wish]:
    """What was to be sent at these times in these chats, in the order of asking."""
    time, wishes = Time(), list[Wish]()
    limits = Limits(MemoryAllowances(time), time, time.sleep)

    async def send(after: float, chat: int) -> None:
        await time.sleep(after)
        wishes.append(wish := Wish(time.now, chat))
        with suppress(RetryAfter):
            await limits.wait_for("sendMessage", chat)
            wish.sent = time.now

    async with asyncio.TaskGroup() as group:
        for one in wished:
            group.create_task(send(*one))
        await time.pass_by()
    return wishes


def overfull(times: list[float], most: int, seconds: float) -> bool:
    """Whether some stretch of so many seconds has more than `most`."""
    times = sorted(times)
    return any(last - first < seconds - 1e-6 for first, last in zip(times, times[most:], strict=False))


def too_much(sent: list[Wish]) -> bool:
    """Whether Telegram's limits are broken."""
    chats = {wish.chat for wish in sent}
    times = {chat: [wish.sent for wish in sent if wish.chat == chat] for chat in chats}
    return (
        overfull([wish.sent for wish in sent], 30, 1)
        or any(overfull(times[chat], 1, 1) for chat in chats)
        or any(overfull(times[chat], 20, 60) for chat in chats if chat < 0)
    )


def could_have_been_sent(wish: Wish, before: list[Wish]) -> Iterator[float]:
    """When, earlier than it was, given those that were asked for before it."""
    end = min(wish.asked + PATIENCE, wish.sent - 1e-6)
    gets_free = (earlier.sent + seconds for earlier in before for seconds in (1, 60))
    near = [one for one in before if one.chat == wish.chat or abs(one.sent - wish.asked) < PATIENCE + 1]
    for at in {wish.asked, *gets_free}:
        if wish.asked <= at < end and not too_much([*near, Wish(at, wish.chat, at)]):
            yield at


a_crowd = st.lists(st.tuples(st.floats(0, 3), st.sampled_from([*range(1, 50), GROUP])), min_size=50, max_size=120)
long_talks = st.lists(st.tuples(st.floats(0, 130), st.sampled_from([GROUP, GROUP - 1])), min_size=40, max_size=80)


@settings(max_examples=40, deadline=None)
@given(a_crowd | long_talks)
def test_limits_are_kept_and_nobody_waits_longer_than_they_ask(wished: list[tuple[float, int]]) -> None:
    wishes = asyncio.run(what_comes_of(wished))
    assert len(wishes) == len(wished)
    sent: list[Wish] = []
    for wish in wishes:
        assert not list(could_have_been_sent(wish, sent))
        sent += [wish] if wish.sent < inf else []
    assert not too_much(sent)


async def test_over_all_chats_thirty_a_second_are_sent() -> None:
    wishes = await what_comes_of([(0, chat) for chat in range(1, 91)])
    assert [wish.sent for wish in wishes] == [0] * 30 + [1] * 30 + [2] * 30


async def test_who_sends_seldom_never_waits() -> None:
    wishes = await what_comes_of([(1.1 * n, PRIVATE) for n in range(50)])
    assert all(wish.sent == wish.asked for wish in wishes)


async def test_a_group_gets_twenty_in_a_minute_and_the_next_is_for_later() -> None:
    talk = [(2.0 * n, GROUP) for n in range(25)]
    assert [wish.sent for wish in await what_comes_of(talk)] == [2.0 * n for n in range(20)] + [inf] * 5
    *_, last = await what_comes_of([*talk, (60 - PATIENCE, GROUP)])
    assert last.sent == 60


@pytest.mark.parametrize("method", ["sendChatAction", "answerCallbackQuery", "getChat", "editMessageText"])
async def test_what_makes_no_message_does_not_wait_for_messages(method: str) -> None:
    time = Time()
    limits = Limits(MemoryAllowances(time), time, time.sleep)
    async with asyncio.TaskGroup() as group:
        for called in ("sendPhoto", method, method):
            group.create_task(limits.wait_for(called, PRIVATE))
        await time.pass_by()
    assert time.now == 0


async def test_a_chat_that_telegram_wants_left_alone_waits_and_no_other() -> None:
    time = Time()
    limits = Limits(MemoryAllowances(time), time, time.sleep)
    limits.leave_alone("sendMessage", PRIVATE, 100)
    with pytest.raises(RetryAfter):
        await limits.wait_for("sendMessage", PRIVATE)
    with pytest.raises(RetryAfter):
        await limits.wait_for("editMessageText", PRIVATE)
    await limits.wait_for("sendMessage", PRIVATE + 1)
    assert limits.pause(PRIVATE) == 100
    time.now += 100
    assert limits.pause(PRIVATE) == 0
    await limits.wait_for("sendMessage", PRIVATE)


async def test_no_message_waits_where_telegram_wants_fewer_changes() -> None:
    time = Time()
    limits = Limits(MemoryAllowances(time), time, time.sleep)
    limits.leave_alone("setMessageReaction", GROUP, 100)
    with pytest.raises(RetryAfter):
        await limits.wait_for("editMessageText", GROUP)
    await limits.wait_for("sendPhoto", GROUP)
    assert limits.pause(GROUP) == 1


async def test_who_waits_for_a_turn_waits_on_where_telegram_wants_the_chat_left_alone() -> None:
    time = Time()
    limits = Limits(MemoryAllowances(time), time, time.sleep)
    await limits.wait_for("sendMessage", PRIVATE)
    async with asyncio.TaskGroup() as group:
        group.create_task(limits.wait_for("sendMessage", PRIVATE))
        await asyncio.sleep(0)
        limits.leave_alone("sendMessage", PRIVATE, 3)
        await time.pass_by()
    assert time.now == 3


async def test_the_inbox_learns_when_a_chat_may_be_written_to_again() -> None:
    time = Time()
    limits = Limits(MemoryAllowances(time), time, time.sleep)
    assert limits.pause(PRIVATE) == 0
    await limits.wait_for("sendMessage", PRIVATE)
    assert (limits.pause(PRIVATE), limits.pause(PRIVATE + 1)) == (1, 0)


async def test_the_inbox_learns_when_a_group_had_its_twenty() -> None:
    time = Time()
    limits = Limits(MemoryAllowances(time), time, time.sleep)
    for _ in range(20):
        assert limits.pause(GROUP) == 0
        await limits.wait_for("sendMessage", GROUP)
        time.now += 1
    assert limits.pause(GROUP) == 40


async def test_chats_that_rest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.transport.limits.KEPT", 10)
    time = Time()
    allowances = MemoryAllowances(time)
    limits = Limits(allowances, time, time.sleep)
    for chat in range(1, 100):
        time.now += 61
        await limits.wait_for("sendMessage", chat)
    assert len(allowances._taken) <= 11
