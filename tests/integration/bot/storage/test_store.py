"""What is kept of people, on both databases: found again, replaced, taken back, sent, deleted, expired."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path

import pytest

from bot.game.rounds import Entry, Game
from bot.game.rounds_store import Beginning, Rounds
from bot.inbox import Arrival
from bot.inbox.sqlite import SqliteInbox
from bot.storage import engine, newest
from bot.storage import store as stores
from bot.storage.database import Database, DatabaseUnavailable
from bot.storage.records import Decided, KeptReading, Label, SeenDigit, SeenPhoto, Status
from bot.storage.store import Store, expiring, store_in
from tests.kept import answered, of_person
from tests.waiting import PATIENCE, until

ANN, BEN, CHAT = 2**40, 2**40 + 1, 2**40
SEVEN = SeenDigit(7, 0.998, (10, 20, 30, 40))
ONE = SeenDigit(1, 0.6, (50, 20, 10, 40))
PHOTO = SeenPhoto(11, "file", (1280, 960), (SEVEN, ONE))


def label(reading: int, n: int = 0, digit: int = 1, person: int = ANN) -> Label:
    return Label(reading, n, person, digit, 7, 0.998, bytes(784), "2026.11-4", Status.WAITING)


async def agreed_reading(store: Store) -> int:
    await store.agree(ANN)
    return await store.add_reading(CHAT, ANN, [PHOTO], "2026.11-4")


async def test_a_reading_is_found_by_its_id_and_by_its_answer(store: Store) -> None:
    reading = await store.add_reading(CHAT, ANN, [PHOTO], "2026.11-4")
    await answered(store, reading, 12)
    kept = KeptReading(reading, CHAT, 12, ANN, (PHOTO,), "2026.11-4")
    assert await store.reading(reading) == kept
    assert await store.reading_of(CHAT, 12) == kept
    assert await store.reading(reading + 1) is None
    assert await store.reading_of(CHAT + 1, 12) is None


async def test_a_reading_is_found_by_any_photo_of_its_album_once_it_is_answered(store: Store) -> None:
    album = [replace(PHOTO, message=number, unique_id=f"picture {number}") for number in range(11, 21)]
    reading = await store.add_reading(CHAT, ANN, album, "2026.11-4")
    assert await store.reading_with(CHAT, 11) is None
    await answered(store, reading, 30)
    kept = KeptReading(reading, CHAT, 30, ANN, tuple(album), "2026.11-4")
    assert [await store.reading_with(CHAT, message) for message in (11, 20, 21)] == [kept, kept, None]
    assert await store.reading_with(CHAT + 1, 11) is None
    again = await store.add_reading(CHAT, ANN, album, "2026.11-4")
    await answered(store, again, 30)
    for found in (await store.reading_with(CHAT, 11), await store.reading_of(CHAT, 30)):
        assert found is not None
        assert found.id == again
    assert not await store.is_shared(kept)
    await answered(store, await store.add_reading(CHAT, BEN, [PHOTO], "2026.11-4"), 30)
    assert await store.is_shared(kept)


async def test_a_rounds_photos_arent_taken_for_those_of_a_private_chat(store: Store) -> None:
    rounds = Rounds(store.engine)
    this = await rounds.begin(Beginning(-7, None, ANN, "en", Game.READ, (7, 4, 2)))
    assert this is not None
    await rounds.enter(this, Entry(11, ANN, "Ann", 0, "7", 0.998, 0), PHOTO, "2026.11-4")
    reading = await rounds.reading_of(this, ANN)
    assert reading is not None
    await answered(store, reading, 12)
    assert await store.reading_with(ANN, 11) is None


async def test_digits_of_an_album_are_numbered_through(store: Store) -> None:
    other = replace(PHOTO, message=12, digits=(ONE,))
    blank = replace(PHOTO, message=13, digits=())
    kept = await store.reading(await store.add_reading(CHAT, ANN, [PHOTO, blank, other], "2026.11-4"))
    assert kept is not None
    assert kept.digits == (SEVEN, ONE, ONE)


async def test_a_label_takes_the_place_of_an_earlier_one_and_can_be_taken_back(store: Store) -> None:
    reading = await agreed_reading(store)
    assert await store.label([label(reading, 0, 1), label(reading, 1, 4)])
    assert await store.label([label(reading, 0, 2)])
    assert await store.labels_of(reading) == {0: 2, 1: 4}
    await store.unlabel(reading)
    assert await store.labels_of(reading) == {}


async def test_nothing_is_kept_of_who_has_not_agreed_or_was_forgotten_meanwhile(store: Store) -> None:
    reading = await store.add_reading(CHAT, ANN, [PHOTO], "2026.11-4")
    assert not await store.label([label(reading)])
    assert not await store.label([label(reading, person=BEN)], agrees=True)
    assert await store.label([label(reading)], agrees=True)
    await store.forget(ANN)
    assert not await store.label([label(reading)], agrees=True)
    assert not any((await of_person(store, ANN)).values())


async def test_who_is_forgotten_as_they_are_corrected_leaves_nothing(store: Store) -> None:
    for _ in range(20):
        reading = await agreed_reading(store)
        await asyncio.gather(store.label([label(reading)], agrees=True), store.forget(ANN))
        assert not any((await of_person(store, ANN)).values())


async def test_an_admin_decides_on_what_they_were_shown(store: Store) -> None:
    reading = await agreed_reading(store)
    await store.label([label(reading, 0, 1), label(reading, 1, 4)])
    shown = {each.id: each.label for each in await store.waiting(10)}
    first, second = shown
    await store.label([label(reading, 0, 9)])
    assert await store.decide({first: shown[first]}, {second: shown[second]}, BEN) == Decided(0, 1, changed=1)
    assert [(each.id, each.label) for each in await store.waiting(10)] == [(first, 9)]
    assert await store.decide({first: 9}, {second: shown[second]}, BEN) == Decided(1, 0, changed=0)


async def test_a_sheet_of_what_is_gone_is_not_shown(store: Store) -> None:
    await store.label([label(await agreed_reading(store))])
    shown = [each.id for each in await store.waiting(10)]
    assert await store.sheet_shown(BEN, 1, shown)
    assert await store.sheets_to_take_back() == []
    await store.forget(ANN)
    assert await store.sheets_to_take_back() == [(BEN, 1)]
    assert not await store.sheet_shown(BEN, 2, shown)
    await store.sheet_gone(BEN, 1)
    assert await store.sheets_to_take_back() == []


async def test_who_agreed_is_known(store: Store) -> None:
    assert not await store.has_agreed(ANN)
    for _ in range(2):
        await store.agree(ANN)
    assert await store.has_agreed(ANN)
    assert not await store.has_agreed(BEN)


async def test_everything_of_a_person_is_given_and_deleted_and_nothing_of_another(store: Store) -> None:
    for person in (ANN, BEN):
        reading = await store.add_reading(person, person, [PHOTO], "2026.11-4")
        await store.label([label(reading, person=person)], agrees=True)
        this = await Rounds(store.engine).begin(Beginning(-7 - person, None, person, "en", Game.READ, (7, 4, 2)))
        assert this is not None
        await store.languages.choose(person, "ru")
        assert await Rounds(store.engine).enter(this, Entry(11, person, "A name", 0, "7", 0.998, 0), PHOTO, "2026.11-4")
    everything = await of_person(store, ANN)
    kept = {"readings": 2, "corrections": 1, "people": 1, "round_entries": 1, "languages": 1}
    assert {name: len(rows) for name, rows in everything.items()} == kept
    assert everything["corrections"][0]["pixels"] == bytes(784)
    assert await store.forget(ANN) == kept
    assert not any((await of_person(store, ANN)).values())
    assert [each.person for each in await Rounds(store.engine).live()] == [None, BEN]
    assert all((await of_person(store, BEN)).values())


async def test_old_readings_expire_and_corrections_stay(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    reading = await agreed_reading(store)
    await store.label([label(reading)])
    now = time.time()
    assert await store.expire(400) == 0
    monkeypatch.setattr(time, "time", lambda: now + 401 * 24 * 3600)
    assert await store.expire(400) == 1
    assert await store.reading(reading) is None
    assert await store.labels_of(reading) == {0: 1}


async def test_of_one_person_the_newest_readings_are_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newest, "ROWS", 3)
    anns, bens = [[await store.add_reading(CHAT, who, [PHOTO], "2026.11-4") for _ in range(5)] for who in (ANN, BEN)]
    for added in (anns, bens):
        assert [await store.reading(each) is not None for each in added] == [False, False, True, True, True]


async def test_of_one_person_so_many_bytes_are_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newest, "BYTES", 8_000)
    crowded = replace(PHOTO, digits=(SEVEN,) * 50)  # some 3,200 bytes
    bens = await store.add_reading(CHAT, BEN, [PHOTO], "2026.11-4")
    first = await store.add_reading(CHAT, ANN, [crowded], "2026.11-4")
    await store.label([label(first)], agrees=True)
    others = [await store.add_reading(CHAT, ANN, [crowded], "2026.11-4") for _ in range(3)]
    assert [await store.reading(each) is not None for each in (first, *others)] == [False, False, True, True]
    huge = await store.add_reading(CHAT, ANN, [crowded] * 10, "2026.11-4")
    assert [row["id"] for row in (await of_person(store, ANN))["readings"]] == [huge]  # the newest stays in any case
    assert await store.reading(bens)
    assert await store.labels_of(first) == {0: 1}


async def test_of_one_person_the_newest_photos_in_rounds_are_kept(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newest, "ROWS", 3)
    this = await Rounds(store.engine).begin(Beginning(-7, None, ANN, "en", Game.READ, (7, 4, 2)))
    assert this is not None
    for number in range(5):
        entry = Entry(number, ANN, "A name", 0, "7", 0.998, float(number))
        assert await Rounds(store.engine).enter(this, entry, PHOTO, "2026.11-4")
    assert [row["message"] for row in (await of_person(store, ANN))["round_entries"]] == [2, 3, 4]


async def test_all_of_a_person_is_read_in_pages_and_nobody_who_writes_has_to_wait(
    store: Store, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "PAGE", 2)
    added = [await store.add_reading(CHAT, ANN, [PHOTO], "2026.11-4") for _ in range(5)]
    pages = []
    async for table, rows in store.pages_of(ANN):
        pages.append([row["id"] for row in rows])
        assert table == "readings"
        async with others_writing(database):
            pass
    assert pages == [added[:2], added[2:4], added[4:]]
    async with others_writing(database):  # who reads needn't wait either
        assert await store.knows(ANN)
        assert not await store.knows(BEN)
        assert len((await of_person(store, ANN))["readings"]) == 5


@asynccontextmanager
async def others_writing(database: Database) -> AsyncIterator[None]:
    """Somebody else has the right to write for the block, and got it at once."""
    if database.on_postgres:
        yield  # there nobody waits for who reads
        return
    with closing(sqlite3.connect(database.file, timeout=0, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        yield


async def test_however_many_wait_to_write_each_waits_for_so_long_and_no_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the last of many behind a locked file would wait for minutes, and its sender be told of an error."""
    monkeypatch.setattr(engine, "BUSY", 0.1)
    known = Database(f"sqlite:///{tmp_path}/digitbot.db")
    with known.prepared():
        async with store_in(known) as store, asyncio.timeout(PATIENCE), store.engine.begin():
            waiting = await asyncio.gather(*(store.agree(person) for person in range(20)), return_exceptions=True)
    assert all(isinstance(each, DatabaseUnavailable) for each in waiting)


async def test_nothing_of_who_was_forgotten_is_left_in_the_file(tmp_path: Path) -> None:
    known = Database(f"sqlite:///{tmp_path}/digitbot.db")
    secret = "file-id-that-nobody-may-find"
    with known.prepared():
        async with store_in(known) as store:
            await store.add_reading(CHAT, ANN, [replace(PHOTO, file_id=secret)], "2026.11-4")
            await store.forget(ANN)
            files = await asyncio.to_thread(lambda: [file.read_bytes() for file in tmp_path.iterdir()])
    assert not any(secret.encode() in content for content in files)


async def test_the_last_message_is_soon_gone_from_the_file_too(tmp_path: Path) -> None:
    known = Database(f"sqlite:///{tmp_path}/digitbot.db")
    secret = b"what-the-last-message-said"

    def is_left() -> bool:
        return any(secret in file.read_bytes() for file in tmp_path.glob("digitbot.db*"))

    with known.prepared():
        async with store_in(known) as store, SqliteInbox(known.file) as inbox:
            await inbox.record(Arrival(1, CHAT, photo=False, run=None, body=secret.decode()))
            claim = await inbox.claim(photos=False)
            assert claim is not None
            await inbox.done(claim)
            assert is_left()
            async with expiring(store, 400):
                await until(lambda: not is_left())
