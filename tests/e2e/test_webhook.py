"""The whole bot behind a webhook: nothing lost by its restarts, by changes of the way, or by what goes wrong."""

import signal
import sqlite3
from contextlib import AbstractAsyncContextManager, closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.context import Bot
from bot.inbox import sqlite
from bot.playground import webhook as webhooks
from bot.playground.faults import LOST_ANSWER, WEBHOOK
from bot.playground.person import Person
from bot.playground.server import LocalServer
from bot.playground.wire import Json
from bot.settings import Settings
from tests.pictures import photo
from tests.process import digitbot, end_of
from tests.running import TOKEN, answer_to, quotes, running_on
from tests.waiting import until
from tests.web import free_address


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "LONGEST_PAUSE", 0.2)


def hooked_on(server: LocalServer, folder: Path, **given: Any) -> AbstractAsyncContextManager[Bot]:
    """The bot behind a webhook."""
    address = free_address()
    return running_on(server, data_dir=folder, webhook_url=f"http://{address}/hook", listen=address, **given)


def answers(person: Person, message: Json) -> list[str]:
    return [answer["text"] for answer in person.messages() if quotes(answer, message)]


async def test_starting_in_one_way_ends_the_other_and_loses_nothing(tmp_path: Path) -> None:
    async with LocalServer(token=TOKEN) as server:
        ann = server.world.person()
        asked: list[Json] = []
        for way in (running_on, hooked_on, hooked_on, running_on):
            asked.append(ann.send_photo(photo("3")))
            async with hooked_on(server, tmp_path) if way is hooked_on else running_on(server, data_dir=tmp_path):
                assert server.world.webhook.active == (way is hooked_on)
                asked.append(ann.send_photo(photo("7")))
                for message in asked[-2:]:
                    await answer_to(ann, message)
                await until(lambda: len(server.world.updates) == 0)
        assert [len(answers(ann, message)) for message in asked] == [1] * len(asked)


async def test_what_is_delivered_again_is_answered_once(tmp_path: Path) -> None:
    async with LocalServer(token=TOKEN) as server, hooked_on(server, tmp_path):
        ann = server.world.person()
        server.world.faults.add(LOST_ANSWER, WEBHOOK, times=3)
        first, last = ann.send_photo(photo("7")), ann.send_photo(photo("3"))
        await answer_to(ann, last)
        assert server.world.faults.made[LOST_ANSWER] == 3
        assert len(answers(ann, first)) == len(answers(ann, last)) == 1


async def test_what_cannot_be_written_down_is_delivered_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY", 0.1)
    async with LocalServer(token=TOKEN) as server, hooked_on(server, tmp_path) as bot:
        ann, info = server.world.person(), server.world.webhook.info
        await answer_to(ann, ann.send_photo(photo("7")))
        with closing(sqlite3.connect(bot.bot_data.settings.database.file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            message = ann.send_photo(photo("3"))
            await until(lambda: "503" in info().get("last_error_message", ""))
            other.execute("COMMIT")
        assert (await answer_to(ann, message))["text"].startswith("3")


async def test_a_bot_killed_behind_its_webhook_answers_after_the_restart(tmp_path: Path) -> None:
    address, health = free_address(), free_address()
    settings = {
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "WEBHOOK_URL": f"http://{address}/hook",
        "LISTEN": address,
        "METRICS_LISTEN": health,
        "LOG_LEVEL": "DEBUG",
    }
    async with LocalServer(token=TOKEN) as server, httpx.AsyncClient() as http:
        ann = server.world.person()
        async with digitbot(tmp_path, "run", BOT_API_URL=server.url, **settings) as process:
            first = ann.send_photo(photo("7"))
            await answer_to(ann, first)
            assert (await http.get(f"http://{health}/readyz")).text == "ok"
            await answer_to(ann, ann.send_photo(photo("4")))  # by now the first is marked as answered
            process.kill()
            status, said = await end_of(process)
        assert status == -signal.SIGKILL
        missed = [ann.send_photo(photo(digit)) for digit in "35"]
        async with digitbot(tmp_path, "run", BOT_API_URL=server.url, **settings) as process:
            for message in missed:
                await answer_to(ann, message)
            process.terminate()
            status, more = await end_of(process)
        assert status == 0
        assert [len(answers(ann, message)) for message in (first, *missed)] == [1, 1, 1]
        assert server.world.webhook.active
    assert Settings.load(_env_file=None, telegram_bot_token=TOKEN).webhook_token not in said + more
    assert "canary" not in said + more


@pytest.mark.parametrize(
    ("settings", "status", "sentence"),
    [
        ({"LISTEN": "192.0.2.1:8090"}, 1, "digitbot: LISTEN: 192.0.2.1:8090 can't be listened on: "),
        ({"METRICS_LISTEN": "192.0.2.1:9464"}, 1, "digitbot: METRICS_LISTEN: 192.0.2.1:9464 can't be listened on: "),
        ({"BOT_API_URL": "https://api.telegram.org"}, 2, "digitbot: WEBHOOK_URL is wrong: give the https address "),
        ({"WEBHOOK_SECRET": "short"}, 2, "digitbot: WEBHOOK_SECRET is wrong: give 16 to 256 "),
    ],
)
async def test_a_webhook_that_cannot_be_stops_the_start_with_a_sentence(
    tmp_path: Path, settings: dict[str, str], status: int, sentence: str
) -> None:
    async with LocalServer(token=TOKEN) as server:
        usual = {"TELEGRAM_BOT_TOKEN": TOKEN, "BOT_API_URL": server.url, "WEBHOOK_URL": "http://127.0.0.1:8090/hook"}
        async with digitbot(tmp_path, "run", **(usual | settings)) as process:
            ended, said = await end_of(process)
    assert ended == status
    assert said.splitlines()[-1].startswith(sentence)
    assert "Traceback" not in said
    assert not server.world.webhook.active


async def test_polling_a_bot_tells_how_it_is_too(tmp_path: Path) -> None:
    address = free_address()
    async with (
        LocalServer(token=TOKEN) as server,
        running_on(server, data_dir=tmp_path, metrics_listen=address),
        httpx.AsyncClient() as http,
    ):
        assert (await http.get(f"http://{address}/readyz")).text == "ok"
