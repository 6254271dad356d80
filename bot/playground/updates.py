"""The bot's queue of updates, with getUpdates' rules: an offset confirms, one long poll at a time, types by choice.

What waits is kept when the bot changes from polling to a webhook or back: webhook.py delivers from this queue too.
"""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

from bot.playground.wire import BotApiError, Json

UPDATES_WAITING = 20_000
POLL_SECONDS = 50  # the longest poll
DEFAULT_TYPES = frozenset(
    {"message", "edited_message", "callback_query", "my_chat_member"}
)  # of those that this server makes
OTHER_POLL = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


class Updates:
    """What the bot hasn't confirmed yet, oldest first. Ids start at a random number and count up."""

    def __init__(self) -> None:
        self._next_id = 100_000_000 + secrets.randbelow(800_000_000)
        self._waiting: OrderedDict[int, Json] = OrderedDict()  # by update_id
        self._followers: list[asyncio.Queue[Json]] = []
        self._types = DEFAULT_TYPES
        self._poll: asyncio.Future[None] | None = None
        self._closed = False

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def full(self) -> bool:
        """Whether so much waits for the bot that it can't be running."""
        return len(self._waiting) >= UPDATES_WAITING

    @property
    def types(self) -> list[str]:
        """What the bot asked to be told, empty for the default."""
        return [] if self._types == DEFAULT_TYPES else sorted(self._types)

    def put(self, kind: str, content: Json) -> None:
        """Queue an update, unless the bot doesn't want its kind or the queue is full."""
        if kind not in self._types or self.full:
            return
        update = self._waiting[self._next_id] = {"update_id": self._next_id, kind: content}
        self._next_id += 1
        self._wake()
        for follower in self._followers:
            follower.put_nowait(update)

    async def get(self, offset: int, limit: int, seconds: int, types: list[str] | None) -> list[Json]:
        """getUpdates: at most `limit` unconfirmed updates, waiting up to so many seconds while there are none.

        A positive offset confirms all before it, a negative one all but the last so many. An older call that is
        still waiting ends with 409 Conflict (BotApiError). `types` as in `choose`.
        """
        self.end_poll(OTHER_POLL)
        self.choose(types)
        self._confirm_before(offset)
        if not self._waiting and seconds > 0 and not self._closed:
            await self._wait(min(seconds, POLL_SECONDS))
        return list(islice(self._waiting.values(), limit if 1 <= limit <= 100 else 100))

    def choose(self, types: list[str] | None) -> None:
        """What the bot wants to be told from now on: None keeps the last choice, empty is the default."""
        if types is not None:
            self._types = frozenset(types) or DEFAULT_TYPES

    def end_poll(self, reason: str) -> None:
        """A long poll that waits ends with 409."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(BotApiError(409, reason))

    @contextmanager
    def follow(self) -> Iterator[asyncio.Queue[Json]]:
        """All that waits and all that comes, in order: for who confirms each update by itself."""
        follower: asyncio.Queue[Json] = asyncio.Queue()  # as bounded as what waits
        for update in self._waiting.values():
            follower.put_nowait(update)
        self._followers.append(follower)
        try:
            yield follower
        finally:
            self._followers.remove(follower)

    def confirm(self, update_id: int) -> None:
        """This update has arrived."""
        self._waiting.pop(update_id, None)

    def clear(self) -> None:
        """Forget all that waits."""
        self._waiting.clear()

    def close(self) -> None:
        """No poll waits any longer."""
        self._closed = True
        self._wake()

    def _confirm_before(self, offset: int) -> None:
        if offset < 0:
            offset = self._next_id + offset
        while self._waiting and next(iter(self._waiting)) < offset:
            self._waiting.popitem(last=False)

    async def _wait(self, seconds: int) -> None:
        poll = self._poll = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(seconds):
                await poll
        except TimeoutError:
            pass
        finally:
            if self._poll is poll:
                self._poll = None

    def _wake(self) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)
