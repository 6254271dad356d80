"""What the store holds, as values: readings without pixels, labels with 28×28 of them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """What became of a correction."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Mode(StrEnum):
    """When the bot reads photos in a group."""

    ASKED = "asked"  # a reply to it, a mention, /digit
    ALL = "all"  # every photo that Telegram shows it
    QUIET = "quiet"  # commands alone


@dataclass(frozen=True, slots=True)
class SeenDigit:
    """A digit that was read: enough to cut it again."""

    digit: int
    confidence: float
    box: tuple[int, int, int, int]  # x, y, width, height in pixels of the upright picture


@dataclass(frozen=True, slots=True)
class SeenPhoto:
    """One photo of a reading: where it can be fetched again, and what was read in it."""

    message: int
    file_id: str
    size: tuple[int, int]  # (0, 0) where it couldn't be read
    digits: tuple[SeenDigit, ...]
    unique_id: str = ""  # of the file, for everybody and for ever; "" in what was kept before 0.2.0

    @classmethod
    def of(cls, kept: dict[str, Any]) -> "SeenPhoto":
        """As the database has it."""
        digits = tuple(SeenDigit(each["digit"], each["confidence"], tuple(each["box"])) for each in kept["digits"])
        return cls(kept["message"], kept["file_id"], tuple(kept["size"]), digits, kept.get("unique_id", ""))


@dataclass(frozen=True, slots=True)
class KeptReading:
    """One answer of the bot: to a photo, or to an album."""

    id: int
    chat: int
    answer: int | None
    person: int
    photos: tuple[SeenPhoto, ...]
    model: str  # the version; "" where no photo could be read

    @property
    def digits(self) -> tuple[SeenDigit, ...]:
        """All of them, in order; a button names one by its place here."""
        return tuple(digit for photo in self.photos for digit in photo.digits)

    @property
    def is_album(self) -> bool:
        """Whether its answer has a numbered line for each photo."""
        return len(self.photos) > 1


@dataclass(frozen=True, slots=True)
class Label:
    """What a person says of a digit."""

    reading: int
    n: int
    person: int  # who sent the photo, whoever says it
    label: int
    said: int
    confidence: float
    pixels: bytes
    model: str
    status: Status


@dataclass(frozen=True, slots=True)
class Statistics:
    """How well it went, as far as people said."""

    read: int  # answers
    right: int  # of which people say so
    wrong: int
    labels: dict[int, tuple[int, int]]  # of each label: digits that were read right, and wrong


@dataclass(frozen=True, slots=True)
class Correction:
    """A label that waits for an admin."""

    id: int
    label: int
    said: int
    confidence: float
    pixels: bytes


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of an admin's decision on a sheet."""

    accepted: int
    rejected: int
    changed: int  # said anew after the sheet was shown: these wait for the next one


@dataclass(frozen=True, slots=True)
class Accepted:
    """A correction to learn from."""

    id: int
    label: int
    pixels: bytes
