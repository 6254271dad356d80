"""Pictures that mean harm: bombs, liars, strips, files of another kind, and real files with something changed."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
from PIL import Image

from tests.pictures import photo, saved

EXTREME = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)
PIECE = 64  # bytes that are moved, doubled or lost at once, at most


@cache
def originals() -> tuple[bytes, ...]:
    """Small real files of every format and of most of their kinds."""
    grey = Image.open(io.BytesIO(photo("42", seed=3))).convert("L").resize((160, 120))
    colours, layered = grey.convert("RGB"), grey.convert("RGBA")
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "x" * 300
    return (
        saved(grey, "JPEG"),
        saved(colours, "JPEG", progressive=True, exif=exif),
        saved(colours.convert("CMYK"), "JPEG"),
        saved(grey, "PNG"),
        saved(layered, "PNG"),
        saved(colours.quantize(16), "PNG", transparency=3),
        saved(grey.convert("1"), "PNG"),
        saved(colours, "PNG", save_all=True, append_images=[colours, colours]),
        saved(colours, "WEBP"),
        saved(layered, "WEBP", lossless=True),
        saved(colours, "WEBP", save_all=True, append_images=[colours.rotate(9)]),
        saved(grey, "GIF"),
        saved(colours, "GIF", save_all=True, append_images=[colours.rotate(9), colours.rotate(20)]),
        saved(colours, "BMP"),
        saved(grey.convert("1"), "BMP"),
        *(saved(colours, "TIFF", compression=kind) for kind in (None, "tiff_lzw", "tiff_deflate", "packbits", "jpeg")),
        saved(grey.convert("1"), "TIFF", compression="group4"),
        saved(grey.convert("I;16"), "TIFF"),
        saved(grey.convert("F"), "TIFF"),
    )


def mutated(rng: np.random.Generator) -> bytes:
    """One of them after one to four accidents."""
    data = bytearray(originals()[rng.integers(len(originals()))])
    for _ in range(rng.integers(1, 5)):
        ACCIDENTS[rng.integers(len(ACCIDENTS))](data, rng)
    return bytes(data)


def _flip(data: bytearray, rng: np.random.Generator) -> None:
    for _ in range(rng.integers(1, 9)):
        if data:
            data[rng.integers(len(data))] ^= 1 << rng.integers(8)


def _cut(data: bytearray, rng: np.random.Generator) -> None:
    del data[rng.integers(len(data) + 1) :]


def _lose(data: bytearray, rng: np.random.Generator) -> None:
    at = rng.integers(len(data) + 1)
    del data[at : at + rng.integers(1, PIECE)]


def _double(data: bytearray, rng: np.random.Generator) -> None:
    at = int(rng.integers(len(data) + 1))
    data[at:at] = data[at : at + rng.integers(1, PIECE)] * int(rng.integers(1, 40))


def _lie(data: bytearray, rng: np.random.Generator) -> None:
    """An extreme number where the head may have a size, a count or an offset."""
    size = int(rng.choice([1, 2, 4]))
    at = int(rng.integers(max(1, min(len(data), 400) - size)))
    number = int(rng.choice([each for each in EXTREME if each < 256**size]))
    data[at : at + size] = number.to_bytes(size, "big" if rng.random() < 0.5 else "little")


def _graft(data: bytearray, rng: np.random.Generator) -> None:
    """The rest is another file's."""
    other = originals()[rng.integers(len(originals()))]
    data[rng.integers(len(data) + 1) :] = other[rng.integers(len(other)) :]


ACCIDENTS: tuple[Callable[[bytearray, np.random.Generator], None], ...] = (_flip, _cut, _lose, _double, _lie, _graft)


def png_that_claims(width: int, height: int) -> bytes:
    """The head of a PNG of that size, and next to no pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100))


def _large_gif() -> bytes:
    size = struct.pack("<HH", 65_535, 65_535)
    return b"GIF89a" + size + b"\x80\0\0" + b"\0" * 6 + b"\x2c" + b"\0" * 4 + size + b"\0\x02\x02\x4c\x01\0;"


def _large_bmp() -> bytes:
    head = struct.pack("<IiiHH", 40, 30_000, 30_000, 1, 24)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + head + b"\0" * 24


def _large_jpeg() -> bytes:
    height_and_width = b"\xff\xc0\x00\x0b\x08%s"
    return originals()[0].replace(height_and_width % b"\x00\x78\x00\xa0", height_and_width % (b"\xff" * 4))


def _long_gif() -> bytes:
    first, *rest = (Image.new("L", (40, 40), n % 256) for n in range(10_000))
    return saved(first, "GIF", save_all=True, append_images=rest)


def _segment(marker: int, content: bytes) -> bytes:
    """A part of a JPEG."""
    return b"\xff" + bytes([marker]) + struct.pack(">H", 2 + len(content)) + content


def jpeg_of_scans_apart(width: int, height: int, components: int, *, progressive: bool = False) -> bytes:
    """A blank JPEG, each component a scan of its own: libjpeg keeps all coefficients, and a block takes two bits."""
    each = [bytes([i + 1, 0x11, 0]) for i in range(components)]
    head = struct.pack(">BHHB", 8, height, width, components) + b"".join(each)
    one_code = b"\1" + b"\0" * 15  # of one bit
    blocks = bytes(-(-2 * -(-width // 8) * -(-height // 8) // 8))
    scans = (_segment(0xDA, bytes([1, i + 1, 0, 0, 0 if progressive else 63, 0])) + blocks for i in range(components))
    return (
        b"\xff\xd8"
        + (_segment(0xEE, b"Adobe\0\x64\0\0\0\0\0") if components == 4 else b"")
        + _segment(0xDB, b"\0" + b"\1" * 64)
        + _segment(0xC2 if progressive else 0xC0, head)
        + _segment(0xC4, b"\0" + one_code + b"\0")
        + _segment(0xC4, b"\x10" + one_code + b"\0")
        + b"".join(scans)
        + b"\xff\xd9"
    )


def tiff(tags: Mapping[int, tuple[int, ...]], content: bytes) -> bytes:
    """A TIFF of these tags, all numbers of four bytes, and what `content` holds at offset 8."""
    lists, entries, at = b"", b"", 8 + len(content)
    for tag, values in sorted(tags.items()):
        packed = struct.pack(f"<{len(values)}I", *values)
        entries += struct.pack("<HHI", tag, 4, len(values))
        entries += packed if len(values) == 1 else struct.pack("<I", at + len(lists))
        lists += packed if len(values) > 1 else b""
    directory = struct.pack("<H", len(tags)) + entries + bytes(4)
    return struct.pack("<2sHI", b"II", 42, at + len(lists)) + content + lists + directory


def tiff_of_one_tile(side: int) -> bytes:
    """200 by 200 pixels in the corner of a tile, and next to nothing in it."""
    tags = {256: 200, 257: 200, 258: 8, 259: 8, 262: 1, 277: 1, 322: side, 323: side, 324: 8, 325: 99}
    return tiff({tag: (value,) for tag, value in tags.items()}, zlib.compress(bytes(99)).ljust(99, b"\0"))


def tiff_of_one_strip(side: int) -> bytes:
    """In colours, all of it one strip, and next to nothing in it."""
    tags = {256: side, 257: side, 259: 8, 262: 2, 273: 8, 277: 3, 278: side, 279: 99}
    return tiff({258: (8, 8, 8)} | {tag: (value,) for tag, value in tags.items()}, zlib.compress(bytes(99)))


def tiff_of_many_strips(count: int) -> bytes:
    """Eight pixels wide: of each strip Pillow makes some hundred bytes before it says how large the picture is."""
    tags = {256: 8, 257: count, 258: 8, 259: 1, 262: 1, 277: 1, 278: 1, 279: 8}
    return tiff({tag: (value,) for tag, value in tags.items()} | {273: (8,) * count}, bytes(8))


def mpo(width: int, height: int) -> bytes:
    """Two JPEGs in one file, as phones write that see in depth."""
    one, other = (Image.new("L", (width, height), tone) for tone in (200, 90))
    return saved(one, "MPO", save_all=True, append_images=[other], quality=30)


def _of_scans(count: int) -> bytes:
    """A progressive JPEG of 5,000 by 5,000: each scan is a few bytes that say "all blocks stay as they are"."""
    side, blocks, run = 5_000, 625**2, 32_767  # the longest run of blocks has one code: a bit, and 14 that count

    def scan(kind: bytes, bits: str) -> bytes:
        padded = bits + "1" * (-len(bits) % 8)
        coded = int(padded, 2).to_bytes(len(padded) // 8, "big").replace(b"\xff", b"\xff\0")
        return _segment(0xDA, b"\1\1\0" + kind) + coded  # ITU-T T.81, G.1.2

    one_code = b"\1" + b"\0" * 15  # of one bit
    return (
        b"\xff\xd8"
        + _segment(0xDB, b"\0" + b"\1" * 64)
        + _segment(0xC2, struct.pack(">BHHB", 8, side, side, 1) + b"\1\x11\0")
        + _segment(0xC4, b"\0" + one_code + b"\0")
        + _segment(0xC4, b"\x10" + one_code + b"\xe0")
        + scan(b"\0\0\0", "0" * blocks)
        + scan(b"\1\x3f\x10", ("0" + "1" * 14) * -(-blocks // run)) * count
        + b"\xff\xd9"
    )


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a", "b")
    return file.getvalue()


def _with_segment(marker: bytes, content: bytes) -> bytes:
    """A JPEG with one more segment at its beginning."""
    good = originals()[0]
    return good[:2] + marker + struct.pack(">H", 2 + len(content)) + content + good[2:]


# Small files that would be large, long or something else; by what they are.
def _png(header: bytes, pixels: bytes) -> bytes:
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(pixels)), (b"IEND", b""))
    parts = (
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _tiff_with_a_bright_palette() -> bytes:
    """Eight bits a pixel, its colour map of 768 entries, each as if it had more than sixteen bits."""
    entries = [(256, 4, 1, 8), (257, 4, 1, 8), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 3), (273, 4, 1, 8)]
    entries += [(277, 3, 1, 1), (278, 4, 1, 8), (279, 4, 1, 64), (320, 4, 768, 198)]
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *each) for each in entries) + bytes(4)
    content = struct.pack("<2sHI", b"II", 42, 72) + bytes(64) + directory
    return content + struct.pack("<768I", *[2**31] * 768)


BOMBS: Mapping[str, Callable[[], bytes]] = {
    "png bomb": lambda: saved(Image.new("1", (16_000, 16_000)), "PNG"),
    "png that claims": lambda: png_that_claims(60_000, 60_000),
    "png without end": lambda: png_that_claims(1_000, 1_000),
    "webp bomb": lambda: saved(Image.new("RGB", (16_383, 4_000)), "WEBP", quality=1, method=0),
    "gif bomb": _large_gif,
    "tiff bomb": lambda: saved(Image.new("L", (16_000, 16_000)), "TIFF", compression="tiff_deflate"),
    "bmp that claims": _large_bmp,
    "200 megapixels of JPEG": lambda: saved(Image.new("L", (20_000, 10_000), 200), "JPEG", quality=1),
    "jpeg that claims": _large_jpeg,
    "120 megapixels of JPEG, a scan for each component": lambda: jpeg_of_scans_apart(12_000, 10_000, 4),
    "40 megapixels of progressive JPEG": lambda: jpeg_of_scans_apart(6_320, 6_320, 3, progressive=True),
    "50 megapixels of JPEG, twice": lambda: mpo(8_000, 6_250),
    "14 megapixels of WebP": lambda: saved(Image.new("RGB", (3_740, 3_740)), "WEBP", quality=1, method=0),
    "12 megapixels of WebP": lambda: saved(Image.new("RGB", (4_000, 3_000)), "WEBP", quality=1, method=0),
    "a tiff of one tile": lambda: tiff_of_one_tile(24_000),
    "a tiff of one strip": lambda: tiff_of_one_strip(6_320),
    "a long tiff in colours": lambda: saved(Image.new("RGBA", (39_000, 1_000)), "TIFF", compression="packbits"),
    "as large as may be": lambda: saved(Image.new("RGBA", (6_320, 6_320), (200, 200, 200, 9)), "PNG", compress_level=1),
    "a JPEG of ten thousand scans": lambda: _of_scans(10_000),
    "20,000 by 1": lambda: saved(Image.new("L", (20_000, 1), 200), "PNG"),
    "1 by 20,000": lambda: saved(Image.new("L", (1, 20_000), 200), "JPEG"),
    "10,000 frames of GIF": _long_gif,
    "svg": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "html": lambda: b"<!doctype html><img src=x onerror=alert(1)>",
    "pdf": lambda: b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n%%EOF",
    "postscript": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) run\n",
    "zip": _zip,
    "a JPEG that is a zip too": lambda: originals()[0] + _zip(),
    "a JPEG that is a page too": lambda: _with_segment(b"\xff\xfe", b"<script>alert('digits')</script>"),
    "exif nonsense": lambda: _with_segment(b"\xff\xe1", b"Exif\0\0" + b"II*\0\xff" * 40),
    "a PNG of a palette that it lacks": lambda: _png(b"\0\0\0\x08\0\0\0\x08\x08\x03\0\0\0", bytes(72)),
    "a TIFF whose palette is out of range": _tiff_with_a_bright_palette,
    "a tiff whose directories go in circles": lambda: b"II*\0\x08\0\0\0" + b"\0\0" + struct.pack("<I", 8),
}
HANGING = ("a JPEG of ten thousand scans",)  # those of them that no decoder comes to an end with
