"""A class plays /demo: how soon each photo has its reaction, how many messages that makes, how soon the sheet is there.

    python -m benchmarks.serving.show [--pupils 25] [--seconds 60] [--groups 1] [--photos 1]

Pupils in a group on the local Bot API server, with Telegram's limits, answer the call of a digit with photos of
1280×960 at random moments; then the teacher ends the round. A delay is from the moment a photo is sent to that in which
the server has its reaction. Exit status 1 where a bar is missed. Linux only.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.conditions import conditions, parsed
from benchmarks.serving.crowd import Drawn, drawn_digits
from benchmarks.serving.processes import TOKEN, bot_at_work
from bot.playground.person import Person
from bot.playground.server import LocalServer
from bot.playground.wire import Json

REACTION, SHEET = 1.0, 5.0  # seconds: the bars
MESSAGES = 20  # in any minute of a group
MINUTE = 60
PATIENCE = 60  # seconds for what should have come long before


@dataclass(slots=True)
class Lesson:
    """A group, and what was seen in it. Times are time.monotonic()."""

    teacher: Person
    pupils: Sequence[Person]
    sent: dict[int, float] = field(default_factory=dict)  # photos, by message
    reacted: dict[int, float] = field(default_factory=dict)
    said: list[float] = field(default_factory=list)  # the bot's messages
    edits: int = 0
    stopped: float = float("nan")
    closed: float = float("nan")

    async def watch(self) -> None:
        """Note what the bot does."""
        with self.teacher.chat.events.listen() as events:
            while event := await events.get():
                message: Json = event.get("message", {})
                if message.get("reactions"):
                    self.reacted.setdefault(message["message_id"], time.monotonic())
                elif message.get("from", {}).get("is_bot"):
                    self._note(event["type"], message)

    def _note(self, kind: str, message: Json) -> None:
        if kind != "message":
            self.edits += 1
            return
        self.said.append(time.monotonic())
        if "photo" in message:
            self.closed = time.monotonic()

    async def hold(self, drawn: Sequence[Drawn], seconds: float, photos: int) -> None:
        """Begin a round, let everybody send their photos, end it."""
        self.teacher.send_text("/demo read")
        call = await self.teacher.wait_for(lambda message: "(1/" in message.get("text", ""), timeout=PATIENCE)
        digit = next(sign for sign in call["text"] if sign.isdigit())
        right = [each for each in drawn if each.digit == digit]
        async with asyncio.TaskGroup() as everybody:
            for pupil in list(self.pupils) * photos:
                others = drawn if random.random() < 0.2 else right  # a fifth draws something else
                everybody.create_task(self._draw(pupil, random.choice(others), random.uniform(0, seconds), call))
        self.stopped = time.monotonic()
        self.teacher.send_text("/stop")
        await self.teacher.wait_for(lambda message: "photo" in message, timeout=PATIENCE)

    async def _draw(self, pupil: Person, drawn: Drawn, after: float, call: Json) -> None:
        await asyncio.sleep(after)
        began = time.monotonic()
        message = pupil.send_photo_sizes(drawn.sizes, reply_to=call["message_id"])
        self.sent[message["message_id"]] = began

    @property
    def delays(self) -> list[float]:
        """Of each photo with a reaction, in seconds."""
        return [self.reacted[message] - at for message, at in self.sent.items() if message in self.reacted]

    @property
    def busiest_minute(self) -> int:
        """The most messages of the bot's in any minute."""
        return max(sum(at <= other < at + MINUTE for other in self.said) for at in self.said)


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pupils", type=int, default=25, help="in a group")
    parser.add_argument("--seconds", type=float, default=60, help="in which they send their photos")
    parser.add_argument("--photos", type=int, default=1, help="of each pupil")
    parser.add_argument("--groups", type=int, default=1, help="that play at once")
    parser.add_argument("--readers", type=int, default=2)
    options = parsed(parser, pupils=3, seconds=2, readers=1)
    return report(asyncio.run(measured(options)))


async def measured(options: argparse.Namespace) -> list[Lesson]:
    """What was seen in each group."""
    drawn = drawn_digits()
    async with LocalServer(TOKEN) as server:
        lessons = [_lesson(server, options.pupils) for _ in range(options.groups)]
        with tempfile.TemporaryDirectory() as folder:
            async with bot_at_work(Path(folder), "bot", server.url, READERS=str(options.readers)):
                watching = [asyncio.create_task(lesson.watch()) for lesson in lessons]
                await asyncio.gather(*(lesson.hold(drawn, options.seconds, options.photos) for lesson in lessons))
                await asyncio.sleep(1)  # for reactions that come late, if any do
                for each in watching:
                    each.cancel()
    return lessons


def _lesson(server: LocalServer, pupils: int) -> Lesson:
    people = [server.world.person(f"Pupil {n}") for n in range(pupils + 1)]
    group = server.world.group("Class 4b", *people)
    teacher, *others = (group.member(person) for person in people)
    return Lesson(teacher, others)


def report(lessons: Sequence[Lesson]) -> int:
    """Print a row for each group; gives the exit status."""
    print(f"{conditions()}\n")
    print("group  photos  reactions   p50 ms    p95    messages in a minute  edits   end to sheet s")
    missed = False
    for number, lesson in enumerate(lessons, 1):
        middle, late = np.percentile(lesson.delays or [np.inf], (50, 95))
        sheet = lesson.closed - lesson.stopped
        print(
            f"{number:5d} {len(lesson.sent):7d} {len(lesson.delays):10d} {middle * 1000:8.0f} {late * 1000:6.0f}"
            f" {lesson.busiest_minute:23d} {lesson.edits:6d} {sheet:16.1f}"
        )
        all_reacted = len(lesson.delays) == len(lesson.sent)
        missed |= not (all_reacted and late <= REACTION and lesson.busiest_minute <= MESSAGES and sheet <= SHEET)
    print(f"\nbars: p95 {REACTION * 1000:.0f} ms, {MESSAGES} messages, {SHEET:g} s: {'missed' if missed else 'kept'}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
