"""The inbox on PostgreSQL, for several bots: the lock on a chat's oldest row is the claim, and dies with its holder."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import takewhile
from typing import Any, LiteralString, Self

import psycopg

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
from bot.storage.database import DatabaseUnavailable
from bot.storage.postgres import Connection, connected, pool, told

AT_ONCE = {True: 12, False: 4}  # each claim holds a connection, of which PostgreSQL has a hundred for all
SHORT = 4  # connections for what is over at once
LOOK = 0.5  # seconds at most between two looks: nobody tells of a bot that died
PRUNED = 3600  # seconds between two looks for ids that needn't be remembered
CHATS = 7201  # the kind of advisory lock that is on a chat

RECORD: LiteralString = """
    WITH known AS (SELECT FROM seen WHERE update_id = %(update_id)s),
    id AS (
        INSERT INTO seen (update_id, at) SELECT %(update_id)s, unix_time()
        WHERE (SELECT count(*) FROM inbox WHERE chat = %(chat)s)
            < least(%(chat_bound)s, (%(bound)s - (SELECT count(*) FROM inbox)) / %(share)s::float)
        ON CONFLICT (update_id) DO NOTHING RETURNING update_id, at
    ), kept AS (
        INSERT INTO inbox (update_id, chat, photo, run, body, arrived, ready)
        SELECT update_id, %(chat)s, %(photo)s, %(run)s, %(body)s, at, at FROM id RETURNING serial
    )
    SELECT (SELECT count(*) FROM known), (SELECT count(*) FROM kept)
"""
EXTEND_RUN: LiteralString = """
    UPDATE inbox SET ready = least(unix_time() + %(gap)s, arrived + %(wait)s) WHERE serial IN (
        SELECT serial FROM inbox WHERE chat = %(chat)s AND run = %(run)s FOR UPDATE SKIP LOCKED
    )
"""
# The one that is ready first of each chat's oldest, which are found by skipping from chat to chat in the index.
CLAIM: LiteralString = """
    WITH RECURSIVE chats(chat) AS (
        SELECT min(chat) FROM inbox
        UNION ALL
        SELECT (SELECT min(chat) FROM inbox WHERE chat > chats.chat) FROM chats WHERE chat IS NOT NULL
    ), heads AS (
        SELECT first.serial FROM chats CROSS JOIN LATERAL (
            SELECT serial, ready, photo FROM inbox WHERE inbox.chat = chats.chat ORDER BY serial LIMIT 1
        ) AS first WHERE photo = %(photos)s AND (ready <= unix_time() OR ready > unix_time() + %(longest)s)
            AND chat <> ALL(%(in_work)s)
    )
    SELECT chat, run FROM inbox WHERE serial IN (SELECT serial FROM heads)
    ORDER BY least(ready, unix_time()), serial LIMIT 1 FOR UPDATE SKIP LOCKED
"""
# Only what nobody else holds: where the claim's own connection broke, somebody may.
DONE: tuple[LiteralString, ...] = (
    """DELETE FROM inbox WHERE serial IN (
        SELECT serial FROM inbox WHERE serial = ANY(%(serials)s) FOR UPDATE SKIP LOCKED
    )""",
    """UPDATE inbox SET ready = greatest(ready, unix_time() + %(pause)s) WHERE serial IN (
        SELECT serial FROM inbox WHERE serial = (SELECT min(serial) FROM inbox WHERE chat = %(chat)s)
        FOR UPDATE SKIP LOCKED
    )""",
    """UPDATE readings SET chat = shown.chat, answer = shown.message FROM unnest(
        %(readings)s::bigint[], %(chats)s::bigint[], %(messages)s::bigint[]
    ) AS shown (reading, chat, message) WHERE id = shown.reading""",
)
POSTPONED: tuple[LiteralString, ...] = (
    "UPDATE seen SET starts = 0 WHERE update_id IN (SELECT update_id FROM inbox WHERE serial = ANY(%(serials)s))",
    """UPDATE inbox SET ready = unix_time() + %(seconds)s WHERE serial IN (
        SELECT serial FROM inbox WHERE serial = ANY(%(serials)s) FOR UPDATE SKIP LOCKED
    )""",
)


class PostgresInbox:
    """An Inbox; see there. The schema is up to date."""

    at_once = AT_ONCE

    def __init__(self, url: str) -> None:
        self._url = url
        self._short = pool(url, SHORT)
        self._lanes = {photos: pool(url, size) for photos, size in AT_ONCE.items()}
        self._held: dict[tuple[int, ...], tuple[bool, Connection]] = {}
        self._in_work: set[int] = set()  # chats with a claim that isn't ended, though its connection may be broken
        self._changed = asyncio.Event()
        self._next_pruning = 0.0

    async def __aenter__(self) -> Self:
        with told():
            for each in (self._short, *self._lanes.values()):
                await each.open(wait=True)
        self._listening = asyncio.create_task(self._listen(), name="inbox news")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listening.cancel()
        for photos, connection in self._held.values():
            await connection.close()
            await self._lanes[photos].putconn(connection)
        for each in (self._short, *self._lanes.values()):
            await each.close()

    async def record(self, arrival: Arrival) -> Recorded:
        values = {
            **{name: getattr(arrival, name) for name in ("update_id", "chat", "photo", "run", "body")},
            "bound": BOUND,
            "chat_bound": CHAT_BOUND,
            "share": SHARE,
            "gap": 0 if arrival.hasty else RUN_GAP,
            "wait": RUN_WAIT,
        }
        with told():
            async with self._short.connection() as connection:
                # In one chat a serial becomes visible only after those before it.
                await connection.execute("SELECT pg_advisory_xact_lock(%s, hashint8(%s))", (CHATS, arrival.chat))
                known, kept = await _row(connection, RECORD, values)
                if kept and arrival.run is not None:
                    await connection.execute(EXTEND_RUN, values)
                if kept:
                    await _tell(connection)
        if kept:
            return Recorded.NEW
        return Recorded.KNOWN if known else Recorded.FULL

    async def claim(self, photos: bool) -> Claim | None:
        lane = self._lanes[photos]
        with told():
            connection = await lane.getconn()
            claim = None
            try:
                claim = await self._claim(connection, photos)
            finally:
                if claim is None:
                    with suppress(psycopg.Error):
                        await connection.rollback()
                    await lane.putconn(connection)
        if claim:
            self._held[claim.serials] = photos, connection
            self._in_work.add(claim.chat)
        return claim

    async def holds(self, claim: Claim) -> bool:
        _, connection = self._held[claim.serials]
        try:
            await connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True

    async def done(self, claim: Claim, pause: float = 0, answers: Sequence[Answer] = ()) -> None:
        values = {"serials": list(claim.serials), "chat": claim.chat, "pause": min(pause, LONGEST_WAIT)}
        shown = {f"{name}s": [getattr(answer, name) for answer in answers] for name in Answer._fields}
        await self._end(claim, DONE, values | shown)
        await self._prune()

    async def postpone(self, claim: Claim, seconds: float) -> None:
        await self._end(claim, POSTPONED, {"serials": list(claim.serials), "seconds": min(seconds, LONGEST_WAIT)})

    async def forget(self, chat: int) -> int:
        with told():
            async with self._short.connection() as connection:
                gone = await connection.execute(
                    "DELETE FROM inbox WHERE serial IN"
                    " (SELECT serial FROM inbox WHERE chat = %s FOR UPDATE SKIP LOCKED)",
                    (chat,),
                )
                return gone.rowcount

    async def news(self) -> None:
        try:
            async with asyncio.timeout(LOOK):
                await self._changed.wait()
        except TimeoutError:
            pass

    async def waiting(self) -> int:
        with told():
            async with self._short.connection() as connection:
                count: int = (await _row(connection, "SELECT count(*) FROM inbox"))[0]
        return count

    async def oldest(self) -> float | None:
        with told():
            async with self._short.connection() as connection:
                at: float | None = (await _row(connection, "SELECT min(arrived) FROM inbox"))[0]
        return at

    async def _claim(self, connection: Connection, photos: bool) -> Claim | None:
        values = {"photos": photos, "in_work": list(self._in_work), "longest": LONGEST_WAIT}
        head = await (await connection.execute(CLAIM, values)).fetchone()
        if head is None:
            return None
        chat, run = head
        found = await connection.execute(
            "SELECT run, serial, update_id, body, arrived FROM inbox WHERE chat = %s ORDER BY serial LIMIT %s",
            (chat, 1 if run is None else RUN_LENGTH),
        )
        _, serials, ids, bodies, arrived = zip(
            *takewhile(lambda row: row[0] == run, await found.fetchall()), strict=True
        )
        async with self._short.connection() as other:  # durable whatever becomes of the claim
            counted = await other.execute(
                "UPDATE seen SET starts = starts + 1 WHERE update_id = ANY(%s) RETURNING starts", (list(ids),)
            )
            starts = max(row[0] for row in await counted.fetchall())
        return Claim(serials, chat, bodies, starts, min(arrived))

    async def _end(self, claim: Claim, statements: tuple[LiteralString, ...], values: dict[str, Any]) -> None:
        """Change what the claim holds and let go of it; on a new connection where its own is gone."""
        if held := self._held.pop(claim.serials, None):
            photos, connection = held
            try:
                with told():
                    await _run(connection, statements, values)
                    await connection.commit()
            except DatabaseUnavailable:
                await connection.close()  # and once more below, for the answer is sent
            else:
                self._in_work.discard(claim.chat)
                return
            finally:
                await self._lanes[photos].putconn(connection)
        with told():
            async with self._short.connection() as connection:
                await _run(connection, statements, values)
        self._in_work.discard(claim.chat)

    async def _prune(self) -> None:
        if time.monotonic() < self._next_pruning:
            return
        self._next_pruning = time.monotonic() + PRUNED
        with told():
            async with self._short.connection() as connection:
                await connection.execute(
                    "DELETE FROM seen WHERE at < unix_time() - %s AND update_id NOT IN (SELECT update_id FROM inbox)",
                    (REMEMBERED,),
                )

    async def _listen(self) -> None:
        """Hear from the other bots, and from this one, that there is something to claim."""
        while True:
            try:
                async with await connected(self._url) as connection:
                    await connection.execute("LISTEN inbox")
                    async for _ in connection.notifies():
                        self._changed.set()
                        self._changed = asyncio.Event()
            except psycopg.Error:  # the looks go on meanwhile
                await asyncio.sleep(LOOK)


async def _run(connection: Connection, statements: tuple[LiteralString, ...], values: dict[str, Any]) -> None:
    for statement in statements:
        await connection.execute(statement, values)
    await _tell(connection)


async def _row(connection: Connection, statement: LiteralString, values: dict[str, Any] | None = None) -> Any:
    return await (await connection.execute(statement, values)).fetchone()


async def _tell(connection: Connection) -> None:
    await connection.execute("NOTIFY inbox")
