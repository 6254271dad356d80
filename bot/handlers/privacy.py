"""What is kept of a person: /privacy says it, /mydata sends it, /forgetme deletes it."""

import base64
import io
import json
from typing import Any

from telegram import Update
from telegram.ext import CommandHandler

from bot.context import Context, message_of
from bot.handlers.basics import NEW_IN_PRIVATE
from bot.i18n import Gettext, speech_of
from bot.store import Row


async def privacy(update: Update, context: Context) -> None:
    """Say what is kept, what for, for how long, and how to have it deleted."""
    _ = speech_of(update).gettext
    await message_of(update).reply_html(kept(context.bot_data.settings.keep_readings_days, _))


def kept(days: int, _: Gettext) -> str:
    """What is kept, a line each."""
    return "\n".join(
        (
            _("📷 Your photos: I read them and forget them."),
            _(
                "🔢 What I read: the digits, where they are, which message it was and who sent it, for {days} days, so"
                " that the buttons under my answers work."
            ).format(days=days),
            _(
                "✏️ What you tell me with ✓ and ✗: only if you agree, the cut-out digits of 28×28 pixels, what you say"
                " they are, and your id. I learn from them."
            ),
            _("📄 /mydata sends you all of it, /forgetme deletes it for good."),
        )
    )


async def my_data(update: Update, context: Context) -> None:
    """Send everything that is kept of the sender, as a file."""
    message = message_of(update)
    _ = speech_of(update).gettext
    tables = await context.bot_data.store.of_person(message.chat.id)
    if not any(tables.values()):
        await message.reply_html(_("I keep nothing of you."))
        return
    data = {name: [_readable(row) for row in rows] for name, rows in tables.items()}
    file = io.BytesIO(json.dumps(data, indent=1, ensure_ascii=False).encode())
    words = _("All that I keep of you. “pixels” are 28×28 grey values in base64, times are Unix seconds.")
    await message.reply_document(file, words, filename="mydata.json")


async def forget_me(update: Update, context: Context) -> None:
    """Delete everything that is kept of the sender, and say what it was."""
    message = message_of(update)
    _ = speech_of(update).gettext
    gone = await context.bot_data.store.forget(message.chat.id)
    if not any(gone.values()):
        await message.reply_html(_("I keep nothing of you."))
        return
    words = _("Deleted for good: {readings} readings, {corrections} corrections, and that you agreed.").format(**gone)
    learnt = _("Versions of my network that already learnt from them remain; they hold no pictures.")
    await message.reply_html(f"{words} {learnt}")


def _readable(row: Row) -> dict[str, Any]:
    return {name: base64.b64encode(v).decode() if isinstance(v, bytes) else v for name, v in row.items()}


HANDLERS = [
    CommandHandler("privacy", privacy, NEW_IN_PRIVATE),
    CommandHandler("mydata", my_data, NEW_IN_PRIVATE),
    CommandHandler("forgetme", forget_me, NEW_IN_PRIVATE),
]
