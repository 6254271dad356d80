"""What hostile pictures cost: bombs, and 20,000 real files with something changed, all read by one reader.

    python -m benchmarks.reading.fuzz [--cases 20000] [--seed 0]

A sentence is what its sender would be told, after so many seconds by the clock; a failure is a reader that died by
itself, or met a fault of ours. One that was ended in time tells its sender so; its CPU time and memory aren't known.
Memory is the reader's own, resident, the most so far. Exit status 1 where a reader failed, took more than 300 MB or 2
CPU seconds for one picture, where an answer took more than 2 seconds, half a second more than a reader's limit where it
was ended, or the next photo wasn't read. For a machine that does nothing else; Linux only.
"""

import argparse
import asyncio
import sys
import time
from collections import Counter
from dataclasses import dataclass

import numpy as np

from benchmarks.conditions import parsed
from bot.readers.pool import ReaderFailed, Readers, TooSlow
from bot.readers.work import CPU_LIMIT
from model.reading.result import PhotoError
from model.versions.version import PRETRAINED
from tests.hostile import BOMBS, mutated
from tests.pictures import photo
from tests.reader_process import cpu_seconds, memory, most_memory, reader_pids

MOST_MEMORY = 300_000_000  # bytes
MOST_SECONDS = 2.0  # for one picture, of CPU time and by the clock,
GIVEN_UP = CPU_LIMIT + 0.5  # and for one with which a reader was ended
EVERY = 2_000  # cases a line
MB = 1_000_000


async def main() -> int:
    """Print a line for each bomb, and for each EVERY cases; gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=20_000, metavar="N", help="files with something changed (20000)")
    parser.add_argument("--seed", type=int, default=0, metavar="S")
    options = parsed(parser, cases=200)
    async with Readers(1, PRETRAINED) as readers:
        found = [await of_bombs(readers), await of_changed_files(readers, options.cases, options.seed)]
        after = (await readers.read(photo("7"))).reading.text
    print(f"\nAfter all of them a photo of a 7 is read as {after or 'nothing'}.")
    return 0 if all(found) and after == "7" else 1


async def of_bombs(readers: Readers) -> bool:
    """Whether each keeps within its limits."""
    print(f"{'picture':<40} {'CPU s':>6} {'s':>5} {'MB':>5}   what its sender is told")
    results = []
    for name, make in BOMBS.items():
        result = await told(make(), readers)
        results.append(result)
        figures = f"{result.worked:6.2f} {result.seconds:5.2f} {result.memory / MB:5.0f}"
        print(f"{name:<40} {figures}   {result.said}", flush=True)
    return all(map(within_limits, results))


async def of_changed_files(readers: Readers, cases: int, seed: int) -> bool:
    """Whether all of them do."""
    counted, timed = f"{'files':>6}   {'read':>6} {'told':>6} {'failed':>6}", f"{'p50':>5} {'p99':>6} {'most':>6}"
    print(f"\n{counted}   CPU ms: {timed}   slowest answer s   MB now, most")
    kinds, results = Counter[str](), []
    for case in range(cases):
        result = await told(mutated(np.random.default_rng([seed, case])), readers)
        kinds[result.said] += 1
        results.append(result)
        if (case + 1) % EVERY == 0 or case + 1 == cases:
            failed, read = kinds[FAILED], kinds[READ]
            p50, p99, most = np.percentile([1000 * each.worked for each in results], (50, 99, 100))
            slowest = max(each.seconds for each in results)
            counts = f"{case + 1:>6}   {read:>6} {case + 1 - read - failed:>6} {failed:>6}"
            sizes = f"{memory(*reader_pids()) / MB:.0f}, {max(each.memory for each in results) / MB:.0f}"
            print(f"{counts}           {p50:5.0f} {p99:6.0f} {most:6.0f}   {slowest:16.2f}   {sizes}", flush=True)
    for said, count in kinds.most_common():
        print(f"{count:>6}   {said}")
    return all(map(within_limits, results))


READ, FAILED = "(it is read)", "(the reader failed)"


@dataclass(frozen=True, slots=True)
class Told:
    """What a picture's sender is told, after how long, and what that took the reader."""

    said: str
    seconds: float  # by the clock
    worked: float  # seconds of CPU time
    memory: int  # bytes, the most so far


def within_limits(told: Told) -> bool:
    """Whether nothing failed, and nobody waited for long."""
    most = GIVEN_UP if told.said == TooSlow.sentence else MOST_SECONDS
    return told.said != FAILED and max(told.seconds, told.worked) <= most and told.memory <= MOST_MEMORY


async def told(data: bytes, readers: Readers) -> Told:
    """What became of a picture; behind it a reader is ready for the next."""
    (reader,) = reader_pids()
    worked, began = cpu_seconds(reader), time.monotonic()
    try:
        await readers.read(data)
        said = READ
    except PhotoError as error:
        said = str(error)
    except ReaderFailed as error:
        seconds = time.monotonic() - began
        await readers.read(photo("7"))
        if isinstance(error, TooSlow):
            return Told(error.sentence, seconds, 0.0, 0)
        print(f"failed: {error}", file=sys.stderr)
        return Told(FAILED, seconds, 0.0, 0)
    return Told(said, time.monotonic() - began, cpu_seconds(reader) - worked, most_memory(reader))


if __name__ == "__main__":
    started = time.time()
    status = asyncio.run(main())
    print(f"{time.time() - started:.0f} s")
    sys.exit(status)
