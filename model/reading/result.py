"""What comes out of a photo: a Reading, or a PhotoError that says what to do instead.

Plain values, importable without any of the libraries that make them: readers send them to the bot's process.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, NamedTuple

DIGITS = 10  # the first so many of the probabilities and of a network's outputs are the digits 0 to 9
NOT_A_DIGIT = 10  # index of the next, and the label of everything that is no digit


class Box(NamedTuple):
    """A rectangle in pixels of the upright picture; x to the right, y down."""

    x: int
    y: int
    width: int
    height: int

    def shared(self, other: "Box") -> int:
        """The area that both cover, in square pixels."""
        across = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        down = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        return max(0, across) * max(0, down)


class Hint(StrEnum):
    """Why a picture may be hard to read, told from measures of the picture."""

    DARK = "dark"
    BLURRED = "blurred"
    SMALL = "small"
    CUT_OFF = "cut off"
    GLARE = "glare"


@dataclass(frozen=True, slots=True)
class Digit:
    """One digit of a Reading."""

    digit: int  # 0 to 9
    confidence: float  # calibrated probability of `digit`, 0 to 1
    probabilities: tuple[float, ...]  # 11: the digits 0 to 9, then "not a digit"; sum 1
    sure: bool  # False: say the runner-up too
    box: Box  # in pixels of the upright picture
    pixels: bytes  # 28×28 uint8, white ink on black, row by row

    @property
    def runner_up(self) -> int:
        """The second most probable digit."""
        return max((d for d in range(10) if d != self.digit), key=self.probabilities.__getitem__)


@dataclass(frozen=True, slots=True)
class Found:
    """The digits that one way to find them sees in a photo."""

    digits: tuple[Digit, ...]  # in any order
    meant: tuple[Box, ...] = ()  # where there is no digit: what may have been meant as one
    marks: tuple[Box, ...] = ()  # other marks within a row of digits


@dataclass(frozen=True, slots=True)
class Reading:
    """What a DigitReader read in one photo."""

    text: str  # the digits in reading order, no spaces, lines joined by "\n"; "" where the photo holds no digit
    digits: tuple[Digit, ...]  # what `text` holds, in its order; an unsure digit is in it, a refused one isn't
    size: tuple[int, int]  # width, height of the upright picture, before any scaled decode
    marks: tuple[Box, ...]  # other marks within a row of digits: what was left out
    hint: Hint | None  # where there is no digit or an unsure one, if the picture tells why
    model: str  # the version that read it
    milliseconds: float


def N_(message: str) -> str:  # noqa: N802 (gettext's own name for "translate this later")
    """Mark a sentence for the message catalogues; it is translated where it is shown."""
    return message


class PhotoError(Exception):
    """A picture that can't be read. `str(error)` is one English sentence for its sender: what to do next."""

    sentence: ClassVar[str] = N_("I can't read this picture. Please send it as a JPEG or PNG photo.")

    def __init__(self) -> None:
        super().__init__()

    def __str__(self) -> str:
        return self.sentence


class NotAPicture(PhotoError):
    """The bytes are no picture of a known format."""

    sentence = N_("This isn't a picture I can open. Please send a photo, or a JPEG, PNG, WebP, GIF, BMP or TIFF file.")


class HeicPicture(PhotoError):
    """An iPhone's HEIC or HEIF file, which needs a decoder that isn't among ours."""

    sentence = N_(
        "I can't open HEIC files. Please send it as a photo, not as a file: Telegram then converts it to JPEG."
    )


class BrokenPicture(PhotoError):
    """A picture that ends too soon or contradicts itself."""

    sentence = N_("This picture is damaged or incomplete. Please send it again, or take a new photo.")


class TooManyPixels(PhotoError):
    """More pixels than are decoded, or than a decoder has memory for."""

    sentence = N_(
        "This picture has too many pixels for me. Please send it as a photo, not as a file: that makes it smaller."
    )


class TooNarrow(PhotoError):
    """A strip: one side so much longer than the other, or so few pixels, that no digit fits."""

    sentence = N_("This picture is too narrow to hold a digit. Please send a photo with the whole digit on it.")
