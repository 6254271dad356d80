"""What a quarter of an hour of bad days leaves behind: memory, descriptors, tables, and whether anything is lost.

    python -m benchmarks.serving.soak [--minutes 15] [--rate 5] [--seed 0]

People send photos, hostile files (bombs, and real files with something changed) and commands, and press buttons; every
two seconds somebody new comes and somebody goes. Of Telegram's calls 6 % fail (502, or cut off before, after or in the
midst of the answer), others are late; each minute a chat is flooded with 429s, and every third minute there is no
network for ten seconds. The bot's days take a minute (short_days_bot.py): what it keeps for days comes and goes.

Medians of the run's second and third third are compared. Exit status 1 where something grew, a message stayed without
an answer, one was answered before an earlier one of its chat, or a clear digit wasn't read. Linux only.
"""

import argparse
import asyncio
import random
import sqlite3
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path

import numpy as np

from benchmarks.conditions import conditions, parsed
from benchmarks.serving.crowd import Crowd, drawn_digits, out_of_order
from benchmarks.serving.processes import SHORT_DAYS, BotProcess, bot_at_work, descendants, descriptors, resident
from bot.playground.faults import BROKEN_ANSWER, LOST_ANSWER, LOST_CALL, SERVER_ERROR, Fault
from bot.playground.person import Person
from tests.hostile import BOMBS, mutated

DAY = 60  # seconds
PEOPLE, STAY = 60, 2.0  # at a time; seconds until the next one comes
LOOK = 2.0  # seconds between two looks at the bot
PATIENCE = 120  # seconds without any answer after which it isn't waited for
FLOOD_EVERY, FLOOD = 60, 8.0  # seconds
CUT_EVERY, CUT = 180, 10.0  # seconds
LATE = Fault(delay=0.5)
SHARES = {"photo": 0.7, "file": 0.1, "words": 0.1, "press": 0.1}  # of what people do
WORDS = ("/start", "/help", "/stats", "/mydata", "/settings", "7", "hello <b>there</b>", "/nonsense " + "x" * 3000)
MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Look:
    """The bot at one moment."""

    at: float  # seconds from the beginning
    bot: int  # bytes, resident
    readers: int
    descriptors: int  # of all its processes
    rows: int  # in all tables
    file: int  # bytes of the database
    waiting: int  # messages without an answer


GROWTH = {"bot": 1.05, "readers": 1.10, "descriptors": 1.05, "rows": 1.10, "file": 1.10}  # times, at most


def main() -> int:
    """Soak it, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--rate", type=float, default=5, help="of what people do, a second")
    parser.add_argument("--seed", type=int, default=0)
    options = parsed(parser, minutes=0.3, rate=4)
    print(f"{conditions()}\n")
    print("minute  bot MB  readers MB  descriptors  rows  database MB  answered  waiting", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        soak = Soak(options.rate, options.minutes * 60, options.seed)
        asyncio.run(soak.run(Path(folder)))
    return soak.report()


class Soak:
    """A bot, its people, its bad days, and what was seen of it."""

    def __init__(self, rate: float, seconds: float, seed: int) -> None:
        self.rate, self.seconds = rate, seconds
        self.crowd = Crowd(PEOPLE, drawn_digits(), seed)
        self.faults = self.crowd.server.world.faults
        self.people = deque(self.crowd.people)
        self.presses = self.told = 0  # how often somebody pressed a button, and was answered
        self.looks: list[Look] = []
        self.files = 0  # hostile ones
        self._random = random.Random(seed)
        files = round(SHARES["file"] * rate * seconds)
        self._hostile = hostile_files([make() for make in islice(BOMBS.values(), files)], seed)

    async def run(self, folder: Path) -> None:
        """All of it, until everybody is answered."""
        settings = {"READERS": "2", "DAY": str(DAY), "KEEP_READINGS_DAYS": "1"}
        server = self.crowd.server
        async with server, bot_at_work(folder, "bot", server.url, SHORT_DAYS, **settings) as bot:
            around = [asyncio.create_task(each) for each in (self._bad_days(), self._looking(bot, folder / "bot"))]
            async with asyncio.TaskGroup() as pressing:
                await self._busy(pressing)
            for task in around:
                task.cancel()
            self.faults.network = True
            await self.crowd.served(PATIENCE)

    async def _busy(self, pressing: asyncio.TaskGroup) -> None:
        began, moment, coming = time.monotonic(), 0.0, STAY
        while moment < self.seconds:
            if moment > coming:
                coming += STAY
                self.people.rotate(-1)
                self.people[-1] = self.crowd.server.world.person("Somebody <new>")
            self._act(self._random.choice(self.people), pressing)
            moment += self._random.expovariate(self.rate)
            await asyncio.sleep(began + moment - time.monotonic())

    def _act(self, person: Person, pressing: asyncio.TaskGroup) -> None:
        (kind,) = self._random.choices(tuple(SHARES), tuple(SHARES.values()))
        if kind == "file":
            self.crowd.file(person, next(self._hostile))
            self.files += 1
        elif kind == "words":
            self.crowd.text(person, self._random.choice(WORDS))
        elif kind == "press" and (answers := [m for m in person.messages() if "reply_markup" in m]):
            pressing.create_task(self._press(person, self._random.choice(answers)["message_id"]))
        else:
            self.crowd.photo(person)

    async def _press(self, person: Person, answer: int) -> None:
        """The first button under an answer, or one that was there."""
        buttons = person.chat.messages[answer]["reply_markup"]["inline_keyboard"][0]
        press = person.press(person.chat.messages[answer], buttons[0]["callback_data"])
        self.presses += 1
        with suppress(TimeoutError):
            await press.answered(PATIENCE)
            self.told += 1

    async def _bad_days(self) -> None:
        for fault, share in ((SERVER_ERROR, 0.03), (LOST_CALL, 0.01), (LOST_ANSWER, 0.01), (BROKEN_ANSWER, 0.01)):
            self.faults.add(fault, share=share)
        self.faults.add(LATE, share=0.05)
        for second in range(1, int(self.seconds) + 1):
            await asyncio.sleep(1)
            if second % FLOOD_EVERY == 0:
                self.faults.flood(FLOOD, chat=self._random.choice(self.people).id)
            if second % CUT_EVERY == 0:
                self.faults.network = False
                await asyncio.sleep(CUT)
                self.faults.network = True

    async def _looking(self, bot: BotProcess, folder: Path) -> None:
        began = time.monotonic()
        while True:
            with suppress(OSError):  # a reader just ended
                self._look(time.monotonic() - began, bot.process.pid, folder / "digitbot.db")
            await asyncio.sleep(LOOK)

    def _look(self, at: float, pid: int, file: Path) -> None:
        readers = descendants(pid)
        memory, open_files = sum(map(resident, readers)), sum(map(descriptors, [pid, *readers]))
        look = Look(at, resident(pid), memory, open_files, rows(file), file.stat().st_size, self.crowd.waiting)
        if not self.looks or look.at // 60 > self.looks[-1].at // 60:
            print_look(look, self.crowd.answered)
        self.looks.append(look)

    def report(self) -> int:
        """Print what came of it; gives the exit status."""
        flat, answered = self._report_growth(), self._report_answers()
        return 0 if flat and answered else 1

    def _report_growth(self) -> bool:
        thirds = [[look for look in self.looks if look.at // (self.seconds / 3) == n] for n in (1, 2)]
        print(f"\n{'median of':<12} {'2nd third':>12} {'3rd third':>12}  times")
        flat = True
        for name, most in GROWTH.items():
            before, after = (np.median([getattr(look, name) for look in looks]) for looks in thirds)
            flat = flat and bool(after <= most * before)
            print(f"{name:<12} {before:12.0f} {after:12.0f} {after / before:6.3f} (promised: at most {most})")
        return flat

    def _report_answers(self) -> bool:
        asked = self.crowd.questions
        photos = [question for question in asked if question.digit]
        lost, disorder = sum(not question.answers for question in asked), out_of_order(asked)
        unread = sum(not photo.answers[0].text[:1].isdigit() for photo in photos if photo.answers)
        waits = np.percentile([question.waited for question in asked if question.answers], (50, 95, 100))
        made = self.faults.made
        print(
            f"\ncalls that failed {sum(n for fault, n in made.items() if fault.error or fault.cut)}, late {made[LATE]}"
        )
        print(f"messages {len(asked)}: {len(photos)} photos, {self.files} hostile files, else commands and words")
        print("answered after {:.2f} s (p50), {:.2f} s (p95), {:.1f} s (the last)".format(*waits))
        print(f"lost {lost}, out of order {disorder}, photos without a digit {unread} (promised: 0)")
        print(f"buttons pressed {self.presses}, answered in time {self.told}")
        return not (lost or disorder or unread)


def hostile_files(bombs: Sequence[bytes], seed: int) -> Iterator[bytes]:
    """Bombs in turn, a real file with something changed after each."""
    for n in count():
        yield bombs[n % len(bombs)]
        yield mutated(np.random.default_rng([seed, n]))


def rows(database: Path) -> int:
    """In all tables, but for those that hold how the tables are made."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return sum(int(db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]) for name in names)


def print_look(look: Look, answered: int) -> None:
    """A line of the table."""
    memory = f"{look.at / 60:6.0f} {look.bot / MB:7.0f} {look.readers / MB:11.0f}"
    print(
        f"{memory} {look.descriptors:12d} {look.rows:5d} {look.file / MB:12.1f} {answered:9d} {look.waiting:8d}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
