"""Storage of rounds of /demo and their photos, shared by all bots on the database."""

import time
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.game.rounds import LENGTH, PHOTOS, Call, Entry, Game, Round, most_of_one
from bot.storage.engine import Engine
from bot.storage.forgetting import is_forgotten
from bot.storage.newest import keep_newest_entries, keep_newest_readings
from bot.storage.records import SeenPhoto
from bot.storage.tables import ENTRIES, READINGS, ROUNDS


@dataclass(frozen=True, slots=True)
class Beginning:
    """The parameters of a new round."""

    chat: int
    thread: int | None
    person: int
    language: str
    game: Game
    digits: tuple[int, ...]
    board: int | None = None  # a message of the bot's to turn into the scoreboard


class Rounds:
    """Reads and writes rounds through the store's engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def begin(self, wanted: Beginning) -> int | None:
        """Start a round and return its id; None if the chat already has one."""
        now = time.time()
        values = asdict(wanted) | {"live": wanted.chat, "calls": [], "began": now, "ends": now + LENGTH}
        try:
            async with self._engine.begin() as db:
                added = sa.insert(ROUNDS).values(**values, stopped=False, closing=False).returning(ROUNDS.c.id)
                return int((await db.execute(added)).scalar_one())
        except IntegrityError:
            return None

    async def live(self) -> list[Round]:
        """All rounds that aren't over."""
        async with self._engine.connect() as db:
            found = await db.execute(sa.select(ROUNDS).where(ROUNDS.c.live.is_not(None)).order_by(ROUNDS.c.id))
            return [_round(row) for row in found.mappings()]

    async def find(self, round_: int) -> Round | None:
        """A round that isn't over."""
        return await self._one(ROUNDS.c.id == round_)

    async def in_chat(self, chat: int) -> Round | None:
        """The running round of a chat."""
        return await self._one(ROUNDS.c.live == chat)

    async def entries(self, round_: int) -> list[Entry]:
        """A round's photos, in the order in which they were sent."""
        columns = [ENTRIES.c[name] for name in ("message", "person", "name", "call", "text", "confidence", "at")]
        query = sa.select(*columns).where(ENTRIES.c.round == round_).order_by(ENTRIES.c.at, ENTRIES.c.message)
        async with self._engine.connect() as db:
            return [Entry(*row) for row in await db.execute(query)]

    async def called(self, round_: int, calls: Sequence[Call]) -> None:
        """Record the calls made so far."""
        await self._update(round_, calls=[asdict(call) for call in calls])

    async def shown(self, round_: int, board: int | None) -> None:
        """Record which message shows the score."""
        await self._update(round_, board=board)

    async def move(self, this: Round, chat: int) -> None:
        """Move a round to its group's supergroup.

        Message ids start anew there, so the latest call has to be repeated.
        """
        calls = [asdict(call) for call in this.calls[:-1]]
        await self._update(this.id, live=chat, chat=chat, board=None, calls=calls)

    async def stop(self, round_: int) -> None:
        """Record that somebody stopped it."""
        await self._update(round_, stopped=True)

    async def close(self, round_: int) -> None:
        """Accept no more photos."""
        await self._update(round_, closing=True)

    async def end(self, round_: int) -> None:
        """End a round, and delete the players' names and who started it."""
        async with self._engine.begin() as db:
            await db.execute(sa.update(ROUNDS).where(ROUNDS.c.id == round_).values(live=None, person=None))
            await db.execute(sa.update(ENTRIES).where(ENTRIES.c.round == round_).values(name=None))

    async def has_enough_of(self, this: Round, person: int) -> bool:
        """Whether no more photos of a person count."""
        mine = (ENTRIES.c.round == this.id) & (ENTRIES.c.person == person)
        async with self._engine.connect() as db:
            return await _count(db, mine) >= most_of_one(this.chat)

    async def enter(
        self, round_: int, entry: Entry, photo: SeenPhoto, model: str, updates: Collection[int] = ()
    ) -> bool:
        """A photo belongs to the round; False where that is over, or full, or has enough of this person.

        And where they asked to be forgotten since these updates arrived.
        A person's photos in a round are one reading, as those of an album are. Entered twice, it is as once.
        """
        here = ENTRIES.c.round == round_
        open_ = (ROUNDS.c.id == round_) & ROUNDS.c.live.is_not(None) & ~ROUNDS.c.closing
        async with self._engine.begin() as db:
            chat = (await db.execute(sa.select(ROUNDS.c.chat).where(open_).with_for_update())).scalar()
            if chat is None or await is_forgotten(db, entry.person, updates):
                return False
            if (await db.execute(sa.select(ENTRIES.c.call).where(here & (ENTRIES.c.message == entry.message)))).first():
                return True
            mine = here & (ENTRIES.c.person == entry.person)
            if await _count(db, here) >= PHOTOS or await _count(db, mine) >= most_of_one(chat):
                return False
            reading = await _add_to_reading(db, here, entry.person, photo, model)
            await db.execute(sa.insert(ENTRIES).values(round=round_, reading=reading, **asdict(entry)))
            await keep_newest_readings(db, entry.person)
            await keep_newest_entries(db, entry.person)
        return True

    async def photos(self, round_: int) -> dict[int, SeenPhoto]:
        """Where to download each of its photos again, by message."""
        readings = sa.select(ENTRIES.c.reading).where(ENTRIES.c.round == round_)
        async with self._engine.connect() as db:
            found = await db.execute(sa.select(READINGS.c.photos).where(READINGS.c.id.in_(readings)))
            return {seen.message: seen for (photos,) in found for seen in map(SeenPhoto.of, photos)}

    async def reading_of(self, round_: int, person: int) -> int | None:
        """The id of the reading of a person's photos in a round, while it is kept."""
        mine = (ENTRIES.c.round == round_) & (ENTRIES.c.person == person)
        query = sa.select(sa.func.max(ENTRIES.c.reading)).where(mine)
        async with self._engine.connect() as db:
            found: int | None = (await db.execute(query)).scalar_one()
            return found

    async def _one(self, which: sa.ColumnElement[bool]) -> Round | None:
        async with self._engine.connect() as db:
            row = (await db.execute(sa.select(ROUNDS).where(which & ROUNDS.c.live.is_not(None)))).mappings().first()
        return _round(row) if row else None

    async def _update(self, round_: int, **values: Any) -> None:
        async with self._engine.begin() as db:
            await db.execute(sa.update(ROUNDS).where(ROUNDS.c.id == round_).values(**values))


async def _count(db: AsyncConnection, which: sa.ColumnElement[bool]) -> int:
    return int((await db.execute(sa.select(sa.func.count()).where(which))).scalar_one())


async def _add_to_reading(
    db: AsyncConnection, here: sa.ColumnElement[bool], person: int, photo: SeenPhoto, model: str
) -> int:
    """Add a photo to the person's reading of the round; returns the reading's id."""
    mine = sa.select(ENTRIES.c.reading).where(here & (ENTRIES.c.person == person))
    before = (await db.execute(sa.select(READINGS.c.id, READINGS.c.photos).where(READINGS.c.id.in_(mine)))).first()
    if before is None:
        values = {"chat": person, "person": person, "photos": [asdict(photo)], "model": model, "at": time.time()}
        return int((await db.execute(sa.insert(READINGS).values(**values).returning(READINGS.c.id))).scalar_one())
    photos = [*before.photos, asdict(photo)]
    await db.execute(sa.update(READINGS).where(READINGS.c.id == before.id).values(photos=photos))
    return int(before.id)


def _round(row: sa.RowMapping) -> Round:
    values = {name: row[name] for name in ("id", "chat", "thread", "person", "language", "began", "ends", "board")}
    calls = tuple(Call(each["message"], each["at"]) for each in row["calls"])
    return Round(**values, game=Game(row["game"]), digits=tuple(row["digits"]), calls=calls, stopped=row["stopped"])
