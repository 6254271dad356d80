"""In groups: reads the photos it is asked to read, or all if the admins want that."""

from contextlib import suppress

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.constants import ChatType
from telegram.error import BadRequest
from telegram.ext import CommandHandler, MessageHandler, filters

from bot.context import Context, message_of
from bot.handlers.photos import answer, read
from bot.i18n import Gettext, speech_of
from bot.messages.addressing import COMMAND, MENTION_AT_A_PICTURE, asks
from bot.messages.answer_log import note
from bot.messages.pictures import PICTURE, asked_about
from bot.messages.privacy_mode import usage
from bot.storage.records import Mode

IN_GROUPS = filters.ChatType.GROUPS & filters.UpdateType.MESSAGE
NOTHING_SEEN = "🤔"
PERSONAL = ("stats", "mydata", "forgetme")  # commands about one person


async def mode_in(chat: int, context: Context) -> Mode:
    """The group's mode: which photos are read."""
    return (await context.bot_data.store.groups.find(chat)).mode or context.bot_data.settings.group_mode


async def read_asked(update: Update, context: Context) -> None:
    """Answer the photos of a batch that were asked for, or all with digits in mode ALL.

    They get one answer. A photo without digits that nobody asked about gets a reaction at most.
    """
    together = [message_of(each) for each in context.handling.updates]
    mode = await mode_in(together[0].chat.id, context)
    asked = _asked(together, mode)
    wanted = [each for each in together if each in asked or (mode is Mode.ALL and not each.sticker)]
    if not wanted:
        return
    _ = speech_of(update).gettext
    found = await read(wanted, context)
    worth_it = [each for each in found if each.message in asked or each.has_digits]
    if worth_it:
        await answer(worth_it, context, _)
    else:
        with suppress(BadRequest):  # the group doesn't allow this reaction: then stay silent
            await wanted[0].set_reaction(NOTHING_SEEN)
    note(found, context.handling, context.bot_data.settings)


def _asked(together: list[Message], mode: Mode) -> list[Message]:
    """The photos that ask; an album asks as a whole, by the caption of one photo."""
    asking = [each for each in together if asks(each, mode)]
    albums = {each.media_group_id for each in asking} - {None}
    return [each for each in together if each in asking or each.media_group_id in albums]


async def digit(update: Update, context: Context) -> None:
    """Handle /digit: read the picture it replies to or quotes, else say how to use it."""
    message = message_of(update)
    photo = asked_about(message)
    _ = speech_of(update).gettext
    if photo is None or _is_mine(photo):
        await message.reply_html(await _how_to(message, context, _), do_quote=True)
        return
    found = await read([photo], context)
    await answer(found, context, _)
    note(found, context.handling, context.bot_data.settings)


async def mention(update: Update, context: Context) -> None:
    """Handle a mention in reply to a picture: read it, except in mode QUIET."""
    message = message_of(update)
    if message.reply_to_message and _is_mine(message.reply_to_message):
        return
    if await mode_in(message.chat.id, context) is not Mode.QUIET:
        await digit(update, context)


async def _how_to(message: Message, context: Context, _: Gettext) -> str:
    if message.chat.type == ChatType.PRIVATE:
        return _("Just send me a photo, or reply to one with /digit.")
    return usage(await mode_in(message.chat.id, context), _)


async def between_us(update: Update, context: Context) -> None:
    """Answer a personal command with a button that opens the private chat."""
    _ = speech_of(update).gettext
    open_it = InlineKeyboardButton(_("Open our chat"), url=f"https://t.me/{context.bot.username}")
    words = _("That's private: please send it to me in our own chat.")
    await message_of(update).reply_html(words, reply_markup=InlineKeyboardMarkup([[open_it]]), do_quote=True)


def _is_mine(photo: Message) -> bool:
    return photo.from_user is not None and photo.from_user.id == photo.get_bot().id


HANDLERS = [
    CommandHandler(COMMAND, digit, filters.UpdateType.MESSAGE),
    CommandHandler(PERSONAL, between_us, IN_GROUPS),
    MessageHandler(IN_GROUPS & PICTURE, read_asked),
    MessageHandler(IN_GROUPS & MENTION_AT_A_PICTURE, mention),
]
