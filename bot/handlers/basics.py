"""/start and /help, and a friendly word to whatever isn't a picture."""

from telegram import Message, Update
from telegram.ext import CommandHandler, MessageHandler, filters

from bot.context import Context, message_of
from bot.i18n import Gettext, speech_of
from bot.profile import introduce_to_admin

NEW_IN_PRIVATE = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE


async def start(update: Update, context: Context) -> None:
    """Say what the bot does; while it has no admin, also the sender's id. An admin gets their own menu."""
    message = message_of(update)
    _ = speech_of(update).gettext
    text = about(_)
    admins = context.bot_data.settings.admin_ids
    if not admins:
        id_ = _("I have no admin yet. Your id, for ADMIN_IDS in my settings: {id}")
        text += "\n\n" + id_.format(id=f"<code>{message.chat.id}</code>")
    await message.reply_html(text)
    if message.chat.id in admins:
        await introduce_to_admin(context.bot, message.chat.id)


async def help_(update: Update, context: Context) -> None:
    """Say what the bot does."""
    await message_of(update).reply_html(about(speech_of(update).gettext))


def about(_: Gettext) -> str:
    """What the bot does, how to photograph a digit well, and what it doesn't read: a line each."""
    return "\n".join(
        (
            _("📷 Send me a photo of handwritten digits, and I tell you what they are and how sure I am."),
            _("✏️ I read best what is written large and dark on plain paper, photographed from above in good light."),
            _("🔢 I read the digits 0 to 9; signs and letters I leave out."),
            _("✓ ✗ Tell me with the buttons, or by replying with the right number, whether I was right. /privacy"),
        )
    )


async def ask_for_a_picture(update: Update, context: Context) -> None:
    """Something else than a picture came: say what to send instead."""
    message = message_of(update)
    _ = speech_of(update).gettext
    instead = _("Please send me a photo of a handwritten digit.")
    await message.reply_html(f"{what_came(message, _)} {instead}")


def what_came(message: Message, _: Gettext) -> str:
    """One sentence that shows that the message was understood, if not liked."""
    if message.text:
        return _("I don't chat, I read handwritten digits.")
    if message.animation or message.sticker or message.video or message.video_note:
        return _("Moving pictures are too quick for me.")
    if message.voice or message.audio:
        return _("I have eyes but no ears.")
    if message.document:
        return _("I can't read this kind of file.")
    return _("That isn't something I can read.")


HANDLERS = [
    CommandHandler("start", start, NEW_IN_PRIVATE),
    CommandHandler("help", help_, NEW_IN_PRIVATE),
]
# After every other handler: what none of them took.
REST = MessageHandler(NEW_IN_PRIVATE & ~filters.StatusUpdate.ALL, ask_for_a_picture)
