"""The bot or its trainer is killed in a training: what serves is whole, nothing is lost, people are told."""

import asyncio
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import product
from pathlib import Path

import pytest

from bot.learning.trainings import Trainings
from bot.learning.version_store import version_store
from bot.playground.person import Person
from bot.playground.server import LocalServer
from bot.storage.database import Database
from bot.storage.store import Store, store_in
from model.versions.version import open_version
from tests.commands import needs_tensorflow, small_mnist
from tests.postgres import new_database
from tests.process import end_of, in_its_place
from tests.running import TOKEN, text_of
from tests.training.bot import dying_learner
from tests.training.bot.test_retrain import LONG, SHIPPED, all_that_say, in_file, told
from tests.trainings import accept, told_again, trainers_of
from tests.waiting import PATIENCE, until

pytestmark = needs_tensorflow
CORRECTIONS = 60
# A version is in a folder first, and with PostgreSQL in the database: one kill where they differ stands for the others.
DIFFERENT = {("sqlite", "as the version is written"), ("postgres", "between outcome and promotion")}
WITH_A_VERSION = [
    pytest.param(*each, marks=() if each in DIFFERENT else pytest.mark.slow)
    for each in product(("sqlite", "postgres"), dying_learner.AFTER_THE_TRAINER)
]


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        (tmp_path / "data").mkdir()
        yield in_file(tmp_path / "data")
    else:
        with new_database() as url:
            yield url


@pytest.fixture(scope="module")
def own_mnist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_mnist(tmp_path_factory.mktemp("mnist") / "own.npz")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory, own_mnist: Path) -> Path:
    """What a training says and makes."""
    folder = tmp_path_factory.mktemp("recorded")
    told_again(folder, own_mnist, CORRECTIONS)
    return folder


@asynccontextmanager
async def store_of(database: str) -> AsyncIterator[Store]:
    known = Database(database)
    with known.prepared():
        async with store_in(known) as store:
            yield store


class Scene:
    """A server with an admin, a database with corrections, and bots on them that may die."""

    def __init__(self, server: LocalServer, admin: Person, database: str, folder: Path, mnist: Path) -> None:
        self.admin, self.folder, self._database = admin, folder, database
        self._settings = {
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "BOT_API_URL": server.url,
            "DATABASE_URL": database,
            "ADMIN_IDS": str(admin.id),
            "MNIST_PATH": str(mnist),
        }

    def bot(self, point: str = "-", recorded: Path | str = "-", data: str = "data") -> "Bot":
        """A bot, which dies at the point."""
        program = (dying_learner.__file__, point, str(recorded))
        return in_its_place(program, self.folder, "run", DATA_DIR=str(self.folder / data), **self._settings)

    async def dies(self, point: str, recorded: Path | str = "-") -> None:
        async with self.bot(point, recorded) as process:
            self.admin.send_text("/retrain")
            async with asyncio.timeout(LONG):
                await process.wait()
            status, said = await end_of(process)
            assert status == -signal.SIGKILL, said

    async def told(self, part: str, seconds: float = PATIENCE) -> None:
        """The admin is told, and the bot has noted that."""
        await told(self.admin, part, seconds)
        async with store_in(Database(self._database)) as store, asyncio.timeout(PATIENCE):
            while await Trainings(store.engine).running() or await Trainings(store.engine).unreported():  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def nothing_is_lost(self) -> str:
        """The corrections are there, what serves is whole, no trainer is left; gives the name of what serves."""
        await until(lambda: trainers_of(self.folder) == [])
        async with store_of(self._database) as store:
            assert (await Trainings(store.engine).counts())[0] == CORRECTIONS
        with version_store(Database(self._database), self.folder / "data" / "models") as versions:
            serving = versions.serving()
        open_version(serving.folder)
        assert list(self.folder.glob("data/training/run-*")) == []
        return serving.name


Bot = AbstractAsyncContextManager[asyncio.subprocess.Process]


@asynccontextmanager
async def scene(database: str, folder: Path, mnist: Path) -> AsyncIterator[Scene]:
    async with LocalServer(token=TOKEN) as server:
        async with store_of(database) as store:
            await accept(store, CORRECTIONS)
        yield Scene(server, server.world.person("Ada"), database, folder, mnist)


@pytest.mark.parametrize(("database", "point"), WITH_A_VERSION, indirect=["database"])
async def test_the_bot_is_killed_with_a_version_at_hand(
    database: str, tmp_path: Path, own_mnist: Path, recorded: Path, point: str
) -> None:
    # On PostgreSQL a version is written here only once it serves: from the database, where it is whole.
    lost = {"before the outcome is kept"} | ({"as the version is written"} if database.startswith("sqlite") else set())
    kept = point not in lost
    async with scene(database, tmp_path, own_mnist) as here:
        await here.dies(point, recorded)
        async with here.bot():
            await here.told("Correct, before → after" if kept else "was interrupted")
        assert (await here.nothing_is_lost() != SHIPPED) == kept


@pytest.mark.parametrize("point", ["as it prepares", pytest.param("as it exports", marks=pytest.mark.slow)])
async def test_the_bot_is_killed_while_it_trains(tmp_path: Path, own_mnist: Path, recorded: Path, point: str) -> None:
    (tmp_path / "data").mkdir()
    async with scene(in_file(tmp_path / "data"), tmp_path, own_mnist) as here:
        await here.dies(point)
        await until(lambda: trainers_of(tmp_path) == [])  # nobody told it but its closed input
        async with here.bot("-", recorded):
            await here.told("was interrupted")
            if point == "as it exports":
                here.admin.send_text("/retrain")
                await here.told("Correct, before → after")
        assert (await here.nothing_is_lost() != SHIPPED) == (point == "as it exports")


async def test_the_trainer_is_killed(tmp_path: Path, own_mnist: Path) -> None:
    (tmp_path / "data").mkdir()
    async with scene(in_file(tmp_path / "data"), tmp_path, own_mnist) as here:
        async with here.bot("trainer: rehearsal") as process:
            here.admin.send_text("/retrain")
            await here.told("The training failed", LONG)
            assert process.returncode is None
        assert await here.nothing_is_lost() == SHIPPED


async def test_another_replica_ends_what_a_killed_one_began_and_trains_itself(
    tmp_path: Path, own_mnist: Path, recorded: Path
) -> None:
    with new_database() as database:
        async with scene(database, tmp_path, own_mnist) as here:
            await here.dies("as it learns")
            async with here.bot("-", recorded, data="other"):
                await here.told("was interrupted")
                here.admin.send_text("/retrain")
                await here.told("Correct, before → after")
            await until(lambda: trainers_of(tmp_path) == [])
            async with here.bot():  # the first one's machine is back, with the version of the other
                here.admin.send_text("/models")
                assert "2026" in text_of(await told(here.admin, "· in use", PATIENCE))
            assert await here.nothing_is_lost() != SHIPPED
            shutil.rmtree(tmp_path / "other")


async def test_a_second_bot_on_the_database_only_offers_to_watch(tmp_path: Path, own_mnist: Path) -> None:
    with new_database() as database:
        async with scene(database, tmp_path, own_mnist) as here, here.bot(), here.bot(data="other"):
            for _ in range(4):  # whichever bot hears it
                here.admin.send_text("/retrain")
            await told(here.admin, "Learning from corrections", PATIENCE)
            await until(lambda: len(all_that_say(here.admin, "A training is already running")) == 3)
