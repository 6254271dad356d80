"""Bytes of a photo → an upright picture, in colours and grey: the first step of reading."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.reading.photo_file import decoding, opened
from model.reading.result import TooNarrow

MAX_ASPECT = 40  # long side to short side; no row of digits is longer
MIN_LONG_SIDE = 8  # pixels
LONG_SIDE = 640  # pixels: digits are read at this size; larger pictures are scaled down while they are decoded
ENOUGH = 1280  # pixels: a large picture's long side is shrunk to no less by whole numbers, which is quick
BAND = 1_000_000  # pixels of a large picture that are looked at together
SHOWN_SIDE = 1280  # pixels of the long side: what Telegram shows at most

EXIF_ORIENTATION = 0x0112
# EXIF orientation → (transpose first, flip left-right, flip upside down)
UPRIGHT = {
    2: (False, True, False),
    3: (False, True, True),
    4: (False, False, True),
    5: (True, False, False),
    6: (True, True, False),
    7: (True, True, True),
    8: (True, False, True),
}
TRANSPOSED = {orientation for orientation, (transposed, *_) in UPRIGHT.items() if transposed}

Plane = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.float32]  # (height, width) or (height, width, 3)
Grey = NDArray[np.uint8]  # (height, width), 0 black to 255 white


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A decoded picture: upright, at most LONG_SIDE long."""

    colours: NDArray[np.uint8]  # (height, width, 3) RGB
    grey: Grey
    size: tuple[int, int]  # width, height of the upright picture before it was scaled down


def decode(data: bytes) -> Photo:
    """The picture in `data`; of an animation the first frame, transparency put on paper.

    Raises a PhotoError for what can't be read.
    """
    image = _open(data)
    width, height = image.size
    turned = _orientation(image) in TRANSPOSED
    colours = _decoded(image, LONG_SIDE)
    grey = np.asarray(cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY), np.uint8)
    return Photo(colours, grey, (height, width) if turned else (width, height))


def decode_colour(data: bytes) -> NDArray[np.uint8]:
    """A picture in colours, (height, width, 3) RGB, for people to look at, however narrow. Raises a PhotoError."""
    return _decoded(opened(data), SHOWN_SIDE)


def _decoded(image: Image.Image, most: int) -> NDArray[np.uint8]:
    """Its pixels (height, width, 3), scaled down to at most so many on the long side, and upright."""
    with decoding():
        orientation = _orientation(image)
        decoded = _shrunk(_rgb(image, most), most)
    transposed, mirrored, upside_down = UPRIGHT.get(orientation, (False, False, False))
    decoded = decoded.swapaxes(0, 1) if transposed else decoded
    return np.ascontiguousarray(decoded[:: -1 if upside_down else 1, :: -1 if mirrored else 1])


def _open(data: bytes) -> Image.Image:
    image = opened(data)
    width, height = image.size
    if max(width, height) < MIN_LONG_SIDE or max(width, height) > MAX_ASPECT * min(width, height):
        raise TooNarrow
    return image


def _orientation(image: Image.Image) -> int:
    if image.format == "TIFF":  # Pillow turns these itself
        return 1
    try:
        return int(image.getexif().get(EXIF_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 (whatever nonsense the EXIF holds, the picture can be read as it lies)
        return 1


def _rgb(image: Image.Image, most: int) -> NDArray[np.uint8]:
    _draft(image, most)
    if image.mode[0] in "IF":  # 16 and 32 bits, floating point
        return _as_colours(_eight_bits(*_reduced(image, _deep)))
    if image.mode not in ("L", "1") and image.has_transparency_data:
        return _as_colours(_on_paper(*_reduced(image, _inked_and_opaque)))
    (colours,) = _reduced(image, lambda part: (np.asarray(part.convert("RGB"), np.uint8),))
    return np.asarray(colours, np.uint8)


def _as_colours(grey: Grey) -> NDArray[np.uint8]:
    return np.repeat(grey[..., None], 3, axis=2)


def _reduced(image: Image.Image, planes: Callable[[Image.Image], Sequence[Plane]]) -> list[Plane]:
    """What `planes` makes of the picture; of a large one band by band, each shrunk by the same whole number."""
    width, height = image.size
    factor = max(1, max(width, height) // ENOUGH)
    width, height = width - width % factor, height - height % factor
    rows = factor * max(1, BAND // (width * factor))
    bands = []
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        small = width // factor, (bottom - top) // factor
        part = image.crop((0, top, width, bottom))
        bands.append([cv2.resize(plane, small, interpolation=cv2.INTER_AREA) for plane in planes(part)])
    return [np.concatenate(parts) for parts in zip(*bands, strict=True)]


def _deep(image: Image.Image) -> tuple[Plane]:
    deep = np.asarray(image)
    return (deep if deep.dtype == np.uint16 else deep.astype(np.float32),)


def _inked_and_opaque(image: Image.Image) -> tuple[Plane, Plane]:
    """Luma times alpha, and alpha."""
    layered = image.convert("RGBA")
    alpha, luma = np.asarray(layered.getchannel("A"), np.uint8), np.asarray(layered.convert("L"), np.uint8)
    return np.asarray(cv2.multiply(luma, alpha, scale=1 / 255), np.uint8), alpha


def _draft(image: Image.Image, least: int) -> None:
    """Has a JPEG decoded at a fraction of its size, but no smaller than asked; other formats have no such thing."""
    width, height = image.size
    scale = min(1.0, least / max(width, height))
    image.draft("RGB", (max(1, int(width * scale)), max(1, int(height * scale))))


def _eight_bits(deep: Plane) -> Grey:
    """From the darkest to the lightest."""
    values = np.nan_to_num(deep.astype(np.float32), copy=False, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    values -= low
    values *= 255 / max(high - low, 1e-9)
    return values.astype(np.uint8)


def _on_paper(inked: Plane, alpha: Plane) -> Grey:
    """Transparency becomes white paper under dark ink, black under light ink."""
    ink = 255 * float(inked.sum(dtype=np.float64)) / max(float(alpha.sum(dtype=np.float64)), 1e-9)
    return np.asarray(cv2.add(inked, 255 - alpha) if ink < 128 else inked, np.uint8)


def _shrunk(pixels: NDArray[np.uint8], most: int) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    scale = most / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
