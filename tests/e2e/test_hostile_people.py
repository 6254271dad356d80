"""People who mean harm by what they write, and by how much they send.

What they forge: test_hostile_presses.py, test_hostile_admins.py; what they say is right: test_hostile_labels.py. By
themselves, in tests/bot: names (test_people.py), languages (test_languages.py), records of the log (test_logs.py),
pictures (test_hostile.py). One chat's bound: test_troubles.py.
"""

import asyncio
import json
import re
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.inbox import sqlite
from bot.messages.people import WORD_JOINER, readable
from bot.playground.chat import told
from bot.playground.entities import find_entities
from bot.playground.person import Person
from bot.playground.pictures import photo_sizes
from bot.playground.server import LocalServer
from bot.playground.wire import Json
from tests.pictures import photo
from tests.process import digitbot, end_of
from tests.running import TOKEN, Running, answer_from_bot, answer_to, now, running_bot, text_of
from tests.waiting import PATIENCE, until

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("no_errors")]
ADMIN = 2**41
FORGED = "2026-11-26T12:00:00.000Z CRITICAL bot: forged"
WORST = [
    "<b>bold</b> & <a href='https://evil.example'>link</a> </b><",
    "*b* _i_ [x](tg://user?id=1) `c` ||s||",
    "@durov https://evil.example/x /forgetme #spam",
    "\u202egnp.exe\u2066\u200f\u200b",
    f"Ann\n{FORGED}",
    "\x00\x1b[31m\x07\r\x85\u2028",
    "half \ud83d of \udc4d",
    "%s %(name)s {} {name} {0.__class__} $x ${x}",
    "../../etc/passwd\\..\\x",
    "👩\u200d🏫👍🏽🇺🇳" * 700,
    "a" * 4096,
    "'; DROP TABLE readings; --",
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[Running]:
    async with running_bot(admin_ids=str(ADMIN)) as running:
        yield running


def deliver(running: Running, person: Person, content: Json) -> Json:
    """A message with anything in it: more than Telegram's app would send, and what only JSON can carry."""
    message = person.chat.post(person.user, content)
    running.server.world.updates.put("message", told(message))
    return message


def written(text: str) -> Json:
    return {"text": text, "entities": find_entities(text, [])}


def from_bot(person: Person) -> list[Json]:
    return [message for message in person.messages() if message["from"]["is_bot"]]


def leads_somewhere(message: Json) -> list[str]:
    """Links, mentions and hashtags in a message."""
    found = message.get("entities", []) + message.get("caption_entities", [])
    return [each["type"] for each in found if each["type"] not in ("bold", "bot_command")]


@settings(max_examples=8, deadline=None)
@given(st.text(st.characters(), min_size=1, max_size=100))
@example(WORST[0])
@example(WORST[4])
@example(WORST[5])
@example(WORST[6])
@example(WORST[9])
async def test_whatever_somebody_writes_they_are_answered_as_anybody(running: Running, odd: str) -> None:
    """In a text, behind commands and links, as a file's name, type and caption, and as their language."""
    picture = running.server.world.files.add(photo("7"), "documents", "image/jpeg", "x").fields
    contents = [written(text) for text in (odd, f"/start {odd}", f"/stats {odd}", f"/demo {odd}", f"/nothing {odd}")]
    contents += [{"document": picture | {"file_name": odd, "mime_type": odd}}]
    contents += [{"document": picture | {"file_name": odd, "mime_type": "image/x" + odd}, "caption": odd}]

    async def answer(content: Json) -> str:
        person = running.person(first_name=odd, language_code=odd)
        deliver(running, person, content)
        return text_of(await answer_from_bot(person))

    texts = await asyncio.gather(*map(answer, contents))
    assert "Please send me a photo of a handwritten digit." in texts[0] + texts[4]
    assert texts[1].startswith(("📷", "Which game?"))
    assert texts[2].startswith(("Answers so far: 0.", "Only my admins"))
    assert texts[6].startswith("7")


async def test_whatever_a_class_is_called_its_scoreboard_and_sheets_are_sound(running: Running) -> None:
    """And the title of their group: names are there as they are written, in a line each, and lead nowhere."""
    people = [running.person(first_name=name) for name in WORST[:10]]
    group = running.server.world.group(WORST[0], *people, supergroup=True)
    members = [group.member(person) for person in people]
    ann = members[0]
    hello = await answer_from_bot(ann)
    for member in members:
        member.send_photo(photo("7"), reply_to=hello["message_id"])
    together = await ann.wait_for(lambda message: len(text_of(message).splitlines()) == len(WORST[:10]), PATIENCE)
    ann.send_text("/demo read")
    call = await ann.wait_for(lambda message: "Draw a" in text_of(message), PATIENCE)
    for member in members:
        member.send_photo(photo("7"), reply_to=call["message_id"])
    board = await ann.wait_for(lambda message: "10 photos" in text_of(message) and "📊" in text_of(message), PATIENCE)
    file = await my_data(running, people[6])
    assert file["round_entries"][0]["name"] == readable(WORST[6])
    ann.send_text("/stop")
    sheet = await ann.wait_for(lambda message: "The round is over" in text_of(message), PATIENCE)
    lines = text_of(now(ann, board)).replace(WORD_JOINER, "").splitlines()
    assert len(lines) == 1 + len(people) + 1
    for name in WORST[:10]:
        assert text_of(together).replace(WORD_JOINER, "").count(f"{readable(name)}: 7") == 1
        assert sum(f". {readable(name)} · " in line for line in lines) == 1
    for message in (together, now(ann, board), sheet):
        assert leads_somewhere(message) == []
        assert FORGED not in text_of(message).splitlines()


async def my_data(running: Running, person: Person) -> Any:
    """What /mydata sends."""
    person.send_text("/mydata")
    sent = await person.wait_for(lambda message: "document" in message, PATIENCE)
    assert sent["document"]["file_name"] == "mydata.json"
    file = running.server.world.files.get(sent["document"]["file_id"])
    assert file is not None
    return json.loads(file.data)


async def test_nothing_that_is_written_becomes_a_line_of_the_log(tmp_path: Path) -> None:
    async with LocalServer(token=TOKEN) as server:
        ann = server.world.person(first_name=f"Ann\n{FORGED}", language_code=f"en\n{FORGED}")
        async with digitbot(tmp_path, "run", BOT_API_URL=server.url, TELEGRAM_BOT_TOKEN=TOKEN) as bot:
            server.world.fail_next("sendMessage", 400, f"Bad Request: {ann.user['first_name']}")
            ann.send_text(f"x\n{FORGED}")
            ann.send_photo(photo("7"), f"seven\n{FORGED}")
            await ann.wait_for(lambda message: text_of(message).startswith("7"), PATIENCE)
            bot.send_signal(signal.SIGTERM)
            _, said = await end_of(bot)
    assert "critical bot: forged" in said.lower()  # in the traceback of the error, which the library writes small
    records = [line for line in said.splitlines() if not line.startswith("  ")]
    assert [line for line in records if not re.match(r"[-\d]{10}T[:.\d]{12}Z [A-Z]+ [\w.]+: ", line)] == []
    assert [line for line in records if "forged" in line.lower()] == []


def rows_in(file: Path) -> dict[str, int]:
    """How many rows each table of the database has."""
    with closing(sqlite3.connect(file)) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: db.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in tables}


def told_busy(person: Person) -> int:
    """How often somebody heard that too much is waiting."""
    return sum("My queue is full" in text_of(message) for message in from_bot(person))


async def test_a_flood_of_one_person_slows_that_person_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Photos, commands and presses, 200 of each at once: how many are answered when others have their answer."""
    flood, bound, few, picture = 200, 50, 20, photo_sizes(photo("7"))
    monkeypatch.setattr(sqlite, "CHAT_BOUND", bound)
    async with running_bot() as running:
        floods = [running.person() for _ in range(3)]
        asked = await answer_to(floods[2], floods[2].send_photo_sizes(picture))
        for _ in range(flood):
            floods[0].send_photo_sizes(picture)
            floods[1].send_text("/help")
        presses = [floods[2].press_raw(asked, f"v1:label7:{n}:0") for n in range(flood)]
        ben, cem, dan = (running.person() for _ in range(3))
        bens, _ = ben.send_photo_sizes(picture), cem.send_text("/help")
        await asyncio.gather(answer_to(ben, bens), cem.wait_for(lambda _: True, PATIENCE))
        assert all(len(from_bot(each)) <= few for each in floods)
        await until(lambda: all(told_busy(each) for each in floods[:2]))
        dans = dan.send_photo_sizes(picture)
        await answer_to(dan, dans)
        counted = rows_in(running.bot.bot_data.settings.database.file)
        told_so = [told_busy(each) for each in floods]
        await until(lambda: sum(press.answer is not None for press in presses) >= bound)
    assert told_so[:2] == [1, 1]
    assert told_so[2] <= 1
    assert counted["inbox"] <= 3 * bound + 3  # and what the others sent, should it be in work still
    assert counted["readings"] <= 1 + few * 2 + 2
    assert counted["seen"] <= 3 * bound + flood
    assert not any(counted[table] for table in ("corrections", "people", "groups", "languages", "sheets", "rounds"))
