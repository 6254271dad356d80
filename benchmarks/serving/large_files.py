"""The memory of the bot's own process while many people send the largest files that it may fetch, all at once.

    python -m benchmarks.serving.large_files [--chats 24] [--megabytes 20] [--quick]

Exit status 1 where it grows by more than 150 MB over its idle size, keeps more than 30 of them, or leaves somebody
without an answer. Linux only.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.conditions import conditions, parsed
from benchmarks.serving.processes import bot_at_work, resident
from bot.playground.person import Person
from bot.playground.server import LocalServer
from tests.pictures import photo

MOST, LEFT = 150_000_000, 30_000_000  # bytes over the idle size: at any time, and afterwards
PATIENCE = 600  # seconds for all answers
SETTLING = 10  # seconds for the memory to come back


def main() -> int:
    """Measure and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chats", type=int, default=24)
    parser.add_argument("--megabytes", type=float, default=20, help="of each file")
    parser.add_argument("--readers", type=int, default=2)
    options = parsed(parser, chats=3, megabytes=4, readers=1)
    idle, peak, after, answered, seconds = asyncio.run(measured(options))
    print(f"{conditions()}\n")
    print(f"files {options.chats}, answered {answered}, in {seconds:.0f} s")
    print(f"MB: idle {idle / 1e6:.0f}, at most {peak / 1e6:.0f}, afterwards {after / 1e6:.0f}")
    good = answered == options.chats and peak - idle <= MOST and after - idle <= LEFT
    return 0 if good else 1


async def measured(options: argparse.Namespace) -> tuple[int, int, int, int, float]:
    """Bytes when idle, at most and afterwards; how many were answered, and in how many seconds."""
    file = photo("7")
    file += bytes(int(options.megabytes * 1_000_000) - len(file))
    async with LocalServer(token="4242:benchmark") as server:
        people = [server.world.person() for _ in range(options.chats)]
        with tempfile.TemporaryDirectory() as folder:
            async with bot_at_work(Path(folder), "bot", server.url, READERS=str(options.readers)) as bot:
                people[0].send_text("/help")
                await people[0].wait_for(lambda _: True, PATIENCE)
                idle = peak = resident(bot.process.pid)
                for person in people:
                    person.send_file(file, "seven.jpg", "image/jpeg", None)
                began = time.monotonic()
                while any(map(_waits, people)) and time.monotonic() < began + PATIENCE:
                    peak = max(peak, resident(bot.process.pid))
                    await asyncio.sleep(0.05)
                seconds = time.monotonic() - began
                await asyncio.sleep(SETTLING)
                after = resident(bot.process.pid)
    return idle, peak, after, len(people) - sum(map(_waits, people)), seconds


def _waits(person: Person) -> bool:
    return not any("reply_to_message" in message for message in person.messages())


if __name__ == "__main__":
    sys.exit(main())
