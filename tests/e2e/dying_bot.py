"""The bot, killed at a named point of its way from an update to its answer: `python tests/e2e/dying_bot.py POINT run`.

What is killed is the real program, by a real SIGKILL, the first time that it comes to the point.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from bot.__main__ import main
from bot.inbox.sqlite import SqliteInbox
from bot.readers.pool import Readers
from bot.transport.inbox_queue import InboxQueue

Method = Callable[..., Awaitable[Any]]
POINTS: dict[str, tuple[type, str, str]] = {
    "before the record": (SqliteInbox, "record", "before"),
    "between record and acknowledgement": (InboxQueue, "put", "after"),
    "after the claim": (SqliteInbox, "claim", "after"),
    "while reading": (Readers, "read", "before"),
    "while reading, all at once": (Readers, "read", "while"),
    "after the send and before the mark": (SqliteInbox, "done", "before"),
    "after the mark": (SqliteInbox, "done", "after"),
}


def deadly(method: Method, when: str) -> Method:
    """The same method, which ends this process by a kill."""

    async def killing(*arguments: Any, **options: Any) -> Any:
        if when == "while":
            await asyncio.sleep(0.3)  # the others come to the point too
        if when in {"before", "while"}:
            os.kill(os.getpid(), signal.SIGKILL)
        result = await method(*arguments, **options)
        if result is not None or method.__name__ != "claim":  # a look into an empty inbox isn't the point
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return killing


if __name__ == "__main__":
    owner, name, when = POINTS[sys.argv[1]]
    setattr(owner, name, deadly(getattr(owner, name), when))
    sys.exit(main(sys.argv[2:]))
