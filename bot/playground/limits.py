"""How many messages a bot may send at Telegram: about 30 a second over all chats."""

import math
import time
from collections import deque
from collections.abc import Callable

from bot.playground.wire import too_many_requests

MESSAGES_A_SECOND = 30


class FloodLimit:
    """At most `messages` in any one second; a refused one doesn't count."""

    def __init__(self, messages: int = MESSAGES_A_SECOND, clock: Callable[[], float] = time.monotonic) -> None:
        self._messages = messages
        self._clock = clock
        self._sent: deque[float] = deque()

    def take(self) -> None:
        """Count a message. Raises BotApiError 429 with the seconds to wait when there are too many."""
        now = self._clock()
        while self._sent and self._sent[0] <= now - 1:
            self._sent.popleft()
        if len(self._sent) >= self._messages:
            raise too_many_requests(math.ceil(self._sent[0] + 1 - now))
        self._sent.append(now)
