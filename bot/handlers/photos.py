"""A picture comes in, as a photo, a file or a sticker, and its reading goes back as a reply to it."""

from collections.abc import Sequence

from telegram import Bot, Document, Message, PhotoSize, Sticker, Update
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest
from telegram.ext import MessageHandler, filters

from bot.chat_action import showing
from bot.context import Context, message_of
from bot.i18n import speech_of
from bot.reading import Busy
from bot.replies import Reply, reply_to
from bot.retries import patiently
from model.reading import N_, PhotoError

LONG_SIDE = 1280  # pixels: small digits need them, and more would only cost time
LARGEST = 20 * 1024**2  # bytes that Telegram lets a bot download
UNKNOWN_TYPE = "application/octet-stream"


class TooLarge(Exception):
    """A file above what a bot may download."""

    sentence = N_("This file is larger than 20 MB, the most that I can fetch. Please send it as a photo.")


async def read_picture(update: Update, context: Context) -> None:
    """Fetch the picture, read it, and reply with what was read, or why it couldn't be."""
    message = message_of(update)
    _ = speech_of(update).gettext
    try:
        async with showing(message.chat, ChatAction.TYPING):
            photo = await fetch(context.bot, picture_of(message))
            outcome = await context.bot_data.readers.read(photo)
    except (PhotoError, TooLarge, Busy) as error:
        await message.reply_html(_(error.sentence), do_quote=True)
    else:
        await send(message, reply_to(outcome, _))


def picture_of(message: Message) -> PhotoSize | Document | Sticker:
    """The picture in a message: of a photo's sizes the one that is best to read."""
    return message.sticker or message.document or best_size(message.photo)


def best_size(sizes: Sequence[PhotoSize]) -> PhotoSize:
    """The largest size within LONG_SIDE, else the smallest above it."""
    by_size = sorted(sizes, key=lambda size: max(size.width, size.height))
    fitting = [size for size in by_size if max(size.width, size.height) <= LONG_SIDE]
    return fitting[-1] if fitting else by_size[0]


async def fetch(bot: Bot, picture: PhotoSize | Document | Sticker) -> bytes:
    """The picture's bytes. Raises TooLarge, and TelegramError when Telegram doesn't give them."""
    if (picture.file_size or 0) > LARGEST:
        raise TooLarge
    try:
        file = await bot.get_file(picture)
    except BadRequest as error:
        if "too big" in error.message:
            raise TooLarge from error
        raise
    return bytes(await patiently(file.download_as_bytearray))


async def send(message: Message, reply: Reply) -> None:
    """Send the reply as an answer to `message`."""
    if reply.picture is None:
        await message.reply_html(reply.text, do_quote=True)
        return
    async with showing(message.chat, ChatAction.UPLOAD_PHOTO):
        await message.reply_photo(reply.picture, reply.text, parse_mode=ParseMode.HTML, do_quote=True)


class _PictureFile(filters.MessageFilter):
    """A file that is a picture, or whose type nobody told. A GIF isn't: it is an animation and a document in one."""

    def filter(self, message: Message) -> bool:
        if message.document is None or message.animation is not None:
            return False
        mime_type = message.document.mime_type or UNKNOWN_TYPE
        return mime_type.startswith("image/") or mime_type == UNKNOWN_TYPE


PICTURE = filters.PHOTO | filters.Sticker.STATIC | _PictureFile()
NEW_OR_EDITED = filters.UpdateType.MESSAGE | filters.UpdateType.EDITED_MESSAGE

HANDLERS = [MessageHandler(filters.ChatType.PRIVATE & NEW_OR_EDITED & PICTURE, read_picture)]
