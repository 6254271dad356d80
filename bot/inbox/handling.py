"""What handlers and the inbox's workers tell each other about the updates in work."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from telegram import Update

from model.reading.result import N_


class KilledTheBot(Exception):
    """An update was in work each time the process died."""

    sentence = N_("I tried several times but couldn't process this one. Please send another photo.")


@dataclass(slots=True)
class Handling:
    """One claim in work."""

    updates: tuple[Update, ...]  # what is answered together, oldest first
    arrived: float  # Unix time of the oldest
    again_in: float | None = field(default=None, init=False)  # seconds; None: it is answered
    begun: float = field(default_factory=time.time, init=False)  # Unix time
    took: dict[str, float] = field(default_factory=dict, init=False)  # seconds by stage

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """The block is part of this stage of the work."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.took[name] = self.took.get(name, 0.0) + time.perf_counter() - begun


_HANDLING: ContextVar[Handling] = ContextVar("handling")


def begin(handling: Handling) -> None:
    """From now on, in this task, this is what is in work."""
    _HANDLING.set(handling)


def current() -> Handling:
    """What is in work in this task."""
    return _HANDLING.get()
