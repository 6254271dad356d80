"""The table of what the bot hears in groups, by kind of message and by what the bot is there.

https://core.telegram.org/bots/features#privacy-mode
"""

from collections.abc import Callable
from typing import Any

import pytest

from bot.playground.groups import Group
from bot.playground.person import Person
from bot.playground.world import World
from tests.playground import picture

NOTHING = "what is the bot's alone"
MEANT = "what is meant for the bot"
ALL = "everything"
HEARD = [NOTHING, MEANT, ALL]  # each with what is before it
KEY = {"inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}]]}


class Scene:
    """A supergroup with Ann, who created it, and Ben; a message of the bot's and one of Ben's lie there."""

    def __init__(self, prepare: Callable[[World, Group], None], bot: str, privacy: bool, forum: bool = False) -> None:
        self.world = World(privacy=privacy)
        ann, ben = self.world.person("Ann"), self.world.person("Ben")
        self.group = self.world.group("Class 4b", ann, ben, supergroup=True, forum=forum, bot=bot)
        self.ann: Person = self.group.member(ann)
        prepare(self.world, self.group)
        self.asked = self.group.chat.post(self.world.bot, {"text": "Draw a 7!", "reply_markup": KEY})
        self.bens = self.group.member(ben).send_photo(picture())

    def to_bot(self) -> int:
        """The number of the bot's message."""
        return int(self.asked["message_id"])

    def to_ben(self) -> int:
        """The number of Ben's photo."""
        return int(self.bens["message_id"])

    def edits(self, reply_to: int | None) -> None:
        """Ann sends a photo and puts another in its place."""
        self.ann.edit_photo(self.ann.send_photo(picture(), reply_to=reply_to)["message_id"], picture(200, 100))

    async def heard(self, act: Callable[["Scene"], Any]) -> bool:
        """Whether what is done, at last, reaches the bot."""
        before = len(await self.world.updates.get(0, 100, 0, None))
        act(self)
        after = await self.world.updates.get(0, 100, 0, None)
        return len(after) > before


def nothing(world: World, group: Group) -> None:
    pass


def removed(world: World, group: Group) -> None:
    group.remove_bot()


def demoted(world: World, group: Group) -> None:
    group.demote_bot()


def promoted(world: World, group: Group) -> None:
    group.promote_bot()


def opened(world: World, group: Group) -> None:
    world.set_privacy(False)


def added_anew(world: World, group: Group) -> None:
    world.set_privacy(False)
    group.remove_bot()
    group.add_bot()


def closed(world: World, group: Group) -> None:
    world.set_privacy(True)


# What the bot is, and what it hears then.
STATES: dict[str, tuple[Callable[[World, Group], None], str, bool, str]] = {
    "a member in privacy mode": (nothing, "member", True, MEANT),
    "an admin in privacy mode": (nothing, "administrator", True, ALL),
    "made an admin": (promoted, "member", True, ALL),
    "an admin no longer": (demoted, "administrator", True, MEANT),
    "a member without privacy mode": (nothing, "member", False, ALL),
    "added before privacy mode was switched off": (opened, "member", True, MEANT),
    "added anew since": (added_anew, "member", True, ALL),
    "added before privacy mode was switched on": (closed, "member", False, ALL),
    "removed": (removed, "member", True, NOTHING),
    "removed without privacy mode": (removed, "member", False, NOTHING),
    "removed as an admin": (removed, "administrator", True, NOTHING),
    "never there": (nothing, "left", False, NOTHING),
}

# What people do, and how much a bot has to hear to hear of it.
KINDS: dict[str, tuple[Callable[[Scene], Any], str]] = {
    "a text": (lambda it: it.ann.send_text("a 7"), ALL),
    "a command": (lambda it: it.ann.send_text("/digit"), MEANT),
    "a command with words": (lambda it: it.ann.send_text("/demo 5 minutes"), MEANT),
    "a command for this bot": (lambda it: it.ann.send_text("/digit@digit_demo_bot"), MEANT),
    "a command for this bot, in capitals": (lambda it: it.ann.send_text("/digit@Digit_Demo_Bot now"), MEANT),
    "a command for another bot": (lambda it: it.ann.send_text("/digit@other_bot"), ALL),
    "a command within a text": (lambda it: it.ann.send_text("try /digit"), ALL),
    "a command that answers a person's photo": (lambda it: it.ann.send_text("/digit", it.to_ben()), MEANT),
    "a command under a photo": (lambda it: it.ann.send_photo(picture(), "/digit"), ALL),
    "a mention": (lambda it: it.ann.send_text("@digit_demo_bot what is it?"), ALL),
    "a mention under a photo": (lambda it: it.ann.send_photo(picture(), "@digit_demo_bot"), ALL),
    "a photo": (lambda it: it.ann.send_photo(picture()), ALL),
    "an album": (lambda it: it.ann.send_album([picture(), picture(90, 90)]), ALL),
    "a photo that answers the bot": (lambda it: it.ann.send_photo(picture(), reply_to=it.to_bot()), MEANT),
    "a file that answers the bot": (lambda it: it.ann.send_document(b"7", "7", reply_to=it.to_bot()), MEANT),
    "a sticker that answers the bot": (
        lambda it: it.ann.send_sticker(b"7", animated=True, reply_to=it.to_bot()),
        MEANT,
    ),
    "a text that answers the bot": (lambda it: it.ann.send_text("no, a 1", it.to_bot()), MEANT),
    "another bot's command that answers the bot": (lambda it: it.ann.send_text("/x@other_bot", it.to_bot()), MEANT),
    "a text that answers a person": (lambda it: it.ann.send_text("well done", it.to_ben()), ALL),
    "an edit of what the bot didn't hear": (lambda it: it.edits(None), ALL),
    "an edit of what answers the bot": (lambda it: it.edits(it.to_bot()), MEANT),
    "an anonymous admin's text": (lambda it: it.ann.anonymous().send_text("a 7"), ALL),
    "an anonymous admin's command": (lambda it: it.ann.anonymous().send_text("/digit"), MEANT),
    "a channel's command": (lambda it: it.ann.as_channel("Sevens").send_text("/digit"), MEANT),
    "somebody who comes": (lambda it: it.group.add(it.world.person("Cem")), MEANT),
    "somebody who goes": (lambda it: it.group.remove(it.ann), MEANT),
    "a press": (lambda it: it.ann.press(it.asked, "Yes"), NOTHING),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", STATES)
async def test_what_the_bot_hears(state: str, kind: str) -> None:
    prepare, bot, privacy, hears = STATES[state]
    act, needs = KINDS[kind]

    assert await Scene(prepare, bot, privacy).heard(act) == (HEARD.index(hears) >= HEARD.index(needs))


# In a topic everything answers the topic's first message, which is nobody's question.
IN_A_TOPIC: dict[str, tuple[Callable[[Scene, int], Any], bool]] = {
    "a text": (lambda it, topic: it.ann.send_text("a 7", thread=topic), False),
    "a photo": (lambda it, topic: it.ann.send_photo(picture(), thread=topic), False),
    "a command": (lambda it, topic: it.ann.send_text("/digit", thread=topic), True),
    "a photo that answers the bot": (lambda it, topic: it.ann.send_photo(picture(), reply_to=it.to_bot()), True),
}


@pytest.mark.parametrize("kind", IN_A_TOPIC)
async def test_what_the_bot_hears_in_a_topic(kind: str) -> None:
    act, meant = IN_A_TOPIC[kind]
    scene = Scene(nothing, "member", True, forum=True)
    topic = scene.group.topic("Maths")

    assert await scene.heard(lambda it: act(it, topic)) == meant


async def test_an_opened_topic_is_told() -> None:
    assert await Scene(nothing, "member", True, forum=True).heard(lambda it: it.group.topic("Maths"))
