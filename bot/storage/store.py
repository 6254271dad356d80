"""What is kept of people: readings without pixels, corrections with 28×28 of them, who agreed to that.

SQLAlchemy Core on the database of `bot.storage.database`. Times are Unix seconds.
"""

import asyncio
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import asdict
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.storage.database import BUSY, Database, DatabaseUnavailable, sqlalchemy_url
from bot.storage.engine import ONLY_READS, Engine, named
from bot.storage.forgetting import is_forgotten, mark_forgotten
from bot.storage.groups import Groups
from bot.storage.languages import Languages
from bot.storage.newest import keep_newest_readings
from bot.storage.records import Correction, Decided, KeptReading, Label, SeenPhoto, Statistics, Status
from bot.storage.tables import CORRECTIONS, ENTRIES, LANGUAGES, PEOPLE, READINGS, ROUNDS, SHEETS, upsert

CONNECTIONS = 4  # to PostgreSQL, at most
NO_READING = 0  # the id of none
LOOK = 3600  # seconds between two looks for what is too old
ALBUM = 10  # photos of one reading, unless they are a round's
PAGE = 50  # rows of a person's that are read at once
# Everything that is kept of a person, by the column that says whose it is.
WHOSE = (READINGS.c.person, CORRECTIONS.c.person, PEOPLE.c.person, ENTRIES.c.person, LANGUAGES.c.chat)
JSON = frozenset(column.name for whose in WHOSE for column in whose.table.c if isinstance(column.type, sa.JSON))

log = logging.getLogger(__name__)

Row: TypeAlias = sa.RowMapping


class Store:
    """Reads and writes what is kept."""

    def __init__(self, engine: Engine, database: Database) -> None:
        self.languages = Languages(engine)
        self.groups = Groups(engine, self.languages)
        self.engine = engine  # for what else is kept in the same database
        self._reads = engine.only_reads()
        self._database = database

    async def add_reading(
        self, chat: int, person: int, photos: Sequence[SeenPhoto], model: str, updates: Collection[int] = ()
    ) -> int:
        """Keep what is about to be answered; gives its id, for the answer's buttons.

        NO_READING, and nothing is kept, where the person asked to be forgotten since these updates arrived.
        """
        kept = {"chat": chat, "person": person, "photos": [asdict(photo) for photo in photos], "model": model}
        async with self.engine.begin() as db:
            if await is_forgotten(db, person, updates):
                return NO_READING
            added = await db.execute(sa.insert(READINGS).values(**kept, at=time.time()).returning(READINGS.c.id))
            reading = int(added.scalar_one())
            await keep_newest_readings(db, person)
            return reading

    async def reading(self, reading: int) -> KeptReading | None:
        """The reading of this id, while it is kept."""
        return await self._one_reading(READINGS.c.id == reading)

    async def reading_of(self, chat: int, answer: int, person: int | None = None) -> KeptReading | None:
        """The reading that the bot's message shows; where it answers several people, a `person`'s."""
        which = (READINGS.c.chat == chat) & (READINGS.c.answer == answer)
        return await self._one_reading(which if person is None else which & (READINGS.c.person == person))

    async def reading_with(self, chat: int, message: int) -> KeptReading | None:
        """The reading that was answered of the photo in this message, while it is kept."""
        here = sa.or_(*(READINGS.c.photos[n]["message"].as_integer() == message for n in range(ALBUM)))
        of_a_round = sa.exists().where(ENTRIES.c.reading == READINGS.c.id)  # its photos are of any chat
        return await self._one_reading((READINGS.c.chat == chat) & READINGS.c.answer.is_not(None) & here & ~of_a_round)

    async def is_shared(self, reading: KeptReading) -> bool:
        """Whether its answer speaks of other people's photos too."""
        same = (READINGS.c.chat == reading.chat) & (READINGS.c.answer == reading.answer)
        async with self.engine.connect() as db:
            others = await db.execute(sa.select(READINGS.c.id).where(same & (READINGS.c.person != reading.person)))
            return others.first() is not None

    async def newest_of(self, chat: int, person: int) -> KeptReading | None:
        """What was last read of a person's in a chat, while it is kept."""
        mine = (READINGS.c.chat == chat) & (READINGS.c.person == person) & (READINGS.c.model != "")
        return await self._one_reading(
            READINGS.c.id == sa.select(sa.func.max(READINGS.c.id)).where(mine).scalar_subquery()
        )

    async def judge(self, reading: int, right: bool | None) -> None:
        """What people say of the whole of it; None takes it back."""
        async with self.engine.begin() as db:
            await db.execute(sa.update(READINGS).where(READINGS.c.id == reading).values(verdict=right))

    async def has_agreed(self, person: int) -> bool:
        """Whether a person agreed that corrections of theirs are kept."""
        async with self.engine.connect() as db:
            return (await db.execute(sa.select(PEOPLE.c.agreed).where(PEOPLE.c.person == person))).first() is not None

    async def agree(self, person: int) -> None:
        """A person agrees."""
        async with self.engine.begin() as db:
            await db.execute(self._consent(person))

    async def label(self, labels: Sequence[Label], *, agrees: bool = False) -> bool:
        """Keep what is said of a reading's digits, in the place of what was said of them before.

        False, and nothing is kept, where the reading is gone by now, or its person hasn't agreed: they may have asked
        to be forgotten meanwhile. `agrees` says that they agree with this.
        """
        ((reading, person),) = {(each.reading, each.person) for each in labels}
        whose = sa.select(READINGS.c.person).where((READINGS.c.id == reading) & (READINGS.c.person == person))
        agreed = sa.select(PEOPLE.c.person).where(PEOPLE.c.person == person)
        async with self.engine.begin() as db:
            if (await db.execute(whose.with_for_update())).first() is None:  # `forget` waits for this, or was first
                return False
            if agrees:
                await db.execute(self._consent(person))
            elif (await db.execute(agreed)).first() is None:
                return False
            for each in labels:
                values = asdict(each) | {"at": time.time(), "decided_by": None}
                await db.execute(upsert(self.engine.dialect, CORRECTIONS, ["reading", "n"], **values))
        return True

    async def unlabel(self, reading: int) -> None:
        """Take back what was said of a reading's digits."""
        async with self.engine.begin() as db:
            await db.execute(sa.delete(CORRECTIONS).where(CORRECTIONS.c.reading == reading))
            await db.execute(sa.update(READINGS).where(READINGS.c.id == reading).values(verdict=None))

    async def labels_of(self, reading: int) -> dict[int, int]:
        """What was said of a reading's digits: the label of the nth."""
        query = sa.select(CORRECTIONS.c.n, CORRECTIONS.c.label).where(CORRECTIONS.c.reading == reading)
        async with self.engine.connect() as db:
            return {row.n: row.label for row in await db.execute(query)}

    async def waiting(self, most: int) -> list[Correction]:
        """The oldest corrections that no admin has seen."""
        columns = [CORRECTIONS.c[name] for name in ("id", "label", "said", "confidence", "pixels")]
        query = sa.select(*columns).where(CORRECTIONS.c.status == Status.WAITING).order_by(CORRECTIONS.c.id).limit(most)
        async with self.engine.connect() as db:
            return [Correction(*row) for row in await db.execute(query)]

    async def decide(self, accept: Mapping[int, int], reject: Mapping[int, int], admin: int) -> Decided:
        """An admin accepts and rejects corrections, with the labels that they were shown.

        What has another label by now, or doesn't wait any more, stays as it is.
        """
        waits = CORRECTIONS.c.status == Status.WAITING
        counts = []
        async with self.engine.begin() as db:
            for status, shown in ((Status.ACCEPTED, accept), (Status.REJECTED, reject)):
                as_shown = sa.or_(sa.false(), *map(_has_label, shown.items()))
                decided = sa.update(CORRECTIONS).where(waits & as_shown).values(status=status, decided_by=admin)
                counts.append((await db.execute(decided)).rowcount)
            left = sa.select(sa.func.count()).where(waits & CORRECTIONS.c.id.in_([*accept, *reject]))
            changed = (await db.execute(left)).scalar_one()
        accepted, rejected = counts
        return Decided(accepted, rejected, changed)

    async def sheet_shown(self, chat: int, message: int, corrections: Sequence[int]) -> bool:
        """A message to an admin shows these corrections; False where one of them is gone by now."""
        shown = sa.select(CORRECTIONS.c.id).where(CORRECTIONS.c.id.in_(corrections)).with_for_update()
        values = {"chat": chat, "message": message, "corrections": list(corrections), "at": time.time()}
        async with self.engine.begin() as db:
            if len((await db.execute(shown)).all()) < len(corrections):  # `forget` waits for this, or was first
                return False
            await db.execute(sa.insert(SHEETS).values(**values))
        return True

    async def sheets_to_take_back(self) -> list[tuple[int, int]]:
        """Chat and message of every sheet that shows a correction of somebody who was forgotten."""
        async with self.engine.connect() as db:
            sheets = await db.execute(sa.select(SHEETS.c.chat, SHEETS.c.message, SHEETS.c.corrections))
            return [(chat, message) for chat, message, shown in sheets if not shown]

    async def sheet_gone(self, chat: int, message: int) -> None:
        """A sheet isn't there any more."""
        async with self.engine.begin() as db:
            await db.execute(sa.delete(SHEETS).where(_sheet(chat, message)))

    async def count_of(self, person: int, label: int) -> tuple[int, int]:
        """How many labels of a person are kept, rejected ones too: in all, and of this label."""
        mine = CORRECTIONS.c.person == person
        query = sa.select(sa.func.count(), sa.func.count().filter(CORRECTIONS.c.label == label)).where(mine)
        async with self.engine.connect() as db:
            in_all, alike = (await db.execute(query)).one()
            return int(in_all), int(alike)

    async def statistics(self, person: int | None) -> Statistics:
        """Of what a person sent; None: of everybody's. Rejected labels don't count."""
        readings, labels = READINGS.c.id > 0, CORRECTIONS.c.status != Status.REJECTED
        if person is not None:
            readings, labels = READINGS.c.person == person, labels & (CORRECTIONS.c.person == person)
        right, wrong = READINGS.c.verdict.is_(True), READINGS.c.verdict.is_(False)
        counts = [sa.func.count(), sa.func.count().filter(right), sa.func.count().filter(wrong)]
        same = CORRECTIONS.c.label == CORRECTIONS.c.said
        by_label = [CORRECTIONS.c.label, sa.func.count().filter(same), sa.func.count().filter(~same)]
        async with self.engine.connect() as db:
            of_all = (await db.execute(sa.select(*counts).select_from(READINGS).where(readings))).one()
            found = await db.execute(sa.select(*by_label).where(labels).group_by(CORRECTIONS.c.label))
            labelled = {int(label): (int(well), int(badly)) for label, well, badly in found}
        return Statistics(read=of_all[0], right=of_all[1], wrong=of_all[2], labels=labelled)

    async def knows(self, person: int) -> bool:
        """Whether anything is kept of a person."""
        query = sa.select(sa.or_(*(sa.exists().where(whose == person) for whose in WHOSE)))
        async with self._reads.connect() as db:
            return bool((await db.execute(query)).scalar_one())

    async def pages_of(self, person: int) -> AsyncIterator[tuple[str, list[Row]]]:
        """Everything that is kept of a person: a table's name and some of its rows, in which JSON is left as text.

        Whoever writes meanwhile needn't wait, however much it is.
        """
        for whose in WHOSE:
            table, key = whose.table, list(whose.table.primary_key)
            columns = [sa.cast(each, sa.Text).label(each.name) if each.name in JSON else each for each in table.c]
            query = sa.select(*columns).where(whose == person).order_by(*key).limit(PAGE)
            page = query
            while True:
                async with self._reads.connect() as db:
                    rows = list((await db.execute(page)).mappings())
                if rows:
                    yield table.name, rows
                if len(rows) < PAGE:
                    break
                page = query.where(sa.tuple_(*key) > tuple(rows[-1][each.name] for each in key))

    async def forget(self, person: int) -> dict[str, int]:
        """Delete everything that is kept of a person, from the disk too; gives how many rows of each table.

        The sheets that admins were shown of it are in `sheets_to_take_back` from now on. Of what is in the inbox now,
        nothing will be kept of this person.
        """
        async with self.engine.begin() as db:
            await mark_forgotten(db, person)
            gone = {}
            for whose in WHOSE:
                rows = sa.delete(whose.table).where(whose == person)
                deleted = await db.execute(rows.returning(*whose.table.primary_key))
                gone[whose.table.name] = deleted.mappings().all()
            theirs = {each["id"] for each in gone["corrections"]}
            for sheet in (await db.execute(sa.select(SHEETS))).all():
                if theirs.intersection(sheet.corrections):
                    await db.execute(sa.update(SHEETS).where(_sheet(sheet.chat, sheet.message)).values(corrections=[]))
            await db.execute(sa.update(ROUNDS).where(ROUNDS.c.person == person).values(person=None))  # who began it
        await self.sweep()
        return {table: len(rows) for table, rows in gone.items()}

    async def sweep(self) -> None:
        """What was deleted from the database, by whomever, is no longer in SQLite's write-ahead log either."""
        if not self._database.on_postgres:
            await asyncio.to_thread(_sweep, self._database)

    async def expire(self, days: float) -> int:
        """Delete readings that are older; gives how many. Corrections stay."""
        async with self.engine.begin() as db:
            then = time.time() - days * 24 * 3600
            await db.execute(sa.delete(SHEETS).where(SHEETS.c.at < then))
            await db.execute(sa.delete(ENTRIES).where(ENTRIES.c.at < then))
            await db.execute(sa.delete(ROUNDS).where((ROUNDS.c.ends < then) & ROUNDS.c.live.is_(None)))
            return (await db.execute(sa.delete(READINGS).where(READINGS.c.at < then))).rowcount

    def _consent(self, person: int) -> Any:
        return upsert(self.engine.dialect, PEOPLE, ["person"], person=person, agreed=time.time())

    async def _one_reading(self, which: sa.ColumnElement[bool]) -> KeptReading | None:
        """The newest such reading: an answer that was edited has older ones."""
        newest = sa.select(READINGS).where(which).order_by(READINGS.c.id.desc()).limit(1)
        async with self.engine.connect() as db:
            row = (await db.execute(newest)).mappings().first()
        return _kept(row) if row else None


@asynccontextmanager
async def store_in(database: Database) -> AsyncIterator[Store]:
    """The store in a database whose schema is up to date."""
    engine = _engine(database)
    try:
        yield Store(Engine(engine), database)
    finally:
        await engine.dispose()


@asynccontextmanager
async def expiring(store: Store, days: float) -> AsyncIterator[None]:
    """During the block readings older than `days` are deleted, looked for every LOOK seconds.

    So goes from the disk what was deleted since: of a message that was answered, its body.
    """

    async def keep_looking() -> None:
        while True:
            try:
                if gone := await store.expire(days):
                    log.info("%d readings were older than %d days", gone, days)
                await store.sweep()
            except (DatabaseUnavailable, sa.exc.SQLAlchemyError) as error:
                log.warning("Old readings can't be deleted for now: %s", error)
            await asyncio.sleep(LOOK)

    looking = asyncio.create_task(keep_looking(), name="expiring readings")
    try:
        yield
    finally:
        looking.cancel()


def _sweep(database: Database) -> None:
    """What was deleted is gone from the write-ahead log too, unless somebody reads just now: then it goes soon."""
    with named(), closing(sqlite3.connect(database.file, timeout=BUSY)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _engine(database: Database) -> AsyncEngine:
    url = sqlalchemy_url(database)
    hidden = {"hide_parameters": True}  # an error is for the log, and what was to be written isn't
    if database.on_postgres:
        from bot.storage.postgres import CLIENT  # its library is there only where it is needed

        size = {"pool_size": 1, "max_overflow": CONNECTIONS - 1, "pool_pre_ping": True}
        return create_async_engine(url, connect_args=CLIENT, **size, **hidden)
    engine = create_async_engine(url.set(drivername="sqlite+aiosqlite"), connect_args={"timeout": BUSY}, **hidden)

    # The inbox writes to the same file: a transaction that began by reading couldn't wait for it to write after that.
    @event.listens_for(engine.sync_engine, "connect")
    def _no_transactions_of_the_drivers_own(connection: Any, _: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA secure_delete = ON")  # what is forgotten isn't left in free pages of the file

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        if not connection.get_execution_options().get(ONLY_READS):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _has_label(shown: tuple[int, int]) -> sa.ColumnElement[bool]:
    """It is the correction of this id, with this label."""
    return (CORRECTIONS.c.id == shown[0]) & (CORRECTIONS.c.label == shown[1])


def _sheet(chat: int, message: int) -> sa.ColumnElement[bool]:
    return (SHEETS.c.chat == chat) & (SHEETS.c.message == message)


def _kept(row: Row) -> KeptReading:
    photos = tuple(map(SeenPhoto.of, row["photos"]))
    return KeptReading(row["id"], row["chat"], row["answer"], row["person"], photos, row["model"])
