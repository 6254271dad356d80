"""When what may be sent: Telegram's limits, kept from our side, so that nobody meets its "too many requests".

https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
"""

import asyncio
import os
import time
from bisect import insort
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import ceil
from typing import Protocol

from telegram.error import RetryAfter

os.environ["PTB_TIMEDELTA"] = "1"  # a RetryAfter tells its seconds as the library's next version will

PATIENCE = 5.0  # seconds that a call waits in place; for more it fails, and what it belongs to is tried again later
SIGN = "sendChatAction"  # "typing" and its like: counted nowhere, and worth nothing later
MESSAGES = ("send", "copy", "forward")  # how the methods begin that make new messages
CHANGES = ("edit", "setMessageReaction")  # and those that change one, which Telegram counts apart
KEPT = 10_000  # rules in mind


@dataclass(frozen=True, slots=True)
class Rule:
    """At most `count` in any `seconds`, of what is counted under `key`."""

    key: str
    count: int
    seconds: float


IN_ALL = Rule("messages", 30, 1)


class Allowances(Protocol):
    """Counts what is let through, and when: in order of asking where it is under the same rules."""

    async def take(self, rules: Sequence[Rule], patience: float) -> float:
        """In how many seconds all rules let one more through. It is counted, unless that is more than `patience`."""

    def next(self, rules: Sequence[Rule]) -> float:
        """In how many seconds they let one more through, as far as is known here. Nothing is counted."""


def first_time(taken: Mapping[Rule, Sequence[float]], now: float) -> float:
    """The earliest time from `now` on at which all rules let one more through, beside those `taken`, in order.

    A log of a sliding window in which places are reserved: exact, where buckets let bursts through on top of the rate.
    """
    at = now
    while (later := max(_first_time(rule, times, at) for rule, times in taken.items())) > at:
        at = later
    return at


def _first_time(rule: Rule, times: Sequence[float], now: float) -> float:
    full = list(zip(times, times[rule.count - 1 :], strict=False))  # the first and last of as many as may be
    ends = (time + rule.seconds for time in times if time + rule.seconds > now)

    def has_room(at: float) -> bool:
        return all(max(at, last) >= min(at, first) + rule.seconds for first, last in full)

    return next(at for at in chain([now], ends) if has_room(at))


def still_counting(rule: Rule, times: Sequence[float], now: float) -> list[float]:
    """Those of the times that a rule still looks back at."""
    return [time for time in times if time + rule.seconds > now]


class MemoryAllowances:
    """For one bot."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._taken: dict[Rule, list[float]] = {}  # when, in order

    async def take(self, rules: Sequence[Rule], patience: float) -> float:
        wait = self.next(rules)
        if wait <= patience:
            self.count(rules, wait)
        return wait

    def next(self, rules: Sequence[Rule]) -> float:
        now = self._clock()
        return first_time({rule: self._taken.get(rule, []) for rule in rules}, now) - now

    def count(self, rules: Sequence[Rule], wait: float) -> None:
        """One more goes through in so many seconds."""
        now = self._clock()
        for rule in rules:
            times = self._taken[rule] = still_counting(rule, self._taken.get(rule, []), now)
            insort(times, now + wait)
        if len(self._taken) > KEPT:
            self._taken = {rule: times for rule, times in self._taken.items() if still_counting(rule, times, now)}


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
        self._quiet_until: dict[tuple[int | str, bool], float] = {}  # a chat, and whether for changes alone

    async def wait_for(self, method: str, chat: int | str) -> None:
        """Return when this method may be called in this chat. Raises RetryAfter where that takes more than PATIENCE."""
        await self._wait(self._quiet(method, chat))
        if rules := _rules(method, chat):
            await self._wait(await self._allowances.take(rules, PATIENCE))
            if self._quiet(method, chat):  # since a moment ago
                await self.wait_for(method, chat)

    def pause(self, chat: int | str) -> float:
        """In how many seconds a chat may get its next message, as far as is known here."""
        return max(self._quiet(MESSAGES[0], chat), self._allowances.next(_rules_of_messages(chat)))

    def leave_alone(self, method: str, chat: int | str, seconds: float) -> None:
        """Telegram asked for it when this was called: nothing more in this chat for so long.

        Where it was a change, no more changes: a message never waits behind small ones.
        """
        now = self._clock()
        self._quiet_until = {one: until for one, until in self._quiet_until.items() if until > now}
        self._quiet_until[chat, method.startswith(CHANGES)] = now + seconds

    def _quiet(self, method: str, chat: int | str) -> float:
        """In how many seconds Telegram no longer wants to be left alone with this."""
        kinds = {False, method.startswith(CHANGES)}
        return max(0, *(self._quiet_until.get((chat, kind), 0) - self._clock() for kind in kinds))

    async def _wait(self, seconds: float) -> None:
        if seconds > PATIENCE:
            raise RetryAfter(ceil(seconds))
        if seconds > 0:
            await self._sleep(seconds)


def _rules(method: str, chat: int | str) -> list[Rule]:
    """What a call in a chat is counted under."""
    if method.startswith(CHANGES):
        return [Rule(f"changes {chat}", 60, 60)]
    if method.startswith(MESSAGES) and method != SIGN:
        return [IN_ALL, *_rules_of_messages(chat)]
    return []


def _rules_of_messages(chat: int | str) -> list[Rule]:
    each = Rule(f"messages {chat}", 1, 1)
    in_a_group = isinstance(chat, str) or chat < 0  # a str names a channel or a public group
    return [each, Rule(f"messages a minute {chat}", 20, 60)] if in_a_group else [each]
