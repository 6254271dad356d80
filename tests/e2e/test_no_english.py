"""Whoever speaks another language reads no English: all that the bot sends in its main conversations, and in groups."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.learning import trainer
from bot.playground.person import Person
from bot.playground.server import LocalServer
from bot.playground.wire import Json
from model.versions.version import shipped_name
from tests.pictures import as_png, photo
from tests.running import TOKEN, Running, answer_to, buttons, now, press, press_data, running_on
from tests.trainings import accept
from tests.waiting import PATIENCE, until
from tests.wording import english_in, fits, says_something

CODES = {"ru": 2**41, "zh-hans": 2**41 + 1}  # Telegram's, with the id of an admin who speaks it
TEXTS = ("text", "caption", "description", "short_description")
REFUSED = "import json; print(json.dumps({'stage': 'refused', 'what': 'memory', 'why': ''}))"


@pytest_asyncio.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    """A bot with an admin for each language, where nobody was yet: what admins hear depends on who came before."""
    admins = ",".join(map(str, CODES.values()))
    async with (
        LocalServer(token=TOKEN) as server,
        running_on(server, data_dir=tmp_path, admin_ids=admins) as bot,
    ):
        for code, admin in CODES.items():  # what they are told unasked is in the language that they chose
            await bot.bot_data.store.languages.choose(admin, code[:2])
        yield Running(server, bot)


def told(value: Any) -> Iterator[str]:
    """Every text in what the bot sent: messages, captions, names of buttons, words on a press."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        value = json.loads(value)
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in TEXTS and isinstance(inner, str):
                yield inner
            else:
                yield from told(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from told(inner)


def all_told(running: Running) -> set[str]:
    """But for menus, which are set in all languages, and the name of a language, which is in itself."""
    calls = [given for method, given in running.server.world.calls if not method.startswith(("set", "get"))]
    return {text for given in calls for text in told(given)} - {"English"}


def keyboards(running: Running) -> Iterator[list[str]]:
    """The rows of buttons under what the bot sent."""
    for _, given in running.server.world.calls:
        keyboard = given.get("reply_markup") or "{}"
        for row in (json.loads(keyboard) if isinstance(keyboard, str) else keyboard).get("inline_keyboard", []):
            yield [button["text"] for button in row]


class Speaker:
    """Somebody who says things, and waits for the bot to have answered."""

    def __init__(self, person: Person) -> None:
        self.person = person

    async def says(self, text: str, **more: Any) -> Json:
        """The first message of the bot's after it."""
        return await self.next_after(self.person.send_text(text, **more))

    async def next_after(self, message: Json) -> Json:
        return await self.person.wait_for(lambda each: each["message_id"] > message["message_id"], timeout=PATIENCE)

    async def presses(self, message: Json, n: int) -> str:
        """The nth button of a message as it is now."""
        return await press(self.person, message, buttons(now(self.person, message))[n])


async def ask(somebody: Speaker) -> None:
    """All commands, and those of admins."""
    for command in ("/start", "/help", "/about", "/stats", "/privacy", "/mydata", "/settings", "/digit", "/stop"):
        await somebody.says(command)
    for command in ("/review", "/retrain", "/models", "/stats all"):
        await somebody.says(command)


async def send(somebody: Speaker) -> None:
    """What isn't a photo of a digit, and what is none at all."""
    person = somebody.person
    await somebody.says("hello")
    await somebody.next_after(person.send_voice(b"OggS"))
    await somebody.next_after(person.send_document(b"%PDF-1.4", "a.pdf", "application/pdf"))
    await somebody.next_after(person.send_document(as_png(photo("7"))[:500], "a.png", "image/png"))
    await answer_to(person, person.send_photo(photo()))  # no digit
    await answer_to(person, person.send_album([photo("7"), photo()])[0])


async def fail(somebody: Speaker, running: Running) -> None:
    """Something goes wrong, and the admins hear of it."""
    running.server.world.fail_next("getFile", 400, "Bad Request: the canary died")
    await answer_to(somebody.person, somebody.person.send_photo(photo("7")))


async def end(somebody: Speaker) -> None:
    """Figures and farewell."""
    for command in ("/stats", "/mydata"):
        await somebody.says(command)
    question = await somebody.says("/forgetme")
    await somebody.presses(question, 1)  # no
    await somebody.presses(await somebody.says("/forgetme"), 0)


async def correct(somebody: Speaker) -> None:
    """One digit and several, said to be right and wrong, with and without consent, in words too."""
    person = somebody.person
    one = await answer_to(person, person.send_photo(photo("7")))
    await somebody.presses(one, 0)  # right: may it be kept?
    await somebody.presses(one, 1)  # no
    await somebody.presses(one, 2)  # what I saw
    await somebody.presses(one, 1)  # wrong
    await somebody.presses(one, 1)  # it is a 1
    await somebody.presses(one, 0)  # yes, keep it
    await press(person, one, buttons(now(person, one))[0])  # change
    several = await answer_to(person, person.send_photo(photo("42")))
    await answer_to(person, person.send_text("4", reply_to=several["message_id"]))  # too few
    await answer_to(person, person.send_text("421", reply_to=several["message_id"]))  # too many
    await somebody.presses(several, 1)
    await somebody.presses(several, 0)
    await somebody.presses(several, 7)
    await answer_to(person, person.send_text("47", reply_to=several["message_id"]))
    await press_data(person, several, "v0:right:1:0")
    await press_data(person, several, "v1:right:999999:0")
    await person.press_raw(several, "nobody's").answered(PATIENCE)


async def play(somebody: Speaker) -> None:
    """Both games, one to its closing; and the tour."""
    person = somebody.person
    game = await somebody.says("/demo")
    await somebody.presses(game, 0)
    await person.wait_for(lambda each: "1/3" in each.get("text", ""), timeout=PATIENCE)
    await somebody.says("/demo")  # is played already
    sent = person.send_photo(photo("7"))
    await until(lambda: bool(now(person, sent).get("reactions")))
    stopped = person.send_text("/stop")
    closing = await person.wait_for(
        lambda each: each["message_id"] > stopped["message_id"] and bool(buttons(each)), timeout=PATIENCE
    )
    for _ in range(2):
        await somebody.presses(closing, 0)
    await somebody.says("/demo fool")
    stopped = person.send_text("/stop")
    await somebody.next_after(stopped)
    toured = person.send_text("/demo tour")
    await until(lambda: sum(each["message_id"] > toured["message_id"] for each in person.messages()) >= 5)


async def meet_in_a_group(code: str, running: Running) -> None:
    """A group of people who speak the language: introduction, help, settings, a photo, refusals."""
    people = [running.person(first_name=name, language_code=code) for name in ("Анна", "Борис")]
    group = running.server.world.group("4", *people, supergroup=True)
    ann, ben = (Speaker(group.member(person)) for person in people)
    await ann.person.wait_for(lambda _: True, timeout=PATIENCE)
    for command in ("/help", "/about", "/digit"):
        await ben.says(command)
    for command in ("/settings", "/demo", "/demo tour"):
        await answer_to(ben.person, ben.person.send_text(command))
    page = await answer_to(ann.person, ann.person.send_text("/settings"))
    await ben.presses(page, 0)
    for n in range(3):
        await ann.presses(page, n)
    language = "Русский" if code == "ru" else "简体中文"
    await press(ann.person, page, language)
    await answer_to(ann.person, ann.person.anonymous().send_text("/settings"))  # whose language nobody knows
    sent = ben.person.send_photo(photo("7"), reply_to=page["message_id"])
    await ben.says("/digit", reply_to=sent["message_id"])


async def administer(admin: Speaker, running: Running) -> None:
    """Review, models and a training that can't be done."""
    await admin.says("/start")
    await admin.says("/stats all")
    sheet = await admin.says("/review")
    await admin.presses(sheet, 0)
    await admin.presses(sheet, -2)
    versions = await admin.says("/models")
    await press_data(admin.person, versions, f"models:promote:{shipped_name()}")
    await press_data(admin.person, versions, "models:promote:none")
    await admin.says("/retrain")
    await accept(running.bot.bot_data.store, 12)
    progress = await admin.says("/retrain")
    await until(lambda: "READERS" in now(admin.person, progress).get("text", ""))
    await press_data(admin.person, progress, "retrain:cancel:1")


@pytest.mark.parametrize("code", CODES)
async def test_nothing_that_is_said_is_english(running: Running, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer, "COMMAND", (sys.executable, "-c", REFUSED))
    running.server.world.calls.clear()
    people = [Speaker(running.person(first_name="Анна", language_code=code)) for _ in range(4)]
    admin = Speaker(running.person(first_name="Вера", language_code=code, person_id=CODES[code]))
    first, second, third, fourth = people
    await asyncio.gather(ask(first), send(second), correct(third), play(fourth), meet_in_a_group(code, running))
    await administer(admin, running)
    await asyncio.gather(fail(first, running), *map(end, people[1:]))

    said = all_told(running)
    assert len(said) > 100
    assert {text: english_in(text) for text in said if english_in(text)} == {}
    assert [text for text in said if not says_something(text)] == []
    rows = list(keyboards(running))
    assert len(rows) > 20
    assert [row for row in rows if not all(fits(label, len(row)) for label in row)] == []
