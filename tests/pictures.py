"""Picture files for tests of the bot: handwriting as photos, and a picture that is slow to read."""

import io
from functools import cache

import numpy as np
from PIL import Image

from tests.handwriting import page


def photo(*lines: str, seed: int = 1) -> bytes:
    """A JPEG of these lines of digits on paper; of blank paper without any."""
    return page(list(lines), np.random.default_rng(seed))[0]


def as_png(picture: bytes) -> bytes:
    """The same picture as a PNG file."""
    return saved(Image.open(io.BytesIO(picture)), "PNG")


def as_webp(picture: bytes) -> bytes:
    """The same picture as a WebP file, as stickers are."""
    return saved(Image.open(io.BytesIO(picture)).resize((512, 512)), "WEBP")


@cache
def slow_picture() -> bytes:
    """A small file of nearly as many pixels as are read at all: a reader works on it for a good while."""
    return saved(Image.linear_gradient("L").resize((6300, 6300)).convert("RGBA"), "PNG")


def saved(picture: Image.Image, file_format: str, **options: object) -> bytes:
    """The file's bytes."""
    file = io.BytesIO()
    picture.save(file, file_format, **options)
    return file.getvalue()
