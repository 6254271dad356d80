"""The closing sheet of a round: everybody's digits with their readings, without words."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from model.drawing.drawing import INK, PAPER
from model.reading.mnist_format import SIDE
from model.reading.photo import SHOWN_SIDE

LARGEST, SMALLEST = 8 * SIDE, 2 * SIDE  # pixels of a digit's picture
GAP = 8  # pixels around each
BESIDE = 0.62  # of a picture's side: room for the reading
WIDE = 1.4  # a sheet's width divided by its height
FAINT = (130, 136, 142)
RIGHT, WRONG = (22, 140, 62), (214, 116, 0)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A digit drawn by a player."""

    pixels: bytes  # 28×28 uint8, white ink on black
    called: int  # the digit called
    said: str  # the reading: one digit or several
    confidence: float  # 0 to 1
    mark: int = 0  # its number among the marked ones, from 1; 0: not marked


def class_sheet(drawn: Sequence[Drawn]) -> bytes:
    """Draw a JPEG of the digits in order, each with its reading.

    Green: read as the digit called. Orange: read as another, with the digit called below in grey. Marked ones have a
    frame and a number.
    """
    columns, side = _layout(len(drawn))
    width, height = round(side * (1 + BESIDE)) + 2 * GAP, side + 2 * GAP
    rows = max(1, math.ceil(len(drawn) / columns))
    sheet = Image.new("RGB", (columns * width, rows * height), PAPER)
    for i, each in enumerate(drawn):
        _draw(sheet, each, i % columns * width, i // columns * height, side)
    buffer = io.BytesIO()
    sheet.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def _layout(count: int) -> tuple[int, int]:
    """The number of columns, and a picture's side in pixels."""
    columns = max(1, min(count, math.ceil(math.sqrt(count * WIDE / (1 + BESIDE)))))
    side = int((SHOWN_SIDE / columns - 2 * GAP) / (1 + BESIDE))
    return columns, max(SMALLEST, min(LARGEST, side))


def _draw(sheet: Image.Image, drawn: Drawn, left: int, top: int, side: int) -> None:
    draw = ImageDraw.Draw(sheet)
    picture = Image.frombytes("L", (SIDE, SIDE), drawn.pixels)
    sheet.paste(picture.resize((side, side), Image.Resampling.NEAREST), (left + GAP, top + GAP))
    right = drawn.said == str(drawn.called)
    colour = RIGHT if right else WRONG
    room = round(side * BESIDE)
    middle = left + GAP + side + room // 2
    # Beside the picture, from the top: the reading, its confidence, and the digit called if it differs.
    heights = (0.40, 0.82) if right else (0.27, 0.62, 0.86)
    words = [
        (drawn.said, 0.5, colour),
        (f"{min(99, round(100 * drawn.confidence))}%", 0.2, INK),
        (f"({drawn.called})", 0.22, FAINT),
    ]
    for (text, size, ink), height in zip(words, heights, strict=False):
        font = ImageFont.load_default(_fitting(draw, text, size * side, room - 4))
        draw.text((middle, top + GAP + height * side), text, font=font, fill=ink, anchor="mm")
    if drawn.mark:
        line = max(3, side // 28)
        area = (left + 2, top + 2, left + side + room + 2 * GAP - 2, top + side + 2 * GAP - 2)
        draw.rounded_rectangle(area, GAP, outline=WRONG, width=line)
        _draw_mark(draw, drawn.mark, left + GAP, top + GAP, side / 3.2)


def _draw_mark(draw: ImageDraw.ImageDraw, number: int, left: float, top: float, across: float) -> None:
    """Draw a disc with a number on a picture's corner."""
    draw.ellipse((left, top, left + across, top + across), WRONG, PAPER, 2)
    font = ImageFont.load_default(0.68 * across)
    draw.text((left + across / 2, top + across / 2), str(number), font=font, fill=PAPER, anchor="mm")


def _fitting(draw: ImageDraw.ImageDraw, text: str, size: float, room: float) -> float:
    """The font size asked for, or as small as needed to fit."""
    width = draw.textlength(text, font=ImageFont.load_default(size))
    return max(8.0, min(size, size * room / max(1.0, width)))
