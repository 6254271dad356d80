"""What hostile pictures cost: bombs, and 20,000 real files with something changed, all read by one reader.

    python benchmarks/fuzz.py [--cases 20000] [--seed 0]

A sentence is what its sender would be told; a failure is a reader that died, hung, or met a fault of ours. Memory is
the reader's own, resident. Exit status 1 where a reader failed, took more than 300 MB or 2 CPU seconds for one picture,
or where the next photo wasn't read. Linux only.
"""

import argparse
import asyncio
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from bot.reading import ReaderFailed, Readers
from model.reading import PhotoError
from model.registry import PRETRAINED
from tests.hostile import BOMBS, mutated
from tests.pictures import photo
from tests.reader_process import cpu_seconds, memory, most_memory, reader_pids

MOST_MEMORY = 300_000_000  # bytes
MOST_SECONDS = 2.0  # of CPU time for one picture
EVERY = 2_000  # cases a line
MB = 1_000_000


async def main() -> int:
    """Print a line for each bomb, and for each EVERY cases; gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=20_000, metavar="N", help="files with something changed (20000)")
    parser.add_argument("--seed", type=int, default=0, metavar="S")
    options = parser.parse_args()
    async with Readers(1, PRETRAINED) as readers:
        found = [await of_bombs(readers), await of_changed_files(readers, options.cases, options.seed)]
        after = (await readers.read(photo("7"))).reading.text
    print(f"\nAfter all of them a photo of a 7 is read as {after or 'nothing'}.")
    return 0 if all(found) and after == "7" else 1


async def of_bombs(readers: Readers) -> bool:
    """Whether each keeps within its limits."""
    print(f"{'picture':<40} {'CPU s':>6} {'MB':>5}   what its sender is told")
    good = True
    for name, make in BOMBS.items():
        data = make()
        said, seconds = await told(data, readers)
        most = most_memory(*reader_pids())
        good = good and said != FAILED and seconds <= MOST_SECONDS and most <= MOST_MEMORY
        print(f"{name:<40} {seconds:6.2f} {most / MB:5.0f}   {said}", flush=True)
    return good


async def of_changed_files(readers: Readers, cases: int, seed: int) -> bool:
    """Whether all of them do."""
    counted, timed = f"{'files':>6}   {'read':>6} {'told':>6} {'failed':>6}", f"{'p50':>5} {'p99':>6} {'most':>6}"
    print(f"\n{counted}   CPU ms: {timed}   MB now, most")
    kinds, took = Counter[str](), []
    for case in range(cases):
        said, seconds = await told(mutated(np.random.default_rng([seed, case])), readers)
        kinds[said] += 1
        took.append(1000 * seconds)
        if (case + 1) % EVERY == 0 or case + 1 == cases:
            failed, read = kinds[FAILED], kinds[READ]
            p50, p99 = np.percentile(took, (50, 99))
            (reader,) = reader_pids()
            counts = f"{case + 1:>6}   {read:>6} {case + 1 - read - failed:>6} {failed:>6}"
            sizes = f"{memory(reader) / MB:.0f}, {most_memory(reader) / MB:.0f}"
            print(f"{counts}           {p50:5.0f} {p99:6.0f} {max(took):6.0f}   {sizes}", flush=True)
    for said, count in kinds.most_common():
        print(f"{count:>6}   {said}")
    return not kinds[FAILED] and max(took) <= 1000 * MOST_SECONDS and most_memory(*reader_pids()) <= MOST_MEMORY


READ, FAILED = "(it is read)", "(the reader failed)"


async def told(data: bytes, readers: Readers) -> tuple[str, float]:
    """What its sender is told, and the reader's CPU seconds."""
    (reader,) = reader_pids()
    began = cpu_seconds(reader)
    try:
        await readers.read(data)
        said = READ
    except PhotoError as error:
        said = str(error)
    except ReaderFailed as error:
        print(f"failed: {error}", file=sys.stderr)
        return FAILED, 0.0
    return said, cpu_seconds(reader) - began


if __name__ == "__main__":
    started = time.time()
    status = asyncio.run(main())
    print(f"{time.time() - started:.0f} s")
    sys.exit(status)
