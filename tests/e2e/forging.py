"""What tests of hostile people share: how a press is forged, and what nobody may change by it."""

import secrets
from typing import Any

from bot.learning.trainings import Trainings
from bot.playground.person import Person
from bot.playground.wire import Json
from tests.kept import of_person
from tests.pictures import photo
from tests.running import Running, answer_to
from tests.waiting import PATIENCE

ADMIN = 2**41
NOT_THERE = "This button is gone"
FOR_ADMINS = "Only my admins"


async def raw(running: Running, **query: Any) -> str:
    """A press as no app can make it; gives what the bot says."""
    pressed = running.server.world.presses.add({"id": str(secrets.randbits(63)), "chat_instance": "1", **query})
    running.server.world.updates.put("callback_query", pressed.query)
    return (await pressed.answered(PATIENCE)).text


async def agreed(running: Running, *lines: str, **known: Any) -> tuple[Person, Json]:
    """Somebody who has agreed, and the answer to a photo of theirs."""
    person = running.person(**known)
    await running.bot.bot_data.store.agree(person.id)
    return person, await answered(person, person.send_photo(photo(*lines)))


async def answered(person: Person, sent: Json) -> Json:
    """The answer to a photo, once all of the work on it is done: in a chat one thing follows the other."""
    answer = await answer_to(person, sent)
    await person.press_raw(answer, "-").answered(PATIENCE)
    return answer


def reading_of(answer: Json) -> int:
    """What an answer's buttons are about."""
    return int(answer["reply_markup"]["inline_keyboard"][0][0]["callback_data"].split(":")[2])


async def said_of(running: Running, person: Person) -> list[tuple[int, int]]:
    """What is kept of a person's corrections: which digit, and what it is."""
    rows = (await of_person(running.bot.bot_data.store, person.id))["corrections"]
    return sorted((row["n"], row["label"]) for row in rows)


async def all_that_counts(running: Running, *people: Person) -> list[Any]:
    """What nobody may change by forging: what is kept of people and groups, which version reads, what waits."""
    parts = running.bot.bot_data
    kept = [await of_person(parts.store, each.id) for each in people]
    chats = {p.chat.id for p in people}
    groups = [await parts.store.groups.find(chat) for chat in sorted(chats)]
    return [kept, groups, (await parts.versions.serving()).name, await Trainings(parts.store.engine).running()]
