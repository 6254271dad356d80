"""The bot as a guest in groups of several people: what it hears in each state, what it answers, and what it leaves."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from importlib.metadata import version
from typing import Any

import pytest
from telegram import (
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeDefault,
)

from bot.playground.groups import Group, new_supergroup_id
from bot.playground.members import LEFT, MEMBER, Membership, change
from bot.playground.person import Person
from bot.playground.wire import Json
from bot.storage.records import Mode
from model.versions.version import shipped_name
from tests.kept import of_person
from tests.pictures import as_webp, photo
from tests.running import Running, answer_from_bot, answer_to, buttons, now, press, quotes, running_bot, text_of
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.asyncio(loop_scope="module")
ADMIN = 2**41
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
        await answer_to(self.ann, fence)
        said = [one for one in self.ann.messages() if one["from"]["is_bot"]]
        return [one for one in said[1:] if one.get("reply_to_message", {}).get("text") != "/about"]


@pytest.fixture(autouse=True)
def _as_it_was(running: Running) -> Iterator[None]:
    yield
    running.server.world.set_privacy(True)


async def test_a_photo_in_reply_to_the_bot_is_read_and_digit_in_reply_to_a_photo(running: Running) -> None:
    here = Class(running, "privacy")
    mine = here.ben.send_photo(photo("7"), reply_to=(await here.introduction())["message_id"])
    answer = await answer_to(here.ben, mine)
    assert text_of(answer).startswith("7")
    assert buttons(answer) == ["✓ Right", "✗ Wrong", "What I saw"]
    sent = here.ben.send_photo(photo("4"))
    here.cem.send_text("/digit", reply_to=sent["message_id"])
    assert text_of(await answer_to(here.ben, sent)).startswith("4")
    assert len(await here.answers()) == 2


def _reply_to_bot(here: Class, said: Json) -> Any:
    return here.ben.send_photo(photo("7"), reply_to=said["message_id"])


def _digit_reply(here: Class, said: Json) -> Any:
    sent = here.ben.send_photo(photo("7"))
    here.cem.send_text("/digit", reply_to=sent["message_id"])
    return sent


def _digit_at_bot_reply(here: Class, said: Json) -> Any:
    sent = here.ben.send_photo(photo("7"))
    here.cem.send_text("/DIGIT@Digit_demo_bot please", reply_to=sent["message_id"])
    return sent


def _mention_reply(here: Class, said: Json) -> Any:
    sent = here.ben.send_photo(photo("7"))
    here.cem.send_text("what's that, @Digit_demo_bot?", reply_to=sent["message_id"])
    return sent


WAYS: dict[str, Callable[[Class, Json], Any]] = {
    "reply to the bot": _reply_to_bot,
    "/digit in reply": _digit_reply,
    "/digit@bot in reply": _digit_at_bot_reply,
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
COMMANDS = {"/digit in reply", "/digit@bot in reply"}
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
    assert twice == (COMMANDS | {"mention in reply"} if every_photo else set())  # as a photo, and when asked


async def test_an_album_is_one_answer_and_asks_as_a_whole(running: Running) -> None:
    here = Class(running, "open")
    await here.introduction()
    album = here.ben.send_album([photo("7"), photo("4"), photo()], "/digit")
    answer = await answer_to(here.ben, album[0])
    assert [line[:4] for line in text_of(answer).splitlines()] == ["1. 7", "2. 4", "3. I"]
    assert len(await here.answers()) == 1


async def test_of_a_burst_only_what_was_asked_is_answered(running: Running) -> None:
    here = Class(running, "open")
    hello = (await here.introduction())["message_id"]
    here.ann.send_photo(photo("1"))
    asked = here.ben.send_photo(photo("7"), reply_to=hello)
    here.cem.send_photo(photo("2"))
    (answer,) = await here.answers()
    assert quotes(answer, asked)
    assert text_of(answer).startswith("7")


async def test_a_burst_of_several_people_is_one_answer_and_each_corrects_their_own(running: Running) -> None:
    here = Class(running, "privacy")
    hello = (await here.introduction())["message_id"]
    store = running.bot.bot_data.store
    for person in (here.ben, here.cem):
        await store.agree(person.id)
    here.ben.send_photo(photo("7"), reply_to=hello)
    here.cem.send_photo(photo("4"), reply_to=hello)
    here.cem.send_photo(photo("2"), reply_to=hello)
    (answer,) = await here.answers()
    assert [line[:8].rstrip(" ·") for line in text_of(answer).splitlines()] == ["Ben: 7", "Cem 1. 4", "Cem 2. 2"]
    await press(here.ben, answer, "✗ Wrong")
    await press(here.cem, now(here.ben, answer), "3")  # on Ben's pad
    assert await said_of(running, here.cem) == []
    await press(here.ben, answer, "1")
    assert await said_of(running, here.ben) == [(7, 1)]
    await press(here.cem, answer, "✎ Change")
    assert {"1: 4", "2: 2"} <= set(buttons(now(here.cem, answer)))
    await press(here.cem, answer, "2: 2")
    await press(here.cem, answer, "0")
    assert await said_of(running, here.cem) == [(2, 0)]


async def said_of(running: Running, person: Person) -> list[tuple[int, int]]:
    """What is kept of a person's corrections: what was read, and what it is."""
    rows = (await of_person(running.bot.bot_data.store, person.id))["corrections"]
    return [(row["said"], row["label"]) for row in rows]


async def test_who_sent_the_photo_and_the_admins_correct_it_and_nobody_else(running: Running) -> None:
    here = Class(running, "privacy", supergroup=True)
    await running.bot.bot_data.store.agree(here.ben.id)
    sent = here.ben.send_photo(photo("7"))
    here.cem.send_text("/digit", reply_to=sent["message_id"])
    answer = await answer_to(here.ben, sent)
    assert "the person who sent the photo" in await press(here.cem, answer, "✓ Right")
    await press(here.ann, answer, "✓ Right")  # she runs the group
    assert await said_of(running, here.ben) == [(7, 7)]  # whose handwriting it is
    assert await said_of(running, here.ann) == []
    await press(here.ben, answer, "✎ Change")
    await press(here.ben, answer, "✕ Undo")
    assert await said_of(running, here.ben) == []


async def test_an_admins_correction_of_who_has_not_agreed_amends_the_answer_and_is_not_kept(running: Running) -> None:
    here = Class(running, "privacy", supergroup=True)
    await running.bot.bot_data.store.agree(here.ann.id)  # she runs the group
    hello = await here.introduction()
    sent = here.ben.send_photo(photo("7"), reply_to=hello["message_id"])
    answer = await answer_to(here.ben, sent)
    for pressed in ("✗ Wrong", "1"):
        await press(here.ann, answer, pressed)
    amended = "Thanks: that was 1. I'll only learn from this if the person who sent the photo agrees."
    assert text_of(now(here.ann, answer)).endswith(amended)
    here.ann.send_text("2", reply_to=answer["message_id"])
    await until(lambda: "that was 2" in text_of(now(here.ann, answer)))
    for pressed in ("✎ Change", "1"):
        await press(here.ben, answer, pressed)
    assert "May I learn from this?" in text_of(now(here.ben, answer))
    assert "Only the person who sent the photo can agree" in await press(here.ann, answer, "Yes, keep it")
    assert await said_of(running, here.ann) == await said_of(running, here.ben) == []
    await press(here.ben, answer, "Yes, keep it")
    assert await said_of(running, here.ben) == [(7, 1)]


async def test_a_number_in_reply_to_an_answer_corrects_it_for_those_who_may(running: Running) -> None:
    here = Class(running, "privacy")
    for person in (here.ann, here.ben, here.cem):
        await running.bot.bot_data.store.agree(person.id)
    hello = await here.introduction()
    here.ben.send_photo(photo("7"), reply_to=hello["message_id"])
    (answer,) = await here.answers()
    here.cem.send_text("3", reply_to=answer["message_id"])  # a guess for fun
    here.cem.send_text("3", reply_to=hello["message_id"])
    here.ben.send_text("1", reply_to=answer["message_id"])
    assert len(await here.answers()) == 2
    assert await said_of(running, here.cem) == []
    assert await said_of(running, here.ben) == [(7, 1)]
    here.ann.send_text("2", reply_to=answer["message_id"])  # she runs the group
    await here.answers()
    assert await said_of(running, here.ben) == [(7, 2)]


async def test_where_pictures_may_not_be_sent_the_answer_is_words(running: Running) -> None:
    here = Class(running, "privacy")
    hello = await here.introduction()
    no = "Bad Request: not enough rights to send photos to the chat"
    running.server.world.fail_next("sendPhoto", 400, no)
    sent = here.ben.send_photo(photo("1", "2"), reply_to=hello["message_id"])
    assert text_of(await answer_to(here.ben, sent)).startswith("1")


async def test_a_group_where_it_may_not_write_is_no_trouble_for_its_admins() -> None:
    async with running_bot(admin_ids=str(ADMIN)) as running:
        admin = running.person(person_id=ADMIN)
        admin.send_text("/start")
        await answer_from_bot(admin)
        here = Class(running, "privacy")
        hello = await here.introduction()
        no = "Bad Request: not enough rights to send text messages to the chat"
        running.server.world.fail_next("sendMessage", 400, no)
        here.ben.send_photo(photo("7"), reply_to=hello["message_id"])
        assert await here.answers() == []
        assert len([one for one in admin.messages() if one["from"]["is_bot"]]) == 1


@pytest.mark.parametrize("quiet", [False, True])
async def test_digit_that_answers_no_photo_says_in_a_line_how_to_ask(running: Running, quiet: bool) -> None:
    here = Class(running, "privacy")
    await here.wants(Mode.QUIET if quiet else Mode.ASKED)
    for reply_to in (None, here.cem.send_text("hello")["message_id"], (await here.introduction())["message_id"]):
        asked = here.ben.send_text("/digit", reply_to=reply_to)
        (line,) = text_of(await answer_to(here.ben, asked)).splitlines()
        assert "Reply to a photo with /digit" in line
        assert ("to one of my messages with a photo" in line) is not quiet


async def test_where_all_photos_are_read_what_is_no_digit_gets_a_reaction_at_most(running: Running) -> None:
    here = Class(running, "admin")
    await here.wants(Mode.ALL)
    blank = here.ben.send_photo(photo())
    assert await here.answers() == []
    assert [one["emoji"] for one in now(here.ben, blank)["reactions"]] == ["🤔"]
    here.group.allow_reactions(["❤"])
    other = here.ben.send_photo(photo())
    asked = here.ben.send_photo(photo(), "/digit")
    (answer,) = await here.answers()
    assert quotes(answer, asked)
    assert "no digit" in text_of(answer)
    assert "reactions" not in now(here.ben, other)


async def test_in_a_topic_it_answers_in_the_topic(running: Running) -> None:
    here = Class(running, "open", forum=True)
    await here.introduction()
    maths = here.group.topic("Maths")
    sent = here.ben.send_photo(photo("7"), "/digit", thread=maths)
    other = here.ben.send_photo(photo("1", "2"), thread=maths)
    here.cem.send_text("/digit", reply_to=other["message_id"], thread=maths)
    usage = here.cem.send_text("/digit", thread=maths)
    for message in (sent, other, usage):
        answer = await answer_to(here.ben, message)
        assert answer["message_thread_id"] == maths


INTRODUCED = {
    "privacy": "I can't see other photos here",
    "open": "@digit_demo_bot or /digit in its caption",
    "admin": "@digit_demo_bot or /digit in its caption",
}


@pytest.mark.parametrize("state", STATES)
async def test_added_to_a_group_it_says_in_two_lines_how_this_group_asks(running: Running, state: str) -> None:
    first, second = text_of(await Class(running, state).introduction()).splitlines()
    assert "or to one of my messages with a photo" in first
    assert INTRODUCED[state] in second


async def test_made_an_admin_and_a_member_again_it_says_nothing(running: Running) -> None:
    here = Class(running, "privacy")
    await here.introduction()
    here.group.promote_bot()
    sent = here.ben.send_photo(photo("7"), "/digit")
    await answer_to(here.ben, sent)
    here.group.demote_bot()
    here.ben.send_photo(photo("7"), "/digit")
    assert len(await here.answers()) == 1


async def test_moved_to_a_supergroup_it_keeps_its_settings_and_says_nothing_new(running: Running) -> None:
    here = Class(running, "open")
    await here.wants(Mode.ALL)
    sent = here.ben.send_photo(photo("7"))
    await answer_to(here.ben, sent)
    before = here.group.id
    here.group.migrate()
    await until_true(lambda: groups_find(running, here.group.id), Mode.ALL)
    sent = here.ben.send_photo(photo("4"))
    assert text_of(await answer_to(here.ben, sent)).startswith("4")
    said = [one for one in here.ann.messages() if one["from"]["is_bot"]]
    assert len(said) == 1
    assert (await running.bot.bot_data.store.groups.find(before)).mode is None


async def test_a_move_is_no_new_group_though_telegram_first_says_that_the_bot_has_joined(running: Running) -> None:
    here = Class(running, "open")
    await here.wants(Mode.QUIET)
    world, supergroup = running.server.world, new_supergroup_id()
    there = {"id": supergroup, "type": "supergroup", "title": "Class 4b"}
    joined = change(there, here.ann.user, Membership(world.bot, LEFT), Membership(world.bot, MEMBER))
    world.updates.put("my_chat_member", joined)
    tells = {"message_id": 99, "from": here.ann.user, "chat": here.group.chat.info, "date": joined["date"]}
    world.updates.put("message", tells | {"migrate_to_chat_id": supergroup})
    await until_true(lambda: groups_find(running, supergroup), Mode.QUIET)
    async with asyncio.timeout(PATIENCE):
        while await running.bot.bot_data.inbox.waiting():  # noqa: ASYNC110 (a database is asked)
            await asyncio.sleep(0.01)
    assert not [given for name, given in world.calls if name == "sendMessage" and given["chat_id"] == str(supergroup)]


async def test_removed_it_forgets_the_group(running: Running) -> None:
    here = Class(running, "open")
    await here.wants(Mode.ALL)
    here.ben.send_photo(photo("7"))
    (answer,) = await here.answers()
    store, chat = running.bot.bot_data.store, here.group.id
    assert await store.reading_of(chat, answer["message_id"])
    here.group.remove_bot()
    await until_true(lambda: groups_find(running, chat), None)
    assert await store.reading_of(chat, answer["message_id"]) is None
    here.group.add_bot()
    here.ben.send_photo(photo("7"))
    await here.answers()
    assert len([one for one in here.ann.messages() if "👋" in text_of(one)]) == 2


async def groups_find(running: Running, chat: int) -> Mode | None:
    """What a group has chosen."""
    return (await running.bot.bot_data.store.groups.find(chat)).mode


async def until_true(ask: Callable[[], Awaitable[Mode | None]], wanted: Mode | None) -> None:
    """Return once a group has chosen this."""
    async with asyncio.timeout(PATIENCE):
        while await ask() != wanted:  # noqa: ASYNC110 (a database is asked)
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("state", STATES)
async def test_settings_say_what_this_group_can_have(running: Running, state: str) -> None:
    here = Class(running, state)
    await here.introduction()
    page = await answer_to(here.ann, here.ann.send_text("/settings"))
    assert buttons(page)[:3] == ["✓ When asked", "All photos", "Quiet"]
    cannot = "Not yet" in text_of(page)
    assert cannot is (state == "privacy")
    said = await press(here.ann, page, "All photos")
    assert said.startswith("Not yet" if cannot else "From now on: All photos")
    assert await groups_find(running, here.group.id) is (None if cannot else Mode.ALL)
    assert "From now on: Quiet" in await press(here.ann, page, "Quiet")
    assert buttons(now(here.ann, page))[:3] == ["When asked", "All photos", "✓ Quiet"]
    assert await groups_find(running, here.group.id) is Mode.QUIET


async def test_settings_tell_how_to_have_all_photos_in_each_case(running: Running) -> None:
    here = Class(running, "privacy")
    await here.introduction()

    async def told() -> str:
        return text_of(await answer_to(here.ann, here.ann.send_text("/settings")))

    assert "@BotFather, /setprivacy" in await told()
    running.server.world.set_privacy(False)  # which counts once it is added anew
    words = await told()
    assert "add me again" in words
    assert "BotFather" not in words
    here.group.promote_bot()
    assert "Not yet" not in await told()
    here.group.remove_bot()
    here.group.add_bot()
    assert "Not yet" not in await told()


async def test_settings_are_for_the_groups_admins_known_by_their_own_id(running: Running) -> None:
    here = Class(running, "open", supergroup=True)
    await here.introduction()
    page = await answer_to(here.ann, here.ann.send_text("/settings"))
    refused = await answer_to(here.ben, here.ben.send_text("/settings"))
    assert "Only this group's admins" in text_of(refused)
    assert buttons(refused) == []
    assert "Only this group's admins" in await press(here.ben, page, "Quiet")
    hidden = here.ann.anonymous()
    told = await answer_to(here.ann, hidden.send_text("/settings"))
    assert "send /settings as yourself" in text_of(told)
    channel = here.ann.as_channel("News")
    told = await answer_to(here.ann, channel.send_text("/settings"))
    assert "send /settings as yourself" in text_of(told)
    assert await groups_find(running, here.group.id) is None
    await press(here.ann, page, "Quiet")
    assert await groups_find(running, here.group.id) is Mode.QUIET


async def test_help_and_about_in_a_group(running: Running) -> None:
    here = Class(running, "privacy")
    await here.introduction()
    how, *_ = text_of(await answer_to(here.ben, here.ben.send_text("/help"))).splitlines()
    assert "Reply to a photo with /digit" in how
    program, model = text_of(await answer_to(here.ben, here.ben.send_text("/about"))).splitlines()
    assert version("digitbot") in program
    assert shipped_name() in model
    assert re.search(r"99\.\d\d %", model)


async def test_in_private_settings_say_what_there_is_and_digit_reads_what_it_answers(running: Running) -> None:
    ann = running.person()
    ann.send_text("/settings")
    assert "In a group, its admins use /settings" in text_of(await answer_from_bot(ann))
    sent = ann.send_photo(photo("7"))
    first = await answer_to(ann, sent)
    ann.send_text("/digit", reply_to=sent["message_id"])
    await ann.wait_for(lambda one: quotes(one, sent) and one["message_id"] > first["message_id"], timeout=PATIENCE)
    asked = ann.send_text("/digit")
    assert "Just send me a photo" in text_of(await answer_to(ann, asked))


@pytest.mark.parametrize("ask", ["/digit", "what's that, @digit_demo_bot?"])
@pytest.mark.parametrize("private", [True, False])
async def test_a_photo_of_another_chat_is_read_where_it_is_quoted(running: Running, private: bool, ask: str) -> None:
    here, elsewhere = Class(running, "admin"), Class(running, "privacy", supergroup=True)
    picture = elsewhere.cem.send_photo(photo("7"))
    words = elsewhere.cem.send_text("look")
    person = running.person() if private else here.ben
    asked = person.send_text(ask, quoting=picture)
    if private and ask != "/digit":
        return  # in one's own chat a command asks, or the picture itself
    answer = await answer_to(person, asked)
    assert text_of(answer).startswith("7")
    await running.bot.bot_data.store.agree(person.id)
    await press(person, answer, "✗ Wrong")
    await press(person, answer, "1")
    assert await said_of(running, person) == [(7, 1)]
    if ask == "/digit":
        usage = await answer_to(person, person.send_text(ask, quoting=words))
        assert "7" not in text_of(usage)


async def test_menus_differ_by_scope(running: Running) -> None:
    async def menu(scope: BotCommandScope) -> set[str]:
        return {each.command for each in await running.bot.bot.get_my_commands(scope)}

    private, group = await menu(BotCommandScopeDefault()), await menu(BotCommandScopeAllGroupChats())
    admins = await menu(BotCommandScopeAllChatAdministrators())
    assert {"start", "help", "settings", "about", "privacy", "forgetme"} <= private
    assert group == {"digit", "help", "about"}
    assert group | {"settings", "demo", "stop"} == admins


@pytest.mark.parametrize("command", ["/stats", "/mydata", "/forgetme"])
async def test_what_concerns_one_person_is_left_to_their_own_chat(running: Running, command: str) -> None:
    here = Class(running, "privacy")
    answer = await answer_to(here.ben, here.ben.send_text(f"{command}@{running.bot.bot.username}"))
    assert text_of(answer).startswith("That's private")
    (row,) = answer["reply_markup"]["inline_keyboard"]
    assert row[0]["url"] == f"https://t.me/{running.bot.bot.username}"


async def test_what_is_kept_may_be_asked_in_a_group_too(running: Running) -> None:
    here = Class(running, "privacy")
    here.ben.send_text(f"/privacy@{running.bot.bot.username}")
    await here.ben.wait_for(lambda message: "/forgetme deletes it" in text_of(message), timeout=PATIENCE)
