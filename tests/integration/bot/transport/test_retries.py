"""Calls to Telegram on its bad days: tried again with patience, held back where it asks for that, never for ever."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from telegram.constants import ChatAction
from telegram.error import BadRequest, ChatMigrated, NetworkError, RetryAfter, TimedOut

from bot.app import telegram
from bot.playground.faults import LOST_CALL, SERVER_ERROR, Fault, too_many
from bot.playground.person import Person
from bot.playground.server import LocalServer
from bot.playground.wire import BotApiError
from bot.settings import Settings
from bot.storage.database import DatabaseUnavailable
from bot.transport import retries
from bot.transport.limits import PATIENCE, Limits, MemoryAllowances, Rule
from bot.transport.polling import PollingBot
from tests import waiting

TOKEN = "4242:canary-token"
MOVED = BotApiError(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-1007)


class Counted(MemoryAllowances):
    """Which also notes what was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    async def take(self, rules: Sequence[Rule], patience: float) -> float:
        self.asked += [rule.key for rule in rules]
        return await super().take(rules, patience)


@dataclass(frozen=True, slots=True)
class Calling:
    """A bot as the product builds it, that calls a server."""

    bot: PollingBot
    server: LocalServer
    allowances: Counted
    limits: Limits

    def person(self) -> Person:
        """Who has written to the bot."""
        person = self.server.world.person()
        person.send_text("/start")
        return person

    def calls(self, method: str) -> int:
        return sum(name == method for name, _ in self.server.world.calls)


@asynccontextmanager
async def calling() -> AsyncIterator[Calling]:
    async with LocalServer(TOKEN) as server:
        settings = Settings.load(_env_file=None, telegram_bot_token=TOKEN, bot_api_url=server.url, proxy_url=None)
        limits = Limits(allowances := Counted())
        async with telegram(settings, limits) as bot:
            yield Calling(bot, server, allowances, limits)


def texts(person: Person) -> list[str]:
    return [message["text"] for message in person.messages()]


@pytest.mark.parametrize("fault", [LOST_CALL, SERVER_ERROR])
async def test_a_call_that_fails_three_times_is_made_a_fourth_time(
    fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "FIRST_PAUSE", 0.01)
    async with calling() as it:
        it.server.world.faults.add(fault, "getMyCommands", times=3)
        assert await it.bot.get_my_commands() == ()
        assert it.calls("getMyCommands") == 4


async def test_after_four_attempts_the_error_is_the_callers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "FIRST_PAUSE", 0.01)
    async with calling() as it:
        it.server.world.faults.add(SERVER_ERROR, "getMyCommands")
        with pytest.raises(NetworkError, match="Bad Gateway"):
            await it.bot.get_my_commands()
        assert it.calls("getMyCommands") == 4


async def test_what_telegram_refuses_is_not_tried_again() -> None:
    async with calling() as it:
        with pytest.raises(BadRequest, match="Chat not found"):
            await it.bot.send_message(it.server.world.person().id, "7")
        assert it.calls("sendMessage") == 1


async def test_an_edit_to_what_is_there_already_is_done() -> None:
    async with calling() as it:
        ann = it.server.world.person()
        ann.send_text("/start")
        sent = await it.bot.send_message(ann.id, "7")
        await sent.edit_text("7")
        assert it.calls("editMessageText") == 1
        with pytest.raises(BadRequest):
            await it.bot.edit_message_text("7", ann.id, sent.message_id + 99)


async def test_each_attempt_is_counted_as_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "FIRST_PAUSE", 0.01)
    async with calling() as it:
        ann = it.person()
        it.server.world.faults.add(LOST_CALL, "sendMessage", times=1)
        await it.bot.send_message(ann.id, "7")
        assert it.allowances.asked == ["messages", f"messages {ann.id}"] * 2


async def test_what_speaks_against_a_message_is_heard_when_nothing_is_left_to_wait_for() -> None:
    async with calling() as it:
        ann, held = it.person(), True

        async def check() -> None:
            if not held:
                raise DatabaseUnavailable("somebody else answers it now")

        await it.bot.send_message(ann.id, "7", rate_limit_args=check)
        waits = asyncio.create_task(it.bot.send_message(ann.id, "3", rate_limit_args=check))  # for a second
        await waiting.until(lambda: len(it.allowances.asked) == 4)
        held = False
        with pytest.raises(DatabaseUnavailable):
            await waits
        assert texts(ann) == ["/start", "7"]


async def test_a_short_flood_limit_holds_back_its_chat_alone() -> None:
    async with calling() as it:
        ann, ben = it.person(), it.person()
        it.server.world.faults.add(too_many(3), "sendMessage", chat=ann.id, times=1)
        waits = asyncio.create_task(it.bot.send_message(ann.id, "7"))
        await waiting.until(lambda: it.calls("sendMessage") == 1)
        await it.bot.send_message(ben.id, "3")
        assert texts(ann) == ["/start"]
        await waits
        assert (texts(ann), texts(ben)) == (["/start", "7"], ["/start", "3"])


async def test_a_long_flood_limit_is_the_callers_and_nothing_more_is_sent_there() -> None:
    async with calling() as it:
        ann, ben = it.person(), it.person()
        it.server.world.faults.flood(60, "sendMessage", chat=ann.id)
        for _ in range(2):
            with pytest.raises(RetryAfter) as refused:
                await it.bot.send_message(ann.id, "7")
            assert retries.seconds_of(refused.value) > PATIENCE
        assert it.calls("sendMessage") == 1
        assert it.limits.pause(ann.id) > PATIENCE
        await it.bot.send_message(ben.id, "3")
        assert texts(ben) == ["/start", "3"]


async def test_a_flood_limit_of_a_call_without_a_chat_is_waited_for() -> None:
    async with calling() as it:
        it.server.world.faults.add(too_many(1), "getMyCommands", times=1)
        assert await it.bot.get_my_commands() == ()
        assert it.calls("getMyCommands") == 2


async def test_what_is_for_a_group_goes_to_the_supergroup_that_it_became() -> None:
    async with calling() as it:
        ann = it.person()
        group = it.server.world.group("Class 4b", ann)
        before = group.id
        after = group.migrate()
        await it.bot.send_message(before, "7")
        assert group.member(ann).messages()[-1]["text"] == "7"
        assert it.allowances.asked[-1] == f"messages a minute {after}"


async def test_a_chat_that_moves_on_and_on_is_followed_once() -> None:
    async with calling() as it:
        it.server.world.faults.add(Fault(error=MOVED), "sendMessage")
        with pytest.raises(ChatMigrated):
            await it.bot.send_message(it.person().id, "7")
        assert it.calls("sendMessage") == 2


async def test_typing_is_tried_once_and_waits_for_nothing() -> None:
    async with calling() as it:
        ann = it.person()
        it.limits.leave_alone("sendMessage", ann.id, 60)
        it.server.world.faults.add(SERVER_ERROR, "sendChatAction", times=1)
        with pytest.raises(NetworkError):
            await it.bot.send_chat_action(ann.id, ChatAction.TYPING)
        await it.bot.send_chat_action(ann.id, ChatAction.TYPING)
        assert it.calls("sendChatAction") == 2
        assert it.allowances.asked == []


async def test_a_call_ends_however_long_telegram_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "LONGEST", 0.2)
    async with calling() as it:
        ann = it.person()
        it.server.world.faults.add(Fault(delay=60), "sendMessage")
        async with asyncio.timeout(waiting.PATIENCE):
            with pytest.raises(TimedOut, match="sendMessage took too long"):
                await it.bot.send_message(ann.id, "7")
