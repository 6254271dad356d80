"""Updates written down before Telegram is told that they arrived, and kept until they are answered.

What is here is the interface; `sqlite` and `postgres` implement it, `queue` records what arrives, `work` hands it out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple, Protocol, Self

CHAT_BOUND = 1_000  # updates that may wait in one chat
BOUND = 20_000  # updates that may wait in all
SHARE = 10  # one chat may fill a tenth of the places that are left: who has nothing waiting always finds one
LONGEST_WAIT = 60.0  # seconds until what was postponed is ready: a later time is a clock's that was wrong
RUN_GAP = 1.0  # seconds: photos of one run that come closer together than this are answered as one
RUN_WAIT = 5.0  # seconds that a run may wait for more of it
RUN_LENGTH = 10  # photos in one run; an album has no more
REMEMBERED = 2 * 24 * 3600  # seconds for which an update's id is known after it arrived, should it come again


@dataclass(frozen=True, slots=True)
class Arrival:
    """An update as it is written down."""

    update_id: int
    chat: int  # what keeps its order: the chat's id; the sender's where there is no chat; else 0
    photo: bool  # it needs a reader; everything else is quick, and never waits behind photos of another chat
    run: str | None  # photos of one chat that follow each other with the same run are answered as one
    body: str  # JSON
    hasty: bool = False  # what is there of its run is answered without waiting for more


class Recorded(Enum):
    """What became of an arrival."""

    NEW = auto()  # written down, durably
    KNOWN = auto()  # it was written down before
    FULL = auto()  # too much is waiting: not written down


@dataclass(frozen=True, slots=True)
class Claim:
    """What is to be answered next in a chat, held by one worker: one update, or a run of photos, oldest first."""

    serials: tuple[int, ...]
    chat: int
    bodies: tuple[str, ...]
    starts: int  # how often work on it has begun and not ended in order, this time included
    arrived: float  # Unix time of the oldest


class Answer(NamedTuple):
    """A message of the bot's that shows a reading."""

    reading: int
    chat: int
    message: int


class Inbox(Protocol):
    """A durable queue: in order in a chat, chats side by side, whose turn it is longest first.

    An update may be claimed while it is its chat's oldest, nobody holds one of that chat, and its `ready` time (its
    arrival, or later where more of its run may come or it was postponed) has passed, or is further off than anything
    is put off: then a clock was wrong. All methods but `news` may raise
    DatabaseUnavailable; then nothing has changed.
    """

    @property
    def at_once(self) -> Mapping[bool, int]:
        """How many claims may be held: of photos (True), and of everything else."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *_: object) -> None:
        """Release everything claimed, as it was."""

    async def record(self, arrival: Arrival) -> Recorded:
        """Write an update down; it is durable when this returns."""

    async def claim(self, photos: bool) -> Claim | None:
        """Take what is next among photos, or among everything else; None where nothing is ready.

        The start is counted, durably, before this returns.
        """

    async def holds(self, claim: Claim) -> bool:
        """Whether the claim is still this bot's: it is lost with the connection that holds it."""

    async def done(self, claim: Claim, pause: float = 0, answers: Sequence[Answer] = ()) -> None:
        """It is answered so: forget it. The chat's next is ready in `pause` seconds (LONGEST_WAIT at most) or later."""

    async def postpone(self, claim: Claim, seconds: float) -> None:
        """It can't be answered for now: ready again in so many seconds, LONGEST_WAIT at most; its starts count anew."""

    async def forget(self, chat: int) -> int:
        """Delete what waits in a chat and nobody holds; gives how many."""

    async def news(self) -> None:
        """Return when there may be something to claim: at once after a change here, in time for what gets ready."""

    async def waiting(self) -> int:
        """How many updates aren't done."""

    async def oldest(self) -> float | None:
        """When the oldest of them arrived, as Unix time."""
