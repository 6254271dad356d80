"""The picture in a message: which messages have one, and which of a photo's sizes is read."""

from collections.abc import Sequence

from telegram import Document, Message, PhotoSize, Sticker, Update
from telegram.ext import filters

LONG_SIDE = 1280  # pixels: small digits need them, and more would only cost time
UNKNOWN_TYPE = "application/octet-stream"


class _PictureFile(filters.MessageFilter):
    """A file that is a picture, or whose type nobody told. A GIF isn't: it is an animation and a document in one."""

    def filter(self, message: Message) -> bool:
        if message.document is None or message.animation is not None:
            return False
        mime_type = message.document.mime_type or UNKNOWN_TYPE
        return mime_type.startswith("image/") or mime_type == UNKNOWN_TYPE


PICTURE = filters.PHOTO | filters.Sticker.STATIC | _PictureFile()  # messages that have one


def has_picture(message: Message) -> bool:
    """Whether there is one in a message that didn't come as an update of its own."""
    return bool(PICTURE.check_update(Update(0, message)))


def picture_of(message: Message) -> PhotoSize | Document | Sticker:
    """The picture in a message that has one: of a photo's sizes the one that is best to read."""
    return message.sticker or message.document or best_size(message.photo)


def best_size(sizes: Sequence[PhotoSize]) -> PhotoSize:
    """The largest size within LONG_SIDE, else the smallest above it."""
    by_size = sorted(sizes, key=lambda size: max(size.width, size.height))
    fitting = [size for size in by_size if max(size.width, size.height) <= LONG_SIDE]
    return fitting[-1] if fitting else by_size[0]
