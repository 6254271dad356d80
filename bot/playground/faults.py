"""Telegram's bad days, for tests and benchmarks: what goes wrong with which calls, and how often.

    faults.add(LOST_ANSWER, "sendMessage", times=1)  # the next one
    faults.add(SERVER_ERROR, share=0.05)  # of all calls, downloads and deliveries to a webhook too
    faults.add(Fault(delay=0.3), "getFile", DOWNLOAD)
    faults.flood(5, "sendMessage", chat=ann.id)  # 429 for five seconds, in this chat alone
    faults.network = False  # until it is True again

Chances are seeded: the nth call of a method meets the same in every run with the same rules.
"""

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum, auto
from random import Random

from bot.playground.wire import BotApiError, too_many_requests

DOWNLOAD = "download"  # the name of a file's download among the methods
WEBHOOK = "webhook"  # and of an update's delivery to the bot's webhook; a fault there makes Telegram deliver it again


class Cut(Enum):
    """When the TCP connection of a call ends."""

    BEFORE = auto()  # before the call takes effect
    AFTER = auto()  # once it took effect: not a byte of the answer arrives
    MIDWAY = auto()  # once it took effect and half of the answer is sent


@dataclass(frozen=True, slots=True)
class Fault:
    """What a call meets: it waits for `delay` seconds, then it fails with an error, is cut off, or goes on."""

    delay: float = 0.0
    error: BotApiError | None = None
    cut: Cut | None = None


SERVER_ERROR = Fault(error=BotApiError(502, "Bad Gateway"))
LOST_CALL = Fault(cut=Cut.BEFORE)
LOST_ANSWER = Fault(cut=Cut.AFTER)
BROKEN_ANSWER = Fault(cut=Cut.MIDWAY)


def too_many(seconds: int) -> Fault:
    """A single 429 that asks for so many seconds of silence; `Faults.flood` keeps it up for so long."""
    return Fault(error=too_many_requests(seconds))


@dataclass(slots=True)
class _Rule:
    fault: Fault
    methods: frozenset[str]  # in lower case; empty for all
    chat: int | None
    share: float
    times: int | None
    until: float  # a monotonic clock's seconds

    def concerns(self, method: str, chat: object) -> bool:
        return (not self.methods or method.lower() in self.methods) and self.chat in (None, chat)


class Faults:
    """What is planned to go wrong; nothing at first. Rules are looked at in the order in which they were added.

    Delays add up over all rules that a call meets, up to the first that makes it fail.
    """

    def __init__(self, seed: int = 0) -> None:
        self.made: Counter[Fault] = Counter()  # how many calls met what
        self._seed = seed
        self._chances: dict[str, Random] = {}
        self._rules: list[_Rule] = []
        self._network = True
        self._open: set[Callable[[], None]] = set()

    def add(
        self, fault: Fault, *methods: str, chat: int | None = None, share: float = 1.0, times: int | None = None
    ) -> None:
        """From now on, calls of these methods (none named: all) in this chat (None: any) meet a fault.

        `share` of them do, from 0 to 1; after `times` it is over.
        """
        self._add(fault, methods, chat, share, times, math.inf)

    def flood(self, seconds: float, *methods: str, chat: int | None = None) -> None:
        """For so long, calls of these methods in this chat are answered 429 with the seconds that are left."""
        self._add(too_many(math.ceil(seconds)), methods, chat, 1, None, time.monotonic() + seconds)

    def clear(self, seed: int = 0) -> None:
        """Nothing goes wrong any longer, and chances begin anew."""
        self._seed = seed
        self._chances.clear()
        self._rules.clear()
        self.network = True

    def strike(self, method: str, chat: object = None) -> Fault:
        """What this call meets. `chat` is the id that it names."""
        now = time.monotonic()
        self._rules = [rule for rule in self._rules if rule.times != 0 and now < rule.until]
        delay = 0.0
        for rule in self._rules:
            if not rule.concerns(method, chat) or not self._happens(rule.share, method):
                continue
            self.made[rule.fault] += 1
            if rule.times is not None:
                rule.times -= 1
            delay += rule.fault.delay
            if rule.until < math.inf:
                return Fault(delay, too_many_requests(math.ceil(rule.until - now)))
            if rule.fault.error or rule.fault.cut:
                return replace(rule.fault, delay=delay)
        return Fault(delay)

    @property
    def network(self) -> bool:
        """Whether there is any between the bot and Telegram. When it goes, all connections are cut at once."""
        return self._network

    @network.setter
    def network(self, there: bool) -> None:
        if self._network and not there:
            for cut in list(self._open):
                cut()
        self._network = there

    @contextmanager
    def connection(self, cut: Callable[[], None]) -> Iterator[None]:
        """A connection in use, and how it is cut."""
        self._open.add(cut)
        try:
            yield
        finally:
            self._open.discard(cut)

    def _add(
        self, fault: Fault, methods: tuple[str, ...], chat: int | None, share: float, times: int | None, until: float
    ) -> None:
        names = frozenset(name.lower() for name in methods)
        self._rules.append(_Rule(fault, names, chat, share, times, until))

    def _happens(self, share: float, method: str) -> bool:
        if share >= 1:
            return True
        return self._chances.setdefault(method, Random(f"{self._seed} {method}")).random() < share  # noqa: S311 (seeded)
