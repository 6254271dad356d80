"""How many messages a bot may send: about 30 a second over all chats, one a second in a chat, 20 a minute in a group.

As core.telegram.org/bots/faq has it; edits, chat actions and reactions aren't messages. A little more is let through,
so that a bot which keeps to the limits isn't refused only because its calls take different times on their way.
"""

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable

from bot.playground.wire import too_many_requests

MESSAGES_A_SECOND = 30
BURST = 10  # messages of one chat at once, before one a second: "short bursts that go over this limit"
GROUP_MESSAGES = 20
GROUP_SECONDS = 58  # a minute, less what calls take on their way
CHATS_KEPT = 1_000  # whose latest messages are remembered


class Window:
    """At most `messages` in any so many `seconds`. Times are a monotonic clock's seconds."""

    def __init__(self, messages: int, seconds: float) -> None:
        self._messages = messages
        self._seconds = seconds
        self._sent: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Seconds until the next message may come, 0 where it may now."""
        while self._sent and self._sent[0] <= now - self._seconds:
            self._sent.popleft()
        return self._sent[0] + self._seconds - now if len(self._sent) >= self._messages else 0

    def count(self, now: float) -> None:
        """A message was sent."""
        self._sent.append(now)


class Pace:
    """One message every `seconds`, but up to `burst` at once for who was silent before."""

    def __init__(self, seconds: float, burst: int) -> None:
        self._seconds = seconds
        self._ahead = (burst - 1) * seconds  # how far a burst may run ahead
        self._due = -math.inf  # when the next message would come at an even pace

    def wait(self, now: float) -> float:
        """Seconds until the next message may come, 0 where it may now."""
        return max(0.0, self._due - self._ahead - now)

    def count(self, now: float) -> None:
        """A message was sent."""
        self._due = max(self._due, now) + self._seconds


class SendingLimits:
    """All limits of one bot; a refused message doesn't count."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._all = Window(MESSAGES_A_SECOND, 1)
        self._chats: OrderedDict[int, list[Window | Pace]] = OrderedDict()

    def take(self, chat_id: int, messages: int = 1) -> None:
        """Count a message, or an album's. Raises BotApiError 429 with the seconds to wait when there are too many."""
        now = self._clock()
        limits = [self._all, *self._limits_of(chat_id)]
        if wait := max(limit.wait(now) for limit in limits):
            raise too_many_requests(math.ceil(wait))
        for limit in limits * messages:
            limit.count(now)

    def _limits_of(self, chat_id: int) -> list[Window | Pace]:
        limits = self._chats.setdefault(chat_id, _limits(is_group=chat_id < 0))
        self._chats.move_to_end(chat_id)
        if len(self._chats) > CHATS_KEPT:
            self._chats.popitem(last=False)
        return limits


def _limits(is_group: bool) -> list[Window | Pace]:
    pace = Pace(1, BURST)
    return [pace, Window(GROUP_MESSAGES, GROUP_SECONDS)] if is_group else [pace]
