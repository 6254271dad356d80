"""How many photos a second the bot answers, how fast and at what cost, beside a bot that only says "ok". Linux only.

    python benchmarks/load.py [--rate 30] [--minutes 10]

Photos of 1280×960 from 50 files go over the local Bot API server, whose limits are off. Server and senders are this
process: what sending takes is measured by its thread's clock, the rest of the process is the server. Latency is from
the moment a photo is sent to that in which the server has taken the answer to it.

As many as it can: each chat sends its next photo when it is answered; the sides take turns within one run. The bot
doesn't keep Telegram's limits there (unlimited_bot.py).
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from conditions import ROOT, conditions

sys.path.insert(0, str(ROOT))

from crowd import Crowd, Drawn, Question, drawn_digits
from processes import OURS, UNLIMITED, BotProcess, Cost, bot_at_work

from bot.playground.person import Person

FILES = 50  # different photos
PATIENCE = 60  # seconds without any answer after which it isn't waited for
EARLY = 120  # seconds after which memory is looked at first, or a fifth of the run
OK_SHARE = 0.2  # of the run at a rate, for the bot that says "ok"
WARMING = 2  # seconds at the beginning of a turn that don't count
OTHER = '"ok"'  # the other bot's name in the tables
CPU_HEADS = "CPU ms a photo: bot  readers  server  sender"
OK = (str(ROOT / "benchmarks" / "ok_bot.py"),)


@dataclass(frozen=True, slots=True)
class Side:
    """A bot at work on a server of its own, and its people."""

    crowd: Crowd
    bot: BotProcess


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some time of work, and what it cost."""

    seconds: float
    answered: int
    bots: Cost  # of these seconds; memory: at their end
    server: float  # CPU seconds
    sender: float  # CPU seconds

    def __add__(self, other: "Stretch") -> "Stretch":
        bots = Cost(self.bots.bot + other.bots.bot, self.bots.readers + other.bots.readers, other.bots.memory)
        return Stretch(
            self.seconds + other.seconds,
            self.answered + other.answered,
            bots,
            self.server + other.server,
            self.sender + other.sender,
        )


class Meter:
    """Counts from its making on."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._now = self._state()

    def _state(self) -> tuple[float, int, Cost, float, float]:
        crowd = self._side.crowd
        return time.monotonic(), crowd.answered, self._side.bot.cost(), time.process_time(), crowd.cpu

    def read(self) -> Stretch:
        """What there was until now."""
        (then, answered, bots, process, sender), now = self._now, self._state()
        return Stretch(
            now[0] - then, now[1] - answered, now[2] - bots, now[3] - process - (now[4] - sender), now[4] - sender
        )


def main() -> int:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=30, help="photos a second")
    parser.add_argument("--minutes", type=float, default=10, help="of that rate")
    parser.add_argument("--chats", type=int, default=100)
    parser.add_argument("--readers", type=int, default=2, help="of a bot")
    parser.add_argument("--turns", type=int, default=3, help="of each side at its most")
    parser.add_argument("--turn", type=float, default=20, help="seconds of one")
    options = parser.parse_args()
    drawn = drawn_digits(FILES)
    print(f"{conditions()}\n")
    asyncio.run(print_load(drawn, options))
    return 0


async def print_load(drawn: Sequence[Drawn], options: argparse.Namespace) -> None:
    """Both kinds of load, ours and the other."""
    with tempfile.TemporaryDirectory() as folder:
        await print_a_rate(Path(folder), drawn, options)
        await print_the_most(Path(folder), drawn, options)


@asynccontextmanager
async def side(
    folder: Path, name: str, program: Sequence[str], drawn: Sequence[Drawn], options: argparse.Namespace, **more: str
) -> AsyncIterator[Side]:
    """A bot that is ready, for a block."""
    crowd, settings = Crowd(options.chats, drawn), {"READERS": str(options.readers), **more}
    async with crowd.server, bot_at_work(folder, name, crowd.server.url, program, **settings) as bot:
        yield Side(crowd, bot)


async def print_a_rate(folder: Path, drawn: Sequence[Drawn], options: argparse.Namespace) -> None:
    """So many photos a second: latency, what gets lost, CPU by process, memory over time."""
    seconds = options.minutes * 60
    early = min(EARLY, seconds / 5)
    print(f"{options.rate:g} photos a second in {options.chats} chats, {options.readers} readers")
    print(f"{'':<10}    min  photos   lost  twice   p50 ms    p95    p99   {CPU_HEADS}")
    async with side(folder, "digitbot", OURS, drawn, options) as ours:
        memory: list[int] = []
        meter = Meter(ours)
        async with asyncio.TaskGroup() as both:
            both.create_task(look_later(ours.bot, early, memory))
            await at_rate(ours.crowd, options.rate, seconds)
        memory.append(ours.bot.cost().memory)
        await ours.crowd.served(PATIENCE)
        print_rate_row("digitbot", options.minutes, ours.crowd.questions, meter.read())
    async with side(folder, "ok", OK, drawn, options) as others:
        meter = Meter(others)
        await at_rate(others.crowd, options.rate, seconds * OK_SHARE)
        await others.crowd.served(PATIENCE)
        print_rate_row(OTHER, options.minutes * OK_SHARE, others.crowd.questions, meter.read())
    first, last = memory
    print(f"\nmemory of digitbot and its readers: {first / 1e6:.0f} MB after {early / 60:g} min,", end=" ")
    print(f"{last / 1e6:.0f} MB after {options.minutes:g}: {last / first:.3f} times (promised: at most 1.05)\n")


async def at_rate(crowd: Crowd, rate: float, seconds: float) -> None:
    """Photos at regular moments, whatever becomes of them."""
    began = time.monotonic()
    for i in range(round(rate * seconds)):
        await asyncio.sleep(began + i / rate - time.monotonic())
        crowd.photo(crowd.someone())


async def look_later(bot: BotProcess, seconds: float, memory: list[int]) -> None:
    """Note a bot's memory in so many seconds."""
    await asyncio.sleep(seconds)
    memory.append(bot.cost().memory)


def print_rate_row(name: str, minutes: float, photos: Sequence[Question], stretch: Stretch) -> None:
    """One side."""
    answers = [len(photo.answers) for photo in photos]
    waits = np.array([photo.waited for photo in photos if photo.answers] or [np.nan]) * 1000
    middle, late, last = np.percentile(waits, (50, 95, 99))
    print(
        f"{name:<10} {minutes:6.1f} {len(photos):7d} {answers.count(0):6d} {sum(n > 1 for n in answers):6d}"
        f" {middle:8.0f} {late:6.0f} {last:6.0f} {cpu_cells(stretch)}"
    )


def cpu_cells(stretch: Stretch) -> str:
    """CPU milliseconds a photo, by who used them."""
    each = (stretch.bots.bot, stretch.bots.readers, stretch.server, stretch.sender)
    bot, readers, server, sender = (seconds * 1000 / max(1, stretch.answered) for seconds in each)
    return f"{bot:21.1f} {readers:8.1f} {server:7.1f} {sender:7.1f}"


async def print_the_most(folder: Path, drawn: Sequence[Drawn], options: argparse.Namespace) -> None:
    """As many photos as each side can answer, in turn."""
    async with AsyncExitStack() as life:

        async def begun(name: str, program: Sequence[str], **more: str) -> Side:
            return await life.enter_async_context(side(folder, name, program, drawn, options, **more))

        sides = {
            "digitbot": await begun("unlimited", UNLIMITED),
            "digitbot, nothing read": await begun("unread", UNLIMITED, WAIT="0"),
            OTHER: await begun("ok-too", OK),
        }
        totals: dict[str, Stretch] = {}
        for _ in range(options.turns):
            for name, one in sides.items():
                stretch = await the_most(one, options.turn)
                totals[name] = totals[name] + stretch if name in totals else stretch
    print(f"as many as it can, {options.chats} chats, {options.turns} turns of {options.turn:g} s each")
    print(f'{"":<24} photos/s   of "ok"   {CPU_HEADS}')
    rates = {name: total.answered / total.seconds for name, total in totals.items()}
    for name, total in totals.items():
        print(f"{name:<24} {rates[name]:8.1f} {rates[name] / rates[OTHER]:9.1%} {cpu_cells(total)}")


async def the_most(side: Side, seconds: float) -> Stretch:
    """Everybody sends the next photo when the last one is answered."""
    end = time.monotonic() + WARMING + seconds
    async with asyncio.TaskGroup() as chats:
        for person in side.crowd.people:
            chats.create_task(keep_asking(side.crowd, person, end))
        await asyncio.sleep(WARMING)
        meter = Meter(side)
        await asyncio.sleep(seconds)
        return meter.read()


async def keep_asking(crowd: Crowd, person: Person, end: float) -> None:
    """One photo after the other until then."""
    while time.monotonic() < end:
        async with asyncio.timeout(PATIENCE):
            await crowd.photo(person).answered.wait()


if __name__ == "__main__":
    sys.exit(main())
