"""Pictures come in, as photos, files or stickers, and what was read goes back as one reply."""

from telegram import Message, Update
from telegram.constants import ChatAction, ParseMode
from telegram.ext import MessageHandler, filters

from bot.chat_action import showing
from bot.context import Context, message_of
from bot.i18n import Gettext, speech_of
from bot.inbox.handling import current
from bot.pictures import PICTURE, TooLarge, fetch, picture_of
from bot.reading import Outcome
from bot.replies import Reply, reply_to, reply_to_album
from model.reading import PhotoError


async def read_pictures(update: Update, context: Context) -> None:
    """Fetch the picture, or all of an album, and reply with what was read, or why it couldn't be."""
    message = message_of(update)
    _ = speech_of(update).gettext
    async with showing(message.chat, ChatAction.TYPING):
        found = [await _read(message_of(each), context) for each in current().updates]
    await send(message, _reply(found, _))


async def _read(message: Message, context: Context) -> Outcome | str:
    """What is in the picture, or the sentence that says why it can't be read."""
    try:
        photo = await fetch(context.bot, picture_of(message))
        return await context.bot_data.readers.read(photo)
    except (PhotoError, TooLarge) as error:
        return error.sentence


def _reply(found: list[Outcome | str], _: Gettext) -> Reply:
    if len(found) > 1:
        return reply_to_album(found, _)
    only = found[0]
    return Reply(_(only)) if isinstance(only, str) else reply_to(only, _)


async def send(message: Message, reply: Reply) -> None:
    """Send the reply as an answer to `message`."""
    if reply.picture is None:
        await message.reply_html(reply.text, do_quote=True)
        return
    async with showing(message.chat, ChatAction.UPLOAD_PHOTO):
        await message.reply_photo(reply.picture, reply.text, parse_mode=ParseMode.HTML, do_quote=True)


NEW_OR_EDITED = filters.UpdateType.MESSAGE | filters.UpdateType.EDITED_MESSAGE

HANDLERS = [MessageHandler(filters.ChatType.PRIVATE & NEW_OR_EDITED & PICTURE, read_pictures)]
