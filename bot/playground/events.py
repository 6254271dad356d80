"""What happens in a chat, told to whoever looks on: the chat page's event stream, and tests that wait for an answer."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bot.playground.wire import Json

EVENTS_WAITING = 500  # for one onlooker; who falls further behind is cut off and has to look anew


class Events:
    """Tells every onlooker what happens, in order."""

    def __init__(self) -> None:
        self._queues: dict[asyncio.Queue[Json | None], Json] = {}
        self._closed = False

    def publish(self, event: Json) -> None:
        """Tell all onlookers."""
        for queue, mark in self._queues.items():
            if queue.qsize() < EVENTS_WAITING:
                queue.put_nowait(event | mark)
            else:
                _end(queue)

    @contextmanager
    def listen(
        self, queue: asyncio.Queue[Json | None] | None = None, **mark: Any
    ) -> Iterator[asyncio.Queue[Json | None]]:
        """Look on: a queue of the events from now on; None says that no more will come.

        With a queue that other events come to already, `mark` tells these from those: each has its values too.
        """
        queue = queue or asyncio.Queue(EVENTS_WAITING)
        self._queues[queue] = mark
        if self._closed:
            _end(queue)
        try:
            yield queue
        finally:
            self._queues.pop(queue, None)

    @property
    def watched(self) -> bool:
        """Whether anybody looks on."""
        return bool(self._queues)

    def close(self) -> None:
        """No more events."""
        self._closed = True
        for queue in self._queues:
            _end(queue)


def _end(queue: asyncio.Queue[Json | None]) -> None:
    while not queue.empty():
        queue.get_nowait()
    queue.put_nowait(None)
