"""Explains a reading: boxes on the photo, the network's 28×28 crops, its probabilities."""

import io
import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from model.reading.mnist_format import SIDE
from model.reading.photo import SHOWN_SIDE, decode_colour
from model.reading.result import Box, Digit, Reading

SMALL_SIDE = 640  # and at least; that of the photo in an explanation, unless that is wider
CROP = 3 * SIDE  # pixels of a crop in the explanation
BAR = 12  # pixels: height of a probability bar
PANEL = (CROP + 129, 11 * BAR + 16)  # pixels of a crop with its bars; three are as wide as a small photo
EXPLAINED = 300  # most digits whose crops are shown, so that Telegram accepts the picture
SURE_COLOUR, UNSURE_COLOUR = (22, 140, 62), (214, 116, 0)
PAPER, INK = (255, 255, 255), (32, 36, 40)
Area: TypeAlias = tuple[float, float, float, float]  # left, top, right, bottom in pixels


def boxes_on_photo(photo: bytes, reading: Reading) -> bytes:
    """Draw the photo as a JPEG, each digit in a box with its reading.

    Unsure ones are orange, with a question mark. Several boxes are numbered in reading order, dark on white at a
    corner.
    """
    return boxes_on(decode_colour(photo), reading)


def boxes_on(picture: NDArray[np.uint8], reading: Reading) -> bytes:
    """`boxes_on_photo` of a photo that is decoded: (height, width, 3) RGB."""
    buffer = io.BytesIO()
    _with_boxes(picture, reading, SHOWN_SIDE).save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def explained(photo: bytes, reading: Reading) -> bytes:
    """`explain` as a JPEG."""
    buffer = io.BytesIO()
    explain(photo, reading).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def explain(photo: bytes, reading: Reading) -> Image.Image:
    """Draw the photo with boxes, and below it each crop with its probabilities."""
    digits = reading.digits[:EXPLAINED]
    decoded = decode_colour(photo)
    if not digits:
        return _with_boxes(decoded, reading, SMALL_SIDE)
    width, height = PANEL
    square = math.ceil(math.sqrt(len(digits) * height / width))  # panels per row, for a roughly square picture
    columns = max(min(len(digits), SMALL_SIDE // width), square)
    picture = _with_boxes(decoded, reading, max(SMALL_SIDE, min(SHOWN_SIDE, columns * width)))
    lines = math.ceil(len(digits) / columns)
    sheet = Image.new("RGB", (max(picture.width, columns * width), picture.height + lines * height), PAPER)
    sheet.paste(picture, (0, 0))
    draw = ImageDraw.Draw(sheet)
    for i, digit in enumerate(digits):
        left, top = i % columns * width, picture.height + i // columns * height
        sheet.paste(crop_picture(digit).resize((CROP, CROP), Image.Resampling.NEAREST), (left + 6, top + 8))
        _draw_bars(draw, digit, left + CROP + 14, top + 8)
        if len(digits) > 1:
            _draw_number(draw, i + 1, (left + 6, top + 8 + CROP + 6), 20)
    return sheet


def crop_picture(digit: Digit) -> Image.Image:
    """The 28×28 picture that the network saw, as an image."""
    return Image.frombytes("L", (SIDE, SIDE), digit.pixels)


def _with_boxes(decoded: NDArray[np.uint8], reading: Reading, long_side: int) -> Image.Image:
    picture = Image.fromarray(decoded)
    scale = min(max(1.0, SMALL_SIDE / max(picture.size)), long_side / max(picture.size))
    picture = picture.resize((max(1, round(picture.width * scale)), max(1, round(picture.height * scale))))
    draw = ImageDraw.Draw(picture)
    scale = picture.width / reading.size[0]
    line = max(2, round(max(picture.size) / 320))
    text = max(picture.size) / 32
    outlines = [_outline(digit.box, scale, 2 * line) for digit in reading.digits]
    taken = list(outlines)  # areas that a number shouldn't hide
    for digit, outline in zip(reading.digits, outlines, strict=True):
        colour = SURE_COLOUR if digit.sure else UNSURE_COLOUR
        draw.rectangle(outline, outline=colour, width=line)
        said = str(digit.digit) if digit.sure else f"{digit.digit}?"
        taken.append(_draw_label(draw, said, *outline[:2], colour, text))
    if len(outlines) > 1:
        _draw_numbers(draw, outlines, taken, picture.size, 0.8 * text)
    return picture


def _outline(box: Box, scale: float, margin: float) -> Area:
    left, top = box.x * scale - margin, box.y * scale - margin
    return left, top, left + box.width * scale + 2 * margin, top + box.height * scale + 2 * margin


def _draw_label(
    draw: ImageDraw.ImageDraw, text: str, left: float, top: float, colour: tuple[int, int, int], size: float
) -> Area:
    """Draw a reading above its box, white on the box's colour; returns the covered area."""
    font = ImageFont.load_default(size)
    box = draw.textbbox((0, 0), text, font=font)
    width, height = box[2] + 6, box[3] + 4
    top = top - height if top >= height else top
    draw.rectangle((left, top, left + width, top + height), fill=colour)
    draw.text((left + 3, top + 1), text, font=font, fill=PAPER)
    return left, top, left + width, top + height


def _draw_numbers(
    draw: ImageDraw.ImageDraw, outlines: list[Area], taken: list[Area], size: tuple[int, int], text: float
) -> None:
    """Number the boxes from 1, each at the corner where it hides least of `taken`."""
    covered = np.zeros((len(taken) + len(outlines), 4))
    covered[: len(taken)] = taken
    for i, (left, top, right, bottom) in enumerate(outlines):
        width, height = _number_size(i + 1, text)
        corners = [(right - width, bottom), (left, bottom), (right - width, top - height), (right, bottom - height)]
        inside = [(max(0, min(x, size[0] - width)), max(0, min(y, size[1] - height))) for x, y in corners]
        areas = [(x, y, x + width, y + height) for x, y in inside]
        best = min(areas, key=lambda area: _shared(area, covered))
        covered[len(taken) + i] = best
        _draw_number(draw, i + 1, best[:2], text)


def _shared(area: Area, others: NDArray[np.float64]) -> float:
    """The overlap of an area with others, in square pixels."""
    across = np.minimum(area[2], others[:, 2]) - np.maximum(area[0], others[:, 0])
    down = np.minimum(area[3], others[:, 3]) - np.maximum(area[1], others[:, 1])
    return float((across.clip(0) * down.clip(0)).sum())


def _number_size(number: int, text: float) -> tuple[float, float]:
    """The width and height of a number with its background."""
    left, top, right, bottom = ImageFont.load_default(text).getbbox(str(number))
    return right - left + text / 2, bottom - top + text / 2


def _draw_number(draw: ImageDraw.ImageDraw, number: int, corner: tuple[float, float], text: float) -> None:
    """Draw a box's number, dark on white with a rim, legible on any paper."""
    (left, top), (width, height) = corner, _number_size(number, text)
    area = (left, top, left + width, top + height)
    draw.rounded_rectangle(area, text / 2, PAPER, INK, max(1, round(text / 14)))
    middle = (left + width / 2, top + height / 2)
    draw.text(middle, str(number), font=ImageFont.load_default(text), fill=INK, anchor="mm")


def _draw_bars(draw: ImageDraw.ImageDraw, digit: Digit, left: int, top: int) -> None:
    font = ImageFont.load_default(10)
    for i, probability in enumerate(digit.probabilities):
        y = top + i * BAR
        draw.text((left, y - 1), "0123456789x"[i], font=font, fill=INK)
        colour = SURE_COLOUR if i == digit.digit and digit.sure else UNSURE_COLOUR if i == digit.digit else INK
        draw.rectangle((left + 12, y + 1, left + 12 + round(70 * probability), y + BAR - 3), fill=colour)
        if probability >= 0.005:
            share = f"{min(99.9, 100 * probability):.1f}"
            draw.text((left + 86, y - 1), share, font=font, fill=INK)
