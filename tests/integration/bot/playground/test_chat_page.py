"""The chat page's interface: browsers become people, send what people send, and see what happens."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from bot.playground import chat_page, events
from bot.readers import pool
from tests.hostile import BOMBS, HANGING
from tests.playground import Playground, gif, picture, playground
from tests.reader_process import cpu_seconds, needs_proc, reader_pids
from tests.waiting import until

JPEG = ("7.jpg", picture(), "image/jpeg")


async def joined(bot: Playground, first_name: str = "You", language_code: str = "de") -> dict[str, Any]:
    """A new person, as their browser knows them."""
    response = await bot.http.post("/chat/people", json={"first_name": first_name, "language_code": language_code})
    user: dict[str, Any] = response.json()
    return user


async def state(bot: Playground, person_id: int) -> Any:
    return (await bot.http.get("/chat/state", params={"as": person_id})).json()


async def send(bot: Playground, person_id: int, files: Any = None, **fields: Any) -> httpx.Response:
    return await bot.http.post("/chat/send", params={"as": person_id}, data=fields, files=files or {"none": (None, "")})


async def sent(bot: Playground, person_id: int, files: Any = None, **fields: Any) -> list[Any]:
    response = await send(bot, person_id, files, **fields)
    assert response.status_code == 200, response.text
    messages: list[Any] = response.json()["messages"]
    return messages


async def refused(bot: Playground, person_id: int, files: Any = None, **fields: Any) -> str:
    """The sentence with which something isn't sent."""
    response = await send(bot, person_id, files, **fields)
    assert response.status_code == 400
    sentence: str = response.json()["error"]
    return sentence


@asynccontextmanager
async def watching(bot: Playground, person_id: int) -> AsyncIterator[AsyncIterator[Any]]:
    """The events of a person's chat, from when the stream has opened."""
    async with bot.http.stream("GET", "/chat/events", params={"as": person_id}) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = response.aiter_lines()
        assert await anext(lines) == ": open"
        yield (json.loads(line.removeprefix("data: ")) async for line in lines if line.startswith("data: "))


async def test_a_browser_becomes_a_person_and_sees_the_chat() -> None:
    async with playground() as bot:
        await bot.call("setMyCommands", commands=[{"command": "start", "description": "What I do"}])
        await bot.call("setMyDescription", description="I read digits.")
        await bot.call("setMyDescription", description="Ich lese Ziffern.", language_code="de")
        you = await joined(bot)
        (message,) = await sent(bot, you["id"], text="/start")
        seen = await state(bot, you["id"])

    assert you == {"id": you["id"], "is_bot": False, "first_name": "You", "language_code": "de"}
    assert seen == {
        "me": you,
        "bot": bot.world.bot,
        "commands": [{"command": "start", "description": "What I do"}],
        "description": "Ich lese Ziffern.",
        "short_description": "",
        "chat": {"id": you["id"], "type": "private", "first_name": "You"},
        "messages": [message],
        "groups": [],
    }


@pytest.mark.parametrize("number", ["", "5", "-1", "one", "9" * 5000])
async def test_an_unknown_person_is_told_so(number: str) -> None:
    async with playground() as bot:
        for address in ("/chat/state", "/chat/events"):
            response = await bot.http.get(address, params={"as": number})
            assert response.status_code == 404
            assert "started anew" in response.json()["error"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"first_name": "You"}', b"\xff"])
async def test_a_person_without_a_name_isnt_made(body: bytes) -> None:
    async with playground() as bot:
        response = await bot.http.post("/chat/people", content=body)

    assert response.status_code == 400
    assert response.json()["error"] == "A person needs a first_name and a language_code."


async def test_odd_names_harm_nobody() -> None:
    async with playground() as bot:
        body = b'{"first_name": "half \\ud83d", "language_code": ""}'
        person_id = (await bot.http.post("/chat/people", content=body)).json()["id"]
        await sent(bot, person_id, text="hi")

        assert (await joined(bot, "x" * 1000))["first_name"] == "x" * 64
        assert (await joined(bot, "  "))["first_name"] == "You"
        assert (await bot.call("getUpdates"))[0]["message"]["from"]["first_name"] == "half ?"


@needs_proc
async def test_files_that_hang_a_decoder_hold_up_neither_others_nor_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pool, "TIME_LIMIT", 5)  # seconds, in case the machine is too busy for CPU_LIMIT to end them
    async with playground() as bot:
        you, other = await joined(bot), await joined(bot)
        hanging = [("photo", ("7.jpg", BOMBS[HANGING[0]](), "image/jpeg"))]
        slow = [asyncio.create_task(refused(bot, you["id"], hanging)) for _ in range(2)]
        await until(lambda: bool(reader_pids()))

        (message,) = await sent(bot, other["id"], [("photo", JPEG)])  # behind the two of them

        assert message["photo"]
        assert await asyncio.gather(*slow) == ["This can't be opened as a picture. Please send it as a file."] * 2
        endless = [asyncio.create_task(send(bot, you["id"], hanging)) for _ in range(2)]
        busy = {pid: cpu_seconds(pid) for pid in reader_pids()}
        await until(lambda: any(cpu_seconds(pid) > seconds + 0.2 for pid, seconds in busy.items()))
    assert reader_pids() == []
    await asyncio.gather(*endless, return_exceptions=True)


async def test_one_photo_is_a_photo_and_several_are_an_album() -> None:
    async with playground() as bot:
        you = await joined(bot)
        (photo,) = await sent(bot, you["id"], [("photo", JPEG)], caption="a 7")
        album = await sent(bot, you["id"], [("photo", JPEG)] * 3, caption="three", reply_to=photo["message_id"])
        updates = await bot.call("getUpdates")

    assert [size["width"] for size in photo["photo"]] == [90, 320, 640]
    assert photo["caption"] == "a 7"
    assert len({message["media_group_id"] for message in album}) == 1
    assert [message["reply_to_message"]["message_id"] for message in album] == [1, 1, 1]
    assert [update["message"] for update in updates] == [photo, *album]


async def test_files_arrive_as_what_telegram_makes_of_them() -> None:
    async with playground() as bot:
        you = await joined(bot)

        async def kinds(name: str, data: bytes) -> set[str]:
            (message,) = await sent(bot, you["id"], {"document": (name, data, "application/x-own")})
            return {"document", "sticker", "animation"} & set(message)

        assert await kinds("7.txt", b"text") == {"document"}
        assert await kinds("7.png", picture(form="PNG")) == {"document"}
        assert await kinds("7.webp", picture(512, 512, "WEBP")) == {"sticker"}
        assert await kinds("7.webp", picture(513, 512, "WEBP")) == {"document"}
        assert await kinds("7.gif", gif(3)) == {"animation", "document"}
        assert await kinds("7.gif", gif(1)) == {"document"}


async def test_a_file_keeps_its_name_type_and_bytes() -> None:
    async with playground() as bot:
        you = await joined(bot)
        data = picture(form="PNG")
        (message,) = await sent(bot, you["id"], {"document": ("sieben ä.png", data, "image/png")}, caption="7")
        document = message["document"]
        got = await bot.http.get(f"/chat/file/{document['file_id']}")

    assert (document["file_name"], document["mime_type"], message["caption"]) == ("sieben ä.png", "image/png", "7")
    assert document["thumbnail"]["width"] == 320
    assert got.content == data
    assert got.headers["content-disposition"] == "attachment; filename*=UTF-8''sieben%20%C3%A4.png"


@pytest.mark.parametrize("name", ["page.html", "picture.svg", "script.js", "page.xhtml"])
async def test_a_file_is_never_served_as_a_page_of_this_site(name: str) -> None:
    async with playground() as bot:
        you = await joined(bot)
        (message,) = await sent(bot, you["id"], {"document": (name, b"<script>alert(1)</script>", "text/html")})
        got = await bot.http.get(f"/chat/file/{message['document']['file_id']}")

    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"].startswith("attachment")
    assert got.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert got.headers["x-content-type-options"] == "nosniff"


async def test_photos_are_shown_and_unknown_files_arent_there() -> None:
    async with playground() as bot:
        you = await joined(bot)
        (photo,) = await sent(bot, you["id"], {"photo": JPEG})
        got = await bot.http.get(f"/chat/file/{photo['photo'][0]['file_id']}")
        missing = await bot.http.get("/chat/file/nothing")

    assert got.headers["content-type"] == "image/jpeg"
    assert "content-disposition" not in got.headers
    assert (missing.status_code, missing.json()) == (404, {"error": "This file is no longer kept."})


async def test_what_cant_be_sent_is_answered_with_a_sentence() -> None:
    async with playground() as bot:
        you = (await joined(bot))["id"]
        strip = ("strip.png", picture(2100, 100, "PNG"), "image/png")
        text = ("7.jpg", b"text", "image/jpeg")

        assert await refused(bot, you) == "There is no text to send."
        assert await refused(bot, you, text="x" * 4097) == "This is 4,097 characters long; a text has at most 4,096."
        assert await refused(bot, you, {"photo": JPEG}, caption="x" * 1025) == (
            "This is 1,025 characters long; a caption has at most 1,024."
        )
        assert (
            await refused(bot, you, {"photo": text}) == "This can't be opened as a picture. Please send it as a file."
        )
        assert await refused(bot, you, {"photo": strip}) == (
            "This picture is too long and narrow for a photo. Please send it as a file."
        )
        assert await refused(bot, you, {"document": ("7.txt", b"", "text/plain")}) == "7.txt is empty."
        for reply_to in ("99", "x"):
            assert await refused(bot, you, text="7", reply_to=reply_to) == (
                "The message that this answers no longer exists."
            )
        assert "Too many files" in await refused(bot, you, [("photo", JPEG)] * 11)
        assert (await state(bot, you))["messages"] == []


async def test_one_bad_photo_keeps_its_whole_album_from_being_sent() -> None:
    async with playground() as bot:
        you = (await joined(bot))["id"]
        await refused(bot, you, [("photo", JPEG), ("photo", ("7.jpg", b"text", "image/jpeg"))])

        assert (await state(bot, you))["messages"] == []


async def test_a_file_of_21_mb_is_taken_and_a_larger_one_refused() -> None:
    async with playground() as bot:
        you = (await joined(bot))["id"]
        (message,) = await sent(bot, you, {"document": ("a.bin", bytes(chat_page.FILE_BYTES), "")})
        sentence = await refused(bot, you, {"document": ("b.bin", bytes(chat_page.FILE_BYTES + 1), "")})

    assert message["document"]["file_size"] == chat_page.FILE_BYTES
    assert sentence == "b.bin is too large: a file has at most 21 MB here."


async def test_everything_that_happens_in_a_chat_is_an_event() -> None:
    async with playground() as bot:
        you, other = (await joined(bot))["id"], (await joined(bot))["id"]
        async with watching(bot, you) as seen:
            await sent(bot, other, text="not for you")
            (mine,) = await sent(bot, you, text="7?")
            await bot.call("sendChatAction", chat_id=you, action="typing")
            answer = await bot.call("sendMessage", chat_id=you, text="7")
            edited = await bot.call("editMessageText", chat_id=you, message_id=2, text="8")
            await bot.call("setMyShortDescription", short_description="Digits.")
            happened = [await anext(seen) for _ in range(5)]

    assert happened == [
        {"type": "message", "message": mine},
        {"type": "action", "action": "typing"},
        {"type": "message", "message": answer},
        {"type": "edited", "message": edited},
        {"type": "bot", "bot": bot.world.bot, "commands": [], "description": "", "short_description": "Digits."},
    ]


async def pressed(bot: Playground, person_id: int, **body: Any) -> httpx.Response:
    return await bot.http.post("/chat/press", params={"as": person_id}, json=body)


async def test_a_press_is_answered_as_soon_as_the_bot_answers() -> None:
    async with playground() as bot:
        you = (await joined(bot))["id"]
        await sent(bot, you, text="/start")
        buttons = {"inline_keyboard": [[{"text": "Yes", "callback_data": " yes "}]]}
        await bot.call("sendMessage", chat_id=you, text="7?", reply_markup=buttons)
        press = asyncio.create_task(pressed(bot, you, message_id=2, data=" yes "))
        await until(lambda: len(bot.world.updates) == 2)
        query = (await bot.call("getUpdates"))[-1]["callback_query"]
        await bot.call("answerCallbackQuery", callback_query_id=query["id"], text="Thanks", show_alert=True)

        assert query["data"] == " yes "
        assert (await press).json() == {"text": "Thanks", "alert": True}


async def test_a_press_that_isnt_answered_ends_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_page, "SPINNER_SECONDS", 0.01)
    async with playground() as bot:
        you = (await joined(bot))["id"]
        await sent(bot, you, text="/start")
        response = await pressed(bot, you, message_id=1, data="x")

    assert (response.status_code, response.json()["error"]) == (504, "The bot hasn't answered yet. Is it running?")


async def test_a_server_that_ends_waits_for_no_answer() -> None:
    async with playground() as bot:
        you = (await joined(bot))["id"]
        await sent(bot, you, text="/start")
        press = asyncio.create_task(pressed(bot, you, message_id=1, data="x"))
        await until(lambda: len(bot.world.updates) == 2)
        await bot.world.close()

        assert (await press).status_code == 504


async def test_a_press_of_nothing_is_refused_with_a_sentence() -> None:
    async with playground() as bot:
        you = (await joined(bot))["id"]

        assert (await pressed(bot, 5, message_id=1, data="x")).status_code == 404
        for body in ({}, {"message_id": 1}, {"message_id": "x", "data": "x"}, {"message_id": 1, "data": "x"}):
            response = await pressed(bot, you, **body)
            assert response.status_code == 400
            assert response.json()["error"] in {
                "A press needs a message_id and a data.",
                "There is no such message in this chat.",
            }
        assert len(bot.world.updates) == 0


async def test_a_quiet_event_stream_shows_that_it_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_page, "HEARTBEAT_SECONDS", 0.01)
    async with playground() as bot:
        you = (await joined(bot))["id"]
        async with bot.http.stream("GET", "/chat/events", params={"as": you}) as response:
            lines = response.aiter_lines()
            heard = [line async for line, _ in _first(lines, 4)]

    assert heard == [": open", "", ": still here", ""]


async def _first(lines: AsyncIterator[str], count: int) -> AsyncIterator[tuple[str, int]]:
    for index in range(count):
        yield await anext(lines), index


async def test_who_leaves_is_no_longer_told() -> None:
    async with playground() as bot:
        you = await joined(bot)
        person = bot.world.find(you["id"])
        assert person is not None
        async with watching(bot, you["id"]):
            assert person.chat.events.watched
        async with watching(bot, you["id"]) as seen:
            await sent(bot, you["id"], text="7")
            await anext(seen)

    assert not person.chat.events.watched


def test_who_doesnt_listen_is_cut_off_rather_than_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "EVENTS_WAITING", 2)
    happening = events.Events()
    with happening.listen() as queue:
        for number in range(5):
            happening.publish({"number": number})

        assert queue.get_nowait() is None


async def test_the_page_is_served_with_its_scripts() -> None:
    async with playground() as bot:
        page = await bot.http.get("/")
        script = await bot.http.get("/page/main.js")

    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert script.headers["content-type"].startswith("text/javascript")
    assert page.headers["cache-control"] == script.headers["cache-control"] == "no-cache"
