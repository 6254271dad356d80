"""Downloads share their bytes: who doesn't fit waits, in order, and small files don't wait for large ones."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import pytest
from telegram import Bot, Document
from telegram.error import BadRequest, TimedOut

from bot.app import telegram
from bot.messages import downloads
from bot.messages.downloads import Downloads, TooLarge
from bot.playground.server import LocalServer
from bot.settings import Settings
from bot.transport.calls import LARGEST
from bot.transport.limits import Limits, MemoryAllowances
from tests.waiting import PATIENCE, until

TOKEN = "4242:canary-token"
MB = 1_000_000


@dataclass
class Fetching:
    """Files at a server, and who holds which."""

    bot: Bot
    server: LocalServer
    downloads: Downloads
    held: list[str] = field(default_factory=list)  # in the order in which they came
    going: dict[str, tuple[asyncio.Task[None], asyncio.Event]] = field(default_factory=dict)

    @property
    def begun(self) -> int:
        """How many files the server was asked for."""
        return [method for method, _ in self.server.world.calls].count("getFile")

    def sent(self, size: int, told: bool = True) -> Document:
        document = self.server.world.person().send_document(bytes(size), "a.jpg", "image/jpeg")["document"]
        return Document(document["file_id"], document["file_unique_id"], file_size=size if told else None)

    def fetch(self, name: str, size: int, told: bool = True) -> asyncio.Task[None]:
        """Somebody begins to fetch a file, and holds it until it is let go."""
        picture, enough = self.sent(size, told), asyncio.Event()

        async def hold() -> None:
            async with self.downloads.picture(picture) as photo:
                assert len(photo) == size
                self.held.append(name)
                await enough.wait()

        task = asyncio.create_task(hold())
        self.going[name] = task, enough
        return task

    async def let_go(self, name: str) -> None:
        task, enough = self.going.pop(name)
        enough.set()
        await task


@asynccontextmanager
async def fetching(budget: int) -> AsyncIterator[Fetching]:
    async with LocalServer(TOKEN) as server:
        settings = Settings.load(_env_file=None, telegram_bot_token=TOKEN, bot_api_url=server.url, proxy_url=None)
        async with telegram(settings, Limits(MemoryAllowances())) as bot:
            it = Fetching(bot, server, Downloads(bot, budget))
            yield it
            for task, _ in it.going.values():
                task.cancel()
            await asyncio.gather(*(task for task, _ in it.going.values()), return_exceptions=True)


async def test_who_does_not_fit_waits_for_its_turn() -> None:
    async with fetching(8 * MB) as it:  # of which six are for large files
        it.fetch("first", 4 * MB)
        await until(lambda: it.held == ["first"])
        for name, size in (("second", 4 * MB), ("third", 1 * MB)):
            it.fetch(name, size)
        it.fetch("small", MB // 4)
        await until(lambda: "small" in it.held)
        assert it.held == ["first", "small"]  # the third would fit, but it isn't its turn
        assert it.begun == 2
        await it.let_go("first")
        await until(lambda: len(it.held) == 4)
        assert set(it.held[2:]) == {"second", "third"}


async def test_a_file_larger_than_all_is_fetched_alone() -> None:
    async with fetching(MB) as it:
        it.fetch("huge", 3 * MB)
        await until(lambda: it.held == ["huge"])
        it.fetch("next", 3 * MB)
        it.fetch("small", 1000)
        await until(lambda: "small" in it.held)
        assert it.held == ["huge", "small"]
        assert it.begun == 2
        await it.let_go("huge")
        await until(lambda: "next" in it.held)


async def test_a_file_of_unknown_size_counts_as_the_largest() -> None:
    async with fetching(24 * MB) as it:
        it.fetch("unknown", 1000, told=False)
        await until(lambda: it.held == ["unknown"])
        it.fetch("large", MB)
        it.fetch("small", MB // 2)
        await until(lambda: "small" in it.held)
        assert it.held == ["unknown", "small"]
        assert it.begun == 2
        await it.let_go("unknown")
        await until(lambda: "large" in it.held)


async def test_who_gives_up_leaves_its_place_to_the_next() -> None:
    async with fetching(4 * MB) as it:
        it.fetch("first", 3 * MB)
        await until(lambda: it.held == ["first"])
        second = it.fetch("second", 3 * MB)
        it.fetch("third", 3 * MB)
        await asyncio.sleep(0)
        second.cancel()
        await it.let_go("first")
        await until(lambda: it.held == ["first", "third"])


async def test_what_failed_gives_its_bytes_back() -> None:
    async with fetching(4 * MB) as it:
        gone = Document("gone", "gone", file_size=3 * MB)
        for _ in range(3):
            with pytest.raises(BadRequest):
                await it.downloads.picture(gone).__aenter__()
        it.fetch("next", 3 * MB)
        await until(lambda: it.held == ["next"])


async def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "PATIENCE", 0.1)
    async with fetching(4 * MB) as it:
        it.fetch("first", 3 * MB)
        await until(lambda: it.held == ["first"])
        with pytest.raises(TimedOut):  # the inbox tries it again
            await asyncio.wait_for(it.fetch("second", 3 * MB), PATIENCE)


async def test_a_file_fetched_once_more_counts_too() -> None:
    async with fetching(4 * MB) as it:
        it.fetch("first", 3 * MB)
        await until(lambda: it.held == ["first"])
        async with AsyncExitStack() as held:
            again = asyncio.create_task(held.enter_async_context(it.downloads.again(it.sent(3 * MB).file_id)))
            await until(lambda: it.begun == 2)
            it.fetch("small", 1000)
            await until(lambda: "small" in it.held)
            assert not again.done()
            await it.let_go("first")
            assert len(await again) == 3 * MB


@pytest.mark.parametrize("told", [True, False])
async def test_what_is_too_large_is_not_fetched(told: bool) -> None:
    async with fetching(MB) as it:
        with pytest.raises(TooLarge):
            await it.fetch("large", LARGEST + 1, told)
