"""What a bot sends and deletes, and how Telegram refuses it."""

import io
from typing import Any

import pytest
from PIL import Image

from tests.playground import picture, playground, somebody


async def test_a_text_arrives_in_the_persons_chat() -> None:
    async with playground() as bot:
        ann, ben = somebody(bot), somebody(bot)
        sent = await bot.call("sendMessage", chat_id=ann.id, text="  <b>7</b> · 99 %\n", parse_mode="html")

    assert sent == ann.messages()[-1]
    assert sent["text"] == "7 · 99 %"
    assert sent["entities"] == [{"type": "bold", "offset": 0, "length": 1}]
    assert sent["from"] == bot.world.bot
    assert sent["chat"] == {"id": ann.id, "type": "private", "first_name": "Ann"}
    assert [message["message_id"] for message in ann.messages()] == [1, 2]
    assert len(ben.messages()) == 1


async def test_entities_of_the_bots_own_are_kept() -> None:
    async with playground() as bot:
        ann = somebody(bot)
        entities = [{"type": "italic", "offset": 0, "length": 5}]
        sent = await bot.call("sendMessage", chat_id=ann.id, text="seven /help", entities=entities)
        refused = await bot.failure("sendMessage", chat_id=ann.id, text="seven", entities=[{"type": "italic"}])

    assert sent["entities"] == [*entities, {"type": "bot_command", "offset": 6, "length": 5}]
    assert refused == (400, "Bad Request: can't parse MessageEntity")


@pytest.mark.parametrize(
    ("parameters", "description"),
    [
        ({"text": ""}, "Bad Request: message text is empty"),
        ({"text": " \n "}, "Bad Request: message text is empty"),
        ({"text": "<b></b>", "parse_mode": "HTML"}, "Bad Request: message text is empty"),
        ({"text": "x" * 4097}, "Bad Request: message is too long"),
        (
            {"text": "<b>7", "parse_mode": "HTML"},
            "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        ({"text": "7", "parse_mode": "Markdown"}, "Bad Request: unsupported parse_mode"),
        ({"text": "7", "reply_parameters": {"message_id": 99}}, "Bad Request: message to be replied not found"),
        ({"text": "7", "chat_id": 77}, "Bad Request: chat not found"),
        ({"text": "7", "chat_id": "@nobody"}, "Bad Request: chat not found"),
        ({"text": "7", "chat_id": ""}, "Bad Request: chat_id is empty"),
        ({"text": 7}, "Bad Request: can't parse text"),
        ({"text": "half \ud83d"}, "Bad Request: can't parse text"),
        (
            {"text": "7", "message_effect_id": "x"},
            "Bad Request: the local Bot API server doesn't know the parameter message_effect_id of sendMessage",
        ),
    ],
)
async def test_a_text_that_cant_be_sent_is_refused_in_telegrams_words(parameters: Any, description: str) -> None:
    async with playground() as bot:
        ann = somebody(bot)

        assert await bot.failure("sendMessage", **{"chat_id": ann.id, **parameters}) == (400, description)
        assert len(ann.messages()) == 1


async def test_4096_characters_are_not_too_long() -> None:
    async with playground() as bot:
        sent = await bot.call("sendMessage", chat_id=somebody(bot).id, text="x" * 4096)

    assert len(sent["text"]) == 4096


async def test_a_bot_cant_write_to_somebody_who_never_wrote() -> None:
    async with playground() as bot:
        silent = bot.world.person()

        assert await bot.failure("sendMessage", chat_id=silent.id, text="hi") == (400, "Bad Request: chat not found")


async def test_a_blocked_bot_is_told_so_until_it_is_unblocked() -> None:
    async with playground() as bot:
        ann = somebody(bot)
        ann.block()
        refused = await bot.failure("sendMessage", chat_id=ann.id, text="hi")
        ann.unblock()

        assert refused == (403, "Forbidden: bot was blocked by the user")
        assert (await bot.call("sendMessage", chat_id=ann.id, text="hi"))["text"] == "hi"


async def test_a_reply_quotes_its_message_without_what_that_one_quoted() -> None:
    async with playground() as bot:
        ann = somebody(bot)
        first = await bot.call("sendMessage", chat_id=ann.id, text="one", reply_parameters={"message_id": 1})
        second = await bot.call(
            "sendMessage", chat_id=ann.id, text="two", reply_parameters={"message_id": first["message_id"]}
        )

    assert first["reply_to_message"]["text"] == "/start"
    assert second["reply_to_message"]["text"] == "one"
    assert "reply_to_message" not in second["reply_to_message"]


async def test_a_reply_to_nothing_is_sent_all_the_same_if_the_bot_says_so() -> None:
    async with playground() as bot:
        reply = {"message_id": 99, "allow_sending_without_reply": True}
        sent = await bot.call("sendMessage", chat_id=somebody(bot).id, text="7", reply_parameters=reply)

    assert "reply_to_message" not in sent


async def test_a_photo_of_the_bot_comes_in_telegrams_sizes_with_its_caption() -> None:
    async with playground() as bot:
        ann = somebody(bot)
        sent = await bot.call(
            "sendPhoto", {"photo": picture(1000, 500, "PNG")}, chat_id=ann.id, caption="<i>7</i>", parse_mode="HTML"
        )
        smallest = await bot.http.get(f"/chat/file/{sent['photo'][0]['file_id']}")

    assert [(size["width"], size["height"]) for size in sent["photo"]] == [
        (90, 45),
        (320, 160),
        (800, 400),
        (1000, 500),
    ]
    assert (sent["caption"], sent["caption_entities"]) == ("7", [{"type": "italic", "offset": 0, "length": 1}])
    assert Image.open(io.BytesIO(smallest.content)).size == (90, 45)


@pytest.mark.parametrize(
    ("photo", "caption", "description"),
    [
        (b"no picture", "", "Bad Request: IMAGE_PROCESS_FAILED"),
        (picture(2100, 100), "", "Bad Request: PHOTO_INVALID_DIMENSIONS"),
        (picture(8000, 2001), "", "Bad Request: PHOTO_INVALID_DIMENSIONS"),
        (
            b"x" * (10 * 1024 * 1024 + 1),
            "",
            "Bad Request: file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes",
        ),
        (picture(), "x" * 1025, "Bad Request: message caption is too long"),
    ],
    ids=["no picture", "strip", "too large", "too many bytes", "long caption"],
)
async def test_a_photo_that_cant_be_sent_is_refused(photo: bytes, caption: str, description: str) -> None:
    async with playground() as bot:
        ann = somebody(bot)

        assert await bot.failure("sendPhoto", {"photo": photo}, chat_id=ann.id, caption=caption) == (400, description)
        assert len(ann.messages()) == 1


async def test_a_photo_needs_a_file() -> None:
    async with playground() as bot:
        ann = somebody(bot)

        assert await bot.failure("sendPhoto", chat_id=ann.id) == (400, "Bad Request: there is no photo in the request")
        assert await bot.failure("sendPhoto", chat_id=ann.id, photo="https://example.org/7.jpg") == (
            400,
            "Bad Request: wrong file identifier/HTTP URL specified",
        )


async def test_a_chat_action_is_seen_by_the_person() -> None:
    async with playground() as bot:
        ann = somebody(bot)
        await bot.call("sendChatAction", chat_id=ann.id, action="typing")
        refused = await bot.failure("sendChatAction", chat_id=ann.id, action="yawning")

    assert list(ann.actions) == ["typing"]
    assert refused == (400, "Bad Request: wrong parameter action in request")


async def test_a_file_of_the_bot_keeps_its_name_type_and_bytes() -> None:
    async with playground() as bot:
        ann = somebody(bot)
        data = b'{"corrections": []}'
        sent = await bot.call(
            "sendDocument",
            {"document": ("my data.json", data, "application/json")},
            chat_id=ann.id,
            caption="<b>All</b>",
            parse_mode="HTML",
            reply_parameters='{"message_id": 1}',
        )
        got = await bot.http.get(f"/chat/file/{sent['document']['file_id']}")

    assert sent == ann.messages()[-1]
    assert (sent["document"]["file_name"], sent["document"]["mime_type"]) == ("my data.json", "application/json")
    assert sent["document"]["file_size"] == len(data)
    assert "thumbnail" not in sent["document"]
    assert (sent["caption"], sent["reply_to_message"]["text"]) == ("All", "/start")
    assert got.content == data
    assert got.headers["content-disposition"] == "attachment; filename*=UTF-8''my%20data.json"


async def test_a_picture_as_a_file_has_a_thumbnail() -> None:
    async with playground() as bot:
        sent = await bot.call(
            "sendDocument", {"document": ("7.png", picture(640, 320, "PNG"))}, chat_id=somebody(bot).id
        )

    assert (sent["document"]["thumbnail"]["width"], sent["document"]["thumbnail"]["height"]) == (320, 160)


async def test_a_file_that_cant_be_sent_is_refused() -> None:
    async with playground() as bot:
        ann = somebody(bot)

        assert await bot.failure("sendDocument", chat_id=ann.id) == (
            400,
            "Bad Request: there is no document in the request",
        )
        assert await bot.failure("sendDocument", {"document": ("7.txt", b"")}, chat_id=ann.id) == (
            400,
            "Bad Request: file must be non-empty",
        )
        assert len(ann.messages()) == 1


async def test_files_count_among_the_messages_that_may_be_sent() -> None:
    async with playground() as bot:
        ann = somebody(bot)
        codes = [
            (await bot.ask("sendDocument", {"document": ("7.txt", b"7")}, chat_id=ann.id)).status_code
            for _ in range(12)
        ]

    assert codes[0] == 200
    assert codes[-1] == 429


async def test_the_bot_deletes_its_own_message_and_in_a_private_chat_the_persons() -> None:
    async with playground() as bot:
        ann = somebody(bot)
        sent = await bot.call("sendMessage", chat_id=ann.id, text="7")
        for message_id in (sent["message_id"], 1):
            assert await bot.call("deleteMessage", chat_id=ann.id, message_id=message_id) is True
        again = await bot.failure("deleteMessage", chat_id=ann.id, message_id=1)

    assert ann.messages() == []
    assert again == (400, "Bad Request: message to delete not found")


async def test_in_a_group_the_bot_deletes_only_its_own() -> None:
    async with playground() as bot:
        ann = bot.world.person()
        group = bot.world.group("Class 4b", ann)
        theirs = group.member(ann).send_text("7")["message_id"]
        own = (await bot.call("sendMessage", chat_id=group.id, text="7"))["message_id"]
        refused = await bot.failure("deleteMessage", chat_id=group.id, message_id=theirs)

        assert refused == (400, "Bad Request: message can't be deleted")
        assert await bot.call("deleteMessage", chat_id=group.id, message_id=own)
