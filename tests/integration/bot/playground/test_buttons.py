"""Buttons under messages: what Telegram takes as a keyboard, how a press reaches the bot, how it is answered."""

import asyncio
from typing import Any

import pytest
from telegram import Bot, CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto, Update
from telegram.error import BadRequest
from telegram.ext import Application, CallbackQueryHandler, ContextTypes

from bot.playground import presses
from bot.playground.person import NotSent, Person
from bot.playground.presses import Answer
from bot.playground.server import LocalServer
from tests.playground import TOKEN, Playground, picture, playground, webhook
from tests.waiting import PATIENCE, until

RIGHT = {"text": "✓ Right", "callback_data": "v1:right:7"}
WRONG = {"text": "✗ Wrong", "callback_data": "v1:wrong:7"}
MORE = {"text": "More", "url": "https://example.org/more"}
TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


def rows(*rows: list[Any]) -> dict[str, Any]:
    return {"inline_keyboard": list(rows)}


async def asked(bot: Playground, *buttons: Any) -> tuple[Person, dict[str, Any]]:
    """A person, and a message that asks them something with these buttons."""
    ann = bot.world.person()
    ann.send_text("/start")
    sent = await bot.call("sendMessage", chat_id=ann.id, text="7?", reply_markup=rows(list(buttons or (RIGHT, WRONG))))
    return ann, sent


async def queries(bot: Playground) -> list[Any]:
    """The presses that wait for the bot."""
    updates = await bot.call("getUpdates")
    return [update["callback_query"] for update in updates if "callback_query" in update]


async def test_a_press_reaches_the_bot_with_its_message_and_data() -> None:
    async with playground() as bot:
        ann, sent = await asked(bot)
        ann.press(sent, "✗ Wrong")
        ann.press(sent, "v1:right:7")
        first, second = await queries(bot)

    assert sent["reply_markup"] == rows([RIGHT, WRONG])
    assert (first["from"], first["message"], first["data"]) == (ann.user, sent, "v1:wrong:7")
    assert second["data"] == "v1:right:7"
    assert first["id"] != second["id"]
    assert first["chat_instance"] == second["chat_instance"]


async def test_what_the_bot_answers_is_told_to_who_pressed() -> None:
    async with playground() as bot:
        ann, sent = await asked(bot)
        toast, alert, nothing = (ann.press(sent, "✓ Right") for _ in range(3))
        waiting = asyncio.create_task(alert.answered())
        await bot.call("answerCallbackQuery", callback_query_id=toast.query["id"], text=" Thanks! ")
        await bot.call("answerCallbackQuery", callback_query_id=alert.query["id"], text="Only you", show_alert=True)
        await bot.call("answerCallbackQuery", callback_query_id=nothing.query["id"])

        assert await toast.answered() == Answer("Thanks!", alert=False)
        assert await waiting == Answer("Only you", alert=True)
        assert await nothing.answered() == Answer("", alert=False)


async def test_a_press_is_answered_once_and_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playground() as bot:
        ann, sent = await asked(bot)
        query_id = ann.press(sent, "✓ Right").query["id"]
        late = ann.press(sent, "✓ Right")
        assert await bot.failure("answerCallbackQuery", callback_query_id=query_id, text="x" * 201) == (
            400,
            "Bad Request: MESSAGE_TOO_LONG",
        )
        await bot.call("answerCallbackQuery", callback_query_id=query_id, text="x" * 200)
        for unknown in (query_id, "5", ""):
            assert await bot.failure("answerCallbackQuery", callback_query_id=unknown) == (400, TOO_OLD)
        monkeypatch.setattr(presses, "ANSWER_SECONDS", -1)
        assert await bot.failure("answerCallbackQuery", callback_query_id=late.query["id"]) == (400, TOO_OLD)
        with pytest.raises(TimeoutError):
            await late.answered(timeout=0.01)


async def test_the_oldest_press_is_forgotten_when_too_many_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presses, "PRESSES_KEPT", 2)
    async with playground() as bot:
        ann, sent = await asked(bot)
        first, *others = (ann.press(sent, "✓ Right").query["id"] for _ in range(3))

        assert await bot.failure("answerCallbackQuery", callback_query_id=first) == (400, TOO_OLD)
        assert [await bot.call("answerCallbackQuery", callback_query_id=each) for each in others] == [True, True]


async def test_a_button_is_looked_for_in_the_message_as_it_is_now() -> None:
    async with playground() as bot:
        ann, sent = await asked(bot, RIGHT, MORE)
        edit = {"chat_id": ann.id, "message_id": sent["message_id"]}
        await bot.call("editMessageReplyMarkup", **edit, reply_markup=rows([WRONG, MORE]))
        ann.press(sent, "✗ Wrong")
        for missing in ("✓ Right", "More", "https://example.org/more"):
            with pytest.raises(NotSent, match="no such button"):
                ann.press(sent, missing)

        assert [query["data"] for query in await queries(bot)] == ["v1:wrong:7"]


async def test_a_button_of_a_deleted_message_can_still_be_pressed_by_who_sees_it() -> None:
    async with playground() as bot:
        ann, sent = await asked(bot)
        await bot.call("deleteMessage", chat_id=ann.id, message_id=sent["message_id"])
        ann.press(sent, "✓ Right")
        (query,) = await queries(bot)

    assert query["message"] == {"chat": sent["chat"], "message_id": sent["message_id"], "date": 0}
    assert query["data"] == "v1:right:7"


async def test_an_app_of_ones_own_can_send_any_data_but_only_in_its_own_chat() -> None:
    async with playground() as bot:
        ann, sent = await asked(bot)
        mallory, _ = await asked(bot)
        ann.press_raw(sent, "v9:forged")
        for press in (mallory.press, mallory.press_raw):
            with pytest.raises(NotSent, match="no such message"):
                press(sent, "v1:right:7")
        for never in (0, 3):
            with pytest.raises(NotSent, match="no such message"):
                ann.press_raw({**sent, "message_id": never}, "x")
        for data in ("", "ä" * 33):
            with pytest.raises(NotSent, match="64 bytes"):
                ann.press_raw(sent, data)

        assert [(query["from"]["id"], query["data"]) for query in await queries(bot)] == [(ann.id, "v9:forged")]


async def test_nobody_presses_where_the_bot_is_blocked_or_not_running(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playground() as bot:
        ann, sent = await asked(bot)
        ann.block()
        with pytest.raises(NotSent, match="blocked"):
            ann.press(sent, "✓ Right")
        ann.unblock()
        monkeypatch.setattr("bot.playground.updates.UPDATES_WAITING", 1)
        with pytest.raises(NotSent, match="Is it running"):
            ann.press(sent, "✓ Right")

        assert await queries(bot) == []


async def test_a_press_keeps_its_place_among_the_chats_messages_at_a_webhook() -> None:
    async with playground() as bot, webhook() as hook:
        ann, sent = await asked(bot)
        hook.opened.clear()
        await bot.call("setWebhook", url=hook.url)
        ann.press(sent, "✓ Right")
        ann.send_text("after")
        await until(lambda: hook.unanswered == 1)
        hook.opened.set()
        await until(lambda: len(hook.updates) == 3)

    assert [set(update) - {"update_id"} for update in hook.updates] == [{"message"}, {"callback_query"}, {"message"}]


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        ({"keyboard": []}, "the local Bot API server doesn't know keyboard of reply markups"),
        ({"inline_keyboard": {}}, 'field "inline_keyboard" must be an Array of Arrays'),
        (rows({}), 'field "inline_keyboard" must be an Array of Arrays'),  # type: ignore[arg-type]
        (rows(["Yes"]), "can't parse inline keyboard button: InlineKeyboardButton must be an Object"),
        (rows([{"callback_data": "x"}]), "can't parse inline keyboard button: Can't find field \"text\""),
        (
            rows([{"text": "Yes", "callback_data": 1}]),
            'can\'t parse inline keyboard button: Field "callback_data" must be of type String',
        ),
        (
            rows([{"text": "Yes"}]),
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (rows([{"text": " ", "callback_data": "x"}]), "BUTTON_TEXT_INVALID"),
        (rows([{"text": "Yes", "callback_data": ""}]), "BUTTON_DATA_INVALID"),
        (rows([{"text": "Yes", "callback_data": "é" * 33}]), "BUTTON_DATA_INVALID"),
        (
            rows([{"text": "Yes", "url": "javascript:alert(1)"}]),
            "inline keyboard button URL 'javascript:alert(1)' is invalid: Unsupported URL protocol",
        ),
        (
            rows([{"text": "Yes", "url": "http://localhost"}]),
            "inline keyboard button URL 'http://localhost' is invalid: Wrong HTTP URL",
        ),
        (
            rows([{"text": "Yes", "url": "http://["}]),
            "inline keyboard button URL 'http://[' is invalid: Wrong HTTP URL",
        ),
        (rows([{"text": "Yes", "pay": True}]), "the local Bot API server doesn't know pay of buttons"),
        (rows(*[[RIGHT]] * 101), "REPLY_MARKUP_TOO_LONG"),
    ],
)
async def test_a_keyboard_that_telegram_wouldnt_take_is_refused_in_its_words(markup: Any, reason: str) -> None:
    async with playground() as bot:
        ann = bot.world.person()
        ann.send_text("/start")

        refused = await bot.failure("sendMessage", chat_id=ann.id, text="7", reply_markup=markup)
        assert refused == (400, f"Bad Request: {reason}")
        assert len(ann.messages()) == 1


async def test_64_bytes_and_100_buttons_are_taken_and_empty_rows_left_out() -> None:
    async with playground() as bot:
        full = {"text": "Yes", "callback_data": "é" * 32}
        ann, sent = await asked(bot, *[full] * 100)
        empty = await bot.call("sendMessage", chat_id=ann.id, text="7", reply_markup=rows([], []))

    assert sent["reply_markup"] == rows([full] * 100)
    assert "reply_markup" not in empty


async def test_photos_and_files_have_buttons_too() -> None:
    async with playground() as bot:
        ann, _ = await asked(bot)
        buttons = '{"inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}]]}'
        photo = await bot.call("sendPhoto", {"photo": picture()}, chat_id=ann.id, reply_markup=buttons)
        file = await bot.call("sendDocument", {"document": ("a.txt", b"a")}, chat_id=ann.id, reply_markup=buttons)
        for sent in (photo, file):
            ann.press(sent, "Yes")

        assert [query["message"] for query in await queries(bot)] == [photo, file]


async def test_an_edit_changes_keeps_or_takes_away_the_buttons_as_it_says() -> None:
    async with playground() as bot:
        ann, sent = await asked(bot)
        place = {"chat_id": ann.id, "message_id": sent["message_id"]}
        same = await bot.failure("editMessageText", **place, text="7?", reply_markup=rows([RIGHT, WRONG]))
        fewer = await bot.call("editMessageText", **place, text="7?", reply_markup=rows([RIGHT]))
        other = await bot.call("editMessageText", **place, text="8?", reply_markup=rows([RIGHT]))
        bare = await bot.call("editMessageText", **place, text="8?")
        again = await bot.call("editMessageReplyMarkup", **place, reply_markup=rows([WRONG]))
        gone = await bot.call("editMessageReplyMarkup", **place)
        still_gone = await bot.failure("editMessageReplyMarkup", **place)

    assert same[1].startswith("Bad Request: message is not modified")
    assert still_gone == same
    assert fewer["reply_markup"] == other["reply_markup"] == rows([RIGHT])
    assert "reply_markup" not in bare
    assert again["reply_markup"] == rows([WRONG])
    assert "reply_markup" not in gone
    assert gone["text"] == "8?"


async def test_a_message_isnt_called_edited_for_its_buttons() -> None:
    async with playground() as bot:
        ann, sent = await asked(bot)
        place = {"chat_id": ann.id, "message_id": sent["message_id"]}
        buttons = await bot.call("editMessageReplyMarkup", **place)
        text = await bot.call("editMessageText", **place, text="8")

    assert "edit_date" not in buttons
    assert text["edit_date"] >= sent["date"]


async def test_a_caption_loses_its_buttons_with_an_edit_without_them() -> None:
    async with playground() as bot:
        ann, _ = await asked(bot)
        sent = await bot.call("sendPhoto", {"photo": picture()}, chat_id=ann.id, caption="7")
        place = {"chat_id": ann.id, "message_id": sent["message_id"]}
        with_buttons = await bot.call("editMessageCaption", **place, caption="7", reply_markup=rows([RIGHT]))
        without = await bot.call("editMessageCaption", **place, caption="7")

    assert with_buttons["reply_markup"] == rows([RIGHT])
    assert "reply_markup" not in without


async def answer(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """What the tests' own bot does at a press: shows a photo with new buttons, and says so."""
    query = update.callback_query
    assert isinstance(query, CallbackQuery)
    media = InputMediaPhoto(picture(200, 100), caption=f"<b>{query.data}</b>", parse_mode="HTML")
    await query.edit_message_media(media, InlineKeyboardMarkup.from_button(InlineKeyboardButton("Back", None, "back")))
    await query.answer("There", show_alert=True)


async def test_the_library_handles_a_press_edits_the_media_and_answers() -> None:
    async with LocalServer(TOKEN) as server:
        builder = Application.builder().token(TOKEN).base_url(f"{server.url}/bot")
        application = builder.build()
        application.add_handler(CallbackQueryHandler(answer))
        ann = server.world.person()
        ann.send_text("/start")
        async with application:
            await application.start()
            assert application.updater is not None
            await application.updater.start_polling()
            buttons = InlineKeyboardMarkup.from_button(InlineKeyboardButton("Show", callback_data="show"))
            await application.bot.send_message(ann.id, "7?", reply_markup=buttons)
            sent = ann.messages()[-1]
            said = await ann.press(sent, "Show").answered(PATIENCE)
            await application.updater.stop()
            await application.stop()
        (edited,) = ann.messages()[1:]
        calls = dict(server.world.calls)

    assert said == Answer("There", alert=True)
    assert edited["message_id"] == sent["message_id"]
    assert [size["width"] for size in edited["photo"]] == [90, 200]
    assert edited["caption_entities"] == [{"type": "bold", "offset": 0, "length": 4}]
    assert edited["reply_markup"] == rows([{"text": "Back", "callback_data": "back"}])
    assert "text" not in edited
    assert calls["editMessageMedia"]["media"]["media"].data == b""  # its bytes aren't kept with the calls


async def test_the_library_hears_of_a_press_that_is_too_old() -> None:
    async with LocalServer(TOKEN) as server, Bot(TOKEN, base_url=f"{server.url}/bot") as bot:
        with pytest.raises(BadRequest, match="Query is too old"):
            await bot.answer_callback_query("5")
