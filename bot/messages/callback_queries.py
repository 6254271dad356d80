"""Answers callback queries: every handler of button presses is wrapped by this.

A press counts only if its message has that button: a modified app can send any data for any message of the bot.
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
    """Wrap `pressed` as a handler that shows the person the text it returns, if any."""

    async def handler(update: Update, context: Context) -> None:
        query = cast("CallbackQuery", update.callback_query)
        _ = speech_of(update).gettext
        said = await pressed(query, context, _) if _is_there(query) else _(NOT_THERE)
        with suppress(BadRequest):  # too late to answer; the work is done
            await query.answer(said)

    return handler


def _is_there(query: CallbackQuery) -> bool:
    """Whether the message has the button; True if the message is inaccessible."""
    if not isinstance(query.message, Message):
        return True
    rows = query.message.reply_markup.inline_keyboard if query.message.reply_markup else ()
    return any(button.callback_data == query.data for row in rows for button in row)
