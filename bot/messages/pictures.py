"""The picture in a message: which messages have one, which of a photo's sizes is read, and how it is fetched."""

from collections.abc import Sequence
from typing import TypeAlias, cast

from telegram import Bot, Document, ExternalReplyInfo, Message, PhotoSize, Sticker
from telegram.error import BadRequest
from telegram.ext import filters

from bot.transport.retries import patiently
from model.reading.result import N_

LONG_SIDE = 1280  # pixels: small digits need them, and more would only cost time
LARGEST = 20 * 1024**2  # bytes that Telegram lets a bot download
UNKNOWN_TYPE = "application/octet-stream"

Picture: TypeAlias = PhotoSize | Document | Sticker


class TooLarge(Exception):
    """A file above what a bot may download."""

    sentence = N_("This file is larger than 20 MB, the most that I can fetch. Please send it as a photo.")


def picture_in(message: Message | ExternalReplyInfo) -> Picture | None:
    """Find the picture in a message: of a photo's sizes the one that is best to read.

    A file counts where its type says so or nobody told it; a GIF, which is an animation and a document in one, doesn't.
    """
    if message.photo:
        return best_size(message.photo)
    if message.sticker:
        return None if message.sticker.is_animated or message.sticker.is_video else message.sticker
    if message.document is None or message.animation is not None:
        return None
    mime_type = message.document.mime_type or UNKNOWN_TYPE
    return message.document if mime_type.startswith("image/") or mime_type == UNKNOWN_TYPE else None


def picture_of(message: Message) -> Picture:
    """The picture that a message brings: its own, else the one that it quotes from another chat."""
    return cast("Picture", picture_in(message) or picture_in(cast("ExternalReplyInfo", message.external_reply)))


def asked_about(message: Message) -> Message | None:
    """The message whose picture a text may ask about: the one it answers, or itself where it quotes another chat's."""
    replied, quoted = message.reply_to_message, message.external_reply
    if replied is not None and picture_in(replied):
        return replied
    return message if quoted is not None and picture_in(quoted) else None


class _Picture(filters.MessageFilter):
    """A message that has one."""

    def filter(self, message: Message) -> bool:
        return picture_in(message) is not None


PICTURE = _Picture()


def best_size(sizes: Sequence[PhotoSize]) -> PhotoSize:
    """The largest size within LONG_SIDE, else the smallest above it."""
    by_size = sorted(sizes, key=lambda size: max(size.width, size.height))
    fitting = [size for size in by_size if max(size.width, size.height) <= LONG_SIDE]
    return fitting[-1] if fitting else by_size[0]


async def fetch(bot: Bot, picture: Picture) -> bytes:
    """The picture's bytes. Raises TooLarge, and TelegramError when Telegram doesn't give them."""
    if (picture.file_size or 0) > LARGEST:
        raise TooLarge
    try:
        return await fetch_again(bot, picture.file_id)
    except BadRequest as error:
        if "too big" in error.message:
            raise TooLarge from error
        raise


async def fetch_again(bot: Bot, file_id: str) -> bytes:
    """The bytes of a file that was sent at some time. Raises TelegramError when Telegram doesn't give them."""
    file = await bot.get_file(file_id)
    return bytes(await patiently(file.download_as_bytearray))
