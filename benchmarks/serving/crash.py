"""What is lost, answered twice or out of order when the bot is killed again and again under load. Linux only.

    python -m benchmarks.serving.crash [--photos 1000] [--chats 50] [--kills 20] [--database postgres --replicas 2]

People send photos over the local Bot API server while the bot is killed (SIGKILL) at random moments, every fifth time
in the middle of its start, and started again at once. Exit status 1 when a promise is broken: a photo without an
answer, one answered before an earlier one of its chat, one answered twice though its first answer wasn't in flight, or
one whose answer is no digit (every photo shows a clear one).

In flight at a kill are the killed bot's messages that the server was taking, or had taken less than 50 ms before: too
short a time for the bot to hear of it and write it down. Seen from the server, nothing narrower can be told.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.conditions import conditions, parsed
from benchmarks.serving.crowd import Crowd, Question, drawn_digits, out_of_order
from benchmarks.serving.databases import scratch_database
from benchmarks.serving.processes import BotProcess
from benchmarks.serving.watched_server import Sent

WORKING = 4.0  # seconds of work, at most, until a bot is killed
STARTING = 1.0  # seconds of its start, at most, where it is killed in it
IN_START = 0.2  # share of the kills
SPREAD = 3.0  # seconds over which the photos between two kills are sent
IN_FLIGHT = 0.05  # seconds


@dataclass(frozen=True, slots=True)
class Kill:
    """The end of one life of a bot."""

    life: str
    at: float  # time.monotonic()
    polling: bool  # it was the one that asked for updates

    def caught(self, sent: Sent) -> bool:
        """Whether a message was in flight."""
        return sent.by == self.life and sent.ended > self.at - IN_FLIGHT


@dataclass(slots=True)
class Replica:
    """A bot that is started again each time that it ends."""

    name: str
    folder: Path
    crowd: Crowd
    settings: dict[str, str]
    kills: list[Kill] = field(default_factory=list)
    bot: BotProcess = field(init=False)

    @property
    def life(self) -> str:
        """By this name the server knows it until its next kill."""
        return f"{self.name}-{len(self.kills)}"

    async def start(self) -> None:
        """Begin a life."""
        log, url = self.folder.with_name(f"{self.life}.log"), self.crowd.server.address(self.life)
        self.bot = await BotProcess.start(self.folder, log, url, **self.settings)

    def kill(self) -> None:
        """End it at once."""
        kill = Kill(self.life, time.monotonic(), self.crowd.server.poller == self.life)
        self.bot.kill()
        self.kills.append(kill)


def main() -> int:
    """Kill, count and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=1000)
    parser.add_argument("--chats", type=int, default=50)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0, help="of the moments; the machine adds its own chance")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--replicas", type=int, default=1, help="bots at work on one database (more than 1: postgres)")
    parser.add_argument("--patience", type=float, default=60, help="seconds without any answer after which it ends")
    options = parsed(parser, photos=20, chats=4, kills=2)
    if options.replicas > 1 and options.database == "sqlite":
        parser.error("several replicas need --database postgres")
    crowd, kills = asyncio.run(crash(options))
    return report(crowd, kills)


async def crash(options: argparse.Namespace) -> tuple[Crowd, list[Kill]]:
    """Photos on one side, kills on the other, until everything is answered."""
    rng = random.Random(options.seed)
    crowd = Crowd(options.chats, drawn_digits(), options.seed)
    async with crowd.server, replicas(crowd, options) as bots, asyncio.TaskGroup() as sending:
        shares = np.diff(np.linspace(0, options.photos, options.kills + 2).astype(int))
        victim = bots[0]
        for share in shares[:-1]:
            sending.create_task(send(crowd, int(share), rng))
            if rng.random() < IN_START:  # the one that was just started again
                await asyncio.sleep(rng.uniform(0, STARTING))
            else:
                victim = rng.choice(bots)
                await victim.bot.ready()
                await asyncio.sleep(rng.uniform(0, WORKING))
            victim.kill()
            await victim.start()
        await send(crowd, int(shares[-1]), rng)
        await crowd.served(options.patience)
    return crowd, sorted((kill for bot in bots for kill in bot.kills), key=lambda kill: kill.at)


@asynccontextmanager
async def replicas(crowd: Crowd, options: argparse.Namespace) -> AsyncIterator[list[Replica]]:
    """So many bots at work on one database."""
    with ExitStack() as life:
        folder = Path(life.enter_context(tempfile.TemporaryDirectory()))
        settings = {"READERS": "1"}
        if options.database == "postgres":
            settings["DATABASE_URL"] = life.enter_context(scratch_database())
        bots = [Replica(f"bot{i}", folder / f"bot{i}", crowd, settings) for i in range(options.replicas)]
        for bot in bots:
            await bot.start()
        try:
            yield bots
        finally:
            await asyncio.gather(*(bot.bot.stop() for bot in bots))


async def send(crowd: Crowd, photos: int, rng: random.Random) -> None:
    """So many photos at random moments, by everybody in turn."""
    moments = [0.0, *sorted(rng.uniform(0, SPREAD) for _ in range(photos))]
    for before, moment in pairwise(moments):
        await asyncio.sleep(moment - before)
        crowd.photo(crowd.someone())


def report(crowd: Crowd, kills: Sequence[Kill]) -> int:
    """Print what became of the photos; gives the exit status."""
    in_flight = [sent for sent in crowd.sends if any(kill.caught(sent) for kill in kills)]
    polling = f"{sum(kill.polling for kill in kills)} of a bot that was polling"
    headline = f"{'kills':<28} {len(kills):6d}   {polling}"
    return outcome(crowd, headline, in_flight, lambda unexcused: _oldest(unexcused, kills))


def outcome(
    crowd: Crowd, headline: str, in_flight: Sequence[Sent], oldest: Callable[[Sequence[Sent]], str] = lambda _: ""
) -> int:
    """Print what became of the photos beside what is promised; gives the exit status, 1 where a promise is broken.

    `in_flight` are the sends that may be repeated, `oldest` says more of those that were though they may not.
    """
    photos = crowd.questions
    answered = [photo for photo in photos if photo.answers]
    lost, disorder = len(photos) - len(answered), out_of_order(photos)
    again = [first for photo in answered for first, _ in pairwise(photo.answers)]
    unexcused = [first for first in again if first not in in_flight]
    digitless = without_a_digit(answered)
    waits = np.array([photo.waited for photo in answered] or [np.nan])
    print(f"{conditions()}\n")
    print(headline)
    print(f"{'photos sent':<28} {len(photos):6d}   in {len({photo.chat for photo in photos})} chats")
    print(f"{'answered':<28} {len(answered):6d}   after {percentiles(waits)}")
    print(f"{'lost':<28} {lost:6d}   promised: 0")
    print(f"{'answered again':<28} {len(again):6d}   promised: at most {len(in_flight)}, the sends in flight")
    print(f"{'  though not in flight':<28} {len(unexcused):6d}   promised: 0{oldest(unexcused)}")
    print(f"{'out of order':<28} {disorder:6d}   promised: 0")
    print(f"{'answered without a digit':<28} {digitless.total():6d}   promised: 0")
    for text, count in digitless.most_common():
        print(f"{'':<28} {count:6d} × {text!r}")
    kept = not (lost or disorder or unexcused or digitless) and len(again) <= len(in_flight)
    return 0 if kept else 1


def percentiles(waits: np.ndarray) -> str:
    """Of seconds, in words."""
    middle, late, last = np.percentile(waits, (50, 95, 100))
    return f"{middle:.1f} s (p50), {late:.1f} s (p95), {last:.1f} s (the last)"


def _oldest(unexcused: Sequence[Sent], kills: Sequence[Kill]) -> str:
    """How long before the kill they were taken, where it was a kill."""
    ages = [kill.at - sent.ended for sent in unexcused for kill in kills if kill.life == sent.by]
    return f"; taken up to {max(ages) * 1000:.0f} ms before a kill" if ages else ""


def without_a_digit(photos: Sequence[Question]) -> Counter[str]:
    """What was said in place of a reading, which begins with a digit."""
    texts = (photo.answers[0].text for photo in photos)
    return Counter(text for text in texts if not text[:1].isdigit())


if __name__ == "__main__":
    sys.exit(main())
