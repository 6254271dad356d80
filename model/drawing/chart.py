"""A bar chart of how often each digit was read right and wrong."""

import io
from collections.abc import Mapping

from PIL import Image, ImageDraw, ImageFont

from model.reading.result import NOT_A_DIGIT

WIDTH, HEIGHT = 660, 300  # pixels
BASE = 250  # pixels from the top: the bars' baseline
TALLEST = 200  # pixels
BAR = 36  # pixels: width of a bar
RIGHT, WRONG = (22, 140, 62), (214, 116, 0)
PAPER, INK, LINE = (255, 255, 255), (32, 36, 40), (200, 204, 208)


def bars(counts: Mapping[int, tuple[int, int]]) -> bytes:
    """Draw a PNG: right (green) and wrong (orange, on top) counts for 0 to 9 and x.

    x is "not a digit".
    """
    picture = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(picture)
    most = max((right + wrong for right, wrong in counts.values()), default=0) or 1
    step = WIDTH // (NOT_A_DIGIT + 1)
    for label in range(NOT_A_DIGIT + 1):
        right, wrong = counts.get(label, (0, 0))
        left = label * step + (step - BAR) // 2
        middle = BASE - round(TALLEST * right / most)
        top = BASE - round(TALLEST * (right + wrong) / most)
        if right:
            draw.rectangle((left, middle, left + BAR, BASE), fill=RIGHT)
        if wrong:
            draw.rectangle((left, top, left + BAR, middle), fill=WRONG)
        if right + wrong:
            _centred(draw, str(right + wrong), left + BAR // 2, top - 26)
        _centred(draw, "0123456789x"[label], left + BAR // 2, BASE + 10)
    draw.line((12, BASE, WIDTH - 12, BASE), fill=LINE, width=2)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def _centred(draw: ImageDraw.ImageDraw, text: str, x: int, top: int) -> None:
    font = ImageFont.load_default(20)
    draw.text((x - draw.textlength(text, font=font) / 2, top), text, font=font, fill=INK)
