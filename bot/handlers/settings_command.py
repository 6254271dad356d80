"""/settings: people choose a language; a group's admins also which photos are read."""

import re
from contextlib import suppress

from telegram import CallbackQuery, Chat, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.constants import ChatType, ParseMode
from telegram.error import BadRequest
from telegram.ext import CallbackQueryHandler, CommandHandler

from bot.context import Context, message_of
from bot.handlers.basics import NEW_IN_PRIVATE
from bot.handlers.groups import IN_GROUPS, mode_in
from bot.i18n import Gettext, own_names, speech_of
from bot.messages.callback_queries import answered_with
from bot.messages.privacy_mode import Access, access_in, is_group_admin
from bot.storage.records import Mode
from model.reading.result import N_

MODE = re.compile(r"group:(asked|all|quiet)", re.ASCII)
LANGUAGE = re.compile(r"language:([a-z]*)", re.ASCII)  # "": Telegram's
ROW = 3  # languages side by side
NAMES = {Mode.ASKED: N_("When asked"), Mode.ALL: N_("All photos"), Mode.QUIET: N_("Quiet")}
GROUP_ADMINS_ALONE = N_("Only this group's admins can change these settings.")
OTHER_VERSION = N_("This button is out of date. /settings shows new ones.")


async def private(update: Update, context: Context) -> None:
    """Show a person's language and the ones to choose from."""
    message = message_of(update)
    words, keyboard = await _page(message.chat, context, speech_of(update).gettext)
    await message.reply_html(words, reply_markup=keyboard)


async def in_group(update: Update, context: Context) -> None:
    """Show a group's admin its settings.

    Not to somebody who writes as a group or a channel: that could be anybody.
    """
    message = message_of(update)
    _ = speech_of(update).gettext
    if message.sender_chat or message.from_user is None:
        words = _("I can't tell who you are. Please send /settings as yourself, not anonymously or as a channel.")
        await message.reply_html(words, do_quote=True)
        return
    if not await is_group_admin(context.bot, message.chat.id, message.from_user.id):
        await message.reply_html(_(GROUP_ADMINS_ALONE), do_quote=True)
        return
    words, keyboard = await _page(message.chat, context, _)
    await message.reply_html(words, reply_markup=keyboard, do_quote=True)


async def mode_pressed(query: CallbackQuery, context: Context, _: Gettext) -> str | None:
    """Set which photos are read, if the group allows it, and update the page."""
    message, found = query.message, MODE.fullmatch(query.data or "")
    if found is None or message is None or message.chat.type == ChatType.PRIVATE:
        return _(OTHER_VERSION)
    chat, mode = message.chat.id, Mode(found[1])
    if not await _may_set(query, message.chat, context):
        return _(GROUP_ADMINS_ALONE)
    groups = context.bot_data.store.groups
    if mode is Mode.ALL and not (await access_in(context.bot, chat, await groups.find(chat))).all:
        said = _("Not yet: Telegram doesn't show me all photos here. My message says what to change.")
    else:
        await groups.choose(chat, mode)
        said = _("From now on: {choice}.").format(choice=_(NAMES[mode]))
    await _show_anew(query, context, _)
    return said


async def language_pressed(query: CallbackQuery, context: Context, _: Gettext) -> str | None:
    """Set a language, and update the page in it."""
    message, found = query.message, LANGUAGE.fullmatch(query.data or "")
    if found is None or message is None or found[1] not in {"", *own_names()}:
        return _(OTHER_VERSION)
    if not await _may_set(query, message.chat, context):
        return _(GROUP_ADMINS_ALONE)
    update, languages = Update(0, callback_query=query), context.bot_data.store.languages
    await languages.choose(message.chat.id, found[1] or None)
    await languages.listen(update)
    _ = speech_of(update).gettext
    await _show_anew(query, context, _)
    return _("From now on: {choice}.").format(choice=_("English") if found[1] else _automatic(message.chat, _))


async def _may_set(query: CallbackQuery, chat: Chat, context: Context) -> bool:
    """Whether the presser may change settings: in a group only its admins."""
    return chat.type == ChatType.PRIVATE or await is_group_admin(context.bot, chat.id, query.from_user.id)


async def _show_anew(query: CallbackQuery, context: Context, _: Gettext) -> None:
    if isinstance(query.message, Message):
        words, keyboard = await _page(query.message.chat, context, _)
        with suppress(BadRequest):  # unchanged, or the message is gone
            await query.message.edit_text(words, ParseMode.HTML, reply_markup=keyboard)


async def _page(chat: Chat, context: Context, _: Gettext) -> tuple[str, InlineKeyboardMarkup]:
    """A chat's settings, with a button for each choice."""
    store = context.bot_data.store
    language = await store.languages.chosen(chat.id)
    languages = _language_buttons(chat, language, _)
    if chat.type == ChatType.PRIVATE:
        return in_private(language, _), InlineKeyboardMarkup(languages)
    mode = await mode_in(chat.id, context)
    access = await access_in(context.bot, chat.id, await store.groups.find(chat.id))
    modes = [_button(_(name), f"group:{each}", each is mode) for each, name in NAMES.items()]
    words = [modes_in_words(mode, access, context.bot.name, _), in_a_group(language, _)]
    return "\n\n".join(words), InlineKeyboardMarkup([modes, *languages])


def _language_buttons(chat: Chat, chosen: str | None, _: Gettext) -> list[list[InlineKeyboardButton]]:
    """A button for each language by its own name, and one to reset."""
    buttons = [_button(name, f"language:{code}", code == chosen) for code, name in own_names().items()]
    rows = [buttons[i : i + ROW] for i in range(0, len(buttons), ROW)]
    return [*rows, [_button(_automatic(chat, _), "language:", chosen is None)]]


def _automatic(chat: Chat, _: Gettext) -> str:
    return _("As in Telegram") if chat.type == ChatType.PRIVATE else _("Each person's own")


def _button(name: str, data: str, is_set: bool) -> InlineKeyboardButton:
    return InlineKeyboardButton(f"✓ {name}" if is_set else name, callback_data=data)


def in_private(language: str | None, _: Gettext) -> str:
    """A person's page: the language, and where to find the rest."""
    spoken = _("🌐 Language: English.")
    if language is None:
        spoken = _("🌐 Language: English, as in your Telegram.")
    return "\n".join(
        (
            spoken,
            _("👥 In a group, its admins use /settings there to choose when I read photos and which language I speak."),
            _("🔒 What I store about you, and how to delete it: /privacy"),
        )
    )


def in_a_group(language: str | None, _: Gettext) -> str:
    """The line about a group's language."""
    if language is None:
        return _("🌐 Language: each person's own.")
    return _("🌐 Language in this group: English.")


def modes_in_words(mode: Mode, access: Access, name: str, _: Gettext) -> str:
    """What each mode means in this group, and what to change if one isn't possible."""
    if access.all:
        meant = {
            Mode.ASKED: _(
                "photos sent in reply to me or captioned {name} or /digit, and photos you reply to with /digit."
            ).format(name=name),
            Mode.ALL: _("every photo with digits."),
            Mode.QUIET: _("photos captioned /digit, and photos you reply to with /digit."),
        }  # fmt: skip
    else:
        not_yet = _("⚠️ Not yet: Telegram doesn't show me all messages here (privacy mode).")
        meant = {
            Mode.ASKED: _("photos sent in reply to me, and photos you reply to with /digit."),
            Mode.ALL: "\n".join((_("every photo with digits."), not_yet, access.mend(_))),
            Mode.QUIET: _("photos you reply to with /digit."),
        }
    line = _("<b>{name}</b>: {meaning}")
    lines = [_("What I read in this group:")]
    for each in Mode:
        mark = "✓" if each is mode else "·"
        lines.append(f"{mark} " + line.format(name=_(NAMES[each]), meaning=meant[each]))
    return "\n".join(lines)


HANDLERS = [
    CommandHandler("settings", private, NEW_IN_PRIVATE),
    CommandHandler("settings", in_group, IN_GROUPS),
    CallbackQueryHandler(answered_with(mode_pressed), r"^group:"),
    CallbackQueryHandler(answered_with(language_pressed), r"^language:"),
]
