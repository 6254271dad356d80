"""Pictures come in, as photos, files or stickers, and what was read goes back as one reply with buttons."""

from telegram import InlineKeyboardMarkup, Message, Update
from telegram.constants import ChatAction, ParseMode
from telegram.ext import MessageHandler, filters

from bot.buttons import under_answer, under_blank
from bot.chat_action import showing
from bot.context import Context, message_of
from bot.i18n import Gettext, speech_of
from bot.inbox.handling import current
from bot.kept import SeenDigit, SeenPhoto
from bot.pictures import PICTURE, TooLarge, fetch, picture_of
from bot.reading import Outcome
from bot.replies import Reply, reply_to, reply_to_album
from model.reading import PhotoError


async def read_pictures(update: Update, context: Context) -> None:
    """Fetch the picture, or all of an album, and reply with what was read, or why it couldn't be."""
    message = message_of(update)
    _ = speech_of(update).gettext
    pictures = [message_of(each) for each in current().updates]
    async with showing(message.chat, ChatAction.TYPING):
        found = [await _read(each, context) for each in pictures]
    read = [each.reading for each in found if isinstance(each, Outcome)]
    if not read:
        await send(message, _reply(found, _))
        return
    seen = [_seen(*each) for each in zip(pictures, found, strict=True)]
    model = read[0].model
    reading = await context.bot_data.store.add_reading(message.chat.id, _sender(message), seen, model)
    keyboard = (under_answer if any(photo.digits for photo in seen) else under_blank)(reading, _)
    answer = await send(message, _reply(found, _), keyboard)
    await context.bot_data.store.answered(reading, answer.message_id)


async def _read(message: Message, context: Context) -> Outcome | str:
    """What is in the picture, or the sentence that says why it can't be read."""
    try:
        photo = await fetch(context.bot, picture_of(message))
        return await context.bot_data.readers.read(photo)
    except (PhotoError, TooLarge) as error:
        return error.sentence


def _seen(message: Message, outcome: Outcome | str) -> SeenPhoto:
    """One that can't be read is kept too: people count an album's photos."""
    if isinstance(outcome, str):
        return SeenPhoto(message.message_id, picture_of(message).file_id, (0, 0), ())
    reading = outcome.reading
    digits = tuple(SeenDigit(each.digit, each.confidence, each.box) for each in reading.digits)
    return SeenPhoto(message.message_id, picture_of(message).file_id, reading.size, digits)


def _sender(message: Message) -> int:
    return message.from_user.id if message.from_user else message.chat.id


def _reply(found: list[Outcome | str], _: Gettext) -> Reply:
    if len(found) > 1:
        return reply_to_album(found, _)
    only = found[0]
    return Reply(_(only)) if isinstance(only, str) else reply_to(only, _)


async def send(message: Message, reply: Reply, keyboard: InlineKeyboardMarkup | None = None) -> Message:
    """Send the reply as an answer to `message`; gives the answer."""
    if reply.picture is None:
        return await message.reply_html(reply.text, reply_markup=keyboard, do_quote=True)
    async with showing(message.chat, ChatAction.UPLOAD_PHOTO):
        return await message.reply_photo(
            reply.picture, reply.text, parse_mode=ParseMode.HTML, reply_markup=keyboard, do_quote=True
        )


NEW_OR_EDITED = filters.UpdateType.MESSAGE | filters.UpdateType.EDITED_MESSAGE

HANDLERS = [MessageHandler(filters.ChatType.PRIVATE & NEW_OR_EDITED & PICTURE, read_pictures)]
