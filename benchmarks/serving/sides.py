"""The bots that load.py compares, each with people of its own, and the meter of what their work costs."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import astuple, dataclass, field
from pathlib import Path

from benchmarks.serving.crowd import Crowd, Drawn
from benchmarks.serving.processes import OURS, UNLIMITED, BotProcess, bot_at_work


@dataclass(frozen=True, slots=True)
class Kind:
    """A bot to compare."""

    name: str  # in the tables
    program: Sequence[str]  # for Python
    settings: Mapping[str, str] = field(default_factory=dict)


DIGITBOT = Kind("digitbot", OURS)
WITHOUT_LIMITS = Kind("digitbot, no limits", UNLIMITED)
READING_NOTHING = Kind("no limits, nothing read", UNLIMITED, {"WAIT": "0"})
OK = Kind('"ok"', ("-m", "benchmarks.serving.ok_bot"))


@dataclass(frozen=True, slots=True)
class Side:
    """A bot at work on a server of its own, and its people."""

    crowd: Crowd
    bot: BotProcess


@asynccontextmanager
async def at_work(kind: Kind, folder: Path, drawn: Sequence[Drawn], chats: int, readers: int) -> AsyncIterator[Side]:
    """A bot of this kind that is ready, for a block; what it keeps lies under `folder`."""
    crowd, settings = Crowd(chats, drawn), {"READERS": str(readers), **kind.settings}
    async with crowd.server, bot_at_work(folder, kind.name, crowd.server.url, kind.program, **settings) as bot:
        yield Side(crowd, bot)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some time of work, what was done in it, and the CPU seconds that it took, by who used them."""

    seconds: float = 0
    answered: float = 0  # photos
    bot: float = 0
    readers: float = 0
    server: float = 0
    sender: float = 0

    def __add__(self, other: "Stretch") -> "Stretch":
        return Stretch(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))

    @property
    def rate(self) -> float:
        """Photos answered a second."""
        return self.answered / self.seconds

    def cells(self) -> str:
        """CPU milliseconds a photo, by who used them; CELLS is their head."""
        each = (self.bot, self.readers, self.server, self.sender)
        bot, readers, server, sender = (seconds * 1000 / max(1, self.answered) for seconds in each)
        return f"{bot:19.1f} {readers:8.1f} {server:7.1f} {sender:7.1f}"


CELLS = "CPU ms a photo: bot  readers  server  sender"


class Meter:
    """Counts from its making on. What this process does beside sending is the server's work."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._at_first = self._state()

    def read(self) -> Stretch:
        """What there was until now."""
        return Stretch(*(now - then for now, then in zip(self._state(), self._at_first, strict=True)))

    def _state(self) -> tuple[float, ...]:
        crowd, cost = self._side.crowd, self._side.bot.cost()
        server = time.process_time() - crowd.cpu
        return time.monotonic(), crowd.answered, cost.bot, cost.readers, server, crowd.cpu
