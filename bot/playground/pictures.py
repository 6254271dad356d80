"""Pictures as Telegram makes them of what people and bots send: upright JPEGs in several sizes, and thumbnails.

Plain functions over bytes. Whoever serves strangers asks for them in `picture_workers`.
"""

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from model.reading.result import PhotoError

if TYPE_CHECKING:
    from PIL import Image

PHOTO_SIDES = (90, 320, 800, 1280)  # px, the long side of each size of a photo
THUMBNAIL_SIDE = 320  # px
QUALITY = 87  # of JPEG
RATIO = 20  # a photo's long side to its short one


class NotAPhoto(PhotoError):
    """Bytes that Telegram makes no photo of: no picture, a damaged one, or one too large to decode."""


class TooLongAPhoto(NotAPhoto):
    """A strip, more than 20 times as long as wide."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG and its size in pixels."""

    width: int
    height: int
    jpeg: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Measures:
    """What the head of a picture file says: Pillow's name of its format, pixels, whether it moves."""

    format: str
    width: int
    height: int
    animated: bool


def photo_sizes(data: bytes) -> list[Picture]:
    """A photo in all its sizes, smallest first; none larger than the original. Raises NotAPhoto, TooLongAPhoto."""
    image = _upright(data)
    longest = max(image.size)
    if longest > RATIO * min(image.size):
        raise TooLongAPhoto
    return [_scaled(image, side) for side in sorted({min(side, longest) for side in PHOTO_SIDES})]


def thumbnail(data: bytes) -> Picture | None:
    """A small picture of a file, None where the file isn't a picture."""
    try:
        image = _upright(data)
    except NotAPhoto:
        return None
    return _scaled(image, min(THUMBNAIL_SIDE, max(image.size)))


def measure(data: bytes) -> Measures | None:
    """What kind of picture a file is, None where it is none."""
    from model.reading.photo_file import decoding, opened

    try:
        with decoding(), opened(data) as image:
            return Measures(image.format or "", *image.size, bool(getattr(image, "is_animated", False)))
    except PhotoError:
        return None


def _upright(data: bytes) -> "Image.Image":
    """The picture in RGB, no larger than a photo is; transparency becomes paper."""
    from PIL import Image

    from model.reading.photo import decode_colour

    try:
        return Image.fromarray(decode_colour(data))
    except PhotoError as error:
        raise NotAPhoto from error


def _scaled(image: "Image.Image", side: int) -> Picture:
    from PIL import Image

    factor = side / max(image.size)
    width, height = (max(1, round(length * factor)) for length in image.size)
    if (width, height) != image.size:
        image = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY)
    return Picture(width, height, file.getvalue())
