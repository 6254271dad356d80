"""What is known of trainings, for every bot on the database: the one that runs, who watches it, what came of it."""

import time
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from bot.storage.engine import Engine
from bot.storage.records import Accepted, Status
from bot.storage.tables import CORRECTIONS, TRAININGS, WATCHERS

MOST = 20_000  # corrections that are learnt, the newest


class Result(StrEnum):
    """How a training ended."""

    PROMOTED = "promoted"  # its version serves
    WORSE = "worse"  # the gate didn't let it through
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"  # its bot was stopped or killed


@dataclass(frozen=True, slots=True)
class TrainingOutcome:
    """What came of a training."""

    result: Result
    version: str | None = None
    gate: dict[str, Any] = field(default_factory=dict)  # as the version's card has it
    missing: str = ""  # what failed: tensorflow, mnist, memory, disk, busy, or nothing that has a name
    why: str = ""  # for the log and for admins, in English


@dataclass(frozen=True, slots=True)
class Training:
    """One training, as the database has it."""

    id: int
    running: bool
    full: bool
    admin: int
    started: float
    cancelled: bool
    outcome: TrainingOutcome | None
    reported: bool


@dataclass(frozen=True, slots=True)
class Watcher:
    """A message that shows a training, and in which language."""

    chat: int
    message: int
    language: str


class Trainings:
    """Reads and writes it, on the store's engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def counts(self) -> tuple[int, int]:
        """How many corrections are accepted, and how many wait for review."""
        accepted, waiting = (CORRECTIONS.c.status == each for each in (Status.ACCEPTED, Status.WAITING))
        query = sa.select(sa.func.count().filter(accepted), sa.func.count().filter(waiting)).select_from(CORRECTIONS)
        async with self._engine.connect() as db:
            found = (await db.execute(query)).one()
            return int(found[0]), int(found[1])

    async def accepted(self) -> list[Accepted]:
        """The corrections to learn from, by their ids."""
        columns = (CORRECTIONS.c.id, CORRECTIONS.c.label, CORRECTIONS.c.pixels)
        newest = CORRECTIONS.c.id.desc()
        query = sa.select(*columns).where(CORRECTIONS.c.status == Status.ACCEPTED).order_by(newest).limit(MOST)
        async with self._engine.connect() as db:
            return sorted((Accepted(*row) for row in await db.execute(query)), key=lambda each: each.id)

    async def begin(self, admin: int, *, full: bool) -> int | None:
        """A new training's id; None where one is running, here or in another bot."""
        values = {"running": True, "full": full, "admin": admin, "started": time.time()}
        values |= {"cancelled": False, "reported": False}
        try:
            async with self._engine.begin() as db:
                added = await db.execute(sa.insert(TRAININGS).values(**values).returning(TRAININGS.c.id))
                return int(added.scalar_one())
        except IntegrityError:
            return None

    async def drop(self, training: int) -> None:
        """It was never begun with."""
        async with self._engine.begin() as db:
            await db.execute(sa.delete(TRAININGS).where(TRAININGS.c.id == training))

    async def running(self) -> Training | None:
        """The training that runs."""
        return await self._first(TRAININGS.c.running)

    async def unreported(self) -> Training | None:
        """One that has ended, and whose report was not sent yet."""
        return await self._first(~TRAININGS.c.reported & TRAININGS.c.running.is_(None))

    async def find(self, training: int) -> Training | None:
        """The training of this id."""
        return await self._first(TRAININGS.c.id == training)

    async def cancel(self, training: int) -> bool:
        """Ask for its end; whether it still runs."""
        return await self._update(training, TRAININGS.c.running, cancelled=True)

    async def made(self, training: int, outcome: TrainingOutcome) -> bool:
        """It has come to an outcome, and runs until that is acted upon; False where it was ended by somebody else."""
        return await self._update(training, TRAININGS.c.running, outcome=asdict(outcome), version=outcome.version)

    async def ended(self, training: int) -> None:
        """It runs no longer: another one may."""
        await self._update(training, TRAININGS.c.running, running=None)

    async def mark_reported(self, training: int) -> None:
        """Note that its report was sent."""
        await self._update(training, TRAININGS.c.id == training, reported=True)

    async def watch(self, training: int, watcher: Watcher) -> None:
        """A message shows the training, in the place of one before in the same chat."""
        here = (WATCHERS.c.training == training) & (WATCHERS.c.chat == watcher.chat)
        async with self._engine.begin() as db:
            await db.execute(sa.delete(WATCHERS).where(here))
            await db.execute(sa.insert(WATCHERS).values(training=training, **asdict(watcher)))

    async def watchers(self, training: int) -> list[Watcher]:
        """All messages that show it."""
        columns = (WATCHERS.c.chat, WATCHERS.c.message, WATCHERS.c.language)
        async with self._engine.connect() as db:
            return [
                Watcher(*row) for row in await db.execute(sa.select(*columns).where(WATCHERS.c.training == training))
            ]

    async def _first(self, which: sa.ColumnElement[bool]) -> Training | None:
        async with self._engine.connect() as db:
            row = (await db.execute(sa.select(TRAININGS).where(which).order_by(TRAININGS.c.id))).mappings().first()
        return _training(row) if row else None

    async def _update(self, training: int, which: sa.ColumnElement[bool], **values: Any) -> bool:
        update = sa.update(TRAININGS).where((TRAININGS.c.id == training) & which).values(**values)
        async with self._engine.begin() as db:
            return (await db.execute(update)).rowcount > 0


def _training(row: sa.RowMapping) -> Training:
    stored = row["outcome"]
    outcome = TrainingOutcome(**stored | {"result": Result(stored["result"])}) if stored else None
    running, full, cancelled, reported = (bool(row[name]) for name in ("running", "full", "cancelled", "reported"))
    return Training(row["id"], running, full, row["admin"], row["started"], cancelled, outcome, reported)
