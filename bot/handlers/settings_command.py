"""/settings: a group's admins choose when the bot reads photos there, and see what this group can have."""

import re
from contextlib import suppress

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.constants import ParseMode
from telegram.error import BadRequest
from telegram.ext import CallbackQueryHandler, CommandHandler

from bot.context import Context, message_of
from bot.handlers.basics import NEW_IN_PRIVATE
from bot.handlers.groups import IN_GROUPS, mode_in
from bot.hearing import Hearing, hearing, is_group_admin
from bot.i18n import Gettext, speech_of
from bot.kept import Mode
from bot.presses import answered_with
from model.reading import N_

BUTTON = r"^group:"
PRESS = re.compile(r"group:(asked|all|quiet)", re.ASCII)
NAMES = {Mode.ASKED: N_("When asked"), Mode.ALL: N_("All photos"), Mode.QUIET: N_("Quiet")}
GROUP_ADMINS_ALONE = N_("Only this group's admins can change when I answer.")


async def private(update: Update, context: Context) -> None:
    """There is nothing to set for one person; say where there is."""
    _ = speech_of(update).gettext
    lines = (
        _("Nothing needs setting here: send a photo, and I answer."),
        _("In a group, its admins choose with /settings there when I read photos: when asked, all of them, or none."),
        _("What I keep of you, and how to delete it: /privacy"),
    )
    await message_of(update).reply_html("\n".join(lines))


async def in_group(update: Update, context: Context) -> None:
    """Show a group's admin what is set, and what can be. Who writes as a group or a channel could be anybody."""
    message = message_of(update)
    _ = speech_of(update).gettext
    if message.sender_chat or message.from_user is None:
        words = _("I can't tell who you are. Please write /settings as yourself, not anonymously or as a channel.")
        await message.reply_html(words, do_quote=True)
        return
    if not await is_group_admin(context.bot, message.chat.id, message.from_user.id):
        await message.reply_html(_(GROUP_ADMINS_ALONE), do_quote=True)
        return
    words, keyboard = await _page(message.chat.id, context, _)
    await message.reply_html(words, reply_markup=keyboard, do_quote=True)


async def pressed(query: CallbackQuery, context: Context, _: Gettext) -> str | None:
    """Choose, where the group can have it, and show what is set now."""
    message, found = query.message, PRESS.fullmatch(query.data or "")
    if found is None or message is None:
        return _("This button is of another version of me. /settings shows new ones.")
    chat, mode = message.chat.id, Mode(found[1])
    if not await is_group_admin(context.bot, chat, query.from_user.id):
        return _(GROUP_ADMINS_ALONE)
    groups = context.bot_data.store.groups
    if mode is Mode.ALL and not (await hearing(context.bot, chat, await groups.find(chat))).all:
        said = _("Not yet: Telegram doesn't show me all photos here. My message says what to change.")
    else:
        await groups.choose(chat, mode)
        said = _("From now on: {mode}.").format(mode=_(NAMES[mode]))
    if isinstance(message, Message):
        words, keyboard = await _page(chat, context, _)
        with suppress(BadRequest):  # nothing to change, or the message is gone
            await message.edit_text(words, ParseMode.HTML, reply_markup=keyboard)
    return said


async def _page(chat: int, context: Context, _: Gettext) -> tuple[str, InlineKeyboardMarkup]:
    mode = await mode_in(chat, context)
    heard = await hearing(context.bot, chat, await context.bot_data.store.groups.find(chat))
    buttons = [
        InlineKeyboardButton(("✓ " if each is mode else "") + _(name), callback_data=f"group:{each}")
        for each, name in NAMES.items()
    ]
    return in_words(mode, heard, context.bot.name, _), InlineKeyboardMarkup([buttons])


def in_words(mode: Mode, heard: Hearing, name: str, _: Gettext) -> str:
    """What each mode means in this group, which is set, and what to change where one can't be had."""
    asked = _("a photo sent as a reply to me, and /digit as a reply to a photo.")
    if heard.all:
        asked = _("a photo sent as a reply to me, with {name} or /digit under it, and /digit as a reply to a photo.")
    every = _("every photo that has digits.")
    if not heard.all:
        every += "\n⚠️ " + _("Not yet: Telegram doesn't show me all messages here (privacy mode).") + " " + heard.mend(_)
    quiet = _("/digit, under a photo or as a reply to one.") if heard.all else _("/digit as a reply to a photo.")
    meant = {Mode.ASKED: asked.format(name=name), Mode.ALL: every, Mode.QUIET: quiet}
    lines = [_("What I read in this group:")]
    lines += [("✓" if each is mode else "·") + f" <b>{_(NAMES[each])}</b>: {meant[each]}" for each in Mode]
    return "\n".join(lines)


HANDLERS = [
    CommandHandler("settings", private, NEW_IN_PRIVATE),
    CommandHandler("settings", in_group, IN_GROUPS),
    CallbackQueryHandler(answered_with(pressed), BUTTON),
]
