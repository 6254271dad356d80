"""The bot as a guest in groups of several people: what it hears in each state, what it answers, and what it leaves."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.kept import Mode
from bot.playground.groups import Group
from bot.playground.wire import Json
from tests.e2e.running import Running, answer_to, buttons, quotes, text_of
from tests.pictures import as_webp, photo
from tests.waiting import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="module")
STATES = ("privacy", "open", "admin")  # privacy mode on; off; on, and the bot an admin


class Class:
    """A group of three with the bot: Ann runs it."""

    def __init__(self, running: Running, state: str, **kind: Any) -> None:
        running.server.world.set_privacy(state != "open")
        people = [running.person(first_name=name) for name in ("Ann", "Ben", "Cem")]
        self.running = running
        self.group: Group = running.server.world.group(
            "Class 4b", *people, bot="administrator" if state == "admin" else "member", **kind
        )
        self.ann, self.ben, self.cem = (self.group.member(one) for one in people)

    async def introduction(self) -> Json:
        """The bot's first message here."""
        return await self.ann.wait_for(lambda _: True, timeout=PATIENCE)

    async def wants(self, mode: Mode) -> None:
        """As if an admin had chosen it, once the bot has come in."""
        await self.introduction()
        await self.running.bot.bot_data.store.groups.choose(self.group.id, mode)

    async def answers(self) -> list[Json]:
        """All that the bot has said to what was sent so far, but for its introduction: it has done all of that."""
        fence = self.ann.send_text("/about")
        last = await answer_to(self.ann, fence)
        said = [one for one in self.ann.messages() if one["from"]["is_bot"]]
        return [one for one in said[1:] if one["message_id"] != last["message_id"]]


@pytest.fixture(autouse=True)
def _as_it_was(running: Running) -> Iterator[None]:
    yield
    running.server.world.set_privacy(True)


@pytest.mark.parametrize("state", STATES)
async def test_in_every_group_a_photo_in_reply_to_the_bot_is_read(running: Running, state: str) -> None:
    here = Class(running, state)
    sent = here.ben.send_photo(photo("7"), reply_to=(await here.introduction())["message_id"])
    answer = await answer_to(here.ben, sent)
    assert text_of(answer).startswith("7")
    assert buttons(answer) == ["✓ Right", "✗ Wrong", "What I saw"]
    assert len(await here.answers()) == 1


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("command", ["/digit", "/digit@digit_demo_bot", "/DIGIT please"])
async def test_in_every_group_digit_in_reply_to_a_photo_reads_it(running: Running, state: str, command: str) -> None:
    here = Class(running, state)
    await here.introduction()
    sent = here.ben.send_photo(photo("4"))
    here.cem.send_text(command, reply_to=sent["message_id"])
    answer = await answer_to(here.ben, sent)
    assert text_of(answer).startswith("4")
    assert len(await here.answers()) == 1


def _reply_to_bot(here: Class, said: Json) -> Any:
    return here.ben.send_photo(photo("7"), reply_to=said["message_id"])


def _digit_reply(here: Class, said: Json) -> Any:
    sent = here.ben.send_photo(photo("7"))
    here.cem.send_text("/digit", reply_to=sent["message_id"])
    return sent


def _mention_reply(here: Class, said: Json) -> Any:
    sent = here.ben.send_photo(photo("7"))
    here.cem.send_text("what's that, @Digit_demo_bot?", reply_to=sent["message_id"])
    return sent


WAYS: dict[str, Callable[[Class, Json], Any]] = {
    "reply to the bot": _reply_to_bot,
    "/digit in reply": _digit_reply,
    "mention in reply": _mention_reply,
    "mention in the caption": lambda here, _: here.ben.send_photo(photo("7"), "hey @digit_demo_bot"),
    "/digit in the caption": lambda here, _: here.ben.send_photo(photo("7"), "/digit"),
    "/digit@bot in the caption": lambda here, _: here.ben.send_photo(photo("7"), "look: /digit@digit_demo_bot"),
    "a photo": lambda here, _: here.ben.send_photo(photo("7")),
    "another bot's command": lambda here, _: here.ben.send_photo(photo("7"), "/digit@other_bot"),
    "another bot's mention": lambda here, _: here.ben.send_photo(photo("7"), "@digit_demo_bot2"),
    "a reply to a person": lambda here, _: here.ben.send_photo(
        photo("7"), reply_to=here.cem.send_text("hi")["message_id"]
    ),
    "a sticker in reply": lambda here, said: here.ben.send_sticker(as_webp(photo("7")), reply_to=said["message_id"]),
}
COMMANDS = {"/digit in reply"}
EVERYWHERE = COMMANDS | {"reply to the bot"}
HEARD_COMMANDS = COMMANDS | {"/digit in the caption", "/digit@bot in the caption"}
HEARD_WORDS = EVERYWHERE | HEARD_COMMANDS | {"mention in reply", "mention in the caption"}
ANSWERED = {
    ("privacy", Mode.ASKED): EVERYWHERE,
    ("privacy", Mode.ALL): EVERYWHERE,
    ("privacy", Mode.QUIET): COMMANDS,
    **{(state, Mode.ASKED): HEARD_WORDS for state in ("open", "admin")},
    **{(state, Mode.ALL): set(WAYS) - {"a sticker in reply"} for state in ("open", "admin")},
    **{(state, Mode.QUIET): HEARD_COMMANDS for state in ("open", "admin")},
}


@pytest.mark.parametrize(("state", "mode"), list(ANSWERED))
async def test_what_is_answered_in_each_state_and_mode(running: Running, state: str, mode: Mode) -> None:
    async def times(here: Class, ask: Callable[[Class, Json], Json]) -> int:
        await here.wants(mode)
        sent = ask(here, await here.introduction())
        answers = await here.answers()
        assert all(quotes(one, sent) and text_of(one).startswith("7") for one in answers)
        return len(answers)

    groups = [Class(running, state) for _ in WAYS]
    counts = await asyncio.gather(*map(times, groups, WAYS.values()))
    assert {way for way, count in zip(WAYS, counts, strict=True) if count} == ANSWERED[state, mode]
    twice = {way for way, count in zip(WAYS, counts, strict=True) if count > 1}
    every_photo = mode is Mode.ALL and state != "privacy"
    assert twice == ({"/digit in reply", "mention in reply"} if every_photo else set())  # as a photo, and when asked
