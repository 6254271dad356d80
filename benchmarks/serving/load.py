"""How many photos a second the bot answers, how fast and at what cost, beside a bot that only says "ok". Linux only.

    python -m benchmarks.serving.load [--rate 30] [--minutes 10]  # a rate kept up, then as many as it can, beside "ok"
    python -m benchmarks.serving.load --replicas 1,2,4            # several on one PostgreSQL, while thousands wait

Photos of 1280×960 from 20 files go over the local Bot API server, whose limits are off. Server and senders are this
process: what sending takes is measured by its thread's clock, the rest of the process is the server. Latency is from
the moment a photo is sent to that in which the server has taken the answer to it.

As many as it can: each chat sends its next photo when it is answered; the sides take turns within one run. The bot
doesn't keep Telegram's limits there (unlimited_bot.py). For replicas its readers wait instead of reading, since a few
cores couldn't show more than one replica uses.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import numpy as np

from benchmarks.conditions import conditions, parsed
from benchmarks.serving.crowd import Crowd, Drawn, Question, drawn_digits
from benchmarks.serving.processes import BotProcess
from benchmarks.serving.replicas import print_replicas
from benchmarks.serving.sides import CELLS, DIGITBOT, OK, READING_NOTHING, WITHOUT_LIMITS, Meter, Side, Stretch, at_work
from bot.playground.person import Person

PATIENCE = 60  # seconds without any answer after which it isn't waited for
EARLY = 120  # seconds after which memory is looked at first, or a fifth of the run
SHORT = 0.2  # of the run at a rate, for those that are only compared with
WARMING = 2  # seconds at the beginning of a turn that don't count


def main() -> int:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=30, help="photos a second")
    parser.add_argument("--minutes", type=float, default=10, help="of that rate")
    parser.add_argument("--chats", type=int, default=100)
    parser.add_argument("--readers", type=int, default=2, help="of a bot")
    parser.add_argument("--turns", type=int, default=3, help="of each side at its most")
    parser.add_argument("--turn", type=float, default=20, help="seconds of one, and of each count of replicas")
    parser.add_argument("--replicas", help="measure so many replicas instead: numbers with commas between")
    parser.add_argument("--waiting", type=int, default=5000, help="photos that wait while replicas are measured")
    options = parsed(parser, rate=5, minutes=0.1, chats=5, readers=1, turns=1, turn=2, waiting=50)
    print(f"{conditions()}\n")
    with tempfile.TemporaryDirectory() as folder:
        if options.replicas:
            asyncio.run(print_replicas(Path(folder), options))
        else:
            drawn = drawn_digits()
            asyncio.run(print_a_rate(Path(folder), drawn, options))
            asyncio.run(print_the_most(Path(folder), drawn, options))
    return 0


async def print_a_rate(folder: Path, drawn: Sequence[Drawn], options: argparse.Namespace) -> None:
    """So many photos a second: latency, what gets lost, CPU by process, memory over time."""
    seconds = options.minutes * 60
    moments = (min(EARLY, seconds / 5), seconds)
    memory: list[int] = []
    print(f"{options.rate:g} photos a second in {options.chats} chats, {options.readers} readers")
    print(f"{'':<24}    min  photos   lost  twice   p50 ms    p95    p99   {CELLS}")
    for kind, share in ((DIGITBOT, 1), (WITHOUT_LIMITS, SHORT), (OK, SHORT)):
        async with at_work(kind, folder / "rate", drawn, options.chats, options.readers) as side:
            looking = asyncio.create_task(memory_at(moments, side.bot))
            meter = Meter(side)
            await at_rate(side.crowd, options.rate, seconds * share)
            await side.crowd.served(PATIENCE)
            print_rate_row(kind.name, seconds / 60 * share, side.crowd.questions, meter.read())
            if kind is DIGITBOT:
                memory = await looking
            looking.cancel()
    first, last = memory
    print(f"\nmemory of digitbot and its readers: {first / 1e6:.0f} MB after {moments[0] / 60:g} min,", end=" ")
    print(f"{last / 1e6:.0f} MB after {options.minutes:g}: {last / first:.3f} times (promised: at most 1.05)\n")


async def at_rate(crowd: Crowd, rate: float, seconds: float) -> None:
    """Photos at regular moments, whatever becomes of them."""
    began = time.monotonic()
    for i in range(round(rate * seconds)):
        await asyncio.sleep(began + i / rate - time.monotonic())
        crowd.photo(crowd.someone())


async def memory_at(moments: Sequence[float], bot: BotProcess) -> list[int]:
    """A bot's memory, its readers' too, in so many seconds from now."""
    began, found = time.monotonic(), []
    for moment in moments:
        await asyncio.sleep(began + moment - time.monotonic())
        found.append(bot.cost().memory)
    return found


def print_rate_row(name: str, minutes: float, photos: Sequence[Question], stretch: Stretch) -> None:
    """One side."""
    answers = [len(photo.answers) for photo in photos]
    waits = np.array([photo.waited for photo in photos if photo.answers] or [np.nan]) * 1000
    middle, late, last = np.percentile(waits, (50, 95, 99))
    print(
        f"{name:<24} {minutes:6.1f} {len(photos):7d} {answers.count(0):6d} {sum(n > 1 for n in answers):6d}"
        f" {middle:8.0f} {late:6.0f} {last:6.0f}   {stretch.cells()}"
    )


async def print_the_most(folder: Path, drawn: Sequence[Drawn], options: argparse.Namespace) -> None:
    """As many photos as each side can answer, in turn."""
    totals = {kind.name: Stretch() for kind in (WITHOUT_LIMITS, READING_NOTHING, OK)}
    async with AsyncExitStack() as life:
        sides = {
            kind.name: await life.enter_async_context(
                at_work(kind, folder / "most", drawn, options.chats, options.readers)
            )
            for kind in (WITHOUT_LIMITS, READING_NOTHING, OK)
        }
        for _ in range(options.turns):
            for name, side in sides.items():
                totals[name] += await the_most(side, options.turn)
    print(f"as many as it can, {options.chats} chats, {options.turns} turns of {options.turn:g} s each")
    print(f'{"":<24} photos/s   of "ok"   {CELLS}')
    for name, total in totals.items():
        print(f"{name:<24} {total.rate:8.1f} {total.rate / totals[OK.name].rate:8.1%}   {total.cells()}")


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
