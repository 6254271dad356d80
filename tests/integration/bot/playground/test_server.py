"""The server's life: it starts, serves a real bot, and stops whatever is going on; the token stays in the dark."""

import asyncio
import logging
import signal
import socket
from typing import NoReturn

import httpx
import pytest
from telegram import Bot, BotCommand, Update
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, RetryAfter
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from bot.playground.server import LocalServer
from tests.playground import TOKEN, picture, playground, webhook
from tests.waiting import until


def client(server: LocalServer, token: str = TOKEN) -> Bot:
    """The library that the product uses, led to the local server by nothing but an address."""
    return Bot(token, base_url=f"{server.url}/bot", base_file_url=f"{server.url}/file/bot")


async def weigh(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Answer a photo with how many bytes it has."""
    message = update.effective_message
    assert message is not None
    await message.reply_chat_action("typing")
    file = await message.photo[-1].get_file()
    data = bytes(await file.download_as_bytearray())
    await message.reply_html(f"<b>{len(data)}</b> bytes", do_quote=True)
    await message.reply_photo(data, caption="the same")


async def test_a_real_application_polls_downloads_and_answers() -> None:
    async with LocalServer(TOKEN) as server:
        builder = Application.builder().token(TOKEN).base_url(f"{server.url}/bot")
        application = builder.base_file_url(f"{server.url}/file/bot").build()
        application.add_handler(MessageHandler(filters.PHOTO, weigh))
        async with application:
            await application.start()
            assert application.updater is not None
            await application.updater.start_polling()
            ann = server.world.person()
            photo = ann.send_photo(picture())
            echo = await ann.wait_for(lambda message: "photo" in message)
            answer = ann.messages()[1]
            await application.updater.stop()
            await application.stop()

    assert answer["text"] == f"{photo['photo'][-1]['file_size']} bytes"
    assert answer["reply_to_message"]["message_id"] == photo["message_id"]
    assert answer["entities"][0]["type"] == "bold"
    assert echo["caption"] == "the same"
    assert list(ann.actions) == ["typing"]


async def test_the_library_meets_telegrams_errors() -> None:
    async with LocalServer(TOKEN) as server, client(server) as bot:
        ann = server.world.person()
        ann.send_text("hi")
        with pytest.raises(BadRequest, match="Chat not found"):
            await bot.send_message(5, "hi")
        with pytest.raises(BadRequest, match="find end tag"):
            await bot.send_message(ann.id, "<b>", parse_mode="HTML")
        ann.block()
        with pytest.raises(Forbidden, match="bot was blocked by the user"):
            await bot.send_message(ann.id, "hi")
        server.world.fail_next("sendMessage", 429, "Too Many Requests: retry after 7", retry_after=7)
        with pytest.raises(RetryAfter, match=r"Retry in (7 seconds|0:00:07)"):  # with PTB_TIMEDELTA
            await bot.send_message(ann.id, "hi")
    async with LocalServer(TOKEN) as server:
        with pytest.raises(InvalidToken):
            await client(server, "1:wrong").initialize()


async def test_the_library_meets_a_group_that_became_a_supergroup() -> None:
    async with LocalServer(TOKEN) as server, client(server) as bot:
        group = server.world.group("Class 4b", server.world.person())
        before = group.id
        supergroup = group.migrate()
        with pytest.raises(ChatMigrated) as moved:
            await bot.send_message(before, "7")
        assert moved.value.new_chat_id == supergroup
        assert (await bot.send_message(moved.value.new_chat_id, "7")).chat.type == "supergroup"


async def test_the_library_sets_a_webhook_and_deletes_it() -> None:
    async with LocalServer(TOKEN) as server, client(server) as bot, webhook() as hook:
        await bot.set_webhook(hook.url, max_connections=7, allowed_updates=["message"], secret_token="7-7")
        sent = server.world.person().send_text("hi")
        info = await bot.get_webhook_info()
        with pytest.raises(Conflict, match="webhook is active"):
            await bot.get_updates()
        await until(lambda: len(server.world.updates) == 0)
        await bot.delete_webhook()
        gone = await bot.get_webhook_info()

    assert (info.url, info.max_connections, info.allowed_updates) == (hook.url, 7, ("message",))
    assert [update["message"] for update in hook.updates] == [sent]
    assert gone.url == ""


async def test_of_two_bots_of_one_token_the_first_meets_a_conflict() -> None:
    async with LocalServer(TOKEN) as server, client(server) as one, client(server) as other:
        polls = [asyncio.create_task(bot.get_updates(timeout=30)) for bot in (one, other)]
        done, waiting = await asyncio.wait(polls, return_when=asyncio.FIRST_COMPLETED, timeout=20)
        server.world.person().send_text("hi")

        with pytest.raises(Conflict):
            done.pop().result()
        assert len(await waiting.pop()) == 1


async def test_the_library_sets_and_reads_the_bots_profile() -> None:
    async with LocalServer(TOKEN) as server, client(server) as bot:
        commands = [BotCommand("start", "What I do")]
        await bot.set_my_commands(commands)
        await bot.set_my_description("I read digits.")
        await bot.set_my_short_description("Digits.")

        assert list(await bot.get_my_commands()) == commands
        assert (await bot.get_my_description()).description == "I read digits."
        assert (await bot.get_my_short_description()).short_description == "Digits."
        assert await bot.delete_my_commands()
        assert await bot.get_my_commands() == ()
        assert bot.username == "digit_demo_bot"
        assert bot.id == 4242


async def test_open_event_streams_and_long_polls_end_when_the_server_stops() -> None:
    async with httpx.AsyncClient(timeout=30) as http:
        async with LocalServer(TOKEN) as server:
            ann = server.world.person()
            poll = asyncio.create_task(http.get(f"{server.url}/bot{TOKEN}/getUpdates", params={"timeout": 50}))
            events = asyncio.create_task(http.get(f"{server.url}/chat/events", params={"as": ann.id}))
            async with asyncio.timeout(10):
                while not (ann.chat.events.watched and server.world.calls):  # noqa: ASYNC110 (both are in when they show)
                    await asyncio.sleep(0.001)
        answers = await asyncio.wait_for(asyncio.gather(poll, events), 10)

    assert answers[0].json() == {"ok": True, "result": []}
    assert answers[1].text == ": open\n\n"


async def test_a_server_that_has_stopped_can_be_waited_for_no_more() -> None:
    async with LocalServer(TOKEN) as server:
        ann = server.world.person()

    with pytest.raises(TimeoutError):
        await ann.wait_for(lambda message: True)
    with pytest.raises(httpx.ConnectError):
        await httpx.AsyncClient().get(server.url)


async def test_the_process_keeps_its_own_signal_handlers() -> None:
    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    async with LocalServer(TOKEN):
        during = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]

    assert during == before


async def test_an_address_that_is_taken_is_an_error_at_once() -> None:
    async with LocalServer(TOKEN) as server:
        port = int(server.url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"):
            await LocalServer(TOKEN, port=port).__aenter__()


async def test_it_serves_on_ipv6_too() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    async with LocalServer(TOKEN, host="::1") as server, client(server) as bot:
        assert server.url.startswith("http://[::1]:")
        assert bot.username == "digit_demo_bot"


def explode(_: object) -> NoReturn:
    raise RuntimeError("boom")


async def test_the_token_is_in_no_log(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore"):  # the client's own loggers, which this test's client uses and the server doesn't
        logging.getLogger(name).setLevel(logging.CRITICAL)

    async with playground() as bot:
        ann = bot.world.person()
        ann.send_text("hi")
        await bot.call("sendMessage", chat_id=ann.id, text="7")
        await bot.failure("sendMessage", chat_id=5, text="7")
        monkeypatch.setattr(bot.world, "chat", explode)
        broken = await bot.failure("sendMessage", chat_id=5, text="7")

    assert broken == (500, "Internal Server Error")
    out, err = capfd.readouterr()
    assert "boom" in caplog.text
    assert "canary" not in caplog.text + out + err
