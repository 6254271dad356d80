"""What people do, as the bot gets to know of it, and how tests wait for the bot's answers."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest

from bot.playground import chat, updates, world
from bot.playground.person import NotSent
from bot.playground.pictures import NotAPhoto
from bot.playground.world import World
from tests.playground import gif, picture, playground


async def updates_of(somewhere: World) -> list[Any]:
    return await somewhere.updates.get(0, 100, 0, None)


def sizes(message: dict[str, Any]) -> list[int]:
    return [size["width"] for size in message["photo"]]


async def test_a_text_reaches_the_bot_with_its_commands() -> None:
    somewhere = World()
    ann = somewhere.person("Ann", "de")

    sent = ann.send_text(" 🏟 /start now\n")

    assert [update["message"] for update in await updates_of(somewhere)] == [sent]
    assert sent["text"] == "🏟 /start now"
    assert sent["entities"] == [{"type": "bot_command", "offset": 3, "length": 6}]
    assert sent["from"] == {"id": ann.id, "is_bot": False, "first_name": "Ann", "language_code": "de"}
    assert sent["chat"]["id"] == ann.id


def test_nobody_lands_in_somebody_elses_chat_after_a_restart() -> None:
    before, after = World(), World()
    earlier, later = ([somewhere.person().id for _ in range(20)] for somewhere in (before, after))

    assert not set(earlier) & set(later)
    assert [after.find(person_id) for person_id in earlier] == [None] * 20


def test_no_persons_id_tells_anothers() -> None:
    somewhere = World()
    ids = sorted(somewhere.person().id for _ in range(20))

    assert min(later - earlier for earlier, later in pairwise(ids)) > 20


async def test_message_ids_count_up_in_each_chat() -> None:
    somewhere = World()
    ann, ben = somewhere.person("Ann"), somewhere.person("Ben")

    ids = [(each.id, each.send_text("7")["message_id"]) for each in (ann, ben, ann)]

    assert ids == [(ann.id, 1), (ben.id, 1), (ann.id, 2)]


def test_a_photo_has_all_its_sizes_and_a_caption_with_entities() -> None:
    ann = World().person()

    photo = ann.send_photo(picture(2000, 1000, "PNG"), "/read this", reply_to=ann.send_text("look")["message_id"])

    assert sizes(photo) == [90, 320, 800, 1280]
    assert len({size["file_id"] for size in photo["photo"]}) == 4
    assert photo["caption_entities"] == [{"type": "bot_command", "offset": 0, "length": 5}]
    assert photo["reply_to_message"]["text"] == "look"


def test_an_album_shares_a_group_and_has_its_caption_on_the_first_photo() -> None:
    messages = World().person().send_album([picture(), picture(), picture()], "three")

    assert len({message["media_group_id"] for message in messages}) == 1
    assert [message.get("caption") for message in messages] == ["three", None, None]


def test_a_picture_sent_as_a_file_keeps_its_bytes_and_has_a_thumbnail() -> None:
    somewhere = World()
    data = picture(1000, 500, "PNG")

    document = somewhere.person().send_document(data, "7.png", "image/png")["document"]

    assert document["file_size"] == len(data)
    assert (document["thumbnail"]["width"], document["thumbnail"]["height"]) == (320, 160)
    stored = somewhere.files.get(document["file_id"])
    assert stored is not None
    assert stored.data == data


def test_a_file_that_is_no_picture_has_no_thumbnail() -> None:
    document = World().person().send_document(b"text", "7.txt", "text/plain")["document"]

    assert (document["file_name"], document["mime_type"]) == ("7.txt", "text/plain")
    assert "thumbnail" not in document


def test_stickers_animations_voice_and_video_are_what_they_are() -> None:
    ann = World().person()

    still, moving = (
        ann.send_sticker(picture(100, 50, "WEBP"))["sticker"],
        ann.send_sticker(b"tgs", animated=True)["sticker"],
    )
    animation = ann.send_animation(gif(3))

    assert (still["width"], still["height"], still["is_animated"], still["is_video"]) == (100, 50, False, False)
    assert moving["is_animated"]
    assert animation["animation"]["file_id"] == animation["document"]["file_id"]
    assert ann.send_voice(b"ogg")["voice"]["mime_type"] == "audio/ogg"
    assert ann.send_video(b"mp4")["video"]["mime_type"] == "video/mp4"


async def test_an_edited_photo_is_an_edited_message_in_the_same_place() -> None:
    somewhere = World()
    ann = somewhere.person()
    sent = ann.send_photo(picture(), "a 7")

    edited = ann.edit_photo(sent["message_id"], picture(200, 200))

    assert (await updates_of(somewhere))[-1]["edited_message"] == edited
    assert ann.messages() == [edited]
    assert sizes(edited) == [90, 200]
    assert edited["edit_date"] >= edited["date"] == sent["date"]
    assert "caption" not in edited


async def test_an_edited_caption_leaves_the_photo_as_it_is() -> None:
    somewhere = World()
    ann = somewhere.person()
    sent = ann.send_photo(picture(), "a 7")

    edited = ann.edit_caption(sent["message_id"], "/digit")

    assert (await updates_of(somewhere))[-1]["edited_message"] == edited
    assert edited["photo"] == sent["photo"]
    assert (edited["caption"], edited["caption_entities"][0]["type"]) == ("/digit", "bot_command")
    assert "caption" not in ann.edit_caption(sent["message_id"], None)


async def test_a_message_of_another_chat_is_quoted_with_its_picture() -> None:
    somewhere = World()
    ann, ben = somewhere.person(), somewhere.person()
    photo = ben.send_photo(picture(), "a 7")

    asked = ann.send_text("/digit", quoting=photo)["external_reply"]

    assert asked["photo"] == photo["photo"]
    assert asked["origin"] == {"type": "user", "sender_user": ben.user, "date": photo["date"]}
    assert asked.keys() == {"origin", "photo"}
    group = somewhere.group("Class 4b", ann, ben, supergroup=True)
    there = group.member(ben).send_text("a 7")
    elsewhere = ann.send_text("/digit", quoting=there)["external_reply"]
    assert (elsewhere["chat"]["id"], elsewhere["message_id"]) == (group.id, there["message_id"])


async def test_a_deleted_message_is_gone_and_cannot_be_replied_to() -> None:
    async with playground() as bot:
        ann = bot.world.person()
        photo, text = ann.send_photo(picture())["message_id"], ann.send_text("7")["message_id"]
        with ann.chat.events.listen() as events:
            ann.delete(photo)
            seen = events.get_nowait()
        reply = {"message_id": photo}
        refused = await bot.failure("sendMessage", chat_id=ann.id, text="7", reply_parameters=reply)
        sent = await bot.call(
            "sendMessage", chat_id=ann.id, text="7", reply_parameters={**reply, "allow_sending_without_reply": True}
        )
        updates = await bot.call("getUpdates")

    assert refused == (400, "Bad Request: message to be replied not found")
    assert "reply_to_message" not in sent
    assert seen == {"type": "deleted", "message_id": photo}
    assert [message["message_id"] for message in ann.messages()] == [text, sent["message_id"]]
    assert len(updates) == 2  # of the deletion there is none
    with pytest.raises(NotSent):
        ann.delete(photo)


def test_the_oldest_messages_of_all_chats_are_forgotten_when_there_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chat, "MESSAGES_KEPT", 3)
    somewhere = World()
    ann, ben = somewhere.person(), somewhere.person()
    ann.delete(ann.send_text("deleted")["message_id"])
    for word in ("a", "b"):
        ann.send_text(word)
        ben.send_text(word)

    assert [message["text"] for message in ann.messages()] == ["b"]
    assert [message["text"] for message in ben.messages()] == ["a", "b"]


async def test_blocking_the_bot_is_an_update_about_its_membership() -> None:
    somewhere = World()
    ann = somewhere.person()
    ann.block()
    with pytest.raises(NotSent):
        ann.send_text("7")
    ann.unblock()

    statuses = [
        (update["my_chat_member"]["old_chat_member"]["status"], update["my_chat_member"]["new_chat_member"]["status"])
        for update in await updates_of(somewhere)
    ]

    assert statuses == [("member", "kicked"), ("kicked", "member")]


@pytest.mark.parametrize("text", ["", " \n", "x" * 4097])
def test_a_text_that_telegram_wouldnt_take_isnt_sent(text: str) -> None:
    ann = World().person()

    with pytest.raises(NotSent):
        ann.send_text(text)
    assert ann.messages() == []


def test_what_isnt_a_photo_isnt_sent() -> None:
    ann = World().person()

    with pytest.raises(NotAPhoto):
        ann.send_photo(b"text")
    with pytest.raises(NotSent):
        ann.send_photo(picture(), "x" * 1025)
    with pytest.raises(NotSent):
        ann.send_photo(picture(), reply_to=99)
    assert ann.messages() == []


async def test_nobody_writes_to_a_bot_that_reads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updates, "UPDATES_WAITING", 2)
    somewhere = World()
    ann = somewhere.person()
    ann.send_text("one")
    photo = ann.send_photo(picture())

    with pytest.raises(NotSent, match="Is it running"):
        ann.send_text("three")
    with pytest.raises(NotSent, match="Is it running"):
        ann.edit_photo(photo["message_id"], picture())
    assert len(await updates_of(somewhere)) == len(ann.messages()) == 2


def test_the_longest_idle_person_is_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world, "PEOPLE_KEPT", 3)
    somewhere = World()
    watched, active, idle = (somewhere.person() for _ in range(3))
    with watched.chat.events.listen():
        somewhere.find(active.id)
        new = somewhere.person()

    assert somewhere.find(idle.id) is None
    assert [somewhere.find(each.id) for each in (watched, active, new)] == [watched, active, new]


def test_a_person_of_a_known_number_is_the_same_person() -> None:
    somewhere = World()

    assert somewhere.person(person_id=99) is somewhere.person(person_id=99)
    assert somewhere.person().id != 99


async def test_a_test_waits_for_an_answer_that_is_there_or_comes() -> None:
    async with playground() as bot:
        ann = bot.world.person()
        ann.send_text("7")
        waiting = asyncio.create_task(ann.wait_for(lambda message: message["text"] == "7!"))
        await asyncio.sleep(0)
        await bot.call("sendMessage", chat_id=ann.id, text="7?")
        await bot.call("editMessageText", chat_id=ann.id, message_id=2, text="7!")

        assert (await waiting)["message_id"] == 2
        assert (await ann.wait_for(lambda message: message["text"] == "7!"))["message_id"] == 2
        with pytest.raises(TimeoutError):
            await ann.wait_for(lambda message: message["text"] == "7", timeout=0.01)
