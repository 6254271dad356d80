"""Answers pictures (photos, files, stickers) with one reply and its buttons."""

from collections import Counter
from collections.abc import Sequence

from telegram import InlineKeyboardMarkup, Message, Update
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest
from telegram.ext import MessageHandler, filters

from bot.context import Context, message_of
from bot.handlers import errors
from bot.i18n import Gettext, speech_of
from bot.inbox.handling import current
from bot.messages.answer_log import note
from bot.messages.buttons import under_answer, under_blank
from bot.messages.chat_action import showing
from bot.messages.found import Found
from bot.messages.people import name_in
from bot.messages.pictures import PICTURE, TooLarge, fetch, picture_of
from bot.messages.replies import Reply, reply_to, reply_to_several
from bot.readers.pool import Outcome, ReaderFailed, TooSlow
from bot.storage.records import SeenDigit, SeenPhoto
from model.reading.result import PhotoError


async def read_pictures(update: Update, context: Context) -> None:
    """Download the picture or album, and reply with the reading or why there is none."""
    found = await read([message_of(each) for each in current().updates], context)
    await answer(found, context, speech_of(update).gettext)
    note(found, context.bot_data.settings)


async def read(pictures: Sequence[Message], context: Context) -> list[Found]:
    """Download and read the pictures in messages of one chat."""
    async with showing(pictures[0].chat, ChatAction.TYPING):
        return [await read_one(each, context) for each in pictures]


async def answer(found: Sequence[Found], context: Context, _: Gettext) -> None:
    """Reply to the first picture with the readings of all, and buttons for the senders."""
    message = found[0].message
    read = [each.outcome.reading for each in found if isinstance(each.outcome, Outcome)]
    if not read:
        await send(message, _reply(found, _))
        return
    store = context.bot_data.store
    readings = []
    senders = dict.fromkeys(each.sender for each in found if each.has_digits)
    for sender in senders or [found[0].sender]:
        seen = [seen_in(each.message, each.outcome) for each in found if each.sender == sender]
        readings.append(await store.add_reading(message.chat.id, sender, seen, read[0].model))
    keyboard = (under_answer if senders else under_blank)(readings[0], _)
    sent = await send(message, _reply(found, _), keyboard)
    for reading in readings:
        await store.answered(reading, sent.message_id)


async def read_one(message: Message, context: Context) -> Found:
    """Download and read the picture in a message."""
    stage = current().stage
    try:
        with stage("fetch"):
            photo = await fetch(context.bot, picture_of(message))
        with stage("read"):
            return Found(message, await context.bot_data.readers.read(photo))
    except (PhotoError, TooLarge, TooSlow) as error:
        return Found(message, error.sentence, refused_for=type(error).__name__)
    except (ReaderFailed, BadRequest) as error:  # our failure, or this file's: the others are still answered
        await errors.report(error, f"A picture of message {message.message_id}", context)
        return Found(message, errors.sentence_of(error), failed_for=type(error).__name__)


def seen_in(message: Message, outcome: Outcome | str | None) -> SeenPhoto:
    """A picture as stored; unreadable ones too, since people count an album's photos."""
    file_id = picture_of(message).file_id
    if not isinstance(outcome, Outcome):
        return SeenPhoto(message.message_id, file_id, (0, 0), ())
    reading = outcome.reading
    digits = tuple(SeenDigit(each.digit, each.confidence, each.box) for each in reading.digits)
    return SeenPhoto(message.message_id, file_id, reading.size, digits)


def _reply(found: Sequence[Found], _: Gettext) -> Reply:
    if len(found) > 1:
        return reply_to_several(list(zip(_names(found), (each.outcome for each in found), strict=True)), _)
    only = found[0].outcome
    return Reply(_(only)) if isinstance(only, str) else reply_to(only, _)


def _names(found: Sequence[Found]) -> list[str]:
    """Name each of several pictures: by number, or by sender if there are several."""
    if len({each.sender for each in found}) == 1:
        return [f"{number}." for number in range(1, len(found) + 1)]
    counts, so_far = Counter(each.sender for each in found), Counter[int]()
    names = []
    for each in found:
        so_far[each.sender] += 1
        number = f" {so_far[each.sender]}." if counts[each.sender] > 1 else ":"
        names.append(f"{name_in(each.message)}{number}")
    return names


async def send(message: Message, reply: Reply, keyboard: InlineKeyboardMarkup | None = None) -> Message:
    """Send the reply to `message`; returns the sent message."""
    with current().stage("send"):
        return await _send(message, reply, keyboard)


async def _send(message: Message, reply: Reply, keyboard: InlineKeyboardMarkup | None) -> Message:
    if reply.picture is None:
        return await message.reply_html(reply.text, reply_markup=keyboard, do_quote=True)
    try:
        async with showing(message.chat, ChatAction.UPLOAD_PHOTO):
            return await message.reply_photo(
                reply.picture, reply.text, parse_mode=ParseMode.HTML, reply_markup=keyboard, do_quote=True
            )
    except BadRequest as error:
        if "rights to send photos" not in error.message:  # a group may forbid pictures
            raise
        return await message.reply_html(reply.text, reply_markup=keyboard, do_quote=True)


NEW_OR_EDITED = filters.UpdateType.MESSAGE | filters.UpdateType.EDITED_MESSAGE

HANDLERS = [MessageHandler(filters.ChatType.PRIVATE & NEW_OR_EDITED & PICTURE, read_pictures)]
