"""What python-telegram-bot puts into its queue is durable when `put` returns, and told apart for order and speed."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from telegram import Message, Update
from telegram.error import NetworkError

from bot.inbox.sqlite import SqliteInbox
from bot.storage.database import Database, DatabaseUnavailable
from bot.transport.inbox_queue import BURST, ROUND, InboxQueue, arrival_of
from tests.waiting import PATIENCE

PHOTO = [{"file_id": "a", "file_unique_id": "b", "width": 90, "height": 90}]
CHAT = {"id": 7, "type": "private", "first_name": "Ann"}
GROUP = {"id": -7, "type": "supergroup", "title": "Class"}
ANN = {"id": 7, "is_bot": False, "first_name": "Ann"}


def message(chat: dict[str, Any] = CHAT, **content: Any) -> dict[str, Any]:
    return {"message_id": 1, "date": 0, "chat": chat, "from": ANN, **content}


def update(kind: str = "message", content: dict[str, Any] | None = None, update_id: int = 1) -> Update:
    return Update.de_json({"update_id": update_id, kind: content or message(text="hello")}, None)


def no_round(_: Message) -> bool:
    return False


async def no_choice(_: Update) -> None:
    """Nobody chose a language."""


def document(mime_type: str) -> dict[str, Any]:
    return {"file_id": "a", "file_unique_id": "b", "mime_type": mime_type}


POLL = {
    "id": "1",
    "question": "?",
    "options": [],
    "total_voter_count": 0,
    "is_closed": False,
    "is_anonymous": True,
    "type": "regular",
    "allows_multiple_answers": False,
    "allows_revoting": False,
    "members_only": False,
}
INLINE = {"id": "1", "from": ANN, "query": "7", "offset": ""}


@pytest.mark.parametrize(
    ("arrived", "chat", "photo", "run"),
    [
        (update(), 7, False, None),
        (update(content=message(photo=PHOTO)), 7, True, None),
        (update(content=message(photo=PHOTO, media_group_id="12")), 7, True, "12"),
        (update(content=message(GROUP, photo=PHOTO)), -7, True, BURST),
        (update(content=message(GROUP, photo=PHOTO, media_group_id="12")), -7, True, "12"),
        (update(content=message(GROUP, text="hello")), -7, False, None),
        (update("edited_message", message(photo=PHOTO, media_group_id="12")), 7, True, None),
        (update(content=message(document=document("image/png"))), 7, True, None),
        (update(content=message(document=document("text/plain"))), 7, False, None),
        (update("inline_query", INLINE), 7, False, None),
        (update("poll", POLL), 0, False, None),
    ],
)
def test_updates_are_told_apart(arrived: Update, chat: int, photo: bool, run: str | None) -> None:
    arrival = arrival_of(arrived, no_round)
    assert (arrival.chat, arrival.photo, arrival.run) == (chat, photo, run)
    assert Update.de_json(json.loads(arrival.body), None) == arrived


def test_photos_of_a_round_are_one_run_that_waits_for_no_more() -> None:
    album = update(content=message(GROUP, photo=PHOTO, media_group_id="12"))
    for arrived in (album, update(content=message(photo=PHOTO))):
        arrival = arrival_of(arrived, lambda _: True)
        assert (arrival.photo, arrival.run, arrival.hasty) == (True, ROUND, True)
    assert arrival_of(update("edited_message", message(photo=PHOTO)), lambda _: True).run is None


@asynccontextmanager
async def inbox_in(folder: Path) -> AsyncIterator[SqliteInbox]:
    database = Database(f"sqlite:///{folder}/digitbot.db")
    with database.prepared():
        async with SqliteInbox(database.file) as inbox:
            yield inbox


async def test_what_is_put_is_on_the_disk_when_put_returns(tmp_path: Path) -> None:
    async with inbox_in(tmp_path) as inbox:
        await InboxQueue(inbox, no_round, no_choice).put(update(update_id=42))
        with closing(sqlite3.connect(tmp_path / "digitbot.db")) as other:
            assert other.execute("SELECT update_id FROM inbox").fetchall() == [(42,)]


async def test_what_can_not_be_written_down_is_not_acknowledged(tmp_path: Path) -> None:
    async with inbox_in(tmp_path) as inbox:
        queue = InboxQueue(inbox, no_round, no_choice)
        with pytest.raises(NetworkError):  # of all errors this one makes the library ask again
            await queue.put(update(update_id=2**70))  # more than a database's integer holds
        await queue.put(update(update_id=42))
        assert await inbox.waiting() == 1


async def test_without_its_table_the_inbox_says_so(tmp_path: Path) -> None:
    (tmp_path / "digitbot.db").touch()
    with pytest.raises(DatabaseUnavailable, match="no such table: inbox"):
        async with SqliteInbox(tmp_path / "digitbot.db"):
            pass


async def test_the_librarys_own_end_mark_passes_through(tmp_path: Path) -> None:
    async with inbox_in(tmp_path) as inbox:
        queue, mark = InboxQueue(inbox, no_round, no_choice), object()
        await queue.put(mark)
        assert await asyncio.wait_for(queue.get(), PATIENCE) is mark
