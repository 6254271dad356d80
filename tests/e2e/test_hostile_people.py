"""People who mean harm with what they write, how much they send, and what they say is right.

What they forge: test_hostile_presses.py. Names by themselves: tests/bot/test_people.py; records of the log:
tests/bot/test_logs.py; languages: tests/bot/test_languages.py; pictures: tests/bot/test_hostile.py; one chat's bound:
test_troubles.py; 40 labels of a kind: test_feedback.py; the gate: tests/model/test_gate.py; a training that is poisoned
by chance: test_retrain.py.
"""

import asyncio
import json
import re
import signal
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.handlers.feedback import OF_ONE_PERSON
from bot.handlers.review import SHEET
from bot.inbox import sqlite
from bot.kept import Status
from bot.people import WORD_JOINER, readable
from bot.playground.chat import told
from bot.playground.entities import find_entities
from bot.playground.person import Person
from bot.playground.pictures import photo_sizes
from bot.playground.server import LocalServer
from bot.playground.wire import Json
from model import gate
from model.data import Examples
from model.gate import ONE_DOUBTED_OF, SIGNIFICANT, at_least
from model.registry import PRETRAINED, open_version, shipped_name
from tests.e2e.process import digitbot, end_of
from tests.e2e.running import TOKEN, Running, answer_from_bot, answer_to, now, press, running_bot, text_of
from tests.model.commands import needs_tensorflow, small_mnist
from tests.pictures import photo
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.asyncio(loop_scope="module")
ADMIN = 2**41
LONG = 300  # seconds for a training on a busy machine
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


@pytest.fixture(autouse=True)
def _nothing_fails(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever people write, it is no error: Telegram takes what the bot says, and so does the database."""
    yield
    assert [record.getMessage() for record in caplog.get_records("call") if record.levelname == "ERROR"] == []


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


async def test_a_flood_of_one_person_slows_that_person_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Photos, commands and presses, 200 of each at once: how many are answered when others have their answer."""
    monkeypatch.setattr(sqlite, "CHAT_BOUND", 50)
    flood, picture, few = 200, photo_sizes(photo("7")), 20
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
        await until(lambda: any("more to read than I can keep" in text_of(each) for each in from_bot(floods[0])))
        dans = dan.send_photo_sizes(picture)
        await answer_to(dan, dans)
        counted = rows_in(running.bot.bot_data.settings.database.file)
        told_so = [sum("more to read" in text_of(one) for one in from_bot(each)) for each in floods]
        await until(lambda: sum(press.answer is not None for press in presses) >= sqlite.CHAT_BOUND)
    assert told_so[:2] == [1, 1]
    assert told_so[2] <= 1
    assert counted["inbox"] <= 3 * sqlite.CHAT_BOUND
    assert counted["readings"] <= 1 + few * 2 + 2
    assert counted["seen"] <= 3 * sqlite.CHAT_BOUND + flood
    assert not any(counted[table] for table in ("corrections", "people", "groups", "languages", "sheets", "rounds"))


async def lied_to(running: Running) -> tuple[Person, Person]:
    """Mallory, who says of as many digits as are kept of one person what they aren't; and Ben, who tells the truth."""
    mallory, ben = running.person(first_name="Mallory"), running.person(first_name="Ben")
    for each in (mallory, ben):
        await running.bot.bot_data.store.agree(each.id)
    honest = await answer_to(ben, ben.send_photo(photo("0123", "456789")))
    await press(ben, honest, "✓ Right")
    pages = [photo("0123456789", "9876543210", "5432109876", seed=seed) for seed in range(10)]
    answer = await answer_to(mallory, mallory.send_album(pages)[0])
    await mallory.press_raw(answer, "-").answered(PATIENCE)  # by now it is known which message the answer is
    reading = await running.bot.bot_data.store.reading_of(mallory.id, answer["message_id"])
    assert reading is not None
    assert len(reading.digits) == OF_ONE_PERSON
    lies = "".join(str((each.digit + 3) % 10) for each in reading.digits)
    thanks = await answer_to(mallory, mallory.send_text(lies, reply_to=answer["message_id"]))
    assert text_of(thanks) == f"Thanks: that was {lies}."
    return mallory, ben


async def accept_sheets(admin: Person, most: int) -> None:
    """An admin accepts so many sheets, and looks at none."""
    asked = admin.send_text("/review")["message_id"]
    for _ in range(most):
        sheet = await admin.wait_for(
            lambda m, after=asked: m["message_id"] > after and text_of(m).startswith(("Nothing", *"123456789")),
            PATIENCE,
        )  # type: ignore[misc]
        if "that wait" not in text_of(sheet):
            break
        asked = sheet["message_id"]
        await press(admin, sheet, "✓ Accept the others")


async def corrections_of(running: Running, person: Person) -> dict[int, str]:
    """Which are kept of a person, and what became of them."""
    rows = (await running.bot.bot_data.store.of_person(person.id))["corrections"]
    return {row["id"]: row["status"] for row in rows}


async def test_of_who_lies_300_labels_are_kept_admins_see_them_first_and_the_gate_lets_none_of_them_teach() -> None:
    """What the gate says of them once they are accepted, and learnt; a whole training is below."""
    async with running_bot(admin_ids=str(ADMIN)) as running:
        mallory, ben = await lied_to(running)
        more = await answer_to(mallory, mallory.send_photo(photo("7")))
        for button in ("✗ Wrong", "0"):
            await press(mallory, more, button)
        typed = await answer_to(mallory, mallory.send_text("0", reply_to=more["message_id"]))
        for said in (now(mallory, more), typed):
            assert "I have enough of that from you" in text_of(said)
        assert len(await corrections_of(running, mallory)) == OF_ONE_PERSON

        await accept_sheets(running.person(person_id=ADMIN), 2)
        accepted = await running.bot.bot_data.store.trainings.accepted()
        assert len(accepted) == 2 * SHEET
        truths = await corrections_of(running, ben)  # the oldest: looked at in their order, all would be among these
        assert list(truths.values()).count(Status.WAITING) >= 8  # same writing with two labels is doubtful too
    pictures = np.stack([np.frombuffer(each.pixels, np.uint8).reshape(28, 28) for each in accepted])
    said = Examples(pictures, np.array([each.label for each in accepted], np.uint8))
    doubted = gate.doubts(gate.reader_of(open_version(PRETRAINED)), said)
    assert at_least(int(doubted.sum()), len(said), ONE_DOUBTED_OF) < SIGNIFICANT


@pytest.mark.slow
@needs_tensorflow
async def test_an_admin_who_accepts_every_lie_and_has_it_learnt_changes_nothing(tmp_path: Path) -> None:
    async with running_bot(admin_ids=str(ADMIN), mnist_path=small_mnist(tmp_path / "own.npz")) as running:
        await lied_to(running)
        admin = running.person(person_id=ADMIN)
        await accept_sheets(admin, OF_ONE_PERSON)
        assert len(await running.bot.bot_data.store.trainings.accepted()) == OF_ONE_PERSON + 10
        admin.send_text("/retrain")
        report = await admin.wait_for(lambda message: "Right before → after" in text_of(message), LONG)
        assert "has learnt, but doesn't read; " in text_of(report)
        assert "too many of the corrections seem to be mistaken" in text_of(report)
        assert f"{shipped_name()} goes on" in text_of(report)
        assert (await running.bot.bot_data.versions.serving()).name == shipped_name()
