"""The result of reading a message with a picture."""

from dataclasses import dataclass

from telegram import Message

from bot.messages.people import person_in
from bot.readers.pool import Outcome


@dataclass(frozen=True, slots=True)
class Found:
    """A message with a picture, and its outcome or the sentence why it can't be read."""

    message: Message
    outcome: Outcome | str
    refused_for: str | None = None  # the error's name if the picture can't be read
    failed_for: str | None = None  # the error's name if the failure is ours

    @property
    def sender(self) -> int:
        """The id of the person or chat that sent it."""
        return person_in(self.message)

    @property
    def has_digits(self) -> bool:
        """Whether there is something to correct."""
        return isinstance(self.outcome, Outcome) and bool(self.outcome.reading.digits)
