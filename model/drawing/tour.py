"""How a photo becomes an answer, in five pictures: photo, ink, 28×28, layers, probabilities."""

import io
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from model.drawing.drawing import INK, PAPER, SURE_COLOUR, boxes_on, crop_picture
from model.drawing.layers import responses
from model.reading.mnist_format import SIDE
from model.reading.photo import SHOWN_SIDE, decode_colour
from model.reading.reader import DigitReader
from model.reading.result import DIGITS, Box, Digit

PIXEL = 18  # pixels: side of one network pixel, enlarged
GRID = (70, 74, 78)
GAP = 60  # pixels between two pictures, for an arrow
TILE, TILES = 72, 8  # pixels of a response, and responses per row
STRONGEST = 16  # responses shown per layer
DARK, MIDDLE, BRIGHT = (16, 18, 60), (200, 60, 110), (255, 236, 150)
BAR, BARS = 44, 420  # pixels: height and full width of a probability bar


def tour(photo: bytes, reader: DigitReader, model: Path) -> tuple[Digit, list[bytes]] | None:
    """Draw the photo's first digit and the five pictures; None if it has no digit.

    `model` is the folder of the reader's version. Raises PhotoError.
    """
    reading = reader.read(photo)
    if not reading.digits:
        return None
    digit = reading.digits[0]
    pixels = np.frombuffer(digit.pixels, np.uint8).reshape(SIDE, SIDE)
    picture = decode_colour(photo)
    drawn = [
        _ink(reader.ink(photo)),
        _enlarged(picture, reading.size, digit),
        _layers(responses(model, pixels)),
        _probabilities(digit),
    ]
    return digit, [boxes_on(picture, reading), *(_png(each) for each in drawn)]


def _ink(ink: NDArray[np.uint8]) -> Image.Image:
    picture = Image.fromarray(255 - ink)
    picture.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
    return picture


def _enlarged(photo: NDArray[np.uint8], size: tuple[int, int], digit: Digit) -> Image.Image:
    """Draw the digit in the photo, and beside it the network's pixels as squares."""
    side = SIDE * PIXEL
    sheet = Image.new("RGB", (2 * side + GAP, side), PAPER)
    sheet.paste(_square_around(photo, size, digit.box).resize((side, side)), (0, 0))
    left = side + GAP
    sheet.paste(crop_picture(digit).resize((side, side), Image.Resampling.NEAREST), (left, 0))
    draw = ImageDraw.Draw(sheet)
    for i in range(SIDE + 1):
        draw.line((left + i * PIXEL, 0, left + i * PIXEL, side), fill=GRID)
        draw.line((left, i * PIXEL, left + side, i * PIXEL), fill=GRID)
    middle = side // 2
    draw.line((side + 10, middle, left - 14, middle), fill=INK, width=4)
    draw.polygon([(left - 8, middle), (left - 22, middle - 10), (left - 22, middle + 10)], fill=INK)
    return sheet


def _square_around(photo: NDArray[np.uint8], size: tuple[int, int], box: Box) -> Image.Image:
    """Crop the digit with as much margin as MNIST's 28×28 have around their 20×20."""
    height, width = photo.shape[:2]
    scale = width / size[0]
    half = max(box.width, box.height) * SIDE / 20 / 2
    x, y = box.x + box.width / 2, box.y + box.height / 2
    area = [round(scale * edge) for edge in (x - half, y - half, x + half, y + half)]
    border = max(0, -min(area), area[2] - width, area[3] - height)  # paper beyond the photo
    roomy = cv2.copyMakeBorder(photo, border, border, border, border, cv2.BORDER_REPLICATE)
    return Image.fromarray(roomy).crop([edge + border for edge in area])  # type: ignore[arg-type]


def _layers(maps: list[NDArray[np.float32]]) -> Image.Image:
    """Draw each layer's strongest responses in rows, the first layer on top."""
    blocks = [_block(each) for each in maps]
    sheet = Image.new("RGB", (TILES * TILE, sum(block.height + TILE // 4 for block in blocks) - TILE // 4), PAPER)
    top = 0
    for block in blocks:
        sheet.paste(block, (0, top))
        top += block.height + TILE // 4
    return sheet


def _block(maps: NDArray[np.float32]) -> Image.Image:
    strongest = np.sort(np.argsort(-maps.max(axis=(0, 1)))[:STRONGEST])  # in channel order, so that they stay in place
    most = float(maps.max()) or 1.0
    rows = -(-len(strongest) // TILES)
    block = Image.new("RGB", (TILES * TILE, rows * TILE), PAPER)
    for i, channel in enumerate(strongest.tolist()):
        tile = Image.fromarray(_heat(maps[..., channel] / most))
        tile = tile.resize((TILE - 4, TILE - 4), Image.Resampling.NEAREST)
        block.paste(tile, (i % TILES * TILE + 2, i // TILES * TILE + 2))
    return block


def _heat(shares: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Map shares 0 to 1 to colours (height, width, 3): dark blue, red, light yellow."""
    channels = [np.interp(shares, (0, 0.5, 1), ends) for ends in zip(DARK, MIDDLE, BRIGHT, strict=True)]
    return np.stack(channels, axis=-1).astype(np.uint8)


def _probabilities(digit: Digit) -> Image.Image:
    """Draw a bar with its percentage for each digit, and last for "not a digit"."""
    font = ImageFont.load_default(26)
    sheet = Image.new("RGB", (BARS + 200, BAR * len(digit.probabilities) + 24), PAPER)
    draw = ImageDraw.Draw(sheet)
    for i, share in enumerate(digit.probabilities):
        top, middle = 12 + i * BAR, 12 + i * BAR + BAR // 2
        draw.text((30, middle), "x" if i == DIGITS else str(i), font=font, fill=INK, anchor="mm")
        colour = SURE_COLOUR if i == digit.digit else INK
        draw.rectangle((60, top + 6, 60 + max(2, round(BARS * share)), top + BAR - 6), fill=colour)
        draw.text((70 + max(2, round(BARS * share)), middle), f"{100 * share:.1f}%", font=font, fill=INK, anchor="lm")
    return sheet


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
