"""When what may be sent: Telegram's limits, kept from our side, so that nobody meets its "too many requests".

https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
"""

import asyncio
import os
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Protocol

from telegram.error import RetryAfter

os.environ.setdefault("PTB_TIMEDELTA", "1")  # a RetryAfter tells its seconds as the library's next version will

PATIENCE = 5.0  # seconds that a call waits in place; for more it fails, and what it belongs to is tried again later
MESSAGES = ("send", "copy", "forward")  # how the methods begin that make new messages
CHANGES = ("edit", "setMessageReaction")  # and those that change one, which Telegram counts apart
FREE = frozenset({"sendChatAction"})
EACH = 1.0  # seconds between two messages in a chat
CHATS = 10_000  # kept in mind


@dataclass(frozen=True, slots=True)
class Rule:
    """At most `count` in any `seconds`, of what is counted under `key`."""

    key: str
    count: int
    seconds: float


IN_ALL = Rule("messages", 30, 1)


class Allowances(Protocol):
    """Counts what was let through."""

    async def take(self, rule: Rule, patience: float) -> float:
        """In how many seconds the rule lets one more through. It is counted, unless that is more than `patience`."""

    async def delay(self, rule: Rule, seconds: float) -> None:
        """What was counted last happens so much later."""


def next_time(times: Sequence[float], rule: Rule, now: float) -> float:
    """When one more may happen after those at these `times`, the last `rule.count` of them, in order."""
    return max(now, times[0] + rule.seconds) if len(times) == rule.count else now


class MemoryAllowances:
    """For one bot: the times of the last few under each key, those that are reserved too."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: dict[str, deque[float]] = {}

    async def take(self, rule: Rule, patience: float) -> float:
        now = self._clock()
        times = self._times.setdefault(rule.key, deque(maxlen=rule.count))
        at = next_time(times, rule, now)
        if at - now <= patience:
            times.append(at)
            self._forget(now)
        return at - now

    async def delay(self, rule: Rule, seconds: float) -> None:
        self._times[rule.key][-1] += seconds

    def _forget(self, now: float) -> None:
        """Keys that have rested for longer than any rule looks back, once there are many."""
        if len(self._times) > CHATS:
            self._times = {key: times for key, times in self._times.items() if times[-1] > now - 60}


class Limits:
    """What holds back the bot's calls."""

    def __init__(
        self,
        allowances: Allowances,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._allowances = allowances
        self._clock = clock
        self._sleep = sleep
        self._written: OrderedDict[int | str, float] = OrderedDict()  # when each chat got its last message
        self._quiet_until: dict[int | str, float] = {}  # chats in which Telegram wants to be left alone

    async def wait_for(self, method: str, chat: int | str) -> None:
        """Return when this method may be called in this chat. Raises RetryAfter where that takes more than PATIENCE."""
        await self._wait(self._quiet(chat))
        if method.startswith(CHANGES):
            await self._wait(await self._allowances.take(Rule(f"changes {chat}", 60, 60), PATIENCE))
        elif method.startswith(MESSAGES) and method not in FREE:
            await self._wait_for_message(chat)

    def pause(self, chat: int | str) -> float:
        """In how many seconds a chat may get its next message, as far as is known here."""
        return max(0, self._written.get(chat, -EACH) + EACH - self._clock(), self._quiet(chat))

    def leave_alone(self, chat: int | str, seconds: float) -> None:
        """Telegram asked for it: nothing more in this chat for so long."""
        now = self._clock()
        self._quiet_until = {one: until for one, until in self._quiet_until.items() if until > now}
        self._quiet_until[chat] = now + seconds

    async def _wait_for_message(self, chat: int | str) -> None:
        here = _rules_of(chat)
        await self._wait(max([await self._allowances.take(rule, PATIENCE) for rule in here]))
        held_up = await self._allowances.take(IN_ALL, PATIENCE)
        await self._wait(held_up)
        for rule in here if held_up else ():
            await self._allowances.delay(rule, held_up)
        self._written.pop(chat, None)
        self._written[chat] = self._clock()
        if len(self._written) > CHATS:
            self._written.popitem(last=False)

    def _quiet(self, chat: int | str) -> float:
        return max(0, self._quiet_until.get(chat, 0) - self._clock())

    async def _wait(self, seconds: float) -> None:
        if seconds > PATIENCE:
            raise RetryAfter(ceil(seconds))
        if seconds > 0:
            await self._sleep(seconds)


def _rules_of(chat: int | str) -> list[Rule]:
    each = Rule(f"messages {chat}", 1, EACH)
    in_a_group = isinstance(chat, str) or chat < 0  # a str names a channel or a public group
    return [Rule(f"messages a minute {chat}", 20, 60), each] if in_a_group else [each]
