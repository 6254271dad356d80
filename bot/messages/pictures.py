"""The picture in a message: finding it, choosing its size, downloading it."""

from collections.abc import Sequence

from telegram import Bot, Document, Message, PhotoSize, Sticker, Update
from telegram.error import BadRequest
from telegram.ext import filters

from bot.transport.retries import patiently
from model.reading.result import N_

LONG_SIDE = 1280  # pixels: small digits need them, and more would only cost time
LARGEST = 20 * 1024**2  # bytes that Telegram lets a bot download
UNKNOWN_TYPE = "application/octet-stream"


class TooLarge(Exception):
    """A file larger than a bot may download."""

    sentence = N_("This file is larger than 20 MB, the most I can download. Please send it as a photo.")


class _PictureFile(filters.MessageFilter):
    """A document that is a picture, or of unknown type.

    Not a GIF: Telegram sends that as an animation and a document in one.
    """

    def filter(self, message: Message) -> bool:
        if message.document is None or message.animation is not None:
            return False
        mime_type = message.document.mime_type or UNKNOWN_TYPE
        return mime_type.startswith("image/") or mime_type == UNKNOWN_TYPE


PICTURE = filters.PHOTO | filters.Sticker.STATIC | _PictureFile()  # messages that have one


def has_picture(message: Message) -> bool:
    """Whether a message has a picture; for messages that aren't their own update."""
    return bool(PICTURE.check_update(Update(0, message)))


def picture_of(message: Message) -> PhotoSize | Document | Sticker:
    """The picture in a message that has one; of a photo, the best size to read."""
    return message.sticker or message.document or best_size(message.photo)


def best_size(sizes: Sequence[PhotoSize]) -> PhotoSize:
    """The largest size up to LONG_SIDE, else the smallest above."""
    by_size = sorted(sizes, key=lambda size: max(size.width, size.height))
    fitting = [size for size in by_size if max(size.width, size.height) <= LONG_SIDE]
    return fitting[-1] if fitting else by_size[0]


async def fetch(bot: Bot, picture: PhotoSize | Document | Sticker) -> bytes:
    """Download a picture. Raises TooLarge and TelegramError."""
    if (picture.file_size or 0) > LARGEST:
        raise TooLarge
    try:
        return await fetch_again(bot, picture.file_id)
    except BadRequest as error:
        if "too big" in error.message:
            raise TooLarge from error
        raise


async def fetch_again(bot: Bot, file_id: str) -> bytes:
    """Download a file that was sent earlier. Raises TelegramError."""
    file = await bot.get_file(file_id)
    return bytes(await patiently(file.download_as_bytearray))
