"""What a bot changes in the messages that it sent, and how Telegram refuses it."""

import json
from typing import Any

import pytest

from tests.playground import picture, playground, somebody

NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


async def test_a_text_can_be_edited() -> None:
    async with playground() as bot:
        ann = somebody(bot)
        sent = await bot.call("sendMessage", chat_id=ann.id, text="<b>7</b>", parse_mode="HTML")
        edited = await bot.call("editMessageText", chat_id=ann.id, message_id=sent["message_id"], text="8")

    assert edited["text"] == "8"
    assert "entities" not in edited
    assert edited["edit_date"] >= sent["date"]
    assert ann.messages()[-1] == edited
    assert sent["text"] == "7"


async def test_a_caption_can_be_edited_and_taken_away() -> None:
    async with playground() as bot:
        ann = somebody(bot)
        sent = await bot.call("sendPhoto", {"photo": picture()}, chat_id=ann.id, caption="7")
        place = {"chat_id": ann.id, "message_id": sent["message_id"]}
        edited = await bot.call("editMessageCaption", **place, caption="<b>8</b>", parse_mode="HTML")
        bare = await bot.call("editMessageCaption", **place)

    assert (edited["caption"], edited["caption_entities"]) == ("8", [{"type": "bold", "offset": 0, "length": 1}])
    assert edited["photo"] == sent["photo"]
    assert not {"caption", "caption_entities"} & bare.keys()


async def test_an_edit_that_changes_nothing_is_refused() -> None:
    async with playground() as bot:
        ann = somebody(bot)
        await bot.call("sendMessage", chat_id=ann.id, text="<b>7</b>", parse_mode="HTML")
        await bot.call("sendPhoto", {"photo": picture()}, chat_id=ann.id)
        text: dict[str, Any] = {"chat_id": ann.id, "message_id": 2, "text": "<b>7</b>", "parse_mode": "HTML"}

        assert await bot.failure("editMessageText", **text) == (400, NOT_MODIFIED)
        assert await bot.failure("editMessageCaption", chat_id=ann.id, message_id=3) == (400, NOT_MODIFIED)
        assert (await bot.call("editMessageText", **(text | {"text": "7"})))["text"] == "7"


@pytest.mark.parametrize(
    ("method", "message_id", "description"),
    [
        ("editMessageText", 99, "Bad Request: message to edit not found"),
        ("editMessageText", 1, "Bad Request: message can't be edited"),
        ("editMessageText", 3, "Bad Request: there is no text in the message to edit"),
        ("editMessageCaption", 2, "Bad Request: there is no caption in the message to edit"),
        ("editMessageReplyMarkup", 99, "Bad Request: message to edit not found"),
        ("editMessageReplyMarkup", 1, "Bad Request: message can't be edited"),
        ("editMessageMedia", 99, "Bad Request: message to edit not found"),
        ("editMessageMedia", 1, "Bad Request: message can't be edited"),
    ],
)
async def test_what_cant_be_edited_is_refused(method: str, message_id: int, description: str) -> None:
    async with playground() as bot:
        ann = somebody(bot)
        await bot.call("sendMessage", chat_id=ann.id, text="7")
        await bot.call("sendPhoto", {"photo": picture()}, chat_id=ann.id)
        fields = {"editMessageText": "text", "editMessageCaption": "caption"}
        new: dict[str, Any] = {fields[method]: "8"} if method in fields else {}

        assert await bot.failure(method, chat_id=ann.id, message_id=message_id, **new) == (400, description)


@pytest.mark.parametrize("before", ["sendMessage", "sendPhoto", "sendDocument"])
async def test_a_message_of_any_kind_becomes_a_photo(before: str) -> None:
    async with playground() as bot:
        ann = somebody(bot)
        files: dict[str, Any] = {
            "sendMessage": {"files": None, "text": "7"},
            "sendPhoto": {"files": {"photo": picture()}, "caption": "7"},
            "sendDocument": {"files": {"document": ("7.png", picture())}, "caption": "7"},
        }
        sent = await bot.call(before, chat_id=ann.id, **files[before])
        media = json.dumps({"type": "photo", "media": "attach://seen", "caption": "<i>seen</i>", "parse_mode": "HTML"})
        place: dict[str, Any] = {"chat_id": ann.id, "message_id": sent["message_id"], "media": media}
        edited = await bot.call("editMessageMedia", {"seen": picture(200, 100)}, **place)
        again = await bot.failure("editMessageMedia", {"seen": picture(200, 100)}, **place)

    assert [size["width"] for size in edited["photo"]] == [90, 200]
    assert (edited["caption"], edited["caption_entities"][0]["type"]) == ("seen", "italic")
    assert not {"text", "entities", "document"} & edited.keys()
    assert ann.messages()[-1] == edited
    assert again == (400, NOT_MODIFIED)


@pytest.mark.parametrize(
    ("media", "reason"),
    [
        ("[", "can't parse media"),
        ("", "can't parse media"),
        ('{"type": "video"}', "the local Bot API server takes no media but photos"),
        ('{"type": "photo"}', "there is no photo in the request"),
        ('{"type": "photo", "media": "https://example.org/7.jpg"}', "wrong file identifier/HTTP URL specified"),
        ('{"type": "photo", "media": "attach://lost"}', "attached file lost is missing"),
        (
            '{"type": "photo", "media": "attach://seen", "has_spoiler": true}',
            "the local Bot API server doesn't know has_spoiler of media",
        ),
        ('{"type": "photo", "media": "attach://seen", "caption": 7}', "can't parse caption"),
    ],
)
async def test_media_that_cant_be_edited_is_refused(media: str, reason: str) -> None:
    async with playground() as bot:
        ann = somebody(bot)
        sent = await bot.call("sendPhoto", {"photo": picture()}, chat_id=ann.id)
        place: dict[str, Any] = {"chat_id": ann.id, "message_id": sent["message_id"], "media": media}
        files = {"seen": picture(200, 100)} if "seen" in media else None

        assert await bot.failure("editMessageMedia", files, **place) == (400, f"Bad Request: {reason}")
        assert ann.messages()[-1] == sent
