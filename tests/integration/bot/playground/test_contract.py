"""The local Bot API server against the Bot API's own schema: what it answers, and what it takes."""

import json
from typing import Any

import pytest

from bot.playground.registry import METHODS
from bot.playground.wire import ChatId, InputFile, Json, Upload
from tests.botapi_schema import (
    fields_of_method,
    knows_method,
    needs_schema,
    problems_of_answer,
    problems_of_calls,
    problems_of_type,
)
from tests.playground import Playground, gif, picture, playground
from tests.waiting import until

pytestmark = needs_schema

YES = {"inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}]]}
THUMB_UP = [{"type": "emoji", "emoji": "👍"}]
ALBUM = [{"type": "photo", "media": f"attach://{name}", "caption": name} for name in ("one", "two")]
NOWHERE = "http://127.0.0.1:9/hook"  # nobody listens there

SCHEMA_TYPES: dict[Any, list[str]] = {
    int: ["Integer"],
    str: ["String"],
    bool: ["Boolean"],
    ChatId: ["Integer", "String"],
    Upload | None: ["InputFile", "String"],
    list[str] | None: ["Array of String"],
}


PLAIN_TYPES = {"Integer", "Float", "String", "Boolean", "InputFile"}


async def failed_webhook(bot: Playground) -> Any:
    """What getWebhookInfo says once a delivery has failed."""
    bot.world.person().send_text("hello?")
    await until(lambda: bool(bot.world.webhook.info().get("last_error_date")))
    return await bot.call("getWebhookInfo")


async def answers_of_all_methods(bot: Playground) -> dict[str, Any]:
    """The result of every served method, called at least once."""
    ann = bot.world.person()
    ann.send_photo(picture(), "what is this? /help")
    reply = {"message_id": 1}
    text = '<b>7</b> <a href="https://example.org">more</a> <pre><code class="language-python">1</code></pre>'
    commands = [{"command": "start", "description": "What I do"}]
    buttons = {"inline_keyboard": [[{"text": "✓", "callback_data": "right"}, {"text": "?", "url": "https://a.org"}]]}
    sent = await bot.call(
        "sendMessage",
        chat_id=ann.id,
        text=text,
        parse_mode="HTML",
        reply_parameters=reply,
        protect_content=True,
        reply_markup=buttons,
    )
    query = ann.press(sent, "✓").query
    group = bot.world.group("Class 4b", ann, bot="administrator")
    group.allow_reactions(["👍"])
    away = bot.world.group("Class 5a", ann)
    media = {"media": json.dumps({"type": "photo", "media": "attach://new", "caption": "c"}), "chat_id": ann.id}
    return {
        "getMe": await bot.call("getMe"),
        "getUpdates": await bot.call("getUpdates"),
        "setWebhook": await bot.call("setWebhook", url=NOWHERE, secret_token="secret", max_connections=5),
        "getWebhookInfo": await failed_webhook(bot),
        "deleteWebhook": await bot.call("deleteWebhook"),
        "sendMessage": sent,
        "sendPhoto": await bot.call(
            "sendPhoto", {"photo": picture()}, chat_id=ann.id, caption="a", protect_content=True
        ),
        "sendChatAction": await bot.call("sendChatAction", chat_id=ann.id, action="typing"),
        "editMessageText": await bot.call(
            "editMessageText", chat_id=ann.id, message_id=2, text="8", link_preview_options={"is_disabled": True}
        ),
        "editMessageCaption": await bot.call("editMessageCaption", chat_id=ann.id, message_id=3, caption="b"),
        "editMessageMedia": await bot.call("editMessageMedia", {"new": picture(200, 100)}, message_id=3, **media),
        "editMessageReplyMarkup": await bot.call(
            "editMessageReplyMarkup", chat_id=ann.id, message_id=3, reply_markup=buttons
        ),
        "sendDocument": await bot.call("sendDocument", {"document": ("7.png", picture(form="PNG"))}, chat_id=ann.id),
        "deleteMessage": await bot.call("deleteMessage", chat_id=ann.id, message_id=3),
        "answerCallbackQuery": await bot.call(
            "answerCallbackQuery", callback_query_id=query["id"], text="Thanks", show_alert=True
        ),
        "getFile": await bot.call("getFile", file_id=ann.messages()[0]["photo"][0]["file_id"]),
        "getChat": await bot.call("getChat", chat_id=group.id),
        "getChatAdministrators": await bot.call("getChatAdministrators", chat_id=group.id),
        "getChatMemberCount": await bot.call("getChatMemberCount", chat_id=group.id),
        "setMessageReaction": await bot.call("setMessageReaction", chat_id=ann.id, message_id=1, reaction=THUMB_UP),
        "sendMediaGroup": await bot.call(
            "sendMediaGroup", {"one": picture(9, 9), "two": picture(8, 8)}, media=json.dumps(ALBUM), chat_id=group.id
        ),
        "leaveChat": await bot.call("leaveChat", chat_id=away.id),
        "getChatMember": await bot.call("getChatMember", chat_id=group.id, user_id=ann.id),
        "setMyCommands": await bot.call("setMyCommands", commands=commands),
        "getMyCommands": await bot.call("getMyCommands"),
        "deleteMyCommands": await bot.call("deleteMyCommands"),
        "setMyDescription": await bot.call("setMyDescription", description="I read digits."),
        "getMyDescription": await bot.call("getMyDescription"),
        "setMyShortDescription": await bot.call("setMyShortDescription", short_description="Digits."),
        "getMyShortDescription": await bot.call("getMyShortDescription"),
    }


async def test_every_served_method_answers_as_the_schema_says() -> None:
    async with playground() as bot:
        answers = await answers_of_all_methods(bot)

    assert answers.keys() == {method.name for method in METHODS.values()}
    assert [problem for name, answer in answers.items() for problem in problems_of_answer(name, answer)] == []


async def test_every_update_that_a_person_can_cause_is_as_the_schema_says() -> None:
    async with playground() as bot:
        ann = bot.world.person()
        ann.send_text("/start @digit_demo_bot https://example.org #seven")
        photo = ann.send_photo(picture(), "a caption, /help")
        ann.send_photo(picture(), reply_to=photo["message_id"])
        ann.send_album([picture(), picture(90, 90)], "two")
        ann.send_document(picture(form="PNG"), "7.png", "image/png", "as a file")
        ann.send_document(b"text", "no type")
        ann.send_sticker(picture(form="WEBP"))
        ann.send_sticker(b"tgs", animated=True)
        ann.send_animation(gif(3))
        ann.send_voice(b"ogg")
        ann.send_video(b"mp4")
        ann.edit_photo(photo["message_id"], picture(), "another")
        asked = await bot.call("sendMessage", chat_id=ann.id, text="7?", reply_markup=YES)
        ann.press(asked, "Yes")
        ann.delete(asked["message_id"])
        ann.press(asked, "Yes")
        ann.block()
        ann.unblock()

        updates = await bot.call("getUpdates")

    assert len(updates) == 17
    assert problems_of_answer("getUpdates", updates) == []


async def test_every_update_that_a_group_can_cause_is_as_the_schema_says() -> None:
    async with playground() as bot:
        ann, ben = bot.world.person("Ann"), bot.world.person("Ben")
        await bot.call("getUpdates", allowed_updates=["message", "edited_message", "my_chat_member", "chat_member"])
        group = bot.world.group("Class 4b", ann)
        group.promote_bot()
        group.add(ben)
        group.promote(ben)
        group.demote(ben)
        group.remove(ben)
        photo = group.member(ann).send_photo(picture())
        await bot.call("setMessageReaction", chat_id=group.id, message_id=photo["message_id"], reaction=THUMB_UP)
        group.member(ann).edit_photo(photo["message_id"], picture(90, 90))
        group.migrate()
        group.member(ann).anonymous().send_text("/settings")
        group.member(ann).as_channel("Sevens").send_text("/settings")
        group.demote_bot()
        group.remove_bot()
        forum = bot.world.group("Class 5a", ann, forum=True)
        topic = forum.topic("Maths")
        forum.member(ann).send_album([picture(), picture(9, 9)], "/digit", thread=topic)
        forum.member(ann).send_text("/digit", thread=topic)
        forum.remove_bot()

        updates = await bot.call("getUpdates")

    assert {name for update in updates for name in update} == {
        "update_id",
        "message",
        "edited_message",
        "my_chat_member",
        "chat_member",
    }
    assert problems_of_answer("getUpdates", updates) == []


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.name)
def test_a_served_method_takes_the_parameters_that_the_schema_names(method: Any) -> None:
    assert knows_method(method.name)
    fields = fields_of_method(method.name)

    for name, annotation in method.parameters.items():
        if annotation == Json | None:
            assert not set(fields[name]["types"]) & PLAIN_TYPES
        elif annotation == list[Json] | None:
            assert fields[name]["types"][0].startswith("Array of ")
        else:
            assert fields[name]["types"] == SCHEMA_TYPES[annotation]
    assert {name for name, field in fields.items() if field["required"]} <= method.parameters.keys()


def test_the_checker_sees_what_is_missing_unknown_or_of_a_wrong_type() -> None:
    user = {"id": 1, "is_bot": False, "first_name": "Ann"}

    assert problems_of_type("User", user) == []
    assert problems_of_type("User", {"id": 1, "is_bot": False}) == ["User.first_name: missing"]
    assert problems_of_type("User", user | {"shoe_size": 43}) == ["User.shoe_size: unknown"]
    assert problems_of_type("User", user | {"id": True}) == ["User.id: Integer expected, not True"]
    assert problems_of_type("Update", {"update_id": 1, "message": {}}) == [
        "Update.message.message_id: missing",
        "Update.message.date: missing",
        "Update.message.chat: missing",
    ]


def test_the_checker_reads_calls_as_a_form_carries_them() -> None:
    file = InputFile("a.jpg", "image/jpeg", 3, b"")

    good = ("sendPhoto", {"chat_id": "1001", "photo": file, "reply_parameters": '{"message_id": 1}'})
    media = ("editMessageMedia", {"media": {"type": "photo", "media": file}})
    assert problems_of_calls([good, media]) == []
    assert problems_of_calls([("sendFoto", {})]) == ["sendFoto: no such method"]
    assert problems_of_calls([("getFile", {})]) == ["getFile.file_id: missing"]
    assert problems_of_calls([("getUpdates", {"offset": "seven"})]) == [
        "getUpdates.offset: Integer expected, not 'seven'"
    ]
