"""/review: admins accept or reject corrections before the bot learns from them."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.error import BadRequest
from telegram.ext import CallbackQueryHandler, CommandHandler

from bot.context import Context, message_of
from bot.handlers.basics import NEW_IN_PRIVATE
from bot.i18n import Gettext, speech_of
from bot.messages.callback_queries import answered_with
from model.reading.result import N_

SHEET = 12  # pictures per sheet
ROW = 4
LOOKED_AT = 400  # of the oldest waiting ones, of which the most doubtful come first
NOT_AN_ADMIN = N_("Only my admins can do this.")
BUTTON = r"^review:"  # review:<correction>:<label on the sheet>:<0 or 1, to be rejected>; review:accept, review:reject
PICTURE = re.compile(r"review:(\d{1,18}):(\d{1,2}):([01])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Shown:
    """A correction on a sheet, as its button has it: the admin decides on this label and no other."""

    id: int
    label: int
    to_reject: bool = False

    def __str__(self) -> str:
        return f"review:{self.id}:{self.label}:{int(self.to_reject)}"


async def review(update: Update, context: Context) -> None:
    """Show the first sheet of waiting corrections."""
    message = message_of(update)
    _ = speech_of(update).gettext
    if message.chat.id not in context.bot_data.settings.admin_ids:
        await message.reply_html(_(NOT_AN_ADMIN))
        return
    await show_next(message, context, _)


async def show_next(message: Message, context: Context, _: Gettext) -> None:
    """Show the next sheet, the most doubtful first, or say that nothing is waiting.

    If something on it is forgotten while it is being sent, another sheet replaces it.
    """
    waiting = await context.bot_data.store.waiting(LOOKED_AT)
    if not waiting:
        await message.reply_html(_("There's nothing to review: all corrections have been checked."))
        return
    ordered = [waiting[i] for i in await context.bot_data.readers.in_order_of_doubt(waiting)]
    shown = ordered[:SHEET]
    sheet = await context.bot_data.readers.contact_sheet(shown)
    words = _(
        "{shown} of {all} corrections to review, the most doubtful first: my reading, how sure I was, and the"
        " person's answer. Press the numbers of those to reject."
    )
    keyboard = _keyboard([Shown(each.id, each.label) for each in shown], _)
    sent = await message.reply_photo(sheet, words.format(shown=len(shown), all=len(waiting)), reply_markup=keyboard)
    known = False
    try:
        known = await context.bot_data.store.sheet_shown(sent.chat.id, sent.message_id, [each.id for each in shown])
    finally:
        if not known:  # nothing could delete it later
            with suppress(BadRequest):
                await sent.delete()
    if not known:
        await show_next(message, context, _)


async def pressed(query: CallbackQuery, context: Context, _: Gettext) -> str | None:
    """Handle the buttons: mark a number to reject, or decide and show the next sheet."""
    message = query.message
    if query.from_user.id not in context.bot_data.settings.admin_ids:
        return _(NOT_AN_ADMIN)
    marked = _marked(message.reply_markup) if isinstance(message, Message) else []
    if not isinstance(message, Message) or not marked:
        return _("This sheet has already been reviewed. /review shows the next one.")
    if found := PICTURE.fullmatch(query.data or ""):
        flipped = [replace(each, to_reject=each.to_reject != (each.id == int(found[1]))) for each in marked]
        with suppress(BadRequest):
            await message.edit_reply_markup(_keyboard(flipped, _))
        return None
    everything = query.data == "review:reject"
    rejected = {each.id: each.label for each in marked if each.to_reject or everything}
    accepted = {each.id: each.label for each in marked if each.id not in rejected}
    decided = await context.bot_data.store.decide(accepted, rejected, query.from_user.id)
    words = _("{accepted} accepted, {rejected} rejected.").format(accepted=decided.accepted, rejected=decided.rejected)
    if decided.changed:
        words += "\n" + speech_of(Update(0, callback_query=query)).ngettext(
            "{count} was changed after you saw it and needs another review.",
            "{count} were changed after you saw them and need another review.",
            decided.changed,
        ).format(count=decided.changed)
    with suppress(BadRequest):
        await message.edit_caption(words)
    await show_next(message, context, _)
    return words


def _marked(keyboard: InlineKeyboardMarkup | None) -> list[Shown]:
    """Read a sheet's corrections off its buttons."""
    buttons = [button for row in (keyboard.inline_keyboard if keyboard else ()) for button in row]
    found = [PICTURE.fullmatch(str(button.callback_data)) for button in buttons]
    return [Shown(int(each[1]), int(each[2]), each[3] == "1") for each in found if each]


def _keyboard(marked: Sequence[Shown], _: Gettext) -> InlineKeyboardMarkup:
    numbers = [
        InlineKeyboardButton(f"✗ {n}" if each.to_reject else str(n), callback_data=str(each))
        for n, each in enumerate(marked, 1)
    ]
    rows = [numbers[i : i + ROW] for i in range(0, len(numbers), ROW)]
    decide = [
        InlineKeyboardButton(_("✓ Accept the others"), callback_data="review:accept"),
        InlineKeyboardButton(_("✗ Reject all"), callback_data="review:reject"),
    ]
    return InlineKeyboardMarkup([*rows, decide])


HANDLERS = [CommandHandler("review", review, NEW_IN_PRIVATE), CallbackQueryHandler(answered_with(pressed), BUTTON)]
