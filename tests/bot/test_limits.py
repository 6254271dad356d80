"""Telegram's limits are kept whatever is to be sent, and nobody waits for longer than they ask."""

import asyncio
from collections import defaultdict
from itertools import count, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.error import RetryAfter

from bot.limits import PATIENCE, Limits, MemoryAllowances

PRIVATE, GROUP = 7, -7


class Time:
    """A clock that goes on only where somebody waits for it."""

    def __init__(self) -> None:
        self.now = 1000.0
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


async def sent(wishes: list[tuple[float, int]]) -> tuple[dict[int, list[float]], int]:
    """When what was to be sent at these times in these chats was sent, and how much was refused."""
    time, times, refused = Time(), defaultdict[int, list[float]](list), 0
    limits = Limits(MemoryAllowances(time), time, time.sleep)

    async def send(after: float, chat: int) -> None:
        nonlocal refused
        await time.sleep(after)
        try:
            await limits.wait_for("sendMessage", chat)
        except RetryAfter:
            refused += 1
        else:
            times[chat].append(time.now)

    async with asyncio.TaskGroup() as group:
        for wish in wishes:
            group.create_task(send(*wish))
        await time.pass_by()
    return times, refused


def most_in(window: float, times: list[float]) -> int:
    times = sorted(times)
    return max((sum(start <= each < start + window - 1e-6 for each in times) for start in times), default=0)


wishes = st.lists(st.tuples(st.floats(0, 20), st.sampled_from([1, 2, 3, 4, GROUP, GROUP - 1])), max_size=60)


@given(wishes)
def test_no_window_holds_more_than_telegram_allows(wishes: list[tuple[float, int]]) -> None:
    times, refused = asyncio.run(sent(wishes))
    assert sum(len(each) for each in times.values()) + refused == len(wishes)
    assert most_in(1, [at for each in times.values() for at in each]) <= 30
    for chat, each in times.items():
        assert all(later - earlier > 1 - 1e-6 for earlier, later in pairwise(sorted(each)))
        assert chat > 0 or most_in(60, each) <= 20


async def test_over_all_chats_thirty_a_second_are_sent() -> None:
    times, refused = await sent([(0, chat) for chat in range(1, 91)])
    assert refused == 0
    assert sorted(at - 1000 for each in times.values() for at in each) == [0] * 30 + [1] * 30 + [2] * 30


async def test_who_sends_seldom_never_waits() -> None:
    times, _ = await sent([(1.1 * n, PRIVATE) for n in range(50)])
    assert times[PRIVATE] == pytest.approx([1000 + 1.1 * n for n in range(50)])


async def test_a_group_gets_twenty_in_a_minute_and_the_next_is_for_later() -> None:
    times, refused = await sent([(2.0 * n, GROUP) for n in range(25)])
    assert (len(times[GROUP]), refused) == (20, 5)
    times, refused = await sent([(2.0 * n, GROUP) for n in range(20)] + [(60 - PATIENCE, GROUP)])
    assert times[GROUP][-1] == pytest.approx(1060)
    assert refused == 0


@pytest.mark.parametrize("method", ["sendChatAction", "answerCallbackQuery", "getChat", "editMessageText"])
async def test_what_makes_no_message_does_not_wait_for_messages(method: str) -> None:
    time = Time()
    limits = Limits(MemoryAllowances(time), time, time.sleep)
    for _ in range(3):
        await limits.wait_for("sendPhoto" if _ == 0 else method, PRIVATE)
    assert time.now == 1000


async def test_a_chat_that_telegram_wants_left_alone_waits_and_no_other() -> None:
    time = Time()
    limits = Limits(MemoryAllowances(time), time, time.sleep)
    limits.leave_alone(PRIVATE, 100)
    with pytest.raises(RetryAfter):
        await limits.wait_for("sendMessage", PRIVATE)
    with pytest.raises(RetryAfter):
        await limits.wait_for("editMessageText", PRIVATE)
    await limits.wait_for("sendMessage", PRIVATE + 1)
    assert limits.pause(PRIVATE) == 100
    time.now += 100
    assert limits.pause(PRIVATE) == 0
    await limits.wait_for("sendMessage", PRIVATE)


async def test_the_inbox_learns_when_a_chat_may_be_written_to_again() -> None:
    time = Time()
    limits = Limits(MemoryAllowances(time), time, time.sleep)
    assert limits.pause(PRIVATE) == 0
    await limits.wait_for("sendMessage", PRIVATE)
    assert (limits.pause(PRIVATE), limits.pause(PRIVATE + 1)) == (1, 0)


async def test_chats_that_rest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.limits.CHATS", 10)
    time = Time()
    allowances = MemoryAllowances(time)
    limits = Limits(allowances, time, time.sleep)
    for chat in range(1, 100):
        time.now += 61
        await limits.wait_for("sendMessage", chat)
    assert len(allowances._times) <= 11
    assert len(limits._written) <= 11
