"""The languages that people and groups chose, on both databases, and in which one an update is answered."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from telegram import Update

from bot.i18n import language_of
from bot.storage.database import Database
from bot.storage.store import Store, store_in
from tests.kept import of_person

ANN, BEN, GROUP, SUPERGROUP = 2**40, 2**40 + 1, -77, -(10**12) - 77


def said_in(chat: int, person: int, language_code: str | None = "zh") -> Update:
    """A message of a person's in a chat."""
    sender = {"id": person, "is_bot": False, "first_name": "Ann", "language_code": language_code}
    where = {"id": chat, "type": "private" if chat > 0 else "supergroup"}
    message: dict[str, Any] = {"message_id": 1, "date": 0, "chat": where, "from": sender}
    update = Update.de_json({"update_id": 1, "message": message})
    assert update is not None
    return update


async def heard(store: Store, update: Update) -> str:
    """The language of the answer, in a task of its own as the inbox's workers have it."""

    async def answer() -> str:
        await store.languages.listen(update)
        return language_of(update)

    return await asyncio.create_task(answer())


async def test_who_chose_none_is_answered_in_telegrams(store: Store) -> None:
    assert await heard(store, said_in(ANN, ANN)) == "zh"
    assert await heard(store, said_in(ANN, ANN, None)) == "en"


@pytest.mark.parametrize("tag", ["fr", "", "-", "ru\0", "en\nzh", "../zh", "\ud83d", "<b>", "%s", "x" * 100_000])
async def test_a_language_that_is_not_spoken_is_never_more_than_looked_up(store: Store, tag: str) -> None:
    assert await heard(store, said_in(ANN, ANN, tag)) == "en"
    assert await heard(store, said_in(ANN, ANN, "ZH-hans-" + tag)) == "zh"


async def test_a_choice_counts_until_it_is_changed_or_taken_back(store: Store) -> None:
    for language in ("ru", "en"):
        await store.languages.choose(ANN, language)
        assert await store.languages.chosen(ANN) == language
        assert await heard(store, said_in(ANN, ANN)) == language
    await store.languages.choose(ANN, None)
    assert await store.languages.chosen(ANN) is None
    assert await heard(store, said_in(ANN, ANN)) == "zh"


async def test_a_groups_choice_comes_before_a_persons_and_theirs_before_telegrams(store: Store) -> None:
    await store.languages.choose(ANN, "ru")
    assert await heard(store, said_in(GROUP, ANN)) == "ru"
    assert await heard(store, said_in(GROUP, BEN)) == "zh"
    await store.languages.choose(GROUP, "en")
    assert await heard(store, said_in(GROUP, ANN)) == "en"
    assert await heard(store, said_in(GROUP, BEN)) == "en"
    assert await heard(store, said_in(ANN, ANN)) == "ru"


async def test_one_updates_language_is_not_the_nexts(store: Store) -> None:
    await store.languages.choose(ANN, "ru")
    await store.languages.listen(said_in(ANN, ANN))
    await store.languages.listen(said_in(BEN, BEN))
    assert language_of(said_in(BEN, BEN)) == "zh"


@pytest.mark.parametrize("twice", [False, True])
async def test_a_groups_choice_moves_with_it(store: Store, twice: bool) -> None:
    await store.languages.choose(GROUP, "ru")
    for _ in range(1 + twice):
        await store.groups.move(GROUP, SUPERGROUP)
    assert await store.languages.chosen(SUPERGROUP) == "ru"
    assert await store.languages.chosen(GROUP) is None


async def test_a_group_and_a_person_are_forgotten_apart(store: Store) -> None:
    for chat in (ANN, BEN, GROUP):
        await store.languages.choose(chat, "ru")
    await store.groups.forget(GROUP)
    assert await store.languages.chosen(GROUP) is None
    assert (await of_person(store, ANN))["languages"] == [{"chat": ANN, "language": "ru"}]
    assert (await store.forget(ANN))["languages"] == 1
    assert await store.languages.chosen(ANN) is None
    assert await store.languages.chosen(BEN) == "ru"


async def test_where_the_choice_cannot_be_looked_up_people_are_answered_all_the_same(tmp_path: Path) -> None:
    async with store_in(Database(f"sqlite:///{tmp_path}/without-tables.db")) as store:
        assert await heard(store, said_in(ANN, ANN)) == "zh"
