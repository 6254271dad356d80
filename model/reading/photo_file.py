"""Bytes of a photo → an opened picture, whose decoder will take no more memory than it may.

Photos are hostile input: a fixed list of decoders, what each will allocate reckoned from the file's head before a pixel
is decoded, one clear error each.
"""

import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile
from PIL.TiffImagePlugin import TiffImageFile

from model.reading.result import BrokenPicture, HeicPicture, NotAPicture, PhotoError, TooManyPixels

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")  # Pillow knows about 40, one of them runs Ghostscript
MAX_PIXELS = 40_000_000  # these are decoded whole
MAX_ONE_SCAN_JPEG_PIXELS = 120_000_000  # these are decoded at a fraction of their size, row by row
MAX_BYTES = 200_000_000  # that a decoder may allocate: what it makes and what it keeps meanwhile
HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")  # ISO/IEC 23008-12

PIXEL = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2}  # bytes that Pillow takes for one; 4 for all others
WEBP_PIXEL = 16  # libwebp's animation decoder keeps two pictures, and gives a third, which Pillow copies

JPEG = b"\xff\xd8\xff"
START_OF_FRAME = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}  # ITU-T T.81, B.1
PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
START_OF_SCAN = 0xDA
ALONE = {0x01, *range(0xD0, 0xD9)}  # markers without a length: TEM, RST, SOI
COEFFICIENTS = 128  # bytes that libjpeg keeps for a block of 8×8

TIFF_WIDTH, TIFF_HEIGHT, TIFF_BITS, TIFF_ORIENTATION = 256, 257, 258, 274
TIFF_SAMPLES, TIFF_STRIP_HEIGHT, TIFF_TILE_WIDTH, TIFF_TILE_HEIGHT = 277, 278, 322, 323


@contextmanager
def decoding() -> Iterator[None]:
    """Whatever a decoder raises in the block, it met a file that it can't make a picture of."""
    try:
        yield
    except (MemoryError, PhotoError):  # the first is a reader's own limit, whatever the file is
        raise
    except Image.DecompressionBombError as error:
        raise TooManyPixels from error
    except UnidentifiedImageError as error:
        raise NotAPicture from error
    except Exception as error:
        raise BrokenPicture from error


def opened(data: bytes) -> Image.Image:
    """The picture in `data`, of which nothing but the head is decoded yet. Raises a PhotoError."""
    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS:
        raise HeicPicture
    if data.startswith(b"RIFF") and WEBP_PIXEL * _webp_pixels(data) > MAX_BYTES:  # its decoder begins as it is opened
        raise TooManyPixels
    with decoding(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's opinion on sizes and metadata: the limits here are ours
        file = io.BytesIO(data)
        # of an MPO, several JPEGs in one file, the first
        image = JpegImageFile(file) if data.startswith(JPEG) else Image.open(file, formats=FORMATS)
        if isinstance(image, JpegImageFile):
            allocated = _coefficients(data)
            most = MAX_PIXELS if allocated else MAX_ONE_SCAN_JPEG_PIXELS
        else:
            allocated, most = _allocated(image), MAX_PIXELS
        if image.width * image.height > most or allocated > MAX_BYTES:
            raise TooManyPixels
    return image


def _allocated(image: Image.Image) -> int:
    """Bytes of the whole decoded picture, and of what its decoder keeps beside it."""
    if image.format == "WEBP":
        return 0  # what it takes was looked at before
    whole = PIXEL.get(image.mode, 4) * image.width * image.height
    return whole + _beside_tiff(image, whole) if isinstance(image, TiffImageFile) else whole


def _webp_pixels(data: bytes) -> int:
    """How many the head of a WebP tells (RFC 9649)."""
    kind, head = data[12:16], data[20:30].ljust(10, b"\0")
    if kind == b"VP8X":
        width, height = (1 + int.from_bytes(head[at : at + 3], "little") for at in (4, 7))
    elif kind == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    else:
        width, height = (int.from_bytes(head[at : at + 2], "little") & 0x3FFF for at in (6, 8))
    return width * height


def _beside_tiff(image: TiffImageFile, whole: int) -> int:
    """Bytes of a strip or tile, which libtiff decodes at once, and of a second picture where it has to be turned."""
    tags = image.tag_v2
    height = tags[TIFF_HEIGHT]
    width, rows = tags[TIFF_WIDTH], min(height, tags.get(TIFF_STRIP_HEIGHT, height))
    if TIFF_TILE_WIDTH in tags:
        width, rows = tags[TIFF_TILE_WIDTH], tags[TIFF_TILE_HEIGHT]
    segment = width * rows * tags.get(TIFF_SAMPLES, 1) * max(tags.get(TIFF_BITS, (1,))) // 8
    return int(segment) + (whole if tags.get(TIFF_ORIENTATION, 1) != 1 else 0)


def _coefficients(data: bytes) -> int:
    """Bytes of coefficients that libjpeg keeps of a JPEG of several scans, 0 where the first one has all of it.

    Goes from marker to marker as libjpeg does.
    """
    size, components, progressive, at = (0, 0), [(1, 1)], False, 2
    while 0 <= (at := data.find(b"\xff", at)) < len(data) - 3:
        marker = data[at + 1]
        if marker in (0x00, 0xFF) or marker in ALONE:
            at += 1 if marker == 0xFF else 2  # 0xFF fills
            continue
        if marker == START_OF_SCAN:
            return _whole(size, components) if progressive or data[at + 4] < len(components) else 0
        (length,) = struct.unpack_from(">H", data, at + 2)
        if marker in START_OF_FRAME:
            height, width, count = struct.unpack_from(">HHB", data, at + 5)
            size, progressive = (width, height), marker in PROGRESSIVE
            sampling = data[at + 11 : at + 10 + 3 * count : 3]
            components = [(each >> 4, each & 15) for each in sampling]
        at += 2 + length
    raise BrokenPicture


def _whole(size: tuple[int, int], components: list[tuple[int, int]]) -> int:
    """Bytes of all coefficients, of components with so many blocks across and down in each unit of the picture."""
    width, height = size
    units = -(-width // (8 * max(x for x, _ in components))) * -(-height // (8 * max(y for _, y in components)))
    return COEFFICIENTS * units * sum(x * y for x, y in components)
