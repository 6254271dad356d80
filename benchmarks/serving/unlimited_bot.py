"""`digitbot run` for measuring what it can do: it doesn't keep Telegram's limits.

With WAIT in the environment its readers wait so many seconds for a photo instead of reading it. To the file CLAIMS it
writes, as it ends, a line for each claim in PostgreSQL: when it began (time.monotonic()), and its seconds.
"""

import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from bot.__main__ import main
from bot.readers import work
from bot.transport.limits import Limits
from model.reading.result import Box, Digit, Reading

WAIT = os.environ.get("WAIT")
SEVEN = Digit(7, 1.0, tuple(float(i == 7) for i in range(11)), True, Box(0, 0, 28, 28), bytes(28 * 28))

Claim = Callable[[Any, bool], Awaitable[Any]]
claims: list[tuple[float, float]] = []


def wait(model: Path | None, photo: bytes) -> work.Outcome:
    """What a reader does in place of reading."""
    time.sleep(float(WAIT or 0))
    return work.Outcome(Reading("7", (SEVEN,), (28, 28), (), None, "none", 0.0), None)


async def no_wait(limits: Limits, method: str, chat: int | str) -> None:
    """Any call may be made at any time."""


def no_pause(limits: Limits, chat: int | str) -> float:
    """Every chat may be written to at once."""
    return 0.0


def timed(claim: Claim) -> Claim:
    """The same, its time noted where it took something."""

    async def timing(inbox: Any, photos: bool) -> Any:
        began = time.monotonic()
        taken = await claim(inbox, photos)
        if taken is not None:
            claims.append((began, time.monotonic() - began))
        return taken

    return timing


if WAIT is not None:  # in the readers too: they import this file, as spawned processes do
    work.read = wait

if __name__ == "__main__":
    Limits.wait_for, Limits.pause = no_wait, no_pause  # type: ignore[assignment,method-assign]
    if claims_file := os.environ.get("CLAIMS"):
        from bot.inbox.postgres import PostgresInbox

        PostgresInbox.claim = timed(PostgresInbox.claim)  # type: ignore[assignment,method-assign]
    status = main(["run"])
    if claims_file:
        Path(claims_file).write_text("".join(f"{began} {seconds}\n" for began, seconds in claims))
    sys.exit(status)
