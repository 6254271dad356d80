"""/mydata of somebody with as much as may be kept: sent whole, nobody waits, and a refusal is told once."""

import asyncio
import json
import sqlite3
import time
from contextlib import closing

from bot.playground.faults import Fault
from bot.playground.person import Person
from bot.playground.wire import BotApiError, Json
from bot.storage.newest import BYTES
from tests.running import Running, answer_from_bot, running_bot, text_of
from tests.waiting import PATIENCE, until

DIGIT = {"digit": 7, "confidence": 0.9876543210123456, "box": [100, 200, 30, 40]}
CROWDED = {"message": 1, "file_id": "A" * 80, "size": [1280, 960], "digits": [DIGIT] * 600}


def keep_much(running: Running, person: Person) -> int:
    """As many readings of a person's as may be kept; gives how many."""
    photos = json.dumps([CROWDED])
    count = BYTES // len(photos)
    with closing(sqlite3.connect(running.bot.bot_data.settings.database.file)) as db, db:
        add = "INSERT INTO readings (chat, answer, person, photos, model, at) VALUES (?, ?, ?, ?, ?, ?)"
        db.executemany(add, [(person.id, n, person.id, photos, "2026.11-4", time.time()) for n in range(count)])
    return count


async def document_for(person: Person) -> Json:
    return await person.wait_for(lambda message: "document" in message, PATIENCE)


async def test_all_that_may_be_kept_is_sent_and_others_are_answered_meanwhile() -> None:
    async with running_bot() as running:
        mallory, ann = running.person(), running.person()
        count = await asyncio.to_thread(keep_much, running, mallory)
        mallory.send_text("/mydata")
        asked = 0
        sending = asyncio.create_task(document_for(mallory))
        while not sending.done():
            asked += 1
            ann.send_text("/help")
            await ann.wait_for(lambda _, asked=asked: len(heard(ann)) >= asked, PATIENCE)  # type: ignore[misc]
        file = running.server.world.files.get((await sending)["document"]["file_id"])
        assert file is not None
        assert len(file.data) > BYTES * 0.9
        readings = json.loads(file.data)["readings"]
        assert len(readings) == count
        assert readings[0]["photos"] == [CROWDED]


def heard(person: Person) -> list[str]:
    return [text_of(message) for message in person.messages() if message["from"]["is_bot"]]


async def test_what_telegram_refuses_for_good_is_told_once_and_not_tried_again() -> None:
    async with running_bot() as running:
        ann = running.person()
        await running.bot.bot_data.store.agree(ann.id)
        running.server.world.faults.add(Fault(error=BotApiError(413, "Request Entity Too Large")), "sendDocument")
        ann.send_text("/mydata")
        said = await answer_from_bot(ann)
        assert text_of(said) == "Telegram doesn't accept my answer, and sending this again won't help. It is noted."
        ann.send_text("/help")
        await until(lambda: len(heard(ann)) == 2)
        assert [method for method, _ in running.server.world.calls].count("sendDocument") == 1
