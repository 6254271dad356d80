"""Several bots on one PostgreSQL database: together they are one bot that is hard to kill."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bot.playground.person import Person
from bot.playground.server import LocalServer
from bot.playground.wire import Json
from bot.storage.database import Lock
from tests.pictures import photo
from tests.postgres import cluster, new_database
from tests.process import digitbot, end_of
from tests.running import TOKEN, answer_to, quotes


@dataclass
class Replicas:
    """Two bots, a server, a database."""

    server: LocalServer
    url: str
    folder: Path
    bots: list[asyncio.subprocess.Process]

    def polling(self) -> asyncio.subprocess.Process:
        """The one whose turn it is to ask for updates."""
        return self.holding(Lock.UPDATES)

    def holding(self, lock: Lock) -> asyncio.subprocess.Process:
        """The one whose turn it is to do what `lock` stands for."""
        with psycopg.connect(self.url) as connection:
            found = connection.execute(
                "SELECT application_name FROM pg_stat_activity JOIN pg_locks USING (pid)"
                " WHERE locktype = 'advisory' AND objid = %s AND granted AND datname = current_database()",
                (lock,),
            ).fetchall()
        assert len(found) == 1
        return next(bot for number, bot in enumerate(self.bots) if found[0][0] == f"bot{number}")


@asynccontextmanager
async def replicas(folder: Path, count: int = 2) -> AsyncIterator[Replicas]:
    async with AsyncExitStack() as life:
        server = await life.enter_async_context(LocalServer(token=TOKEN))
        url = life.enter_context(new_database())
        bots = [await life.enter_async_context(bot_on(server, url, folder, number)) for number in range(count)]
        yield Replicas(server, url, folder, bots)


def bot_on(
    server: LocalServer, url: str, folder: Path, number: int
) -> AbstractAsyncContextManager[asyncio.subprocess.Process]:
    named = f"{url}?application_name=bot{number}"
    return digitbot(folder, "run", TELEGRAM_BOT_TOKEN=TOKEN, BOT_API_URL=server.url, DATABASE_URL=named)


def answers(person: Person, message: Json) -> list[str]:
    return [answer["text"] for answer in person.messages() if quotes(answer, message)]


async def all_answered(sent: list[tuple[Person, Json]]) -> None:
    for who, message in sent:
        await answer_to(who, message)


def in_order(person: Person) -> bool:
    quoted = [m["reply_to_message"]["message_id"] for m in person.messages() if "reply_to_message" in m]
    return quoted == sorted(quoted)


async def test_photos_are_answered_once_and_in_order_by_both(tmp_path: Path) -> None:
    async with replicas(tmp_path) as both:
        people = [both.server.world.person() for _ in range(6)]
        sent = [(who, who.send_photo(photo(digit))) for digit in "735" for who in people]
        await all_answered(sent)
        assert [answers(who, message)[0][0] for who, message in sent] == list("7" * 6 + "3" * 6 + "5" * 6)
        assert all(len(answers(who, message)) == 1 for who, message in sent)
        assert all(in_order(who) for who in people)


async def test_when_the_polling_one_is_killed_the_other_goes_on(tmp_path: Path) -> None:
    async with replicas(tmp_path) as both:
        ann = both.server.world.person()
        await answer_to(ann, ann.send_photo(photo("7")))
        killed = both.polling()
        kept = ann.send_photo(photo("3"))
        killed.kill()
        await answer_to(ann, kept)
        await answer_to(ann, ann.send_photo(photo("5")))
        other = next(bot for bot in both.bots if bot is not killed)
        assert other.returncode is None
        other.send_signal(signal.SIGTERM)
        status, said = await end_of(other)
    assert status == 0, said
    assert "Traceback" not in said


async def test_a_restart_of_the_database_is_survived(tmp_path: Path) -> None:
    async with replicas(tmp_path) as both:
        people = [both.server.world.person() for _ in range(3)]
        await all_answered([(who, who.send_photo(photo("7"))) for who in people])
        cluster().stop("immediate")
        sent = [(who, who.send_photo(photo("3"))) for who in people]
        cluster().start()
        await all_answered(sent)
        assert [bot.returncode for bot in both.bots] == [None, None]
        assert all(in_order(who) for who in people)


async def test_a_database_out_of_reach_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    settings = {"TELEGRAM_BOT_TOKEN": TOKEN, "DATABASE_URL": "postgresql://me:canary@127.0.0.1:9/digits"}
    async with digitbot(tmp_path, "run", **settings) as process:
        status, said = await end_of(process)
    assert status == 1
    assert said.splitlines()[-1].startswith("digitbot: The database 127.0.0.1/digits can't be used: ")
    assert "canary" not in said
    assert "Traceback" not in said
