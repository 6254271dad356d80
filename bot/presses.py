"""What a press of a button is answered with: every handler of buttons goes this way."""

from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, cast

from telegram import CallbackQuery, Update
from telegram.error import BadRequest

from bot.context import Context
from bot.i18n import Gettext, speech_of

Pressed = Callable[[CallbackQuery, Context, Gettext], Awaitable[str | None]]


def answered_with(pressed: Pressed) -> Callable[[Update, Context], Coroutine[Any, Any, None]]:
    """A handler that does what `pressed` does, and says to whoever pressed what it gives: a word, or nothing."""

    async def handler(update: Update, context: Context) -> None:
        query = cast("CallbackQuery", update.callback_query)
        said = await pressed(query, context, speech_of(update).gettext)
        with suppress(BadRequest):  # too late for a word; what was done is done
            await query.answer(said)

    return handler
