"""The rules of a round of /demo, on plain values: calls, scores, ranking, end."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.storage.records import SeenPhoto
from model.reading.result import Box

CALLS = 3  # digits in a round
CALL_SECONDS = 60.0  # until the next call
LENGTH = CALLS * CALL_SECONDS  # seconds of a round
PHOTOS = 75  # in a round: one of each digit from 25 people
OF_ONE = 15  # of one person among others: five of each digit
GRACE = 1.5  # seconds after the end in which photos sent in time are still read
MARKED = 3  # mistakes marked on the closing sheet
TEXT = 12  # characters kept of a photo's reading


class Game(StrEnum):
    """What the players aim for."""

    READ = "read"  # to draw what is read as called
    FOOL = "fool"  # to draw what is read as another digit


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a digit. Times here and below are Unix seconds."""

    message: int  # the bot's, which people reply to
    at: float


@dataclass(frozen=True, slots=True)
class Round:
    """A round, as stored in the database."""

    id: int
    chat: int
    thread: int | None  # the topic, in a forum
    person: int | None  # who started it
    language: str
    game: Game
    digits: tuple[int, ...]  # the digits to call, CALLS of them, in order
    calls: tuple[Call, ...]  # made so far
    began: float
    ends: float
    stopped: bool
    board: int | None  # the message that shows the score

    @property
    def is_private(self) -> bool:
        """Whether it is played in a private chat: groups' ids are negative."""
        return self.chat > 0

    def call_of(self, replied_to: int | None) -> int:
        """The index of the call a photo answers: the one it replies to, else the latest."""
        found = (n for n, call in enumerate(self.calls) if call.message == replied_to)
        return next(found, max(0, len(self.calls) - 1))


@dataclass(frozen=True, slots=True)
class Entry:
    """A photo in a round."""

    message: int
    person: int
    name: str
    call: int  # which of the round's digits it shows
    text: str  # what was read, "" for nothing
    confidence: float  # of the least sure digit, 0 to 1
    at: float  # when it was sent


@dataclass(frozen=True, slots=True)
class Player:
    """A player's score."""

    person: int
    name: str
    points: int  # calls for which one of their photos scored
    photos: int


@dataclass(frozen=True, slots=True)
class Numbers:
    """The figures at the end of a round."""

    photos: int
    players: int
    as_called: int  # photos that were read as called
    fastest: tuple[Entry, float] | None  # the first of those that scored, and the seconds from its call
    hardest: tuple[int, int, int] | None  # the digit, how many of it weren't read as called, and of how many


def calls_due(this: Round, entries: Sequence[Entry], now: float) -> int:
    """How many digits should have been called by now.

    One every CALL_SECONDS; in a private chat, the next one as soon as the last is answered.
    """
    by_time = 1 + int(max(0.0, now - this.began) / CALL_SECONDS)
    if this.is_private:
        by_time = max(by_time, len(this.calls) + _last_is_answered(this, entries))
    return min(CALLS, by_time)


def is_over(this: Round, entries: Sequence[Entry], now: float) -> bool:
    """Whether it is over: stopped, out of time, full, or alone and all digits drawn."""
    played_out = this.is_private and len(this.calls) == CALLS and _last_is_answered(this, entries)
    return this.stopped or now >= this.ends + GRACE or len(entries) >= PHOTOS or played_out


def most_of_one(chat: int) -> int:
    """Photos that count of one person in a chat's round: nobody ends the others' round."""
    return PHOTOS if chat > 0 else OF_ONE


def read_as_called(this: Round, entry: Entry) -> bool:
    """Whether exactly the called digit was read."""
    return entry.text == str(this.digits[entry.call])


def scores(this: Round, entry: Entry) -> bool:
    """Whether a photo scores. To fool the bot it must be read as another digit."""
    if this.game is Game.READ:
        return read_as_called(this, entry)
    return len(entry.text) == 1 and not read_as_called(this, entry)


def ranking(this: Round, entries: Sequence[Entry]) -> list[Player]:
    """All players, the leader first: by points, then by speed, in Fool me by confidence."""
    by_person: dict[int, list[Entry]] = {}
    for entry in entries:
        by_person.setdefault(entry.person, []).append(entry)
    best = {person: _best(this, theirs) for person, theirs in by_person.items()}
    order = sorted(by_person, key=lambda person: (-len(best[person]), sum(best[person]), by_person[person][0].at))
    return [Player(each, by_person[each][0].name, len(best[each]), len(by_person[each])) for each in order]


def numbers(this: Round, entries: Sequence[Entry]) -> Numbers:
    """Accuracy, the fastest, the hardest digit."""
    scored = [(entry, _seconds(this, entry)) for entry in entries if scores(this, entry)]
    return Numbers(
        photos=len(entries),
        players=len({entry.person for entry in entries}),
        as_called=sum(read_as_called(this, entry) for entry in entries),
        fastest=min(scored, key=lambda each: each[1], default=None),
        hardest=_hardest(this, entries),
    )


def on_the_sheet(entries: Sequence[Entry]) -> list[Entry]:
    """The entries with a reading, the surest first."""
    return sorted((entry for entry in entries if entry.text), key=lambda entry: (-entry.confidence, entry.message))


def funniest(this: Round, entries: Sequence[Entry]) -> list[Entry]:
    """At most MARKED mistakes, the surest first."""
    mistakes = (entry for entry in entries if len(entry.text) == 1 and not read_as_called(this, entry))
    return on_the_sheet(list(mistakes))[:MARKED]


def _last_is_answered(this: Round, entries: Sequence[Entry]) -> bool:
    return any(entry.call == len(this.calls) - 1 and entry.text for entry in entries)


def _best(this: Round, entries: Sequence[Entry]) -> list[float]:
    """The tie-breaker for each call that a player scored in; less is better."""
    best: dict[int, float] = {}
    for entry in entries:
        if scores(this, entry):
            worth = _seconds(this, entry) if this.game is Game.READ else -entry.confidence
            best[entry.call] = min(worth, best.get(entry.call, worth))
    return list(best.values())


def _seconds(this: Round, entry: Entry) -> float:
    """Seconds from the call to the photo."""
    return max(0.0, entry.at - this.calls[entry.call].at) if entry.call < len(this.calls) else 0.0


def _hardest(this: Round, entries: Sequence[Entry]) -> tuple[int, int, int] | None:
    """The hardest digit; None if only one was drawn or none is harder than the others."""
    found = []
    for call, digit in enumerate(this.digits):
        drawn = [entry for entry in entries if entry.call == call]
        wrong = sum(not read_as_called(this, entry) for entry in drawn)
        if drawn:
            found.append((wrong / len(drawn), digit, wrong, len(drawn)))
    if len({share for share, *_ in found}) < 2:
        return None
    _, digit, wrong, of = max(found)
    return digit, wrong, of


def main_box(photo: SeenPhoto) -> Box:
    """The box of the largest digit in a photo that has digits: the one shown."""
    return max((Box(*digit.box) for digit in photo.digits), key=lambda box: box.width * box.height)
