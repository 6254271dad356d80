"""Edited messages: rereads a replaced picture and edits the answer; ignores other edits."""

from telegram import Update
from telegram.constants import ChatType
from telegram.ext import MessageHandler, filters

from bot.context import Context, message_of
from bot.handlers.groups import read_asked
from bot.handlers.photos import answer, answer_again, read, read_pictures
from bot.i18n import speech_of
from bot.messages.answer_log import note
from bot.messages.pictures import PICTURE, picture_of


async def edited(update: Update, context: Context) -> None:
    """Answer an edited picture again if needed; one without an answer as if sent now."""
    message, store = message_of(update), context.bot_data.store
    if context.bot_data.show.plays(message):  # it counts as it was sent
        return
    before = await store.reading_with(message.chat.id, message.message_id)
    if before is None:
        await (read_pictures if message.chat.type == ChatType.PRIVATE else read_asked)(update, context)
        return
    (known,) = (photo.unique_id for photo in before.photos if photo.message == message.message_id)
    if picture_of(message).file_unique_id == known:
        return
    _ = speech_of(update).gettext
    if await store.is_shared(before):  # the lines of others can't be made again without their names
        found = await read([message], context)
        await answer(found, context, _)
    else:
        found = await answer_again(message, before, context, _)
    note(found, context.handling, context.bot_data.settings)


IN_CHATS = filters.ChatType.PRIVATE | filters.ChatType.GROUPS

HANDLERS = [MessageHandler(IN_CHATS & filters.UpdateType.EDITED_MESSAGE & PICTURE, edited)]
