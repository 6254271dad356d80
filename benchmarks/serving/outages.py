"""What is lost, answered twice or out of order when the bot's own database goes away under load. Linux only.

    python -m benchmarks.serving.outages [--photos 400] [--chats 40] [--outages 6] [--database postgres --replicas 2]

People send photos over the local Bot API server while the database can't be used, again and again, for so many seconds:
SQLite's file is locked by somebody else or the disk is full (in turn), PostgreSQL is stopped and started again. Exit
status 1 when a promise is broken: a photo without an answer, one answered before an earlier one of its chat, one
answered twice though its first answer wasn't in flight as the database went away, or one whose answer is no digit.
"""

import argparse
import asyncio
import random
import resource
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass

import numpy as np

from benchmarks.conditions import parsed
from benchmarks.serving.crash import IN_FLIGHT, Replica, outcome, replicas, send
from benchmarks.serving.crowd import Crowd, drawn_digits
from benchmarks.serving.watched_server import Sent

BETWEEN = 5.0  # seconds, at most, from one outage to the next


@dataclass(frozen=True, slots=True)
class Outage:
    """As the database went away. Times are of time.monotonic()."""

    began: float
    gone: float

    def caught(self, sent: Sent) -> bool:
        """Whether a message was in flight."""
        return sent.began < self.gone and sent.ended > self.began - IN_FLIGHT


def main() -> int:
    """Take the database away, count and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=400)
    parser.add_argument("--chats", type=int, default=40)
    parser.add_argument("--outages", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=13, help="of an outage; SQLite waits for a lock for 10")
    parser.add_argument("--seed", type=int, default=0, help="of the moments; the machine adds its own chance")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--replicas", type=int, default=1, help="bots at work on one database (more than 1: postgres)")
    parser.add_argument("--patience", type=float, default=60, help="seconds without any answer after which it ends")
    options = parsed(parser, photos=20, chats=4, outages=2, seconds=2)
    if options.replicas > 1 and options.database == "sqlite":
        parser.error("several replicas need --database postgres")
    return report(*asyncio.run(outages(options)))


async def outages(options: argparse.Namespace) -> tuple[Crowd, list[Outage]]:
    """Photos on one side, outages on the other, until everything is answered."""
    rng = random.Random(options.seed)
    crowd = Crowd(options.chats, drawn_digits(), options.seed)
    found: list[Outage] = []
    async with crowd.server, replicas(crowd, options) as bots, asyncio.TaskGroup() as sending:
        for bot in bots:
            await bot.bot.ready()
        shares = np.diff(np.linspace(0, options.photos, options.outages + 1).astype(int))
        for n, share in enumerate(shares):
            sending.create_task(send(crowd, int(share), rng))
            await asyncio.sleep(rng.uniform(0, BETWEEN))
            began = time.monotonic()
            async with away(bots, options.database, full=n % 2 == 1):
                found.append(Outage(began, time.monotonic()))
                await asyncio.sleep(options.seconds)
        await crowd.served(options.patience)
    return crowd, found


@asynccontextmanager
async def away(bots: Sequence[Replica], database: str, *, full: bool) -> AsyncIterator[None]:
    """The database can't be used during the block."""
    if database == "postgres":
        from tests.postgres import cluster

        await asyncio.to_thread(cluster().stop, "immediate")
        yield
        await asyncio.to_thread(cluster().start)
    elif full:
        pids = [bot.bot.process.pid for bot in bots]
        limits = [resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY)) for pid in pids]
        yield
        for pid, limit in zip(pids, limits, strict=True):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limit)
    else:
        with closing(_connected(bots[0])) as other:
            await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")


def _connected(bot: Replica) -> sqlite3.Connection:
    """Its database; it may be used in any thread."""
    file = bot.folder / "digitbot.db"
    return sqlite3.connect(file, isolation_level=None, timeout=60, check_same_thread=False)


def report(crowd: Crowd, found: Sequence[Outage]) -> int:
    """Print what became of the photos; gives the exit status."""
    in_flight = [sent for sent in crowd.sends if any(outage.caught(sent) for outage in found)]
    return outcome(crowd, f"{'outages':<28} {len(found):6d}", in_flight, lambda unexcused: _oldest(unexcused, found))


def _oldest(unexcused: Sequence[Sent], found: Sequence[Outage]) -> str:
    """How long before the next outage they were taken."""
    ages = [
        min((each.began - sent.ended for each in found if each.began > sent.ended), default=0) for sent in unexcused
    ]
    return f"; taken up to {max(ages) * 1000:.0f} ms before one" if ages else ""


if __name__ == "__main__":
    sys.exit(main())
