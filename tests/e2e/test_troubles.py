"""Telegram's and the readers' bad days: the person hears one plain sentence, the admins hear of it, the bot goes on."""

import os
import signal
import sys

import pytest

from bot.inbox import sqlite
from bot.playground.person import Person
from bot.playground.wire import Json
from bot.telemetry import troubles
from tests.hostile import BOMBS, HANGING
from tests.pictures import photo, slow_picture
from tests.reader_process import needs_proc, reader_in_mid_photo
from tests.running import Running, answer_from_bot, answer_to, quotes, running_bot, text_of
from tests.waiting import until

ADMIN = 99


def send_slow_picture(person: Person) -> Json:
    """A file that a reader works on for a good while; without a preview, as making one would take as long."""
    return person.send_file(slow_picture(), "large.png", "image/png", preview=None)


@needs_proc
async def test_a_reader_killed_in_mid_photo_costs_one_sentence() -> None:
    async with running_bot() as running:
        ann = running.person()
        unlucky = send_slow_picture(ann)
        os.kill(await reader_in_mid_photo(), signal.SIGKILL)
        assert "went wrong while I was reading" in (await answer_to(ann, unlucky))["text"]
        assert (await answer_to(ann, ann.send_photo(photo("7"))))["text"].startswith("7")


@pytest.mark.skipif(sys.platform == "win32", reason="it has no limit of CPU time")
@pytest.mark.parametrize("name", HANGING)
async def test_a_file_that_hangs_a_decoder_costs_one_sentence(name: str) -> None:
    async with running_bot(admin_ids=str(ADMIN)) as running:
        ann, admin = running.person(), running.person(person_id=ADMIN)
        admin.send_text("/start")
        unlucky = ann.send_file(BOMBS[name](), "picture", "image/jpeg", preview=None)
        lucky = ann.send_photo(photo("7"))
        said = (await answer_to(ann, unlucky))["text"]
        assert said == "This picture takes too long to read. Please send it as a photo, not as a file."
        assert (await answer_to(ann, lucky))["text"].startswith("7")
        asked = ann.send_text("/demo tour", reply_to=unlucky["message_id"])
        assert text_of(await answer_to(ann, asked)) == said
        await answer_to(ann, ann.send_photo(photo("7")))
        assert not any("error" in message.get("text", "") for message in admin.messages())


@needs_proc
async def test_other_chats_never_notice_a_killed_reader() -> None:
    async with running_bot(readers=1) as running:
        ann, ben = running.person(), running.person()
        unlucky = send_slow_picture(ann)
        reader = await reader_in_mid_photo()
        patient = ben.send_photo(photo("3"))
        os.kill(reader, signal.SIGKILL)
        assert (await answer_to(ben, patient))["text"].startswith("3")
        assert "went wrong" in (await answer_to(ann, unlucky))["text"]


async def test_in_an_album_one_photos_failure_is_its_own() -> None:
    async with running_bot(admin_ids=str(ADMIN)) as running:
        ann, admin = running.person(), running.person(person_id=ADMIN)
        admin.send_text("/start")
        await answer_from_bot(admin)
        running.server.world.fail_next("getFile", 400, "Bad Request: file is lost")
        album = ann.send_album([photo("3"), photo("7")])
        lines = text_of(await answer_to(ann, album[0])).splitlines()
        assert "on my side" in lines[0]
        assert lines[1].startswith("2. 7")
        await admin.wait_for(lambda message: "1 error since" in message.get("text", ""))


async def test_without_an_admin_nobody_is_said_to_have_been_told() -> None:
    async with running_bot() as running:
        ann = running.person()
        running.server.world.fail_next("getFile", 400, "Bad Request: the canary died")
        said = text_of(await answer_to(ann, ann.send_photo(photo("7"))))
        assert said == "Something went wrong on my side. Please try again in a moment."


async def test_admins_hear_of_errors_at_most_once_an_hour() -> None:
    async with running_bot(admin_ids=str(ADMIN)) as running:
        ann, admin = running.person(), running.person(person_id=ADMIN)
        admin.send_text("/start")
        await answer_from_bot(admin)
        for _ in range(3):
            running.server.world.fail_next("getFile", 400, "Bad Request: the canary died")
            said = (await answer_to(ann, ann.send_photo(photo("7"))))["text"]
            assert said.startswith("Something went wrong on my side, and my admins have been told.")
        notices = [message["text"] for message in admin.messages() if "error" in message.get("text", "")]
        assert notices == ["1 error since my last notice: BadRequest. The log has the details."]


async def test_errors_within_the_quiet_hour_are_told_when_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(troubles, "QUIET", 2)
    async with running_bot(admin_ids=str(ADMIN)) as running:
        ann, admin = running.person(), running.person(person_id=ADMIN)
        admin.send_text("/start")
        running.server.world.fail_next("getFile", 400, "Bad Request: the canary died", times=3)
        for person in (ann, running.person(), running.person()):
            await answer_to(person, person.send_photo(photo("7")))
        await admin.wait_for(lambda message: "2 errors since my last notice" in message["text"])


async def test_start_keeps_ids_to_itself_once_there_is_an_admin() -> None:
    async with running_bot(admin_ids=str(ADMIN)) as running:
        ann = running.person()
        ann.send_text("/start")
        assert str(ann.id) not in (await answer_from_bot(ann))["text"]


async def test_a_flood_limit_is_waited_for() -> None:
    async with running_bot() as running:
        ann = running.person()
        running.server.world.fail_next("sendMessage", 429, "Too Many Requests: retry after 1", retry_after=1)
        assert (await answer_to(ann, ann.send_photo(photo("7"))))["text"].startswith("7")


async def test_short_failures_of_telegram_are_tried_again() -> None:
    async with running_bot() as running:
        ann = running.person()
        for method in ("getFile", "sendMessage"):
            running.server.world.fail_next(method, 502, "Bad Gateway", times=2)
        assert (await answer_to(ann, ann.send_photo(photo("7"))))["text"].startswith("7")


async def test_what_telegram_hinders_for_long_is_answered_once_it_is_over() -> None:
    async with running_bot() as running:
        ann = running.person()
        running.server.world.fail_next("getFile", 502, "Bad Gateway", times=4)
        assert (await answer_to(ann, ann.send_photo(photo("7"))))["text"].startswith("7")


def tried_to_write_to(person: Person, running: Running) -> bool:
    calls = [parameters for name, parameters in running.server.world.calls if name == "sendMessage"]
    return any(str(parameters["chat_id"]) == str(person.id) for parameters in calls)


async def test_who_blocked_the_bot_troubles_nobody() -> None:
    async with running_bot(admin_ids=str(ADMIN)) as running:
        ann, admin = running.person(), running.person(person_id=ADMIN)
        admin.send_text("/start")
        ann.send_photo(photo("7"))
        ann.block()
        await until(lambda: tried_to_write_to(ann, running))
        assert (await answer_to(admin, admin.send_photo(photo("7"))))["text"].startswith("7")
        assert not any("error" in message.get("text", "") for message in admin.messages())


@needs_proc
async def test_while_reading_takes_long_the_chat_shows_it() -> None:
    async with running_bot() as running:
        ann = running.person()
        message = send_slow_picture(ann)
        reader = await reader_in_mid_photo()
        await until(lambda: "typing" in ann.actions)
        os.kill(reader, signal.SIGCONT)
        await answer_to(ann, message)


@needs_proc
async def test_more_than_may_wait_in_a_chat_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "CHAT_BOUND", 2)
    async with running_bot() as running:
        ann, ben = running.person(), running.person()
        message = send_slow_picture(ann)
        reader = await reader_in_mid_photo()
        waiting, refused, unheard = (ann.send_photo(photo("7")) for _ in range(3))
        assert "My queue is full" in (await answer_to(ann, refused))["text"]
        kept = ben.send_photo(photo("3"))
        os.kill(reader, signal.SIGCONT)
        for each in ((ann, message), (ann, waiting), (ben, kept)):
            assert "keep" not in (await answer_to(*each))["text"]
        assert not any(quotes(answer, unheard) for answer in ann.messages())
