"""What was found in a message with a picture."""

from dataclasses import dataclass

from telegram import Message

from bot.messages.people import person_in
from bot.readers.pool import Outcome


@dataclass(frozen=True, slots=True)
class Found:
    """A message with a picture, and what is in it, or the sentence that says why it can't be read."""

    message: Message
    outcome: Outcome | str
    refused_for: str | None = None  # the error's name, where it is no picture to be read,
    failed_for: str | None = None  # or where we failed

    @property
    def sender(self) -> int:
        """Whose picture it is."""
        return person_in(self.message)

    @property
    def has_digits(self) -> bool:
        """Whether there is something to correct."""
        return isinstance(self.outcome, Outcome) and bool(self.outcome.reading.digits)
