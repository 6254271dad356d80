"""What the inbox promises, on both databases: durable, in order, fair, each update once."""

import asyncio
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, closing
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio

from bot.inbox import Answer, Arrival, Claim, Inbox, Recorded, postgres, sqlite
from bot.inbox.postgres import PostgresInbox
from bot.inbox.sqlite import SqliteInbox
from bot.storage.database import Database
from bot.storage.store import store_in
from tests.postgres import cluster, new_database
from tests.waiting import PATIENCE

ANN, BEN, GROUP = 1, 2, -3


@pytest.fixture(autouse=True)
def quick_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (sqlite, postgres):
        monkeypatch.setattr(module, "RUN_GAP", 0.3)
        monkeypatch.setattr(module, "RUN_WAIT", 1.5)


def opened(database: Database) -> AbstractAsyncContextManager[Inbox]:
    return PostgresInbox(database.url) if database.on_postgres else SqliteInbox(database.file)


@pytest_asyncio.fixture
async def inbox(database: Database) -> AsyncIterator[Inbox]:
    async with opened(database) as inbox:
        yield inbox


def arrival(update_id: int, chat: int = ANN, photo: bool = True, run: str | None = None) -> Arrival:
    return Arrival(update_id, chat, photo, run, f'{{"update_id": {update_id}}}')


def ids(claim: Claim | None) -> list[int]:
    return [int(body.partition(": ")[2].rstrip("}")) for body in claim.bodies] if claim else []


async def recorded(inbox: Inbox, *arrivals: Arrival) -> None:
    for each in arrivals:
        assert await inbox.record(each) is Recorded.NEW


async def next_claim(inbox: Inbox, photos: bool = True) -> Claim:
    """The next, as soon as it is ready; looked for only when the inbox says that there may be something."""
    async with asyncio.timeout(PATIENCE):
        while (claim := await inbox.claim(photos)) is None:
            await inbox.news()
    return claim


async def test_an_update_is_kept_once_and_only_until_it_is_done(inbox: Inbox) -> None:
    await recorded(inbox, arrival(1))
    assert await inbox.record(arrival(1)) is Recorded.KNOWN
    claim = await next_claim(inbox)
    assert (ids(claim), claim.chat, claim.starts) == ([1], ANN, 1)
    await inbox.done(claim)
    assert await inbox.waiting() == 0
    assert await inbox.record(arrival(1)) is Recorded.KNOWN
    assert await inbox.claim(photos=True) is None


async def test_an_update_is_done_and_its_readings_are_answered_in_one_step(database: Database, inbox: Inbox) -> None:
    async with store_in(database) as store:
        readings = [await store.add_reading(ANN, person, [], "2026.11-4") for person in (ANN, BEN)]
        await recorded(inbox, arrival(1))
        claim = await next_claim(inbox)
        await inbox.done(claim, answers=[Answer(reading, ANN, 12) for reading in readings])
        found = [await store.reading_of(ANN, 12, person) for person in (ANN, BEN)]
    assert [reading and reading.id for reading in found] == readings
    assert await inbox.waiting() == 0


async def test_how_much_waits_and_since_when(inbox: Inbox) -> None:
    assert (await inbox.waiting(), await inbox.oldest()) == (0, None)
    await recorded(inbox, arrival(1))
    first = await inbox.oldest()
    assert first == pytest.approx(time.time(), abs=PATIENCE)
    await recorded(inbox, arrival(2, BEN))
    assert (await inbox.waiting(), await inbox.oldest()) == (2, first)
    await inbox.done(await next_claim(inbox))
    later = await inbox.oldest()
    assert first is not None
    assert later is not None
    assert later > first


async def test_a_chat_is_in_order_and_another_does_not_wait_for_it(inbox: Inbox) -> None:
    await recorded(inbox, arrival(10), arrival(5), arrival(7, BEN))  # Telegram's ids may begin anew
    first, other = await next_claim(inbox), await next_claim(inbox)
    assert (ids(first), ids(other)) == ([10], [7])
    assert await inbox.claim(photos=True) is None
    await inbox.done(first)
    assert ids(await next_claim(inbox)) == [5]


async def test_what_is_quick_does_not_wait_for_photos_of_other_chats(inbox: Inbox) -> None:
    await recorded(inbox, arrival(1), arrival(2, BEN, photo=False), arrival(3, photo=False))
    assert ids(await next_claim(inbox, photos=False)) == [2]
    assert await inbox.claim(photos=False) is None  # the other stands behind a photo of its own chat
    photo = await next_claim(inbox)
    await inbox.done(photo)
    assert ids(await next_claim(inbox, photos=False)) == [3]


async def test_a_chat_with_hundreds_gets_its_turn_like_everybody_else(inbox: Inbox) -> None:
    await asyncio.gather(*(inbox.record(arrival(n)) for n in range(200)))
    await inbox.done(await next_claim(inbox))
    await recorded(inbox, arrival(1000, BEN))
    order = []
    for _ in range(3):
        claim = await next_claim(inbox)
        order += [claim.chat]
        await inbox.done(claim)
    assert BEN in order[:2]


async def test_an_album_is_claimed_whole_once_no_more_of_it_comes(inbox: Inbox) -> None:
    await recorded(inbox, arrival(1, run="a"), arrival(2, run="a"), arrival(3, run="a"), arrival(4))
    assert await inbox.claim(photos=True) is None
    album = await next_claim(inbox)
    assert ids(album) == [1, 2, 3]
    assert await inbox.claim(photos=True) is None
    await inbox.done(album)
    assert ids(await next_claim(inbox)) == [4]


async def test_a_run_ends_at_what_stands_between(inbox: Inbox) -> None:
    await recorded(
        inbox, arrival(1, GROUP, run="burst"), arrival(2, GROUP, photo=False), arrival(3, GROUP, run="burst")
    )
    first = await next_claim(inbox)
    assert ids(first) == [1]
    await inbox.done(first)
    text = await next_claim(inbox, photos=False)
    await inbox.done(text)
    assert ids(await next_claim(inbox)) == [3]


async def test_a_run_without_end_is_claimed_all_the_same(inbox: Inbox) -> None:
    await recorded(inbox, *(arrival(n, GROUP, run="burst") for n in range(12)))
    claim = await next_claim(inbox)
    assert ids(claim) == list(range(10))
    await inbox.done(claim)
    assert ids(await next_claim(inbox)) == [10, 11]


async def test_what_is_postponed_comes_again_in_time_and_keeps_its_chat_waiting(inbox: Inbox) -> None:
    await recorded(inbox, arrival(1), arrival(2))
    for _ in range(3):
        claim = await next_claim(inbox)
        assert (ids(claim), claim.starts) == ([1], 1)
        await inbox.postpone(claim, 0.2)
        assert await inbox.claim(photos=True) is None


async def test_nothing_waits_for_a_clock_that_was_wrong(database: Database) -> None:
    async with opened(database) as inbox:
        await recorded(inbox, arrival(1), arrival(2), arrival(3, BEN, run="a"))
        await inbox.postpone(await next_claim(inbox), 0.5)
        await put_off(database, 7200)  # as if the clock had been two hours ahead just now
        await recorded(inbox, arrival(4, BEN, run="a"), arrival(5, GROUP))
        order: list[int] = []
        began = time.monotonic()
        while len(order) < 5:
            claim = await next_claim(inbox)
            order += ids(claim)
            await inbox.done(claim)
    assert sorted(order) == [1, 2, 3, 4, 5]
    assert time.monotonic() - began < PATIENCE


async def test_nothing_is_put_off_for_longer_than_may_be(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (sqlite, postgres):
        monkeypatch.setattr(module, "LONGEST_WAIT", 0.3)
    await recorded(inbox, arrival(1), arrival(2))
    await inbox.postpone(await next_claim(inbox), 7200)
    assert await inbox.claim(photos=True) is None
    await inbox.done(await next_claim(inbox), pause=7200)
    assert ids(await next_claim(inbox)) == [2]


async def put_off(database: Database, seconds: float) -> None:
    """All that waits arrived, and gets ready, so much later."""
    change = f"UPDATE inbox SET ready = ready + {seconds}, arrived = arrived + {seconds}"
    if database.on_postgres:
        async with await psycopg.AsyncConnection.connect(database.url, autocommit=True) as connection:
            await connection.execute(change)
    else:
        with closing(sqlite3.connect(database.file)) as db, db:
            db.execute(change)


async def test_a_chat_that_must_pause_gets_its_next_later(inbox: Inbox) -> None:
    await recorded(inbox, arrival(1), arrival(2))
    await inbox.done(await next_claim(inbox), pause=0.5)
    assert await inbox.claim(photos=True) is None
    assert ids(await next_claim(inbox)) == [2]


async def test_past_a_chats_bound_nothing_of_it_is_written_down(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (sqlite, postgres):
        monkeypatch.setattr(module, "CHAT_BOUND", 2)
    await recorded(inbox, arrival(1), arrival(2))
    assert await inbox.record(arrival(3)) is Recorded.FULL
    await recorded(inbox, arrival(4, BEN))
    await inbox.done(await next_claim(inbox))
    await recorded(inbox, arrival(3))  # what was turned away isn't taken for known


async def test_however_many_chats_flood_the_inbox_a_newcomer_finds_a_place(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (sqlite, postgres):
        monkeypatch.setattr(module, "CHAT_BOUND", 10)
        monkeypatch.setattr(module, "BOUND", 60)
    flood = [arrival(number, -1 - number % 20) for number in range(200)]
    taken = [await inbox.record(each) for each in flood].count(Recorded.NEW)
    assert 20 < taken < 60
    await recorded(inbox, arrival(1000))
    assert await inbox.record(arrival(1001, -1)) is Recorded.FULL
    for number in range(200):  # from as many chats: then it is full at last
        await inbox.record(arrival(2000 + number, 100 + number))
    assert await inbox.waiting() == 60
    assert await inbox.record(arrival(3000, BEN)) is Recorded.FULL


async def test_what_waits_in_a_chat_can_be_forgotten_but_for_what_is_in_work(inbox: Inbox) -> None:
    await recorded(inbox, arrival(1), arrival(2), arrival(3), arrival(4, BEN))
    claim = await next_claim(inbox)
    assert await inbox.forget(ANN) == 2
    await inbox.done(claim)
    assert await inbox.waiting() == 1


async def test_news_comes_with_an_arrival(inbox: Inbox) -> None:
    waiting = asyncio.create_task(next_claim(inbox))
    await asyncio.sleep(0)
    await recorded(inbox, arrival(1))
    assert ids(await waiting) == [1]


async def test_after_an_orderly_end_everything_is_there_and_nothing_is_held(database: Database) -> None:
    async with opened(database) as inbox:
        await recorded(inbox, arrival(1), arrival(2, BEN))
        await next_claim(inbox)
    async with opened(database) as inbox:
        assert sorted([ids(await next_claim(inbox)), ids(await next_claim(inbox))]) == [[1], [2]]


DYING = """
import asyncio, os, signal, sys
from bot.storage.database import Database
from bot.storage.store import store_in
from bot.inbox import Arrival
from bot.inbox.postgres import PostgresInbox
from bot.inbox.sqlite import SqliteInbox

async def main():
    database = Database(sys.argv[1])
    async with PostgresInbox(database.url) if database.on_postgres else SqliteInbox(database.file) as inbox:
        if sys.argv[2] == "record":
            await inbox.record(Arrival(1, 1, True, None, '{"update_id": 1}'))
        else:
            assert await inbox.claim(True)
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_a_kill_loses_nothing_and_its_starts_are_counted(database: Database) -> None:
    for deed in ("record", "claim", "claim"):
        command = [sys.executable, "-c", DYING, database.url, deed]
        where = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[4])}
        died = await asyncio.to_thread(subprocess.run, command, capture_output=True, env=where)
        assert died.returncode == -9, died.stderr.decode()
    async with opened(database) as inbox:
        claim = await next_claim(inbox)
        assert (ids(claim), claim.starts) == ([1], 3)
        await inbox.postpone(claim, 0)
        assert (await next_claim(inbox)).starts == 1


@pytest_asyncio.fixture
async def two() -> AsyncIterator[tuple[Inbox, Inbox, str]]:
    """Two bots' inboxes on one PostgreSQL database."""
    with new_database() as url:
        async with PostgresInbox(url) as one, PostgresInbox(url) as other:
            yield one, other, url


async def test_two_bots_never_hold_the_same_chat(two: tuple[Inbox, Inbox, str]) -> None:
    one, other, _ = two
    await recorded(one, arrival(1), arrival(2), arrival(3, BEN))
    mine, theirs = await next_claim(one), await next_claim(other)
    assert (ids(mine), ids(theirs)) == ([1], [3])
    assert await other.claim(photos=True) is None
    await one.done(mine)
    assert ids(await next_claim(other)) == [2]


async def test_many_bots_at_once_answer_each_update_once_and_in_order(two: tuple[Inbox, Inbox, str]) -> None:
    answered: list[tuple[int, int]] = []

    async def work(inbox: Inbox) -> None:
        while len(answered) < 60:
            if claim := await inbox.claim(photos=True):
                answered.append((claim.chat, ids(claim)[0]))
                await inbox.done(claim)
            else:
                await inbox.news()

    await asyncio.gather(*(two[n % 2].record(arrival(n, n % 6)) for n in range(60)))  # type: ignore[union-attr]
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(work(inbox) for inbox in two[:2] for _ in range(4)))
    assert sorted(id_ for _, id_ in answered) == list(range(60))


async def test_what_a_dead_bot_held_is_picked_up(two: tuple[Inbox, Inbox, str]) -> None:
    one, other, url = two
    await recorded(one, arrival(1))
    held = await next_claim(one)
    assert await other.claim(photos=True) is None
    with psycopg.connect(url, autocommit=True) as connection:  # what the server does when a bot's host is gone
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE state = 'idle in transaction' AND datname = current_database()"
        )
    again = await next_claim(other)
    assert (ids(again), again.starts) == ([1], 2)
    await one.done(held)  # too late: the other holds it
    assert await other.waiting() == 1
    await other.done(again)
    assert await one.waiting() == 0


async def test_a_mark_whose_connection_broke_is_made_all_the_same(two: tuple[Inbox, Inbox, str]) -> None:
    one, other, _url = two
    await recorded(one, arrival(1))
    held = await next_claim(one)
    cluster().stop("immediate")
    cluster().start()
    await one.done(held)
    assert await other.waiting() == 0


async def test_a_claim_is_lost_with_its_connection_and_who_is_still_at_it_does_not_claim_it_again(
    two: tuple[Inbox, Inbox, str],
) -> None:
    one, other, _url = two
    await recorded(one, arrival(1))
    held = await next_claim(one)
    assert await one.holds(held)
    cluster().stop("immediate")
    cluster().start()
    assert not await one.holds(held)
    assert await one.claim(photos=True) is None
    again = await next_claim(other)
    assert await other.holds(again)
    await one.postpone(held, 0)
    await other.done(again)
    assert await one.waiting() == 0
