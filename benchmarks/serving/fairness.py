"""What others wait while one chat has sent hundreds of photos at once, beside what they wait when all is quiet.

    python -m benchmarks.serving.fairness [--photos 500] [--seconds 60]

Ten people send a photo every three seconds or so, and three a command, to the bot on the local Bot API server: for
some time while all is quiet, and for as long from the flood on. Exit status 1 when the slowest twentieth (p95) of
either waits more than ten times as long while the flood is worked on. Linux only.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.conditions import conditions, parsed
from benchmarks.serving.crowd import Crowd, Question, drawn_digits
from benchmarks.serving.processes import OURS, UNLIMITED, bot_at_work
from bot.playground.person import Person

BAR = 10  # times as long, at most
PATIENCE = 60  # seconds for the last answers
EVERY = 3.0  # seconds between two messages of one person, half as many at least: Telegram allows an answer a second
COMMAND = "/help"
COMMANDING = 3  # people


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=500, help="in the flood")
    parser.add_argument("--others", type=int, default=10, help="people who send photos meanwhile")
    parser.add_argument("--seconds", type=float, default=60, help="of quiet, and from the flood on")
    parser.add_argument("--readers", type=int, default=2)
    parser.add_argument("--no-limits", action="store_true", help="read the flood as fast as can be: no second between")
    options = parsed(parser, photos=30, others=3, seconds=6, readers=1)
    quiet, flood, meanwhile = asyncio.run(measured(options))
    return report(quiet, flood, meanwhile)


async def measured(options: argparse.Namespace) -> tuple[list[Question], list[Question], list[Question]]:
    """What the others asked while it was quiet, the flood, and what they asked from then on."""
    crowd = Crowd(1 + COMMANDING + options.others, drawn_digits())
    server, flooding = crowd.server, crowd.people[0]
    program, readers = UNLIMITED if options.no_limits else OURS, str(options.readers)
    with tempfile.TemporaryDirectory() as folder:
        async with server, bot_at_work(Path(folder), "bot", server.url, program, READERS=readers):
            quiet = await others(crowd, options.seconds)
            flood = [crowd.photo(flooding) for _ in range(options.photos)]
            meanwhile = await others(crowd, options.seconds)
    return quiet, flood, meanwhile


async def others(crowd: Crowd, seconds: float) -> list[Question]:
    """What everybody but the first asked in so many seconds; all of it is answered, or PATIENCE is over."""
    asked: list[Question] = []
    end = time.monotonic() + seconds

    async def ask(question: Callable[[Person], Question], person: Person) -> None:
        while time.monotonic() < end:
            await asyncio.sleep(EVERY * random.uniform(0.5, 1.5))
            asked.append(question(person))

    def command(person: Person) -> Question:
        return crowd.text(person, COMMAND)

    async with asyncio.TaskGroup() as people:
        for i, person in enumerate(crowd.people[1:]):
            people.create_task(ask(command if i < COMMANDING else crowd.photo, person))
    await asyncio.wait([asyncio.create_task(question.answered.wait()) for question in asked], timeout=PATIENCE)
    return asked


def report(quiet: Sequence[Question], flood: Sequence[Question], meanwhile: Sequence[Question]) -> int:
    """Print how long each kind waited; gives the exit status."""
    answers = [photo.answers[0].ended for photo in flood if photo.answers]
    over = max(answers) if len(answers) == len(flood) else float("inf")
    last = max(question.sent for question in meanwhile)
    print(f"{conditions()}\n")
    print(f"a flood of {len(flood)} photos; {len(answers)} of them answered", end=" ")
    print(f"in the {min(over, last) - flood[0].sent:.0f} s that count\n")
    print(f"{'the others wait':<16} quiet: p50 ms    p95      n   flood: p50 ms    p95      n   p95, times as long")
    ratios = []
    for name, is_photo in (("for photos", True), (f"for {COMMAND}", False)):
        before = waits(question for question in quiet if bool(question.digit) is is_photo)
        during = waits(q for q in meanwhile if bool(q.digit) is is_photo and q.sent < over)
        ratios.append(np.percentile(during, 95) / np.percentile(before, 95))
        print(f"{name:<16} {cells(before)} {cells(during)} {ratios[-1]:14.1f} (promised: at most {BAR})")
    return 0 if all(ratio <= BAR for ratio in ratios) else 1


def waits(questions: Iterable[Question]) -> list[float]:
    """Milliseconds until each answer; for ever where there was none."""
    return [question.waited * 1000 if question.answers else float("inf") for question in questions] or [float("nan")]


def cells(milliseconds: Sequence[float]) -> str:
    """Two percentiles, and of how many."""
    middle, late = np.percentile(milliseconds, (50, 95))
    return f"{middle:13.0f} {late:6.0f} {len(milliseconds):6d}"


if __name__ == "__main__":
    sys.exit(main())
