"""Pictures as Telegram makes them of what people and bots send: upright JPEGs in several sizes, and thumbnails.

Plain functions over bytes, for a thread where the event loop must not wait.
"""

import io
import struct
import zlib
from dataclasses import dataclass, field

from PIL import Image, ImageOps

PHOTO_SIDES = (90, 320, 800, 1280)  # px, the long side of each size of a photo
THUMBNAIL_SIDE = 320  # px
QUALITY = 87  # of JPEG
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
PIXELS = 100_000_000
RATIO = 20  # a photo's long side to its short one
# What Pillow raises for bytes that aren't, or are only half, the picture that they begin as.
BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, struct.error, zlib.error)


class NotAPhoto(Exception):
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
    image = _upright(data, max(PHOTO_SIDES))
    longest = max(image.size)
    if longest > RATIO * min(image.size):
        raise TooLongAPhoto
    return [_scaled(image, side) for side in sorted({min(side, longest) for side in PHOTO_SIDES})]


def thumbnail(data: bytes) -> Picture | None:
    """A small picture of a file, None where the file isn't a picture."""
    try:
        image = _upright(data, THUMBNAIL_SIDE)
    except NotAPhoto:
        return None
    return _scaled(image, min(THUMBNAIL_SIDE, max(image.size)))


def measure(data: bytes) -> Measures | None:
    """What kind of picture a file is, None where it is none."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            return Measures(image.format or "", *image.size, bool(getattr(image, "is_animated", False)))
    except (*BROKEN, Image.DecompressionBombError):
        return None


def _upright(data: bytes, side: int) -> Image.Image:
    """The picture in RGB, turned as EXIF says; a large JPEG decoded no larger than `side` needs."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > PIXELS:
                raise NotAPhoto
            image.draft("RGB", (side, side))
            return _on_white(ImageOps.exif_transpose(image))
    except (*BROKEN, Image.DecompressionBombError) as error:
        raise NotAPhoto from error


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits a pixel, which convert() would cut off at 255
        image = image.point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")


def _scaled(image: Image.Image, side: int) -> Picture:
    factor = side / max(image.size)
    width, height = (max(1, round(length * factor)) for length in image.size)
    if (width, height) != image.size:
        image = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY)
    return Picture(width, height, file.getvalue())
