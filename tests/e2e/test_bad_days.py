"""Telegram's bad days, as the local server makes them: in the end each photo is answered, and in order."""

import os
import signal

import pytest

from bot.handlers import errors
from bot.inbox import work
from bot.playground.faults import BROKEN_ANSWER, DOWNLOAD, LOST_ANSWER, LOST_CALL, SERVER_ERROR, Fault
from bot.playground.person import Person
from bot.playground.wire import Json
from tests.pictures import photo, slow_picture
from tests.reader_process import needs_proc, reader_in_mid_photo
from tests.running import Running, answer_to, quotes, running_bot
from tests.waiting import until


def answers(person: Person, message: Json) -> list[str]:
    return [answer["text"] for answer in person.messages() if quotes(answer, message)]


def calls(running: Running, method: str) -> int:
    return sum(name == method for name, _ in running.server.world.calls)


async def test_without_network_nothing_is_lost_and_it_goes_on_by_itself(caplog: pytest.LogCaptureFixture) -> None:
    async with running_bot() as running:
        ann, ben, faults = running.person(), running.person(), running.server.world.faults
        await answer_to(ann, ann.send_photo(photo("7")))
        faults.network = False
        kept = [(who, who.send_photo(photo(digit))) for digit in "35" for who in (ann, ben)]
        await until(lambda: "No news from Telegram for now" in caplog.text)
        faults.network = True
        for who, message in kept:
            await answer_to(who, message)
        assert [answers(who, message)[0][0] for who, message in kept] == ["3", "3", "5", "5"]


@pytest.mark.parametrize(
    ("method", "fault"), [("getFile", SERVER_ERROR), (DOWNLOAD, BROKEN_ANSWER), ("sendMessage", LOST_CALL)]
)
async def test_a_photo_is_answered_however_often_a_step_fails(method: str, fault: Fault) -> None:
    async with running_bot() as running:
        ann, ben = running.person(), running.person()
        running.server.world.faults.add(fault, method, times=5)  # more often than a call is tried
        message = ann.send_photo(photo("7"))
        assert (await answer_to(ann, message))["text"].startswith("7")
        assert (await answer_to(ben, ben.send_photo(photo("3"))))["text"].startswith("3")


async def test_an_answer_that_arrived_unseen_comes_twice_at_most_for_each_try() -> None:
    async with running_bot() as running:
        ann = running.person()
        running.server.world.faults.add(LOST_ANSWER, "sendMessage", times=1)
        message = ann.send_photo(photo("7"))
        await answer_to(ann, message)
        await answer_to(ann, ann.send_photo(photo("3")))
        assert len(answers(ann, message)) == 2


async def test_with_every_third_call_failing_a_chat_is_answered_in_order() -> None:
    async with running_bot() as running:
        people = [running.person() for _ in range(4)]
        for fault in (LOST_CALL, SERVER_ERROR, BROKEN_ANSWER):
            running.server.world.faults.add(fault, share=0.11)
        sent = [(who, who.send_photo(photo(digit))) for digit in "73142" for who in people]
        for who, message in sent:
            await answer_to(who, message)
        running.server.world.faults.clear()
        for who in people:
            quoted = [m["reply_to_message"]["message_id"] for m in who.messages() if "reply_to_message" in m]
            assert quoted == sorted(quoted)


async def test_a_flood_limit_of_one_chat_stops_no_other() -> None:
    async with running_bot() as running:
        ann, ben = running.person(), running.person()
        running.server.world.faults.flood(8, "sendMessage", chat=ann.id)
        waits = ann.send_photo(photo("7"))
        await until(lambda: calls(running, "sendMessage") >= 1)
        assert (await answer_to(ben, ben.send_photo(photo("3"))))["text"].startswith("3")
        assert (await answer_to(ann, waits))["text"].startswith("7")
        assert len(answers(ann, waits)) == 1
        sent = [given["chat_id"] for method, given in running.server.world.calls if method == "sendMessage"]
        assert [str(chat) for chat in sent] == [str(each.id) for each in (ann, ben, ann)]  # ann's at once, and later


@needs_proc
async def test_a_message_deleted_before_its_answer_is_answered_without_a_quote() -> None:
    async with running_bot() as running:
        ann = running.person()
        message = ann.send_file(slow_picture(), "large.png", "image/png", preview=None)
        reader = await reader_in_mid_photo()
        ann.delete(message["message_id"])
        os.kill(reader, signal.SIGCONT)
        answer = await ann.wait_for(lambda _: True)
        assert "reply_to_message" not in answer


async def test_a_group_that_became_a_supergroup_is_answered_there() -> None:
    async with running_bot() as running:
        teacher = running.person()
        group = running.server.world.group("Class 4b", teacher)
        ann = group.member(teacher)
        hello = group.chat.post(running.server.world.bot, {"text": "Hello"})
        running.server.world.faults.add(Fault(delay=0.5), DOWNLOAD, times=1)
        ann.send_photo(photo("7"), reply_to=hello["message_id"])
        await until(lambda: calls(running, "getFile") == 1)
        group.migrate()
        assert await ann.wait_for(lambda message: message.get("text", "").startswith("7"))


async def test_after_a_day_the_person_is_told_that_it_came_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "PATIENCE", 1)
    async with running_bot() as running:
        ann = running.person()
        running.server.world.faults.add(SERVER_ERROR, "getFile")
        assert "didn't answer me in time" in (await answer_to(ann, ann.send_photo(photo("7"))))["text"]


@needs_proc
async def test_what_takes_for_ever_is_given_up_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "HANDLING_LIMIT", 5)
    async with running_bot() as running:
        ann = running.person()
        message = ann.send_file(slow_picture(), "large.png", "image/png", preview=None)
        reader = await reader_in_mid_photo()
        assert "went wrong on my side" in (await answer_to(ann, message))["text"]
        monkeypatch.undo()
        os.kill(reader, signal.SIGCONT)
        assert (await answer_to(ann, ann.send_photo(photo("3"))))["text"].startswith("3")
