"""Review sheets of corrections: the most doubtful first, similar pictures together."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from model.reading.mnist_format import SIDE
from model.reading.result import NOT_A_DIGIT

ALIKE = 0.96  # cosine similarity of two slightly blurred pictures; above it they show the same writing
FLOOD = 4  # so many similar pictures aren't a coincidence
CELL = 112  # pixels of the sheet per picture, and of the text line below it
LINE = 26
COLUMNS = 4
PAPER, INK, DOUBT = (255, 255, 255), (32, 36, 40), (190, 40, 40)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A picture and the label that somebody gave it."""

    label: int  # 0 to 9, or NOT_A_DIGIT
    said: int  # the reading
    confidence: float  # of the reading
    pixels: bytes  # 28×28 uint8


def in_order_of_doubt(claims: Sequence[Claimed]) -> list[int]:
    """Indices into `claims`: groups of similar pictures, the most doubtful group first.

    Labels that contradict a confident reading are doubtful; similar pictures with different labels, or too many similar
    ones, even more.
    """
    groups = _alike(claims)
    groups.sort(key=lambda group: -_doubt([claims[i] for i in group]))
    return [i for group in groups for i in sorted(group, key=lambda i: -_contradiction(claims[i]))]


def contact_sheet(claims: Sequence[Claimed]) -> bytes:
    """Draw a JPEG of numbered pictures, each with reading → label, red if they differ."""
    rows = -(-len(claims) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * CELL, max(1, rows) * (CELL + LINE)), PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(17)
    for i, claim in enumerate(claims):
        left, top = i % COLUMNS * CELL, i // COLUMNS * (CELL + LINE)
        picture = Image.frombytes("L", (SIDE, SIDE), claim.pixels)
        side = CELL - 12
        sheet.paste(picture.resize((side, side), Image.Resampling.NEAREST), (left + 6, top + 6))
        number = str(i + 1)
        box = draw.textbbox((0, 0), number, font=font)
        draw.rectangle((left + 6, top + 6, left + 14 + box[2], top + 12 + box[3]), fill=PAPER)
        draw.text((left + 10, top + 7), number, font=font, fill=INK)
        words = f"{_sign(claim.said)} {100 * claim.confidence:.0f}% > {_sign(claim.label)}"
        colour = INK if claim.said == claim.label else DOUBT
        draw.text((left + 8, top + CELL - 2), words, font=font, fill=colour)
    buffer = io.BytesIO()
    sheet.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def _alike(claims: Sequence[Claimed]) -> list[list[int]]:
    """Group the indices of pictures that show the same writing."""
    if not claims:
        return []
    vectors = np.stack([_vector(claim.pixels) for claim in claims])
    near = vectors @ vectors.T > ALIKE
    groups: list[list[int]] = []
    left = set(range(len(claims)))
    while left:
        group, found = set[int](), {min(left)}
        while found:
            group |= found
            found = {int(j) for i in found for j in np.flatnonzero(near[i])} - group
        groups.append(sorted(group))
        left -= group
    return groups


def _vector(pixels: bytes) -> NDArray[np.float32]:
    picture = np.frombuffer(pixels, np.uint8).reshape(SIDE, SIDE).astype(np.float32)
    vector = np.asarray(cv2.GaussianBlur(picture, (5, 5), 1.0), np.float32).ravel()
    return np.asarray(vector / max(1e-6, float(np.linalg.norm(vector))), np.float32)


def _doubt(group: Sequence[Claimed]) -> float:
    conflict = len({claim.label for claim in group}) > 1
    return max(map(_contradiction, group)) + conflict + (len(group) >= FLOOD)


def _contradiction(claim: Claimed) -> float:
    return claim.confidence if claim.label != claim.said else 0.0


def _sign(label: int) -> str:
    return "x" if label == NOT_A_DIGIT else str(label)
