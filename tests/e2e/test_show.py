"""/demo, the show: rounds in private chats and in groups, begun, played, ended, resumed, corrected, forgotten."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from bot.game import rounds, show
from bot.game.rounds_store import Rounds
from bot.playground.groups import Group
from bot.playground.person import Person
from bot.playground.server import LocalServer
from bot.playground.wire import Json
from bot.storage.database import Lock
from tests.e2e.test_replicas import replicas
from tests.kept import of_person
from tests.pictures import photo
from tests.running import TOKEN, Running, answer_to, buttons, now, press, running_on, text_of
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.asyncio(loop_scope="module")
NAMES = ("Ann", "Ben", "Cem", "Dan", "Eve")
BLANK = photo()


async def said(person: Person, words: str, after: int = 0) -> Json:
    """The bot's first message with these words, of those after a message."""
    return await person.wait_for(
        lambda message: words in text_of(message) and message["message_id"] > after, timeout=PATIENCE
    )


def digit_called(call: Json) -> str:
    """What is to be drawn."""
    return next(sign for sign in re.split("[Dd]raw", text_of(call))[1] if sign.isdigit())


def other_than(digit: str) -> str:
    """A digit that is read well, and another one."""
    return "7" if digit != "7" else "4"


def reactions(person: Person, message: Json) -> list[str]:
    """What the bot reacted with."""
    return [each["emoji"] for each in now(person, message).get("reactions", [])]


async def reacted(person: Person, message: Json) -> str:
    """The bot's reaction, once it is there."""
    await until(lambda: bool(reactions(person, message)))
    return reactions(person, message)[0]


def calls_of(running: Running, method: str, chat: int) -> int:
    """How often the bot called a method in a chat."""
    return sum(name == method and str(given.get("chat_id")) == str(chat) for name, given in running.server.world.calls)


@dataclass(frozen=True, slots=True)
class Class:
    """A group of five: Ann runs it."""

    group: Group
    people: Sequence[Person]  # as they are there

    @classmethod
    def of(cls, running: Running, **kind: bool) -> "Class":
        ann, *others = (running.person(first_name=name) for name in NAMES)
        group = running.server.world.group("Class 4b", ann, *others, bot="member", **kind)
        return cls(group, [group.member(one) for one in (ann, *others)])

    @property
    def ann(self) -> Person:
        return self.people[0]

    async def first_call(self, command: str = "/demo read") -> Json:
        """Ann begins a round: the call of its first digit."""
        return await said(
            self.ann, "Draw a" if "read" in command else "Fool me:", self.ann.send_text(command)["message_id"]
        )


async def test_alone_somebody_draws_three_digits_and_sees_them_on_a_sheet(running: Running) -> None:
    ann = running.person(first_name="<Ann>")
    ann.send_text("/demo")
    which = await said(ann, "Which game?")
    await press(ann, which, buttons(which)[0])
    call, sent, read = which, which, ""
    for n in range(3):
        call = await said(ann, f"({n + 1}/3)")
        assert text_of(call).startswith(read)
        sent = ann.send_photo(photo(digit_called(call), seed=3))
        read = f"I read {digit_called(call)} 👍\n"
        assert await reacted(ann, sent) == "👍"
    closing = await said(ann, "The round is over")
    assert "photo" in closing
    assert "🥇 <Ann> 3" in text_of(closing)
    assert "the digit I called: 3 of 3, 100 %" in text_of(closing)
    assert buttons(now(ann, which)) == []
    await until(lambda: "3 photos" in text_of(now(ann, which)))
    assert [one for one in ann.messages() if one["from"]["is_bot"] and one["message_id"] > sent["message_id"]] == [
        closing
    ]


async def test_a_link_to_the_bot_asks_which_game(running: Running) -> None:
    ann = running.person()
    ann.send_text("/start demo")
    assert len(buttons(await said(ann, "Which game?"))) == 2


async def test_a_class_plays_and_the_closing_sheet_has_medals_and_numbers(running: Running) -> None:
    here = Class.of(running)
    call = await here.first_call()
    digit = digit_called(call)
    ben, cem, dan, eve = here.people[1:]
    right = [each.send_photo(photo(digit, seed=3), reply_to=call["message_id"]) for each in (ben, cem)]
    wrong = dan.send_photo(photo(other_than(digit), seed=3), reply_to=call["message_id"])
    blank = eve.send_photo(BLANK, reply_to=call["message_id"])
    assert [await reacted(here.ann, sent) for sent in (*right, wrong, blank)] == ["👍", "👍", "🤔", "🤔"]
    board = await said(here.ann, "📊")
    await until(lambda: "4 photos" in text_of(now(here.ann, board)))
    here.ann.send_text("/stop")
    closing = await said(here.ann, "The round is over")
    assert "4 photos, 4 players" in text_of(closing)
    assert "🥇 Ben 1 · 🥈 Cem 1" in text_of(closing)
    assert "I read the digit I called: 2 of 4, 50 %." in text_of(closing)
    assert f"① Dan's {digit}: I read {other_than(digit)}" in text_of(closing)
    assert buttons(closing) == ["✗ Correct my digits"]


async def test_in_fool_me_a_photo_that_is_misread_scores(running: Running) -> None:
    here = Class.of(running)
    call = await here.first_call("/demo fool")
    sent = here.people[1].send_photo(photo(other_than(digit_called(call)), seed=3), reply_to=call["message_id"])
    assert await reacted(here.ann, sent) == "🤔"
    here.ann.send_text("/stop")
    assert "🥇 Ben 1" in text_of(await said(here.ann, "The round is over"))


async def test_only_admins_begin_and_end_rounds_in_groups(running: Running) -> None:
    here = Class.of(running)
    ben = here.people[1]
    await answer_to(ben, ben.send_text("/demo fool"))
    await here.first_call()
    assert "admins" in text_of(await answer_to(ben, ben.send_text("/stop")))
    assert "already" in text_of(await answer_to(here.ann, here.ann.send_text("/demo")))
    here.group.promote(ben.id and running.server.world.find(ben.id))  # type: ignore[arg-type]
    ben.send_text("/stop")
    assert "nobody sent a photo" in text_of(await said(ben, "The round is over"))


async def test_a_games_button_is_for_admins_too(running: Running) -> None:
    here = Class.of(running)
    which = await said(here.ann, "Which game?", here.ann.send_text("/demo")["message_id"])
    assert "admins" in await press(here.people[1], which, buttons(which)[0])
    assert running.bot.bot_data.show.in_chat(here.group.id) is None


async def test_stop_without_a_round_says_so(running: Running) -> None:
    ann = running.person()
    assert text_of(await answer_to(ann, ann.send_text("/stop"))) == "No round is running."


async def test_where_no_reactions_are_allowed_the_scoreboard_alone_shows_it(running: Running) -> None:
    here = Class.of(running)
    here.group.allow_reactions([])
    call = await here.first_call()
    for person in here.people:
        person.send_photo(photo(digit_called(call), seed=3), reply_to=call["message_id"])
    board = await said(here.ann, "📊")
    await until(lambda: "5 photos" in text_of(now(here.ann, board)))
    assert "👍" in text_of(now(here.ann, board))
    assert calls_of(running, "setMessageReaction", here.group.id) < len(here.people) + 1
    here.ann.send_text("/stop")
    await said(here.ann, "The round is over")


async def test_several_groups_play_at_once(running: Running) -> None:
    classes = [Class.of(running) for _ in range(3)]
    calls = await asyncio.gather(*(each.first_call() for each in classes))
    for here, call in zip(classes, calls, strict=True):
        for person in here.people:
            person.send_photo(photo(digit_called(call), seed=3), reply_to=call["message_id"])
    for here in classes:
        board = await said(here.ann, "📊")
        await until(lambda here=here, board=board: "5 photos" in text_of(now(here.ann, board)))  # type: ignore[misc]
        here.ann.send_text("/stop")
    for here in classes:
        assert "5 photos, 5 players" in text_of(await said(here.ann, "The round is over"))


async def test_whoever_played_corrects_what_was_read_of_their_own(running: Running) -> None:
    here = Class.of(running)
    call = await here.first_call()
    ben_alone = running.server.world.find(here.people[1].id)
    assert ben_alone is not None
    ben_alone.send_text("/help")
    for digit in ("4", "7"):
        await reacted(here.ann, here.people[1].send_photo(photo(digit, seed=3), reply_to=call["message_id"]))
    here.ann.send_text("/stop")
    closing = await said(here.ann, "The round is over")
    assert "You didn't send a photo" in await press(here.people[2], closing, "✗ Correct my digits")
    assert "sent you" in await press(here.people[1], closing, "✗ Correct my digits")
    own = await said(ben_alone, "1. 4")
    assert "already" in await press(here.people[1], closing, "✗ Correct my digits")
    await press(ben_alone, own, "✗ Wrong")
    assert text_of(now(ben_alone, own)).endswith("Which one is wrong? Or reply to my answer with the right number.")
    await press(ben_alone, own, "2: 7")
    assert text_of(now(ben_alone, own)).endswith("Which digit is in photo 2?")
    for button in ("1", "Yes, keep it"):
        await press(ben_alone, own, button)
    ((correction,), (readings)) = (
        await running.bot.bot_data.store.waiting(10),
        (await of_person(running.bot.bot_data.store, ben_alone.id))["readings"],
    )
    assert (correction.label, correction.said) == (1, 7)
    assert len(readings) == 1


async def test_to_whom_the_bot_may_not_write_it_answers_in_the_group(running: Running) -> None:
    here = Class.of(running)
    call = await here.first_call()
    sent = here.people[1].send_photo(photo("7", seed=3), reply_to=call["message_id"])
    await reacted(here.ann, sent)
    here.ann.send_text("/stop")
    closing = await said(here.ann, "The round is over")
    assert "It's below" in await press(here.people[1], closing, "✗ Correct my digits")
    own = await answer_to(here.ann, sent)
    assert buttons(own) == ["✓ Right", "✗ Wrong", "What I saw"]
    assert "Only the person who sent the photo" in await press(here.people[2], own, "✗ Wrong")


async def test_one_person_cannot_end_the_round_of_others(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "OF_ONE", 2)
    monkeypatch.setattr(rounds, "PHOTOS", 4)
    here = Class.of(running)
    ben, cem = here.people[1:3]
    call = await here.first_call()
    many = [ben.send_photo(photo("7", seed=3), reply_to=call["message_id"]) for _ in range(8)]
    enough = await said(here.ann, "No more of your photos count in this round.")
    assert enough["reply_to_message"]["message_id"] in [each["message_id"] for each in many]
    assert await reacted(cem, cem.send_photo(photo(digit_called(call), seed=3), reply_to=call["message_id"])) == "👍"
    assert sum("No more of your photos" in text_of(each) for each in here.ann.messages()) == 1
    assert len([each for each in many if reactions(ben, each)]) == 2
    here.ann.send_text("/stop")
    closing = await said(here.ann, "The round is over")
    assert "3 photos" in text_of(closing)


async def test_nobodys_name_is_kept_after_the_end_and_forgetme_deletes_the_rest(running: Running) -> None:
    ann = running.person(first_name="Rumpelstiltskin")
    ann.send_text("/demo read")
    call = await said(ann, "(1/3)")
    await reacted(ann, ann.send_photo(photo(digit_called(call), seed=3)))
    ann.send_text("/stop")
    await said(ann, "The round is over")
    await until(lambda: running.bot.bot_data.show.in_chat(ann.id) is None)
    kept = await of_person(running.bot.bot_data.store, ann.id)
    assert len(kept["round_entries"]) == 1
    assert "Rumpelstiltskin" not in str(kept)
    ann.send_text("/forgetme")
    question = await said(ann, "Delete everything")
    await press(ann, question, "Delete it")
    assert "1 photo in a round" in text_of(now(ann, question))
    assert not any((await of_person(running.bot.bot_data.store, ann.id)).values())


async def test_reactions_and_edits_that_telegram_refuses_hold_no_closing_up(running: Running) -> None:
    here = Class.of(running)
    call = await here.first_call()
    here.people[1].send_photo(photo("7", seed=3), reply_to=call["message_id"])
    await said(here.ann, "📊")
    running.server.world.faults.flood(600, "editMessageText", "setMessageReaction", chat=here.group.id)
    before = calls_of(running, "setMessageReaction", here.group.id)
    here.people[2].send_photo(photo("7", seed=3), reply_to=call["message_id"])
    try:
        await until(lambda: calls_of(running, "setMessageReaction", here.group.id) > before)
        here.ann.send_text("/stop")
        await said(here.ann, "The round is over")
    finally:
        running.server.world.faults.clear()


async def test_a_restart_resumes_a_round_whose_end_stands(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with LocalServer(token=TOKEN) as server:
        async with running_on(server, data_dir=tmp_path, database_url=database) as bot:
            here = Class.of(Running(server, bot))
            call = await here.first_call()
            await reacted(here.ann, here.people[1].send_photo(photo("7", seed=3), reply_to=call["message_id"]))
            (before,) = await Rounds(bot.bot_data.store.engine).live()
        meanwhile = here.people[2].send_photo(photo("4", seed=3), reply_to=call["message_id"])
        async with running_on(server, data_dir=tmp_path, database_url=database) as bot:
            await reacted(here.ann, meanwhile)
            (after,) = await Rounds(bot.bot_data.store.engine).live()
            assert (after.id, after.digits, after.calls, after.ends) == (
                before.id,
                before.digits,
                before.calls,
                before.ends,
            )
        monkeypatch.setattr(
            rounds, "GRACE", rounds.GRACE - (before.ends - before.began)
        )  # as if it were over meanwhile
        monkeypatch.setattr(show, "GRACE", 0)
        async with running_on(server, data_dir=tmp_path, database_url=database):
            closing = await said(here.ann, "The round is over")
            assert "2 photos, 2 players" in text_of(closing)
            assert "photo" in closing  # though the pixels were forgotten


async def test_a_round_goes_on_in_the_supergroup_that_its_group_became(running: Running) -> None:
    here = Class.of(running)
    call = await here.first_call()
    await reacted(here.ann, here.people[1].send_photo(photo("7", seed=3), reply_to=call["message_id"]))
    here.group.migrate()
    ann, ben = (here.group.member(one) for one in here.people[:2])
    again = await said(ann, text_of(call).splitlines()[0], ann.messages()[-1]["message_id"])
    assert await reacted(ann, ben.send_photo(photo(digit_called(call), seed=3), reply_to=again["message_id"])) == "👍"
    ann.send_text("/stop")
    assert "2 photos, 1 player" in text_of(await said(ann, "The round is over"))


async def test_in_a_forum_a_round_is_played_in_its_topic(running: Running) -> None:
    here = Class.of(running, supergroup=True, forum=True)
    topic, other = here.group.topic("Maths"), here.group.topic("Art")
    here.ann.send_text("/demo read", thread=topic)
    call = await said(here.ann, "(1/3)")
    assert call["message_thread_id"] == topic
    elsewhere = here.ann.send_photo(photo("7", seed=3), thread=other)
    sent = here.people[1].send_photo(photo(digit_called(call), seed=3), reply_to=call["message_id"], thread=topic)
    assert await reacted(here.ann, sent) == "👍"
    here.ann.send_text("/stop", thread=topic)
    closing = await said(here.ann, "The round is over")
    assert "1 photo, 1 player" in text_of(closing)
    assert closing["message_thread_id"] == topic
    assert reactions(here.ann, elsewhere) == []


async def test_an_anonymous_admin_is_told_to_show_their_name(running: Running) -> None:
    here = Class.of(running, supergroup=True)
    nobody = here.ann.anonymous()
    assert "not anonymously" in text_of(await answer_to(here.ann, nobody.send_text("/demo fool")))


def calls_made(url: str) -> int:
    """How many calls of the only round are written down."""
    with psycopg.connect(url) as connection:
        ((made,),) = connection.execute("SELECT json_array_length(calls) FROM rounds").fetchall()
    return int(made)


async def test_another_bot_goes_on_with_a_round_whose_bot_is_gone(tmp_path: Path) -> None:
    async with replicas(tmp_path) as both:
        ann = both.server.world.person(first_name="Ann")
        ann.send_text("/demo read")
        first = await said(ann, "(1/3)")
        await asyncio.sleep(2 * show.LOOK)  # by then the other bot has seen that a round is played
        await reacted(ann, ann.send_photo(photo(digit_called(first), seed=3)))
        second = await said(ann, "(2/3)")
        await until(lambda: calls_made(both.url) == 2)  # else the other bot would call it again
        both.holding(Lock.ROUNDS).kill()
        await reacted(ann, ann.send_photo(photo(digit_called(second), seed=3)))
        ann.send_photo(photo(digit_called(await said(ann, "(3/3)")), seed=3))  # whose reaction gives way to the end
        closing = await said(ann, "The round is over")
        assert "3 of 3, 100 %" in text_of(closing)
        assert "photo" in closing


async def test_a_photo_after_the_end_is_one_as_any_other(running: Running) -> None:
    ann = running.person()
    ann.send_text("/demo read")
    await said(ann, "(1/3)")
    ann.send_text("/stop")
    await said(ann, "The round is over")
    await until(lambda: running.bot.bot_data.show.in_chat(ann.id) is None)
    sent = ann.send_photo(photo("7"))
    assert text_of(await answer_to(ann, sent)).startswith("7")
