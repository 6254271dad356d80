"""/start, /help and /about, and a friendly reply to anything that isn't a picture."""

from importlib.metadata import version

from telegram import Message, Update
from telegram.constants import ChatType
from telegram.ext import CommandHandler, MessageHandler, filters

from bot.context import Context, message_of
from bot.i18n import Gettext, speech_of
from bot.learning.version_words import UNKNOWN, accuracy
from bot.transport.profile import introduce_to_admin
from model.reading.result import N_

HOW_TO_WRITE = N_(
    "✏️ I read best when the digits are large and dark on plain paper, photographed from above in good light."
)
WHAT_IS_READ = N_("🔢 I read the digits 0 to 9 and skip letters and other signs.")
NEW_IN_PRIVATE = filters.ChatType.PRIVATE & filters.UpdateType.MESSAGE


async def start(update: Update, context: Context) -> None:
    """Say what the bot does, and the sender's id while it has no admin.

    An admin gets the admins' command menu.
    """
    message = message_of(update)
    _ = speech_of(update).gettext
    text = what_i_do(_)
    admins = context.bot_data.settings.admin_ids
    if not admins:
        id_ = _("I have no admin yet. To become one, put your id into ADMIN_IDS in my settings: {id}")
        text += "\n\n" + id_.format(id=f"<code>{message.chat.id}</code>")
    await message.reply_html(text)
    if message.chat.id in admins:
        await introduce_to_admin(context.bot, message.chat.id)


async def help_(update: Update, context: Context) -> None:
    """Say what the bot does, and list the other commands."""
    _ = speech_of(update).gettext
    more = (
        _("👥 In a group, reply to a photo with /digit, or to me with a photo. /settings has more."),
        _("⚙️ /settings: your language. /stats: how often I'm right. /about: my version."),
    )
    await message_of(update).reply_html("\n".join([what_i_do(_), *more]))


async def about(update: Update, context: Context) -> None:
    """Name the program's and the model's version, with the model's accuracy."""
    message = message_of(update)
    _ = speech_of(update).gettext
    lines = [_("digitbot {version} reads handwritten digits from photos.").format(version=version("digitbot"))]
    model = await context.bot_data.versions.serving()
    share = accuracy(model, "test", _)
    known = (
        _("Model {name}.") if share == UNKNOWN else _("Model {name}: reads {share} of MNIST's test digits correctly.")
    )
    lines.append(known.format(name=model.name, share=share))
    await message.reply_html("\n".join(lines), do_quote=message.chat.type != ChatType.PRIVATE)


def what_i_do(_: Gettext) -> str:
    """What the bot does, how to photograph a digit well, and what it doesn't read: a line each."""
    return "\n".join(
        (
            _("📷 Send me a photo of handwritten digits, and I'll tell you what they are and how sure I am."),
            _(HOW_TO_WRITE),
            _(WHAT_IS_READ),
            _("✓ ✗ Tell me whether I was right: press a button, or reply with the right number. /privacy"),
            _("🎲 /demo is a game for one player or a whole class; /demo tour shows how I read."),
        )
    )


async def ask_for_a_picture(update: Update, context: Context) -> None:
    """Answer anything but a picture by saying what to send instead."""
    message = message_of(update)
    _ = speech_of(update).gettext
    instead = _("Please send me a photo of a handwritten digit.")
    await message.reply_html(f"{what_came(message, _)}\n{instead}")


def what_came(message: Message, _: Gettext) -> str:
    """One sentence that shows what kind of message was received."""
    if message.text:
        return _("I don't chat, but I do read handwritten digits.")
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
    CommandHandler("about", about, filters.UpdateType.MESSAGE),
]
# Comes last: whatever no other handler took.
REST = MessageHandler(NEW_IN_PRIVATE & ~filters.StatusUpdate.ALL, ask_for_a_picture)
