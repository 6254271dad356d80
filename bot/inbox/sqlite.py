"""The inbox in an SQLite file, for one bot: every change goes through one thread, which commits what waits together."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from itertools import takewhile
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Self, cast

from bot.inbox import (
    BOUND,
    CHAT_BOUND,
    LONGEST_WAIT,
    REMEMBERED,
    RUN_GAP,
    RUN_LENGTH,
    RUN_WAIT,
    SHARE,
    Answer,
    Arrival,
    Claim,
    Recorded,
)
from bot.storage.database import BUSY, DatabaseUnavailable

AT_ONCE = {True: 24, False: 16}  # chats whose photos are in work side by side, and whose commands and texts
TOGETHER = 200  # changes in one transaction
IDLE = 60  # seconds after which somebody who waits for news looks again
PRUNED = 3600  # seconds between two looks for ids that needn't be remembered

# Of each chat's oldest update, found by skipping from chat to chat in the index, the one that is ready first.
FIRST = """
    WITH RECURSIVE chats(chat) AS (
        SELECT min(chat) FROM inbox
        UNION ALL
        SELECT (SELECT min(chat) FROM inbox WHERE chat > chats.chat) FROM chats WHERE chat IS NOT NULL
    )
    SELECT inbox.chat, run, iif(ready > :now + :longest, :now, ready) AS due FROM chats
    JOIN inbox ON serial = (SELECT min(serial) FROM inbox WHERE chat = chats.chat)
    WHERE photo = :photo AND NOT claimed
    ORDER BY due, serial LIMIT 1
"""

Change = Callable[[sqlite3.Connection], Any]
Job = tuple[Change, asyncio.Future[Any]]


class SqliteInbox:
    """An Inbox; see there. The file's schema is up to date, and no other process works on it."""

    at_once = AT_ONCE

    def __init__(self, file: Path, clock: Callable[[], float] = time.time) -> None:
        self._file = file
        self._clock = clock
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()  # as long as there are tasks that wait
        self._changed = asyncio.Event()
        self._ready: dict[bool, float] = {}  # when what wasn't ready yet will be: photos, and everything else
        self._next_pruning = 0.0

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._work, name="inbox", daemon=True)
        self._thread.start()
        await self._do(_release_all)
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            await self._do(_release_all)
        except DatabaseUnavailable:
            pass  # the next start does it
        finally:
            self._jobs.put(None)
            await asyncio.to_thread(self._thread.join)

    async def record(self, arrival: Arrival) -> Recorded:
        recorded: Recorded = await self._do(lambda db: _record(db, arrival, self._clock()))
        self._tell()
        return recorded

    async def claim(self, photos: bool) -> Claim | None:
        claim, ready = await self._do(lambda db: _claim(db, photos, self._clock()))
        self._ready[photos] = ready
        return cast("Claim | None", claim)

    async def holds(self, claim: Claim) -> bool:
        return True  # nobody else works on the file

    async def done(self, claim: Claim, pause: float = 0, answers: Sequence[Answer] = ()) -> None:
        await self._do(lambda db: self._done(db, claim, pause, answers))
        self._tell()

    async def postpone(self, claim: Claim, seconds: float) -> None:
        await self._do(lambda db: _postpone(db, claim, self._clock() + min(seconds, LONGEST_WAIT)))
        self._tell()

    async def forget(self, chat: int) -> int:
        delete = "DELETE FROM inbox WHERE chat = ? AND NOT claimed"
        count: int = await self._do(lambda db: db.execute(delete, (chat,)).rowcount)
        return count

    async def news(self) -> None:
        wait = min(self._ready.values(), default=float("inf")) - self._clock()
        try:
            async with asyncio.timeout(min(max(wait, 0), IDLE)):
                await self._changed.wait()
        except TimeoutError:
            pass

    async def waiting(self) -> int:
        count: int = await self._do(lambda db: db.execute("SELECT count(*) FROM inbox").fetchone()[0])
        return count

    async def oldest(self) -> float | None:
        at: float | None = await self._do(lambda db: db.execute("SELECT min(arrived) FROM inbox").fetchone()[0])
        return at

    def _done(self, db: sqlite3.Connection, claim: Claim, pause: float, answers: Sequence[Answer]) -> None:
        now = self._clock()
        shown = [(answer.chat, answer.message, answer.reading) for answer in answers]
        db.executemany("UPDATE readings SET chat = ?, answer = ? WHERE id = ?", shown)
        db.executemany("DELETE FROM inbox WHERE serial = ?", [(serial,) for serial in claim.serials])
        db.execute(
            "UPDATE inbox SET ready = max(ready, ?) WHERE serial = (SELECT min(serial) FROM inbox WHERE chat = ?)",
            (now + min(pause, LONGEST_WAIT), claim.chat),
        )
        if time.monotonic() >= self._next_pruning:
            self._next_pruning = time.monotonic() + PRUNED
            _prune(db, now)

    def _tell(self) -> None:
        """Wake whoever waits for news."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def _do(self, change: Change) -> Any:
        future: asyncio.Future[Any] = self._loop.create_future()
        self._jobs.put((change, future))
        return await future

    # From here on: in the thread.

    def _work(self) -> None:
        db: sqlite3.Connection | None = None
        more = True
        while more:
            jobs, more = self._next_jobs()
            if not jobs:
                continue
            try:
                db = db or _connected(self._file)
            except sqlite3.Error as error:
                self._answer([(job, error) for job in jobs])
            else:
                self._answer(_committed(db, jobs))
        if db:
            db.close()

    def _next_jobs(self) -> tuple[list[Job], bool]:
        """All that wait, at least one, and whether more may come."""
        jobs: list[Job] = []
        while not jobs or (len(jobs) < TOGETHER and not self._jobs.empty()):
            job = self._jobs.get()
            if job is None:
                return jobs, False
            jobs.append(job)
        return jobs, True

    def _answer(self, results: list[tuple[Job, Any]]) -> None:
        def answer() -> None:
            for (_, future), result in results:
                if future.cancelled():
                    continue
                if isinstance(result, Exception):
                    future.set_exception(DatabaseUnavailable(f"{self._file}: {result}"))
                else:
                    future.set_result(result)

        self._loop.call_soon_threadsafe(answer)


def _connected(file: Path) -> sqlite3.Connection:
    db = sqlite3.connect(file, isolation_level=None, timeout=BUSY)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")  # a commit is on the disk when it returns
    db.execute("PRAGMA secure_delete=ON")  # what was answered isn't left in free pages of the file
    return db


def _committed(db: sqlite3.Connection, jobs: list[Job]) -> list[tuple[Job, Any]]:
    """Each job with its result, or what went wrong: all in one transaction, or each in its own if that fails."""
    try:
        results = _in_one_transaction(db, jobs)
    except (sqlite3.Error, OverflowError, ValueError) as error:  # the latter two: values that SQLite can't hold
        if len(jobs) == 1:
            return [(jobs[0], error)]
        return [result for job in jobs for result in _committed(db, [job])]
    return results


def _in_one_transaction(db: sqlite3.Connection, jobs: list[Job]) -> list[tuple[Job, Any]]:
    db.execute("BEGIN IMMEDIATE")
    try:
        results = [(job, job[0](db)) for job in jobs]
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    return results


def _record(db: sqlite3.Connection, arrival: Arrival, now: float) -> Recorded:
    if db.execute("SELECT 1 FROM seen WHERE update_id = ?", (arrival.update_id,)).fetchone():
        return Recorded.KNOWN
    in_all, here = db.execute(
        "SELECT (SELECT count(*) FROM inbox), (SELECT count(*) FROM inbox WHERE chat = ?)", (arrival.chat,)
    ).fetchone()
    if here >= min(CHAT_BOUND, (BOUND - in_all) / SHARE):
        return Recorded.FULL
    db.execute("INSERT INTO seen (update_id, at) VALUES (?, ?)", (arrival.update_id, now))
    db.execute(
        "INSERT INTO inbox (update_id, chat, photo, run, body, arrived, ready) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (arrival.update_id, arrival.chat, arrival.photo, arrival.run, arrival.body, now, now),
    )
    if arrival.run is not None:
        db.execute(
            "UPDATE inbox SET ready = min(?, arrived + ?) WHERE chat = ? AND run = ? AND NOT claimed",
            (now + (0 if arrival.hasty else RUN_GAP), RUN_WAIT, arrival.chat, arrival.run),
        )
    return Recorded.NEW


def _claim(db: sqlite3.Connection, photos: bool, now: float) -> tuple[Claim | None, float]:
    """What is claimed, and else when something will be ready."""
    chat, run, ready = db.execute(FIRST, {"photo": photos, "now": now, "longest": LONGEST_WAIT}).fetchone() or (
        0,
        None,
        float("inf"),
    )
    if ready > now:
        return None, ready
    rows = db.execute(
        "SELECT serial, update_id, run, body, arrived FROM inbox WHERE chat = ? ORDER BY serial LIMIT ?",
        (chat, 1 if run is None else RUN_LENGTH),
    ).fetchall()
    serials, update_ids, _, bodies, arrived = zip(*takewhile(lambda row: row[2] == run, rows), strict=True)
    db.executemany("UPDATE inbox SET claimed = TRUE WHERE serial = ?", [(serial,) for serial in serials])
    starts = [
        db.execute("UPDATE seen SET starts = starts + 1 WHERE update_id = ? RETURNING starts", (id_,)).fetchone()[0]
        for id_ in update_ids
    ]
    return Claim(serials, chat, bodies, max(starts), min(arrived)), float("inf")


def _postpone(db: sqlite3.Connection, claim: Claim, ready: float) -> None:
    for serial in claim.serials:
        db.execute("UPDATE inbox SET claimed = FALSE, ready = ? WHERE serial = ?", (ready, serial))
        db.execute(
            "UPDATE seen SET starts = 0 WHERE update_id = (SELECT update_id FROM inbox WHERE serial = ?)", (serial,)
        )


def _prune(db: sqlite3.Connection, now: float) -> None:
    db.execute("DELETE FROM seen WHERE at < ? AND update_id NOT IN (SELECT update_id FROM inbox)", (now - REMEMBERED,))


def _release_all(db: sqlite3.Connection) -> None:
    db.execute("UPDATE inbox SET claimed = FALSE WHERE claimed")
