"""Draws the confusion matrices before and after a training."""

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from model.reading.result import NOT_A_DIGIT

CELL = 34  # pixels of a cell
HEAD = 40  # pixels for the labels on the left and on top
GAP = 44  # pixels between the tables, for an arrow
MARGIN = 14
SIGNS = "0123456789x"
PAPER, INK, LINE = (255, 255, 255), (32, 36, 40), (214, 218, 222)
RIGHT, WRONG = (22, 140, 62), (196, 64, 36)
PALEST = 0.25  # opacity of a colour for a count of one

Counts = Sequence[Sequence[int]]  # [11][11]: for each label, the count of each answer; the last is "not a digit"


def before_and_after(before: Counts, after: Counts) -> bytes:
    """Draw a PNG of both tables, one below the other: a row per label, a column per answer.

    Right answers are green, wrong ones red.
    """
    side = HEAD + CELL * (NOT_A_DIGIT + 1)
    picture = Image.new("RGB", (side + 2 * MARGIN, 2 * side + GAP + 2 * MARGIN), PAPER)
    draw = ImageDraw.Draw(picture)
    most = max(max(map(max, before)), max(map(max, after)), 1)
    _table(draw, MARGIN, before, most)
    _table(draw, MARGIN + side + GAP, after, most)
    _arrow(draw, MARGIN + HEAD + (side - HEAD) // 2, MARGIN + side + GAP // 2)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def _table(draw: ImageDraw.ImageDraw, top: int, counts: Counts, most: int) -> None:
    small, large = ImageFont.load_default(15), ImageFont.load_default(18)
    for i, sign in enumerate(SIGNS):
        along = HEAD + CELL * i + CELL // 2
        draw.text((MARGIN + along, top + HEAD // 2), sign, font=large, fill=INK, anchor="mm")
        draw.text((MARGIN + HEAD // 2, top + along), sign, font=large, fill=INK, anchor="mm")
    for label, row in enumerate(counts):
        for answer, count in enumerate(row):
            x, y = MARGIN + HEAD + CELL * answer, top + HEAD + CELL * label
            colour = RIGHT if label == answer else WRONG
            fill = _paler(colour, PALEST + (1 - PALEST) * count / most) if count else PAPER
            draw.rectangle((x, y, x + CELL, y + CELL), fill=fill, outline=LINE)
            if count:
                ink = PAPER if count > most / 2 else INK
                draw.text((x + CELL // 2, y + CELL // 2), str(count), font=small, fill=ink, anchor="mm")


def _paler(colour: tuple[int, int, int], strength: float) -> tuple[int, int, int]:
    red, green, blue = (round(255 - strength * (255 - each)) for each in colour)
    return red, green, blue


def _arrow(draw: ImageDraw.ImageDraw, x: int, y: int) -> None:
    draw.line((x, y - 14, x, y + 12), fill=INK, width=3)
    draw.polygon([(x, y + 14), (x - 7, y + 4), (x + 7, y + 4)], fill=INK)
