"""What a press of a button is answered with: every handler of buttons goes this way.

A press counts for a button that its message has: an app of one's own can send any data, for any message of the bot.
"""

from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar, cast

from telegram import CallbackQuery, Message, Update
from telegram.error import BadRequest
from telegram.ext import CallbackContext

from bot.i18n import Gettext, speech_of
from model.reading.result import N_

NOT_THERE = N_("This button is gone. Please look at my message again.")

Context = TypeVar("Context", bound=CallbackContext[Any, Any, Any, Any])


def answered_with(
    pressed: Callable[[CallbackQuery, Context, Gettext], Awaitable[str | None]],
) -> Callable[[Update, Context], Coroutine[Any, Any, None]]:
    """A handler that does what `pressed` does, and says to whoever pressed what it gives: a word, or nothing."""

    async def handler(update: Update, context: Context) -> None:
        query = cast("CallbackQuery", update.callback_query)
        _ = speech_of(update).gettext
        said = await pressed(query, context, _) if _is_there(query) else _(NOT_THERE)
        with suppress(BadRequest):  # too late for a word; what was done is done
            await query.answer(said)

    return handler


def _is_there(query: CallbackQuery) -> bool:
    """Whether its message has the button; of one that is gone nobody knows, and whoever is asked says so."""
    if not isinstance(query.message, Message):
        return True
    rows = query.message.reply_markup.inline_keyboard if query.message.reply_markup else ()
    return any(button.callback_data == query.data for row in rows for button in row)
