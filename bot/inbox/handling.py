"""What handlers and the inbox's workers tell each other about the updates in work."""

from contextvars import ContextVar
from dataclasses import dataclass, field

from telegram import Update

from model.reading import N_


class KilledTheBot(Exception):
    """An update was in work each time the process died."""

    sentence = N_("I couldn't read this one, however often I tried. Please send another photo.")


@dataclass(slots=True)
class Handling:
    """One claim in work."""

    updates: tuple[Update, ...]  # what is answered together, oldest first
    arrived: float  # Unix time of the oldest
    again_in: float | None = field(default=None, init=False)  # seconds; None: it is answered


_HANDLING: ContextVar[Handling] = ContextVar("handling")


def begin(handling: Handling) -> None:
    """From now on, in this task, this is what is in work."""
    _HANDLING.set(handling)


def current() -> Handling:
    """What is in work in this task."""
    return _HANDLING.get()
