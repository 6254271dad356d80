"""The bot is killed at any point of its way and started again: every photo is answered, in order, hardly any twice."""

import asyncio
import signal
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from bot.inbox.work import LAST_START
from bot.playground.person import Person
from bot.playground.server import LocalServer
from bot.playground.wire import Json
from tests.e2e import dying_bot
from tests.pictures import photo
from tests.process import digitbot, end_of, in_its_place
from tests.running import TOKEN, answer_to, quotes

TWICE = {"after the send and before the mark"}
# One kill before an answer and one after; the other tests here kill at more points, `make test-slow` at all.
FEW = {"after the claim", *TWICE}


def bot_on(server: LocalServer, folder: Path, *point: str) -> AbstractAsyncContextManager[asyncio.subprocess.Process]:
    """The bot, or one that dies at a point."""
    settings = {"TELEGRAM_BOT_TOKEN": TOKEN, "BOT_API_URL": server.url}
    if point:
        return in_its_place((dying_bot.__file__,), folder, *point, "run", **settings)
    return digitbot(folder, "run", **settings)


async def dies(server: LocalServer, folder: Path, point: str) -> None:
    """A bot comes to the point and is killed there."""
    async with bot_on(server, folder, point) as process:
        status, said = await end_of(process)
    assert status == -signal.SIGKILL, said


def answers(person: Person, message: Json) -> list[str]:
    return [answer["text"] for answer in person.messages() if quotes(answer, message)]


@pytest.mark.parametrize(
    "point", [point if point in FEW else pytest.param(point, marks=pytest.mark.slow) for point in dying_bot.POINTS]
)
async def test_a_photo_is_answered_though_the_bot_is_killed(tmp_path: Path, point: str) -> None:
    async with LocalServer(token=TOKEN) as server:
        ann = server.world.person()
        first, second = ann.send_photo(photo("7")), ann.send_photo(photo("3"))
        await dies(server, tmp_path, point)
        async with bot_on(server, tmp_path):
            await answer_to(ann, second)
            third = ann.send_photo(photo("4", seed=4))
            await answer_to(ann, third)
    found = [answers(ann, message) for message in (first, second, third)]
    assert [texts[0][0] for texts in found] == ["7", "3", "4"]
    assert [len(texts) for texts in found] == [2 if point in TWICE else 1, 1, 1]
    order = [answer["reply_to_message"]["message_id"] for answer in ann.messages() if "reply_to_message" in answer]
    assert order == sorted(order)


async def test_an_album_in_work_at_a_kill_is_answered_whole(tmp_path: Path) -> None:
    async with LocalServer(token=TOKEN) as server:
        ann = server.world.person()
        album = ann.send_album([photo("7"), photo("3"), photo("42")])
        await dies(server, tmp_path, "while reading")
        async with bot_on(server, tmp_path):
            lines = (await answer_to(ann, album[0]))["text"].splitlines()
    assert [line[:4] for line in lines] == ["1. 7", "2. 3", "3. 4"]
    assert [len(answers(ann, each)) for each in album] == [1, 0, 0]


async def test_what_kills_the_bot_each_time_is_set_aside_and_told(tmp_path: Path) -> None:
    async with LocalServer(token=TOKEN) as server:
        ann, ben = server.world.person(), server.world.person()
        deadly = ann.send_photo(photo("7"))
        for _ in range(LAST_START - 1):
            await dies(server, tmp_path, "while reading")
        async with bot_on(server, tmp_path, "while reading") as process:  # it would die again
            assert "couldn't process this one" in (await answer_to(ann, deadly))["text"]
            process.terminate()
            status, said = await end_of(process)
            assert status == 0, said
        async with bot_on(server, tmp_path):
            for who in (ann, ben):
                assert (await answer_to(who, who.send_photo(photo("3"))))["text"].startswith("3")
    assert len(answers(ann, deadly)) == 1


async def test_what_telegram_delivers_again_is_answered_once(tmp_path: Path) -> None:
    async with LocalServer(token=TOKEN) as server:
        ann = server.world.person()
        message = ann.send_photo(photo("7"))
        await dies(server, tmp_path, "between record and acknowledgement")
        assert len(server.world.updates) == 1  # Telegram hasn't heard that it arrived
        async with bot_on(server, tmp_path):
            await answer_to(ann, message)
            await answer_to(ann, ann.send_photo(photo("3")))
    assert len(answers(ann, message)) == 1


async def test_sigterm_lets_what_is_in_work_be_answered_and_keeps_the_rest(tmp_path: Path) -> None:
    async with LocalServer(token=TOKEN) as server:
        ann = server.world.person()
        sent = [ann.send_photo(photo("7")) for _ in range(5)]  # a second apart each
        async with bot_on(server, tmp_path) as process:
            await answer_to(ann, sent[0])
            process.terminate()
            status, said = await end_of(process)
        assert status == 0, said
        assert "Traceback" not in said
        assert not answers(ann, sent[-1])
        async with bot_on(server, tmp_path):
            await answer_to(ann, sent[-1])
    assert [len(answers(ann, message)) for message in sent] == [1] * len(sent)


async def test_a_second_bot_on_the_same_data_is_told_so(tmp_path: Path) -> None:
    async with LocalServer(token=TOKEN) as server, bot_on(server, tmp_path) as first:
        ann = server.world.person()
        await answer_to(ann, ann.send_photo(photo("7")))
        async with bot_on(server, tmp_path) as second:
            status, said = await end_of(second)
        assert status == 1
        assert said.splitlines()[-1].startswith("digitbot: Another bot is at work on ")
        assert "Traceback" not in said
        assert first.returncode is None


async def test_who_was_only_in_work_beside_what_kills_the_bot_is_answered(tmp_path: Path) -> None:
    async with LocalServer(token=TOKEN) as server:
        people = [server.world.person() for _ in range(5)]
        sent = [who.send_photo(photo("7")) for who in people]
        for _ in range(2):
            await dies(server, tmp_path, "while reading, all at once")
        async with bot_on(server, tmp_path):
            texts = [(await answer_to(who, message))["text"] for who, message in zip(people, sent, strict=True)]
    assert sum(text.startswith("7") for text in texts) >= len(people) - 1
