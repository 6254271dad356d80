"""The picture in a message: which messages have one, and which of a photo's sizes is read."""

from collections.abc import Sequence
from typing import TypeAlias, cast

from telegram import Document, ExternalReplyInfo, Message, PhotoSize, Sticker
from telegram.ext import filters

PREFERRED_SIDE = 1280  # pixels of the long side: small digits need them, and more would only cost time
UNKNOWN_TYPE = "application/octet-stream"

Picture: TypeAlias = PhotoSize | Document | Sticker


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
    """The largest size with a long side within PREFERRED_SIDE, else the smallest above it."""
    by_size = sorted(sizes, key=lambda size: max(size.width, size.height))
    fitting = [size for size in by_size if max(size.width, size.height) <= PREFERRED_SIDE]
    return fitting[-1] if fitting else by_size[0]
