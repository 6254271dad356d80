"""What a handler is given beside its update: `context.bot_data` holds the parts of the bot that it may need."""

from dataclasses import dataclass, field
from typing import Any, Self, TypeAlias, cast

from telegram import Message, Update
from telegram.ext import Application, CallbackContext, ExtBot

from bot.game.show import Show
from bot.inbox import Inbox
from bot.inbox.handling import Handling
from bot.learning.retraining import Retraining
from bot.learning.versions import Versions
from bot.messages.downloads import Downloads
from bot.readers.pool import Readers
from bot.settings import Settings
from bot.storage.store import Store
from bot.telemetry.troubles import Troubles
from bot.transport.polling import PollingBot


@dataclass(frozen=True, slots=True)
class Parts:
    """One of each for the whole bot."""

    settings: Settings
    readers: Readers
    downloads: Downloads
    store: Store
    inbox: Inbox
    troubles: Troubles
    versions: Versions
    retraining: Retraining
    show: Show
    in_work: dict[int, Handling] = field(default_factory=dict)  # what is in work, by the id() of its first update


class Context(CallbackContext[ExtBot[Any], dict[Any, Any], dict[Any, Any], Parts]):
    """What the library makes for each update."""

    handling: Handling  # of this update

    @classmethod
    def from_update(cls, update: object, application: Any) -> Self:
        """The context of an update that the inbox handed out."""
        context = super().from_update(update, application)
        context.handling = context.bot_data.in_work[id(update)]
        return context


Bot: TypeAlias = Application[PollingBot, Context, dict[Any, Any], dict[Any, Any], Parts, None]


def message_of(update: Update) -> Message:
    """The message that a handler was called for: its filters let nothing else through."""
    return cast("Message", update.effective_message)
