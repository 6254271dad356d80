"""Presses and messages that somebody forges: nobody changes what is another's.

An app of one's own can press any data for any message of the bot that it sees; Telegram vouches for who presses and for
the message alone. Each forgery is tried as it would come, and as if the message had such a button (`press_data`): what
stands behind that. Who would be an admin: test_hostile_admins.py. Elsewhere: odd data for an answer and a stranger's
press (test_feedback.py), for /models (test_models.py), for /settings (test_language.py); who begins and ends a round
(test_show.py); who writes anonymously (test_groups.py, test_show.py).
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.game.rounds_store import Rounds
from bot.playground.chat import told
from bot.playground.groups import Group
from bot.playground.person import Person
from bot.playground.wire import Json
from model.versions.version import shipped_name
from tests.e2e.forging import ADMIN, FOR_ADMINS, NOT_THERE, agreed, all_that_counts, answered, raw, reading_of, said_of
from tests.pictures import photo
from tests.running import Running, answer_from_bot, answer_to, buttons, now, press, press_data, running_bot, text_of
from tests.waiting import PATIENCE

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("no_errors")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[Running]:
    async with running_bot(admin_ids=str(ADMIN)) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one(running: Running) -> tuple[Person, Json]:
    """Somebody, and the answer to a photo of theirs, which isn't the bot's first."""
    await agreed(running, "7")
    return await agreed(running, "42")


numbers = st.one_of(  # none that a reading of the tests has, but the first
    st.sampled_from(["0", "1", "-1", "01", "9" * 18, "9" * 30, "٣", "1e3", "", " 1", "1\n", "\x00"]),
    st.integers(10**6, 2**70).map(str),
    st.integers(-(2**70), -1).map(str),
)
VERBS = "right wrong pick label label7 label99 agree agree10 typed undo back saw decline Righт"
FORMS = """
    v1:{verb}:{a}:{b} v2:{verb}:{a}:{b} v1:{verb}:{a} v1:{verb}:{a}:{b}:{b} review:{a}:{b} review:{verb} models:{verb}
    models:promote:{a} models:rollback:{a} retrain:watch:{a} retrain:cancel:{a} show:{verb} show:mine:{a} group:{verb}
    group:all language:{a} forget:{a} {a}
"""
verbs, forms = st.sampled_from(VERBS.split()), st.sampled_from(FORMS.split())
ours = st.builds(lambda form, verb, a, b: form.format(verb=verb, a=a, b=b), forms, verbs, numbers, numbers)
anything = st.text(st.characters(), max_size=64) | st.binary(max_size=64).map(lambda data: data.decode("latin-1"))
within_bounds = (ours | anything).map(lambda text: text.encode("utf-8", "replace")[:64].decode("utf-8", "ignore"))


@settings(max_examples=60, deadline=None)
@given(within_bounds.filter(bool))
async def test_whatever_is_pressed_that_nobody_gave_changes_nothing(
    running: Running, one: tuple[Person, Json], data: str
) -> None:
    """Neither as it would come, nor if the message had it: what has ids of real things is in the tests below."""
    ann, answer = one
    before, shown = await all_that_counts(running, ann), now(ann, answer)
    assert (await ann.press_raw(answer, data).answered(PATIENCE)).text.startswith(NOT_THERE)
    assert await press_data(ann, answer, data)
    assert await all_that_counts(running, ann) == before
    assert text_of(now(ann, answer)) == text_of(shown)


@pytest.mark.parametrize("data", ["v1:right:1:0" * 1000, "review:" + "9" * 100_000, "models:promote:" + "x" * 10_000])
async def test_data_that_is_longer_than_telegram_lets_through_is_held(
    running: Running, one: tuple[Person, Json], data: str
) -> None:
    ann, answer = one
    assert (await raw(running, **{"from": ann.user, "message": told(answer), "data": data})).startswith(NOT_THERE)
    carried = {"inline_keyboard": [[{"text": "?", "callback_data": data}]]}
    message = told(answer) | {"reply_markup": carried}
    assert await raw(running, **{"from": ann.user, "message": message, "data": data})
    assert await said_of(running, ann) == []


async def test_of_a_photo_without_digits_nothing_can_be_said(running: Running) -> None:
    ann, answer = await agreed(running)
    reading = reading_of(answer)
    for verb in ("label7", "agree7", "pick", "wrong", "typed", "right"):
        assert (await ann.press_raw(answer, f"v1:{verb}:{reading}:0").answered(PATIENCE)).text.startswith(NOT_THERE)
    assert await said_of(running, ann) == []
    assert buttons(now(ann, answer)) == ["What I saw"]


async def test_a_message_that_is_gone_lends_no_button(running: Running) -> None:
    ann, answer = await agreed(running, "7")
    before = await all_that_counts(running, ann)
    ann.delete(answer["message_id"])
    data = ["v1:label1:{}:0", "v1:right:{}:0", "group:quiet", "show:read", "forget:delete", "review:accept", "{}"]
    for each in data:
        assert (await ann.press_raw(answer, each.format(reading_of(answer))).answered(PATIENCE)).text
    assert await all_that_counts(running, ann) == before
    assert await Rounds(running.bot.bot_data.store.engine).in_chat(ann.id) is None


@dataclass(frozen=True, slots=True)
class Class:
    """A supergroup of three: Ann runs it, Ben's photo was read, and so was Mallory's."""

    group: Group
    ann: Person
    ben: Person
    mallory: Person
    hello: Json
    bens: Json
    mallorys: Json


async def read(who: Person, hello: Json) -> Json:
    """The answer to a photo in a group."""
    return await answered(who, who.send_photo(photo("42"), reply_to=hello["message_id"]))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(running: Running) -> Class:
    people = [running.person(first_name=name) for name in ("Ann", "Ben", "Mallory")]
    for each in people:
        await running.bot.bot_data.store.agree(each.id)
    group = running.server.world.group("Class", *people, supergroup=True)
    ann, ben, mallory = (group.member(each) for each in people)
    hello = await answer_from_bot(ann)
    return Class(group, ann, ben, mallory, hello, await read(ben, hello), await read(mallory, hello))


async def test_in_a_group_a_member_defaces_no_message_of_the_bot(running: Running, here: Class) -> None:
    """With data that is right elsewhere, of one's own reading and of one's own chat, pressed for others' messages."""
    page = await answer_to(here.ann, here.ann.send_text("/settings"))
    own, bens = reading_of(here.mallorys), reading_of(here.bens)
    forged = ["forget:delete", "forget:keep", "language:ru", "group:quiet", "show:read", "review:accept", "show:mine:1"]
    forged += [
        f"v1:{verb}:{own}:0" for verb in ("wrong", "right", "label3", "agree3", "undo", "back", "saw", "decline")
    ]
    forged += [f"v1:label3:{bens}:0", f"v1:typed:{own}:0", f"models:promote:{shipped_name()}", "retrain:cancel:1"]
    before = await all_that_counts(running, here.ann, here.ben, here.mallory)
    for message in (here.hello, here.bens, page):
        shown = now(here.ben, message)
        for data in forged:
            if data not in str(shown.get("reply_markup")):
                said = (await here.mallory.press_raw(message, data).answered(PATIENCE)).text
                assert said.startswith(NOT_THERE), data
        assert now(here.ben, message) == shown
    assert await all_that_counts(running, here.ann, here.ben, here.mallory) == before


async def test_in_a_group_what_is_for_others_is_refused_though_the_button_is_there(
    running: Running, here: Class
) -> None:
    before = await all_that_counts(running, here.ann, here.ben, here.mallory)
    bens = reading_of(here.bens)
    for verb in ("right", "wrong", "label3", "agree3", "undo", "pick", "saw", "typed", "decline", "back"):
        other = verb in ("right", "wrong", "saw")  # here everybody speaks of their own photos; she has none in it
        said = await press_data(here.mallory, here.bens, f"v1:{verb}:{bens}:0")
        assert said.startswith("Only the person who sent the photo"), (verb, other)
    for data in ("group:quiet", "language:ru"):
        assert (await press_data(here.mallory, here.hello, data)).startswith("Only this group's admins")
    assert (await press_data(here.mallory, here.hello, "show:read")).startswith("Only this group's admins can start")
    for data in (
        "review:accept",
        "review:reject",
        "review:1:0",
        "retrain:cancel:1",
        f"models:promote:{shipped_name()}",
    ):
        for who in (here.mallory, here.ann):  # a group's admin is none of the bot's
            assert (await press_data(who, here.hello, data)).startswith(FOR_ADMINS), data
    assert await all_that_counts(running, here.ann, here.ben, here.mallory) == before


async def test_a_number_in_anothers_name_corrects_nothing(running: Running, here: Class) -> None:
    """By another bot, as another channel, edited, forwarded: what counts is who sent it, as Telegram says."""
    world, ben = running.server.world, here.ben
    channels = [here.mallory.as_channel("Ben"), ben.as_channel("Class")]
    world.fail_next("getChatMember", 400, "Bad Request: PARTICIPANT_ID_INVALID", times=3)  # channels are nobody
    answer = await answer_to(ben, channels[1].send_photo(photo("42"), reply_to=here.hello["message_id"]))
    for theirs in (answer, here.bens):
        channels[0].send_text("13", reply_to=theirs["message_id"])
    quoted = told(now(ben, here.bens))
    sent_by_mallory: list[Json] = [
        {"text": "13", "via_bot": {"id": 7, "is_bot": True, "first_name": "Ben"}},
        {"text": "13", "forward_origin": {"type": "user", "sender_user": ben.user, "date": 1}},
        {"text": "13", "author_signature": "Ben"},
    ]
    for content in sent_by_mallory:
        message = here.group.chat.post(here.mallory.user, content, reply_to=quoted["message_id"])
        world.updates.put("message", told(message))
    edited = here.ben.send_text("hello", reply_to=quoted["message_id"])
    world.updates.put("edited_message", told(edited) | {"text": "13", "edit_date": 1})
    await answer_to(ben, ben.send_text("/about"))  # all of that is done
    for person in (here.ann, here.ben, here.mallory):
        assert await said_of(running, person) == []


async def test_a_consent_is_for_whose_number_it_was(running: Running, here: Class) -> None:
    await running.bot.bot_data.store.forget(here.ben.id)
    answer = await read(here.ben, here.hello)
    question = await answer_to(here.ben, here.ben.send_text("47", reply_to=answer["message_id"]))
    assert (await press(here.mallory, question, "Yes, keep it")).startswith("Only the person who sent")
    own = f"v1:typed:{reading_of(here.mallorys)}:0"  # as many digits
    assert (await here.mallory.press_raw(question, own).answered(PATIENCE)).text.startswith(NOT_THERE)
    await press(here.ben, question, "Yes, keep it")
    assert await said_of(running, here.ben) == [(0, 4), (1, 7)]
    assert await said_of(running, here.mallory) == []


async def test_rounds_are_corrected_and_ended_by_whose_they_are(running: Running, here: Class) -> None:
    here.ann.send_text("/demo read")
    call = await here.ann.wait_for(lambda message: "Draw a" in text_of(message), PATIENCE)
    here.mallory.send_text("/stop")
    await here.mallory.wait_for(lambda message: "can start or stop a round" in text_of(message), PATIENCE)
    assert await Rounds(running.bot.bot_data.store.engine).in_chat(here.group.id)
    for data in ("show:read", "show:fool"):
        assert (await press_data(here.mallory, call, data)).startswith("Only this group's admins can start")
    for n in range(1, 4):
        assert (await press_data(here.mallory, call, f"show:mine:{n}")).startswith("You didn't send a photo")
    here.ann.send_text("/stop")
    await here.ann.wait_for(lambda message: "The round is over" in text_of(message), PATIENCE)
