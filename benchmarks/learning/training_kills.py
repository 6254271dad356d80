"""What a kill in the middle of /retrain costs: the bot or its trainer is killed at random moments. Linux only.

    python -m benchmarks.learning.training_kills [--kills 20] [--seed 0]

Each time an admin sends /retrain, and after a random while the bot (two times of three) or the trainer (SIGKILL) is
gone; the bot is started again. Kept are: the corrections, a whole version that serves, an end that the admin is told
of, no trainer that goes on. At last a training is left alone, and has to end with its report. Exit status 1 when one of
these isn't so. MNIST's form with 240 drawn pictures: what is measured is what is kept, not what is learnt.
"""

import argparse
import asyncio
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from benchmarks.conditions import conditions, parsed
from benchmarks.serving.processes import TOKEN, BotProcess
from bot.learning.trainings import Trainings
from bot.learning.version_store import version_store
from bot.playground.person import Person
from bot.playground.server import LocalServer
from bot.storage.database import Database
from bot.storage.store import store_in
from model.training.child_process import LONGEST
from model.versions.version import open_version
from tests.commands import small_mnist
from tests.trainings import accept, trainers_of

CORRECTIONS = 60
LONG = 600  # seconds for a training, on a busy machine
ENDS = ("was interrupted", "The training failed", "is trained")  # what the admin may be told


def ends(admin: Person) -> list[str]:
    """What the admin was told of trainings that have ended, one message each."""
    texts = [str(message.get("text", "")) for message in admin.messages() if message["from"]["is_bot"]]
    return [text for text in texts if any(end in text for end in ENDS)]


async def until_ends(admin: Person, count: int) -> None:
    async with asyncio.timeout(LONG):
        while len(ends(admin)) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


class Trial:
    """One bot after another on one database."""

    def __init__(self, server: LocalServer, folder: Path, rng: random.Random) -> None:
        self.admin = server.world.person("Ada")
        self._server, self._folder, self._rng = server, folder, rng
        self._database = Database(f"sqlite:///{folder / 'data' / 'digitbot.db'}")
        self._mnist = small_mnist(folder / "own.npz")

    async def prepare(self) -> None:
        """Accepted corrections in the database."""
        with self._database.prepared():
            async with store_in(self._database) as store:
                await accept(store, CORRECTIONS)

    async def bot(self) -> BotProcess:
        """A bot that is ready."""
        settings = {"ADMIN_IDS": str(self.admin.id), "MNIST_PATH": str(self._mnist)}
        bot = await BotProcess.start(self._folder / "data", self._folder / "log", self._server.url, **settings)
        await bot.ready()
        return bot

    async def training(self, longest: float, kill: bool) -> tuple[str, float]:
        """/retrain, and a kill after a while; gives what was killed, and after how many seconds."""
        bot = await self.bot()
        told = len(ends(self.admin))
        self.admin.send_text("/retrain")
        began = time.monotonic()
        if not kill:
            await until_ends(self.admin, told + 1)
            await bot.stop()
            return "nothing", time.monotonic() - began
        await asyncio.sleep(self._rng.uniform(0.2, longest))
        after, victim = time.monotonic() - began, "trainer" if self._rng.random() < 1 / 3 else "bot"
        if victim == "trainer":
            for process in trainers_of(self._folder):
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            await until_ends(self.admin, told + 1)
            await bot.stop()
        else:
            bot.kill()
            await bot.process.wait()
            again = await self.bot()
            await until_ends(self.admin, told + 1)
            await again.stop()
        return victim, after

    async def losses(self) -> list[str]:
        """What isn't as it should be."""
        until = time.monotonic() + LONGEST  # it ends in order, and by force after that
        while trainers_of(self._folder) and time.monotonic() < until:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        lost = ["a trainer goes on"] if trainers_of(self._folder) else []
        with self._database.prepared():
            async with store_in(self._database) as store:
                accepted, _ = await Trainings(store.engine).counts()
                lost += [] if accepted == CORRECTIONS else [f"{accepted} corrections of {CORRECTIONS}"]
                lost += ["it is still running"] if await Trainings(store.engine).running() else []
            with version_store(self._database, self._folder / "data/models") as versions:
                open_version(versions.serving().folder)
        return lost


async def trials(kills: int, seed: int) -> int:
    """All kills and a training at last; gives how many broke a promise."""
    print(conditions())
    broken, killed = 0, Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        async with LocalServer(token=TOKEN) as server:
            trial = Trial(server, Path(folder), random.Random(seed))
            await trial.prepare()
            _, longest = await trial.training(0, kill=False)
            print(f"a training left alone: {longest:.0f} s, then: {ends(trial.admin)[-1]}")
            for kill in range(1, kills + 2):
                victim, after = await trial.training(longest, kill=kill <= kills)
                killed[victim] += 1
                lost = await trial.losses()
                broken += bool(lost)
                told = ends(trial.admin)[-1]
                lines = "; ".join([told, *(f"LOST: {each}" for each in lost)])
                print(f"{kill:>3}. {victim} killed after {after:5.1f} s: {lines}")
    print(f"kills {kills} (bot {killed['bot']}, trainer {killed['trainer']}); promises broken {broken}")
    return broken


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=20, metavar="N", help="random ones (20)")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="decides when and whom (0)")
    options = parsed(parser, kills=1)
    return int(asyncio.run(trials(options.kills, options.seed)) > 0)


if __name__ == "__main__":
    sys.exit(main())
