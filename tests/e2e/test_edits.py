"""People edit what they sent: another picture changes the answer where it stands, other words change nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.playground.person import Person
from bot.playground.server import LocalServer
from bot.playground.wire import Json
from bot.storage.records import Mode
from tests.kept import of_person
from tests.pictures import photo
from tests.running import (
    TOKEN,
    Running,
    answer_to,
    buttons,
    now,
    press,
    quotes,
    running_on,
    text_of,
)
from tests.waiting import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def said(person: Person) -> list[Json]:
    """What the bot has said to all that was sent and edited so far, as it is now."""
    await answer_to(person, person.send_text("/digit"))
    words = [message for message in person.messages() if message["from"]["is_bot"]]
    return [message for message in words if message.get("reply_to_message", {}).get("text") != "/digit"]


async def changed(person: Person, answer: Json, begins: str) -> Json:
    """The bot's answer once it begins with these words, in the same place."""

    def is_there(message: Json) -> bool:
        return message["message_id"] == answer["message_id"] and text_of(message).startswith(begins)

    return await person.wait_for(is_there, timeout=PATIENCE)


async def test_another_photo_edits_the_answer_and_its_buttons(running: Running) -> None:
    ann = running.person()
    await running.bot.bot_data.store.agree(ann.id)
    sent = ann.send_photo(photo("6"))
    answer = await answer_to(ann, sent)
    assert text_of(answer).startswith("6")
    ann.edit_photo(sent["message_id"], photo("1"))
    assert await said(ann) == [await changed(ann, answer, "1")]
    assert buttons(now(ann, answer)) == ["✓ Right", "✗ Wrong", "What I saw"]
    await press(ann, answer, "✗ Wrong")
    await press(ann, answer, "7")
    ann.send_text("4", reply_to=answer["message_id"])
    await said(ann)
    corrections = (await of_person(running.bot.bot_data.store, ann.id))["corrections"]
    assert [(row["said"], row["label"]) for row in corrections] == [(1, 4)]


async def test_one_digit_becomes_several_and_one_again(running: Running) -> None:
    ann = running.person()
    sent = ann.send_photo(photo("6"))
    answer = await answer_to(ann, sent)
    ann.edit_photo(sent["message_id"], photo("42", "17"))
    (drawing,) = await said(ann)
    assert drawing["message_id"] == answer["message_id"]
    assert drawing["photo"]
    assert text_of(drawing).splitlines()[:2] == ["42", "17"]
    ann.edit_photo(sent["message_id"], photo("3", seed=3))
    (again,) = await said(ann)
    assert quotes(again, sent)
    assert again["text"].startswith("3")


async def test_of_an_album_the_line_of_that_photo_changes(running: Running) -> None:
    ann = running.person()
    album = ann.send_album([photo("3", seed=3), photo(), photo("42")])
    answer = await answer_to(ann, album[0])
    ann.edit_photo(album[1]["message_id"], photo("7"))
    assert await said(ann) == [await changed(ann, answer, "1. 3")]
    assert [line[:5] for line in text_of(now(ann, answer)).splitlines()] == ["1. 3 ", "2. 7 ", "3. 42"]


async def test_a_picture_that_cant_be_read_is_answered_once_too(running: Running) -> None:
    ann = running.person()
    sent = ann.send_document(b"Dear diary, today I drew a 7.", "7.jpg", "image/jpeg")
    answer = await answer_to(ann, sent)
    ann.edit_caption(sent["message_id"], "my diary")
    assert await said(ann) == [answer]
    ann.edit_photo(sent["message_id"], photo("7"))
    assert await said(ann) == [await changed(ann, answer, "7")]


@pytest.mark.parametrize("lines", [("6",), ("42", "17"), ()])
async def test_other_words_under_a_photo_change_nothing(running: Running, lines: tuple[str, ...]) -> None:
    ann = running.person()
    sent = ann.send_photo(photo(*lines))
    answer = await answer_to(ann, sent)
    for words in ("a 6", "/digit", None):
        ann.edit_caption(sent["message_id"], words)
    assert await said(ann) == [answer]


async def test_an_answer_that_was_deleted_is_given_anew(running: Running) -> None:
    ann = running.person()
    sent = ann.send_photo(photo("6"))
    ann.delete((await answer_to(ann, sent))["message_id"])
    ann.edit_photo(sent["message_id"], photo("1"))
    (answer,) = await said(ann)
    assert text_of(answer).startswith("1")


async def test_an_edit_that_telegram_hinders_is_tried_again(running: Running) -> None:
    ann = running.person()
    sent = ann.send_photo(photo("6"))
    answer = await answer_to(ann, sent)
    for _ in range(4):
        running.server.world.fail_next("editMessageText", 502, "Bad Gateway")
    ann.edit_photo(sent["message_id"], photo("1"))
    await changed(ann, answer, "1")
    assert len(await said(ann)) == 1


async def test_what_was_edited_while_the_bot_was_away_edits_the_answer(tmp_path: Path) -> None:
    async with LocalServer(token=TOKEN) as server:
        ann = server.world.person()
        async with running_on(server, data_dir=tmp_path):
            sent, other = ann.send_photo(photo("6")), ann.send_photo(photo("3", seed=3))
            answer = await answer_to(ann, sent)
            await answer_to(ann, other)
        ann.edit_caption(other["message_id"], "a 3")
        ann.edit_photo(sent["message_id"], photo("1"))
        async with running_on(server, data_dir=tmp_path):
            await changed(ann, answer, "1")
            assert len(await said(ann)) == 2


async def in_a_group(running: Running, mode: Mode) -> tuple[Person, Person]:
    """Two of a group where the bot hears everything."""
    people = [running.person(first_name=name) for name in ("Ann", "Ben")]
    group = running.server.world.group("Class 4b", *people, bot="administrator")
    ann, ben = (group.member(one) for one in people)
    await ann.wait_for(lambda _: True, timeout=PATIENCE)  # its introduction
    await running.bot.bot_data.store.groups.choose(group.id, mode)
    return ann, ben


EDITS: dict[str, tuple[Callable[[Person, Json], object], int]] = {
    "asks": (lambda ben, sent: ben.edit_caption(sent["message_id"], "/digit"), 1),
    "asks nothing": (lambda ben, sent: ben.edit_caption(sent["message_id"], "a 7"), 0),
    "another photo": (lambda ben, sent: ben.edit_photo(sent["message_id"], photo("4")), 0),
    "another photo that asks": (lambda ben, sent: ben.edit_photo(sent["message_id"], photo("7"), "/digit"), 1),
}


@pytest.mark.parametrize("how", EDITS)
async def test_in_a_group_an_edit_that_asks_is_answered_once(running: Running, how: str) -> None:
    edit, answers = EDITS[how]
    ann, ben = await in_a_group(running, Mode.ASKED)
    sent = ben.send_photo(photo("7"))
    assert len(await said(ann)) == 1
    for _ in range(2):
        edit(ben, sent)
    _, *given = await said(ann)
    assert len(given) == answers
    assert all(quotes(one, sent) and text_of(one).startswith("7") for one in given)


async def test_in_a_group_another_photo_edits_the_answer_whoever_asked(running: Running) -> None:
    ann, ben = await in_a_group(running, Mode.ASKED)
    sent = ben.send_photo(photo("7"))
    ann.send_text("/digit", reply_to=sent["message_id"])
    answer = await answer_to(ben, sent)
    ben.edit_photo(sent["message_id"], photo("4"))
    await changed(ben, answer, "4")
    assert len(await said(ann)) == 2


async def test_of_several_people_in_one_answer_the_edited_photo_gets_its_own(running: Running) -> None:
    ann, ben = await in_a_group(running, Mode.ALL)
    first, second = ann.send_photo(photo("7")), ben.send_photo(photo("4"))
    answer = await answer_to(ann, first)
    assert len(text_of(answer).splitlines()) == 2
    ben.edit_photo(second["message_id"], photo("1"))
    own = await answer_to(ben, second)
    assert text_of(own).startswith("1")
    ben.edit_caption(second["message_id"], "/digit")
    ben.edit_photo(second["message_id"], photo("6"))
    await changed(ben, own, "6")
    assert len(await said(ann)) == 3


async def test_in_a_round_a_photo_counts_as_it_was_sent(running: Running) -> None:
    ann = running.person()
    ann.send_text("/demo")
    choice = await ann.wait_for(lambda message: len(buttons(message)) > 1, timeout=PATIENCE)
    await press(ann, choice, buttons(choice)[0])
    sent = ann.send_photo(photo("7"))
    ann.edit_photo(sent["message_id"], photo("1"))
    assert not [one for one in await said(ann) if quotes(one, sent)]
    ann.send_text("/stop")
