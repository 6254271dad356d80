"""The picture in a message: finding it and choosing its size."""

from collections.abc import Sequence
from typing import TypeAlias, cast

from telegram import Document, ExternalReplyInfo, Message, PhotoSize, Sticker
from telegram.ext import filters

PREFERRED_SIDE = 1280  # pixels of the long side: small digits need them, and more would only cost time
UNKNOWN_TYPE = "application/octet-stream"

Picture: TypeAlias = PhotoSize | Document | Sticker


def picture_in(message: Message | ExternalReplyInfo) -> Picture | None:
    """Find the picture in a message; of a photo, the best size to read.

    A file counts if its type says so or is unknown; a GIF, which Telegram sends as an animation and a document,
    doesn't.
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
    """A message's own picture, else the one that it quotes from another chat."""
    return cast("Picture", picture_in(message) or picture_in(cast("ExternalReplyInfo", message.external_reply)))


def asked_about(message: Message) -> Message | None:
    """The message whose picture a text asks about: the one it replies to, or itself.

    Itself if it quotes a picture from another chat.
    """
    replied, quoted = message.reply_to_message, message.external_reply
    if replied is not None and picture_in(replied):
        return replied
    return message if quoted is not None and picture_in(quoted) else None


class _Picture(filters.MessageFilter):
    """A message with a picture."""

    def filter(self, message: Message) -> bool:
        return picture_in(message) is not None


PICTURE = _Picture()


def best_size(sizes: Sequence[PhotoSize]) -> PhotoSize:
    """The largest size with a long side within PREFERRED_SIDE, else the smallest above it."""
    by_size = sorted(sizes, key=lambda size: max(size.width, size.height))
    fitting = [size for size in by_size if max(size.width, size.height) <= PREFERRED_SIDE]
    return fitting[-1] if fitting else by_size[0]
