"""What handlers and the inbox's workers tell each other about the updates in work: `context.handling`."""

import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from telegram import Update

from bot.inbox import Answer
from bot.storage.database import DatabaseUnavailable
from model.reading.result import N_


class KilledTheBot(Exception):
    """An update was in work each time the process died."""

    sentence = N_("I tried several times but couldn't process this one. Please send another photo.")


@dataclass(slots=True)
class Handling:
    """One claim in work."""

    updates: tuple[Update, ...]  # what is answered together, oldest first
    arrived: float  # Unix time of the oldest
    holds: Callable[[], Awaitable[bool]]  # whether it is still this bot's to answer
    again_in: float | None = field(default=None, init=False)  # seconds; None: it is answered
    begun: float = field(default_factory=time.time, init=False)  # Unix time
    answers: list[Answer] = field(default_factory=list, init=False)  # what was sent of the readings
    took: dict[str, float] = field(default_factory=dict, init=False)  # seconds by stage

    @property
    def ids(self) -> list[int]:
        """Of the updates."""
        return [each.update_id for each in self.updates]

    async def check(self) -> None:
        """Before it is answered. Raises DatabaseUnavailable where another bot may be at it."""
        if not await self.holds():
            raise DatabaseUnavailable("the update was in work when the database went away")

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """The block is part of this stage of the work."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.took[name] = self.took.get(name, 0.0) + time.perf_counter() - begun
