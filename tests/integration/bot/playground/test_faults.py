"""Telegram's bad days: calls fail, hang and are cut off as planned, and only those that were meant."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import httpx
import pytest
from telegram import Bot
from telegram.error import NetworkError

from bot.playground.faults import (
    BROKEN_ANSWER,
    DOWNLOAD,
    LOST_ANSWER,
    LOST_CALL,
    SERVER_ERROR,
    Fault,
    Faults,
    too_many,
)
from bot.playground.person import Person
from tests.integration.bot.playground.test_updates import polling, texts
from tests.playground import TOKEN, Playground, picture, playground

NO_ANSWER = (httpx.RemoteProtocolError, httpx.ReadError)  # the end of a connection, in the words of the client


def somebody(bot: Playground) -> Person:
    """Who has written to the bot."""
    person = bot.world.person()
    person.send_text("/start")
    return person


async def codes(bot: Playground, *calls: Awaitable[httpx.Response]) -> list[int]:
    return [(await call).status_code for call in calls]


async def collect(response: httpx.Response, chunks: list[bytes]) -> None:
    async for chunk in response.aiter_bytes():
        chunks.append(chunk)  # noqa: PERF401 (what came before the end stays)


async def test_a_call_that_is_lost_has_no_effect() -> None:
    async with playground() as bot:
        ann = somebody(bot)
        bot.world.faults.add(LOST_CALL, "sendMessage", times=1)
        with pytest.raises(NO_ANSWER):
            await bot.call("sendMessage", chat_id=ann.id, text="7")
        assert len(ann.messages()) == 1

        await bot.call("sendMessage", chat_id=ann.id, text="7")
        assert len(ann.messages()) == 2


@pytest.mark.parametrize("fault", [LOST_ANSWER, BROKEN_ANSWER])
async def test_a_call_whose_answer_is_lost_has_taken_effect(fault: Fault) -> None:
    async with playground() as bot:
        ann = somebody(bot)
        bot.world.faults.add(fault, "sendMessage", times=1)
        with pytest.raises(NO_ANSWER):
            await bot.call("sendMessage", chat_id=ann.id, text="7")

    assert [message["text"] for message in ann.messages()] == ["/start", "7"]


async def test_half_of_a_broken_answer_arrives() -> None:
    async with playground() as bot:
        photo = somebody(bot).send_photo(picture())["photo"][-1]
        path = (await bot.call("getFile", file_id=photo["file_id"]))["file_path"]
        bot.world.faults.add(BROKEN_ANSWER, DOWNLOAD, times=1)
        chunks: list[bytes] = []
        async with bot.http.stream("GET", f"/file/bot{TOKEN}/{path}") as response:
            with pytest.raises(NO_ANSWER):
                await collect(response, chunks)
        received = b"".join(chunks)
        again = await bot.http.get(f"/file/bot{TOKEN}/{path}")

    assert response.status_code == 200
    assert 0 < len(received) < photo["file_size"] == len(again.content)
    assert again.content.startswith(received)


async def test_a_lost_getupdates_loses_no_update() -> None:
    async with playground() as bot:
        somebody(bot).send_text("a")
        bot.world.faults.add(LOST_ANSWER, "getUpdates", times=1)
        with pytest.raises(NO_ANSWER):
            await bot.call("getUpdates")

        assert texts(await bot.call("getUpdates")) == ["/start", "a"]


async def test_a_cut_is_no_trouble_of_the_server_itself(caplog: pytest.LogCaptureFixture) -> None:
    async with playground() as bot:
        for fault in (LOST_CALL, LOST_ANSWER, BROKEN_ANSWER):
            bot.world.faults.add(fault, "getMe", times=1)
            with pytest.raises(NO_ANSWER):
                await bot.call("getMe")

    assert caplog.records == []


async def test_the_library_meets_a_cut_as_a_network_error() -> None:
    async with playground() as bot:
        library = Bot(TOKEN, base_url=f"{bot.server.url}/bot", base_file_url=f"{bot.server.url}/file/bot")
        async with library:
            for fault in (LOST_CALL, LOST_ANSWER, BROKEN_ANSWER, SERVER_ERROR):
                bot.world.faults.add(fault, "getMyCommands", times=1)
                with pytest.raises(NetworkError):
                    await library.get_my_commands()
            assert await library.get_my_commands() == ()


async def test_a_fault_is_answered_as_often_as_it_was_ordered() -> None:
    async with playground() as bot:
        bot.world.fail_next("getMe", 429, "Too Many Requests: retry after 3", retry_after=3)
        bot.world.fail_next("getMe", 500, "Internal Server Error", times=2)
        answers = [(await bot.ask("getme")).json() for _ in range(4)]

    assert [answer.get("error_code") for answer in answers] == [429, 500, 500, None]
    assert answers[0]["parameters"] == {"retry_after": 3}
    assert answers[3]["result"]["is_bot"]


async def test_a_fault_meets_only_the_methods_and_the_chat_that_it_is_meant_for() -> None:
    async with playground() as bot:
        ann, ben = somebody(bot), somebody(bot)
        bot.world.faults.add(SERVER_ERROR, "sendMessage", "sendChatAction", chat=ann.id)

        assert await codes(
            bot,
            bot.ask("sendMessage", chat_id=ann.id, text="7"),
            bot.ask("sendMessage", chat_id=str(ann.id), text="7"),
            bot.ask("sendChatAction", chat_id=ann.id, action="typing"),
            bot.ask("editMessageText", chat_id=ann.id, message_id=1, text="7"),
            bot.ask("sendMessage", chat_id=ben.id, text="7"),
        ) == [502, 502, 502, 400, 200]
        assert bot.world.faults.made == {SERVER_ERROR: 3}


async def test_a_fault_for_all_meets_downloads_too() -> None:
    async with playground() as bot:
        bot.world.faults.add(SERVER_ERROR)

        assert await codes(bot, bot.ask("getMe"), bot.http.get(f"/file/bot{TOKEN}/photos/file_0.jpg")) == [502, 502]


async def test_a_flood_says_how_long_to_wait_and_is_in_its_chat_alone() -> None:
    async with playground() as bot:
        ann, ben = somebody(bot), somebody(bot)
        bot.world.faults.flood(60, "sendMessage", chat=ann.id)
        refused = await bot.ask("sendMessage", chat_id=ann.id, text="7")
        elsewhere = await bot.ask("sendMessage", chat_id=ben.id, text="7")

    wait = refused.json()["parameters"]["retry_after"]
    assert 0 < wait <= 60
    assert refused.headers["retry-after"] == str(wait)
    assert elsewhere.status_code == 200


async def test_a_flood_is_over_after_its_time() -> None:
    async with playground() as bot:
        ann = somebody(bot)
        began = time.monotonic()
        bot.world.faults.flood(0.3)
        while (await bot.ask("sendMessage", chat_id=ann.id, text="7")).status_code == 429:
            pass

        assert time.monotonic() - began >= 0.3


async def test_a_delayed_call_takes_its_time_and_succeeds() -> None:
    async with playground() as bot:
        bot.world.faults.add(Fault(delay=0.2), "getMe")
        bot.world.faults.add(Fault(delay=0.1), "getMe")
        began = time.monotonic()
        await bot.call("getMe")

        assert time.monotonic() - began >= 0.3


async def test_without_a_network_no_call_gets_through_and_waiting_ones_are_cut() -> None:
    async with playground() as bot:
        ann = somebody(bot)
        offset = (await bot.call("getUpdates"))[-1]["update_id"] + 1
        poll = await polling(bot, offset=offset)
        bot.world.faults.network = False
        with pytest.raises(NO_ANSWER):
            await poll
        for _ in range(3):
            with pytest.raises(NO_ANSWER):
                await bot.call("sendMessage", chat_id=ann.id, text="7")
        people = await bot.http.post("/chat/people", json={"first_name": "You", "language_code": "en"})
        ann.send_text("are you there?")
        bot.world.faults.network = True
        updates = await bot.call("getUpdates", offset=offset)

    assert people.status_code == 200  # the chat page is no part of Telegram's network
    assert texts(updates) == ["are you there?"]
    assert len(ann.messages()) == 2


async def test_a_call_that_is_cut_while_it_is_sent_has_no_effect(caplog: pytest.LogCaptureFixture) -> None:
    async with playground() as bot:
        ann = somebody(bot)
        begun = asyncio.Event()

        async def body() -> AsyncIterator[bytes]:
            yield f'{{"chat_id": {ann.id}, "text": "'.encode()
            begun.set()
            while bot.world.faults.network:
                yield b"7"
                await asyncio.sleep(0.01)
            yield b'"}'

        headers = {"content-type": "application/json"}
        sending = asyncio.create_task(bot.http.post(f"/bot{TOKEN}/sendMessage", content=body(), headers=headers))
        await begun.wait()
        bot.world.faults.network = False
        with pytest.raises(httpx.TransportError):
            await sending

    assert len(ann.messages()) == 1
    assert caplog.records == []


async def test_a_day_that_is_over_harms_nobody() -> None:
    async with playground() as bot:
        bot.world.faults.add(SERVER_ERROR)
        bot.world.faults.flood(60)
        bot.world.faults.network = False
        bot.world.faults.clear()

        await bot.call("getMe")


def failures(seed: int, method: str, others: int = 0) -> list[int]:
    """The errors that 200 calls of a method meet (0 for none), with calls of another method between them."""
    faults = Faults(seed)
    faults.add(SERVER_ERROR, share=0.1)
    faults.add(too_many(3), method, share=0.1)
    met = []
    for _ in range(200):
        error = faults.strike(method).error
        met.append(error.code if error else 0)
        for _ in range(others):
            faults.strike("getUpdates")
    return met


def test_chances_are_as_planned_and_the_same_for_a_seed() -> None:
    met = failures(1, "sendMessage")

    assert failures(1, "sendMessage", others=3) == met
    assert failures(2, "sendMessage") != met
    assert failures(1, "sendPhoto") != met
    assert 5 <= met.count(502) <= 40
    assert 5 <= met.count(429) <= 40


def test_clearing_begins_the_chances_anew() -> None:
    faults = Faults(1)

    def met() -> list[Any]:
        faults.clear(seed=5)
        faults.add(LOST_CALL, share=0.5)
        return [faults.strike("getMe").cut for _ in range(50)]

    assert met() == met()
