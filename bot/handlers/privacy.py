"""What is kept of a person: /privacy says it, /mydata sends it, /forgetme deletes it."""

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

NOTHING_KEPT = N_("I keep nothing of you.")
DELETE, KEEP = "forget:delete", "forget:keep"


async def privacy(update: Update, context: Context) -> None:
    """Say what is kept, what for, for how long, and how to have it deleted."""
    await message_of(update).reply_html(kept(context.bot_data.settings.keep_readings_days, speech_of(update)))


def kept(days: int, speech: GNUTranslations) -> str:
    """What is kept, a line each."""
    _ = speech.gettext
    return "\n".join(
        (
            _("📷 Your photos: I read them and forget them."),
            speech.ngettext(
                "🔢 What I read: the digits, where they are, which message it was and who sent it, for {days} day, so"
                " that the buttons under my answers work.",
                "🔢 What I read: the digits, where they are, which message it was and who sent it, for {days} days, so"
                " that the buttons under my answers work.",
                days,
            ).format(days=days),
            _(
                "✏️ What you tell me with ✓ and ✗: only if you agree, the cut-out digits of 28×28 pixels, what you say"
                " they are, and your id. I learn from them."
            ),
            _("🎯 In a round of /demo I show your first name to those who play, and forget it at the end."),
            _("🌐 The language that you chose in /settings."),
            _("📄 /mydata sends you all of it, /forgetme deletes it for good."),
        )
    )


async def my_data(update: Update, context: Context) -> None:
    """Send everything that is kept of the sender, as a file."""
    message = message_of(update)
    _ = speech_of(update).gettext
    store = context.bot_data.store
    if not await store.knows(message.chat.id):
        await message.reply_html(_(NOTHING_KEPT))
        return
    words = _("All that I keep of you. “pixels” are 28×28 grey values in base64, times are Unix seconds.")
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
    """Ask whether to delete everything that is kept of the sender."""
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
        "Delete for good all that I keep of you? /mydata shows it. The buttons under my answers stop working then."
    )
    await message.reply_html(words, reply_markup=InlineKeyboardMarkup([keyboard]))


async def decided(query: CallbackQuery, context: Context, _: Gettext) -> str | None:
    """Delete everything that is kept of whoever pressed, and say what it was; or nothing."""
    person, message = query.from_user.id, query.message
    if not isinstance(message, Message):
        return _("This message is too old: write /forgetme again.")
    if query.data == KEEP:
        await message.edit_text(_("All right: nothing is deleted."))
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
        (gone["languages"], _("your choice of a language")),
        (
            gone["round_entries"],
            ngettext("{count} photo in a round", "{count} photos in rounds", gone["round_entries"]),
        ),
        (sheets, ngettext("{count} sheet that admins saw", "{count} sheets that admins saw", sheets)),
    ]
    parts = [f"· {words.format(count=count)}" for count, words in kinds if count]
    remains = [_("Versions of my network that already learnt from them remain; they hold no pictures.")]
    if left:
        sheet = ngettext(
            "{count} sheet is in the chat of an admin who blocked me; I delete it as soon as they unblock me.",
            "{count} sheets are in chats of admins who blocked me; I delete them as soon as they unblock me.",
            left,
        )
        remains.append(sheet.format(count=left))
    return "\n".join([_("Deleted for good:"), *parts, *remains])


async def take_back_sheets(context: Context) -> tuple[int, int]:
    """Delete what admins were shown of people who were forgotten.

    Gives how many messages are gone, and how many are left in chats of admins who blocked the bot.
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
    except BadRequest:  # deleted already, or too old for that: then its picture is replaced
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
