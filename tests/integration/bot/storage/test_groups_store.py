"""What is known of groups, on both databases: chosen, moved, forgotten."""

import pytest

from bot.storage.groups import Group
from bot.storage.records import Mode, SeenDigit, SeenPhoto
from bot.storage.store import Store
from tests.kept import answered

GROUP, SUPERGROUP, ANN = -77, -(10**12) - 77, 2**40
PHOTO = SeenPhoto(11, "file", (1280, 960), (SeenDigit(7, 0.998, (10, 20, 30, 40)),))


async def test_a_choice_and_what_is_heard_are_kept_apart(store: Store) -> None:
    assert await store.groups.find(GROUP) == Group(None, None)
    assert await store.groups.joined(GROUP, hears_all=True)
    assert await store.groups.find(GROUP) == Group(None, True)
    await store.groups.choose(GROUP, Mode.QUIET)
    await store.groups.choose(GROUP, Mode.ALL)
    assert await store.groups.find(GROUP) == Group(Mode.ALL, True)
    assert not await store.groups.joined(GROUP, hears_all=False)
    assert await store.groups.find(GROUP) == Group(Mode.ALL, False)
    assert await store.groups.find(SUPERGROUP) == Group(None, None)


@pytest.mark.parametrize("joined_first", [False, True])
async def test_a_move_takes_everything_along_however_often_it_is_told(store: Store, joined_first: bool) -> None:
    await store.groups.joined(GROUP, hears_all=True)
    await store.groups.choose(GROUP, Mode.ALL)
    reading = await store.add_reading(GROUP, ANN, [PHOTO], "2026.11-4")
    await answered(store, reading, 12)
    if joined_first:
        await store.groups.joined(SUPERGROUP, hears_all=False)
    for _ in range(2):
        await store.groups.move(GROUP, SUPERGROUP)
    assert await store.groups.find(SUPERGROUP) == Group(Mode.ALL, True)
    assert await store.groups.find(GROUP) == Group(None, None)
    kept = await store.reading(reading)
    assert kept is not None
    assert (kept.chat, kept.answer) == (SUPERGROUP, None)
    assert await store.reading_of(SUPERGROUP, 12) is None  # another message of the supergroup may be the twelfth


async def test_a_group_is_forgotten_with_what_was_read_there_and_nothing_else(store: Store) -> None:
    await store.groups.choose(GROUP, Mode.ALL)
    await store.groups.choose(SUPERGROUP, Mode.QUIET)
    gone = await store.add_reading(GROUP, ANN, [PHOTO], "2026.11-4")
    stays = await store.add_reading(ANN, ANN, [PHOTO], "2026.11-4")
    await store.groups.forget(GROUP)
    assert await store.groups.find(GROUP) == Group(None, None)
    assert await store.groups.find(SUPERGROUP) == Group(Mode.QUIET, None)
    assert await store.reading(gone) is None
    assert await store.reading(stays) is not None


async def test_under_one_answer_everybody_finds_their_own_reading(store: Store) -> None:
    ben = ANN + 1
    for person in (ANN, ben):
        await answered(store, await store.add_reading(GROUP, person, [PHOTO], "2026.11-4"), 12)
    found = [await store.reading_of(GROUP, 12, person) for person in (ANN, ben, ben + 1)]
    assert [reading and reading.person for reading in found] == [ANN, ben, None]
