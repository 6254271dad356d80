"""What is known of rounds, on both databases: one in a chat, entered once, closed to latecomers, forgotten in time."""

import asyncio
import time
from datetime import UTC, datetime

import sqlalchemy as sa
from telegram import Chat, Message, Update, User

from bot.game.rounds import OF_ONE, PHOTOS, Call, Entry, Game
from bot.game.rounds_store import Beginning, Rounds
from bot.storage.records import SeenDigit, SeenPhoto
from bot.storage.store import Store
from tests.kept import of_person

ANN, BEN, GROUP = 2**40, 2**40 + 1, -(10**12)


async def begun(store: Store, chat: int = GROUP) -> int:
    this = await Rounds(store.engine).begin(Beginning(chat, 5, ANN, "en", Game.FOOL, (7, 4, 2)))
    assert this is not None
    return this


def entry(message: int, person: int = ANN, at: float = 0) -> Entry:
    return Entry(message, person, "A name", 0, "7", 0.9, at or time.time())


def photo(message: int) -> SeenPhoto:
    return SeenPhoto(message, f"file {message}", (640, 480), (SeenDigit(7, 0.9, (1, 2, 30, 40)),))


async def enter(store: Store, this: int, message: int, person: int = ANN) -> bool:
    return await Rounds(store.engine).enter(this, entry(message, person), photo(message), "2026.11-4")


async def test_a_round_is_found_as_it_was_begun_and_goes_on(store: Store) -> None:
    id_ = await begun(store)
    await Rounds(store.engine).called(id_, [Call(12, 100.0)])
    await Rounds(store.engine).shown(id_, 13)
    this = await Rounds(store.engine).in_chat(GROUP)
    assert this == await Rounds(store.engine).find(id_)
    assert this is not None
    assert (this.thread, this.person, this.game, this.digits) == (5, ANN, Game.FOOL, (7, 4, 2))
    assert (this.calls, this.board, this.stopped) == ((Call(12, 100.0),), 13, False)


async def test_a_chat_has_one_round_at_a_time_even_if_two_begin_at_once(store: Store) -> None:
    wanted = Beginning(GROUP, None, ANN, "en", Game.READ, (7, 4, 2))
    begun_ = await asyncio.gather(*(Rounds(store.engine).begin(wanted) for _ in range(3)))
    (this,) = filter(None, begun_)
    assert await Rounds(store.engine).begin(Beginning(GROUP - 1, None, ANN, "en", Game.READ, (7, 4, 2))) is not None
    await Rounds(store.engine).end(this)
    assert await Rounds(store.engine).begin(wanted) is not None


async def test_a_persons_photos_are_one_reading_and_a_photo_counts_once(store: Store) -> None:
    this = await begun(store)
    entered = await asyncio.gather(*(enter(store, this, n) for n in (1, 2, 3)))
    assert entered == [True] * 3
    assert await enter(store, this, 2)
    assert await enter(store, this, 4, BEN)
    assert sorted(each.message for each in await Rounds(store.engine).entries(this)) == [1, 2, 3, 4]
    own = await Rounds(store.engine).reading_of(this, ANN)
    assert own is not None
    reading = await store.reading(own)
    assert reading is not None
    assert sorted(each.message for each in reading.photos) == [1, 2, 3]
    assert (reading.person, reading.answer) == (ANN, None)
    assert await Rounds(store.engine).photos(this) == {n: photo(n) for n in (1, 2, 3, 4)}
    assert await Rounds(store.engine).reading_of(this, 1) is None


async def test_nothing_is_entered_once_a_round_closes_or_is_full(store: Store) -> None:
    this = await begun(store)
    for n in range(PHOTOS):
        assert await enter(store, this, n, n)
    assert not await enter(store, this, PHOTOS)
    other = await begun(store, GROUP - 1)
    await Rounds(store.engine).close(other)
    assert not await enter(store, other, 1)
    await Rounds(store.engine).end(other)
    assert not await enter(store, other, 1)


async def test_one_person_cannot_fill_a_round_of_several(store: Store) -> None:
    rounds = Rounds(store.engine)
    this, alone = await rounds.find(await begun(store)), await rounds.find(await begun(store, ANN))
    assert this
    assert alone
    for n in range(OF_ONE):
        assert not await rounds.has_enough_of(this, ANN)
        assert await enter(store, this.id, n)
    assert await rounds.has_enough_of(this, ANN)
    assert not await enter(store, this.id, OF_ONE)
    assert await enter(store, this.id, OF_ONE - 1)  # it is entered already
    assert not await rounds.has_enough_of(this, BEN)
    assert await enter(store, this.id, 100, BEN)
    for n in range(OF_ONE + 1):
        assert await enter(store, alone.id, n)


async def test_a_photo_in_flight_is_not_entered_once_its_person_was_forgotten(store: Store) -> None:
    this = await begun(store)
    async with store.engine.begin() as db:
        for update, person in ((1, ANN), (2, BEN)):
            message = Message(update, datetime.now(UTC), Chat(GROUP, "group"), User(person, "A name", is_bot=False))
            columns = "INSERT INTO inbox (update_id, chat, photo, body, arrived, ready)"
            arrival = sa.text(f"{columns} VALUES (:id, 1, TRUE, :body, 0, 0)")
            await db.execute(arrival, {"id": update, "body": Update(update, message).to_json()})
            await db.execute(sa.text("INSERT INTO seen (update_id, at) VALUES (:id, 0)"), {"id": update})
    await store.forget(ANN)
    rounds = Rounds(store.engine)
    assert not await rounds.enter(this, entry(1), photo(1), "2026.11-4", [1, 2])
    assert await rounds.enter(this, entry(2, BEN), photo(2), "2026.11-4", [1, 2])
    assert not any((await of_person(store, ANN)).values())


async def test_when_it_is_over_no_name_is_kept_nor_who_began_it(store: Store) -> None:
    this = await begun(store)
    await enter(store, this, 1)
    await Rounds(store.engine).end(this)
    assert await Rounds(store.engine).live() == []
    kept = await of_person(store, ANN)
    assert [row["name"] for row in kept["round_entries"]] == [None]


async def test_in_a_supergroup_the_latest_digit_is_called_again(store: Store) -> None:
    id_ = await begun(store)
    await Rounds(store.engine).called(id_, [Call(12, 100.0), Call(15, 160.0)])
    this = await Rounds(store.engine).in_chat(GROUP)
    assert this is not None
    await Rounds(store.engine).move(this, GROUP - 1)
    assert await Rounds(store.engine).in_chat(GROUP) is None
    moved = await Rounds(store.engine).in_chat(GROUP - 1)
    assert moved is not None
    assert (moved.id, moved.calls, moved.board) == (id_, (Call(12, 100.0),), None)


async def test_old_rounds_expire_and_one_that_is_played_stays(store: Store) -> None:
    over, played = await begun(store), await begun(store, GROUP - 1)
    assert await Rounds(store.engine).enter(over, entry(1, at=1.0), photo(1), "2026.11-4")
    await Rounds(store.engine).end(over)
    await store.expire(-1)
    assert await Rounds(store.engine).entries(over) == []
    assert [each.id for each in await Rounds(store.engine).live()] == [played]
