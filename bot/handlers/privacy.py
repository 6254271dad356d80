"""What is stored about a person: /privacy says it, /mydata sends it, /forgetme deletes it."""

import asyncio
import base64
import json
from collections.abc import Sequence
from contextlib import suppress
from gettext import GNUTranslations
from tempfile import TemporaryFile
from typing import IO, Any

from telegram import (
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    InputMediaPhoto,
    Message,
    Update,
)
from telegram.error import BadRequest, Forbidden
from telegram.ext import CallbackQueryHandler, CommandHandler, filters

from bot.context import Context, message_of
from bot.handlers.basics import NEW_IN_PRIVATE
from bot.i18n import Gettext, speech_of
from bot.messages.callback_queries import answered_with
from bot.storage.store import JSON, Row, Store
from model.reading.result import N_

NOTHING_KEPT = N_("I store nothing about you.")
DELETE, KEEP = "forget:delete", "forget:keep"


async def privacy(update: Update, context: Context) -> None:
    """Say what is stored, why, for how long, and how to delete it."""
    await message_of(update).reply_html(kept(context.bot_data.settings.keep_readings_days, speech_of(update)))


def kept(days: int, speech: GNUTranslations) -> str:
    """What is stored, one line each."""
    _ = speech.gettext
    return "\n".join(
        (
            _("📷 Your photos: I read them and forget them."),
            speech.ngettext(
                "🔢 What I read: the digits, their positions, the message and who sent it. I keep this for {days} day,"
                " so that the buttons under my answers work.",
                "🔢 What I read: the digits, their positions, the message and who sent it. I keep this for {days}"
                " days, so that the buttons under my answers work.",
                days,
            ).format(days=days),
            _(
                "✏️ What you tell me with ✓ and ✗: only if you agree, I keep the cropped digits (28×28 pixels), your"
                " answer and your id, and learn from them."
            ),
            _("🎯 During a round of /demo I show your first name to the players, and forget it when the round ends."),
            _("🌐 The language you chose in /settings."),
            _("📄 /mydata sends you all of this, /forgetme deletes it for good."),
        )
    )


async def my_data(update: Update, context: Context) -> None:
    """Send everything stored about the sender, as a file."""
    message = message_of(update)
    _ = speech_of(update).gettext
    store = context.bot_data.store
    if not await store.knows(message.chat.id):
        await message.reply_html(_(NOTHING_KEPT))
        return
    words = _("Everything I store about you. “pixels” are 28×28 grey values in base64, times are Unix seconds.")
    with TemporaryFile() as file:  # it may be many megabytes, for several people at once
        await _write(store, message.chat.id, file)
        document = InputFile(file, "mydata.json", attach=True, read_file_handle=False)
        await message.reply_document(document, words)


async def _write(store: Store, person: int, file: IO[bytes]) -> None:
    """Write what is kept of a person as JSON, a row a line; in a thread, for it may take its time."""
    before = ""
    async for table, rows in store.pages_of(person):
        begin = ",\n" if table == before else f'{"]," if before else "{"}\n"{table}": [\n'
        before = table
        await asyncio.to_thread(lambda begin, rows: file.write((begin + _lines(rows)).encode()), begin, rows)
    file.write(b"]\n}\n" if before else b"{}\n")  # the latter where it was deleted just now


def _lines(rows: Sequence[Row]) -> str:
    return ",\n".join(_line(row) for row in rows)


def _line(row: Row) -> str:
    values = (f"{json.dumps(name)}: {value if name in JSON else _readable(value)}" for name, value in row.items())
    return f" {{{', '.join(values)}}}"


def _readable(value: Any) -> str:
    return json.dumps(base64.b64encode(value).decode() if isinstance(value, bytes) else value, ensure_ascii=False)


async def forget_me(update: Update, context: Context) -> None:
    """Ask whether to delete everything stored about the sender."""
    message = message_of(update)
    _ = speech_of(update).gettext
    if not await context.bot_data.store.knows(message.chat.id):
        await context.bot_data.inbox.forget(message.chat.id)
        await message.reply_html(_(NOTHING_KEPT))
        return
    keyboard = [
        InlineKeyboardButton(_("Delete it"), callback_data=DELETE),
        InlineKeyboardButton(_("Keep it"), callback_data=KEEP),
    ]
    words = _(
        "Delete everything I store about you, for good? /mydata shows it. The buttons under my earlier answers will"
        " stop working."
    )
    await message.reply_html(words, reply_markup=InlineKeyboardMarkup([keyboard]))


async def decided(query: CallbackQuery, context: Context, _: Gettext) -> str | None:
    """Delete everything stored about the presser and say what it was, or keep it."""
    person, message = query.from_user.id, query.message
    if not isinstance(message, Message):
        return _("This message is too old. Send /forgetme again.")
    if query.data == KEEP:
        await message.edit_text(_("All right, I've deleted nothing."))
        return None
    gone = await context.bot_data.store.forget(person)
    await context.bot_data.inbox.forget(person)
    sheets, left = await take_back_sheets(context)
    speech = speech_of(Update(0, callback_query=query))
    await message.edit_text(_what_is_gone(gone, sheets, left, speech) if any(gone.values()) else _(NOTHING_KEPT))
    return None


def _what_is_gone(gone: dict[str, int], sheets: int, left: int, speech: GNUTranslations) -> str:
    _, ngettext = speech.gettext, speech.ngettext
    kinds = [
        (gone["readings"], ngettext("{count} reading", "{count} readings", gone["readings"])),
        (gone["corrections"], ngettext("{count} correction", "{count} corrections", gone["corrections"])),
        (gone["people"], _("your consent")),
        (gone["languages"], _("your choice of language")),
        (
            gone["round_entries"],
            ngettext("{count} photo in a round", "{count} photos in rounds", gone["round_entries"]),
        ),
        (sheets, ngettext("{count} sheet shown to admins", "{count} sheets shown to admins", sheets)),
    ]
    parts = [f"· {words.format(count=count)}" for count, words in kinds if count]
    remains = [_("Versions of my network already trained on them stay; they contain no pictures.")]
    if left:
        sheet = ngettext(
            "{count} sheet is in the chat of an admin who blocked me; I'll delete it as soon as they unblock me.",
            "{count} sheets are in chats of admins who blocked me; I'll delete them as soon as they unblock me.",
            left,
        )
        remains.append(sheet.format(count=left))
    return "\n".join([_("Deleted for good:"), *parts, *remains])


async def take_back_sheets(context: Context) -> tuple[int, int]:
    """Delete the sheets that showed admins data of people who have been forgotten.

    Returns how many messages are gone, and how many are left with admins who blocked the bot.
    """
    sheets = await context.bot_data.store.sheets_to_take_back()
    left = 0
    for chat, message in sheets:
        try:
            await _take_back(chat, message, context)
        except Forbidden:
            left += 1
        else:
            await context.bot_data.store.sheet_gone(chat, message)
    return len(sheets) - left, left


async def _take_back(chat: int, message: int, context: Context) -> None:
    try:
        await context.bot.delete_message(chat, message)
    except BadRequest:  # already deleted, or too old to delete: then replace its picture
        with suppress(BadRequest):
            await context.bot.edit_message_media(InputMediaPhoto(BLANK), chat, message)


# A white PNG of 8×8 pixels.
BLANK = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAAAAADhZOFXAAAADklEQVR42mP4DwUMlDEA98A/wa9cD80AAAAASUVORK5CYII="
)

HANDLERS = [
    CommandHandler("privacy", privacy, filters.UpdateType.MESSAGE),
    CommandHandler("mydata", my_data, NEW_IN_PRIVATE),
    CommandHandler("forgetme", forget_me, NEW_IN_PRIVATE),
    CallbackQueryHandler(answered_with(decided), f"^({DELETE}|{KEEP})$"),
]
