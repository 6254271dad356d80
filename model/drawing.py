"""The honest picture: boxes on the photo, the 28×28 crops as the network saw them, its probabilities as bars."""

import io

from PIL import Image, ImageDraw, ImageFont

from model.mnist_format import SIDE
from model.photo import decode_colour
from model.reading import Digit, Reading

LONG_SIDE = 1280  # pixels of the photo with boxes: what Telegram shows at most
CROP = 3 * SIDE  # pixels of a crop in the explanation
BAR = 12  # pixels: height of a probability's bar
SURE_COLOUR, UNSURE_COLOUR = (22, 140, 62), (214, 116, 0)
PAPER, INK = (255, 255, 255), (32, 36, 40)


def boxes_on_photo(photo: bytes, reading: Reading) -> bytes:
    """The photo as a JPEG, each digit in a box with what was read; an unsure one is orange, with a question mark."""
    buffer = io.BytesIO()
    _with_boxes(photo, reading, LONG_SIDE).save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def explained(photo: bytes, reading: Reading) -> bytes:
    """`explain` as a JPEG."""
    buffer = io.BytesIO()
    explain(photo, reading).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def explain(photo: bytes, reading: Reading) -> Image.Image:
    """One picture of how the photo was read: the photo with boxes, below it each crop with its probabilities."""
    picture = _with_boxes(photo, reading, 640)
    if not reading.digits:
        return picture
    panel = CROP + 150
    columns = max(1, min(len(reading.digits), max(picture.width, 640) // panel))
    lines = (len(reading.digits) + columns - 1) // columns
    height = 11 * BAR + 16
    sheet = Image.new("RGB", (max(picture.width, columns * panel), picture.height + lines * height), PAPER)
    sheet.paste(picture, (0, 0))
    for i, digit in enumerate(reading.digits):
        left, top = i % columns * panel, picture.height + i // columns * height
        sheet.paste(crop_picture(digit).resize((CROP, CROP), Image.Resampling.NEAREST), (left + 6, top + 8))
        _draw_bars(ImageDraw.Draw(sheet), digit, left + CROP + 14, top + 8)
    return sheet


def crop_picture(digit: Digit) -> Image.Image:
    """The 28×28 picture that the network saw."""
    return Image.frombytes("L", (SIDE, SIDE), digit.pixels)


def _with_boxes(photo: bytes, reading: Reading, long_side: int) -> Image.Image:
    picture = Image.fromarray(decode_colour(photo))
    scale = min(max(1.0, 320 / max(picture.size)), long_side / max(picture.size))
    picture = picture.resize((max(1, round(picture.width * scale)), max(1, round(picture.height * scale))))
    draw = ImageDraw.Draw(picture)
    scale = picture.width / reading.size[0]
    line = max(2, round(max(picture.size) / 320))
    for digit in reading.digits:
        x, y, width, height = (side * scale for side in digit.box)
        colour = SURE_COLOUR if digit.sure else UNSURE_COLOUR
        margin = 2 * line
        left, top, right, bottom = x - margin, y - margin, x + width + margin, y + height + margin
        draw.rectangle((left, top, right, bottom), outline=colour, width=line)
        _draw_label(draw, str(digit.digit) if digit.sure else f"{digit.digit}?", left, top, colour, max(picture.size))
    return picture


def _draw_label(
    draw: ImageDraw.ImageDraw, text: str, left: float, top: float, colour: tuple[int, int, int], long_side: int
) -> None:
    font = ImageFont.load_default(max(12, long_side / 36))
    box = draw.textbbox((0, 0), text, font=font)
    width, height = box[2] + 6, box[3] + 4
    top = top - height if top >= height else top
    draw.rectangle((left, top, left + width, top + height), fill=colour)
    draw.text((left + 3, top + 1), text, font=font, fill=PAPER)


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
