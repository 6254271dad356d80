"""Answers pictures (photos, files, stickers) with one reply and its buttons."""

from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from typing import Any, cast

from telegram import InlineKeyboardMarkup, InputMediaPhoto, Message, ReplyParameters, Update
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest
from telegram.ext import MessageHandler, filters

from bot.context import Context, message_of
from bot.handlers import errors
from bot.i18n import Gettext, speech_of
from bot.inbox import Answer
from bot.inbox.handling import Handling
from bot.messages.answer_log import note
from bot.messages.buttons import under_answer, under_blank
from bot.messages.chat_action import showing
from bot.messages.downloads import TooLarge
from bot.messages.found import Found
from bot.messages.people import name_in
from bot.messages.pictures import PICTURE, picture_of
from bot.messages.replies import Reply, reply_to, reply_to_several
from bot.readers.pool import Outcome, ReaderFailed, TooSlow
from bot.storage.records import KeptReading, SeenDigit, SeenPhoto
from bot.transport.polling import PollingBot
from model.reading.result import PhotoError


async def read_pictures(update: Update, context: Context) -> None:
    """Download the picture or album, and reply with the reading or why there is none."""
    found = await read([message_of(each) for each in context.handling.updates], context)
    await answer(found, context, speech_of(update).gettext)
    note(found, context.handling, context.bot_data.settings)


async def read(pictures: Sequence[Message], context: Context) -> list[Found]:
    """Download and read the pictures in messages of one chat."""
    async with showing(pictures[0].chat, ChatAction.TYPING):
        return [await read_one(each, context) for each in pictures]


async def answer(found: Sequence[Found], context: Context, _: Gettext) -> None:
    """Reply to the first picture with the readings of all, and buttons for the senders."""
    message, store = found[0].message, context.bot_data.store
    readings = []
    senders = dict.fromkeys(each.sender for each in found if each.has_digits)
    for sender in senders or [found[0].sender]:
        seen = [seen_in(each.message, each.outcome) for each in found if each.sender == sender]
        readings.append(await store.add_reading(message.chat.id, sender, seen, _version(found), context.handling.ids))
    sent = await _send(context.handling, message, _reply(found, _), _buttons(found, readings[0], _))
    context.handling.answers += [Answer(reading, sent.chat.id, sent.message_id) for reading in readings]


async def answer_again(message: Message, before: KeptReading, context: Context, _: Gettext) -> list[Found]:
    """Read a picture that replaced another, and edit the answer; rereads its album.

    Corrections of the old reading stay as they were.
    """
    store = context.bot_data.store
    others = [None if photo.message == message.message_id else photo for photo in before.photos]
    async with showing(message.chat, ChatAction.TYPING):
        found = [await read_one(message, context, other) for other in others]
    seen = [seen_in(message, each.outcome, other) for each, other in zip(found, others, strict=True)]
    reading = await store.add_reading(before.chat, before.person, seen, _version(found), context.handling.ids)
    reply, keyboard = _reply(found, _), _buttons(found, reading, _)
    answer = await _put_in_place(context.handling, message, cast("int", before.answer), reply, keyboard)
    context.handling.answers.append(Answer(reading, before.chat, answer))
    return found


async def read_one(message: Message, context: Context, other: SeenPhoto | None = None) -> Found:
    """Download and read the picture in a message, or an `other` one of its album."""
    stage, downloads = context.handling.stage, context.bot_data.downloads
    try:
        async with AsyncExitStack() as held:
            with stage("fetch"):
                fetched = downloads.again(other.file_id) if other else downloads.picture(picture_of(message))
                photo = await held.enter_async_context(fetched)
            with stage("read"):
                return Found(message, await context.bot_data.readers.read(photo))
    except (PhotoError, TooLarge, TooSlow) as error:
        return Found(message, error.sentence, refused_for=type(error).__name__)
    except (ReaderFailed, BadRequest) as error:  # our failure, or this file's: the others are still answered
        await errors.report(error, f"A picture of message {message.message_id}", context)
        return Found(message, errors.sentence_of(error, context), failed_for=type(error).__name__)


def seen_in(message: Message, outcome: Outcome | str | None, other: SeenPhoto | None = None) -> SeenPhoto:
    """A picture as stored; unreadable ones too, since people count an album's photos."""
    picture = picture_of(message)
    unread = other or SeenPhoto(message.message_id, picture.file_id, (0, 0), (), picture.file_unique_id)
    if not isinstance(outcome, Outcome):
        return replace(unread, size=(0, 0), digits=())
    reading = outcome.reading
    digits = tuple(SeenDigit(each.digit, each.confidence, each.box) for each in reading.digits)
    return replace(unread, size=reading.size, digits=digits)


def _version(found: Sequence[Found]) -> str:
    """The version of the model that read them; "" if none could be read."""
    return next((each.outcome.reading.model for each in found if isinstance(each.outcome, Outcome)), "")


def _buttons(found: Sequence[Found], reading: int, _: Gettext) -> InlineKeyboardMarkup | None:
    if any(each.has_digits for each in found):
        return under_answer(reading, _)
    return under_blank(reading, _) if any(isinstance(each.outcome, Outcome) for each in found) else None


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


async def _send(handling: Handling, message: Message, reply: Reply, keyboard: InlineKeyboardMarkup | None) -> Message:
    """Send the reply to `message`; returns the sent message."""
    bot = cast("PollingBot", message.get_bot())
    options: dict[str, Any] = {
        "parse_mode": ParseMode.HTML,
        "reply_markup": keyboard,
        "reply_parameters": ReplyParameters(message.message_id),
        "message_thread_id": message.message_thread_id if message.is_topic_message else None,
        "rate_limit_args": handling.check,
    }
    with handling.stage("send"):
        if reply.picture:
            try:
                async with showing(message.chat, ChatAction.UPLOAD_PHOTO):
                    return await bot.send_photo(message.chat.id, reply.picture, reply.text, **options)
            except BadRequest as error:
                if "rights to send photos" not in error.message:  # a group may forbid pictures
                    raise
        return await bot.send_message(message.chat.id, reply.text, **options)


async def _put_in_place(
    handling: Handling, message: Message, answer: int, reply: Reply, keyboard: InlineKeyboardMarkup | None
) -> int:
    """Edit an answer to `message`, or send a new one instead; returns the answer's id."""
    bot, chat = message.get_bot(), message.chat.id
    try:
        with handling.stage("send"):
            if reply.picture is None:
                await bot.edit_message_text(reply.text, chat, answer, parse_mode=ParseMode.HTML, reply_markup=keyboard)
            else:
                media = InputMediaPhoto(reply.picture, reply.text, ParseMode.HTML)
                await bot.edit_message_media(media, chat, answer, reply_markup=keyboard)
    except BadRequest:  # it was deleted, or it is a picture, which an edit can't make a text
        with suppress(BadRequest):
            await bot.delete_message(chat, answer)
        return (await _send(handling, message, reply, keyboard)).message_id
    return answer


HANDLERS = [MessageHandler(filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE & PICTURE, read_pictures)]
