"""People who send photos of digits to a bot on the local Bot API server, and what became of each photo."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle, pairwise

import numpy as np

from benchmarks.serving.watched_server import Sent, WatchedServer
from bot.playground.person import Person
from bot.playground.pictures import Picture, photo_sizes
from tests.handwriting import page

SIZE = (1280, 960)  # pixels: as large as Telegram's largest
HEIGHT = 400  # of the digit
FILES = 20  # different photos: each digit twice


@dataclass(frozen=True, slots=True)
class Drawn:
    """A digit on paper, in the sizes that Telegram makes of a photo."""

    digit: str
    sizes: list[Picture]


@dataclass(slots=True)
class Question:
    """A message that wants an answer."""

    chat: int
    message: int  # its id: counts up in the chat
    digit: str  # "" where it is no photo
    sent: float  # time.monotonic()
    answers: list[Sent] = field(default_factory=list)
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def waited(self) -> float:
        """Seconds from the message to the (first) answer; only where there is one."""
        return self.answers[0].ended - self.sent


class Crowd:
    """People in so many private chats with one bot."""

    def __init__(self, chats: int, drawn: Sequence[Drawn], seed: int = 0) -> None:
        self.server = WatchedServer(self._heard)
        self.people = [self.server.world.person(f"Person {i}") for i in range(chats)]
        self.sends: list[Sent] = []  # all, refused ones too
        self.questions: list[Question] = []
        self.waiting = 0  # questions without an answer
        self.cpu = 0.0  # seconds that sending took in this process
        self._known: dict[tuple[int, int], Question] = {}
        self._drawn = drawn
        self._random = random.Random(seed)
        self._turns = cycle(self.people)

    @property
    def answered(self) -> int:
        """How many questions have an answer."""
        return len(self.questions) - self.waiting

    def someone(self) -> Person:
        """Everybody in turn."""
        return next(self._turns)

    def photo(self, person: Person) -> Question:
        """Send a photo of some digit."""
        began = time.thread_time()
        drawn = self._random.choice(self._drawn)
        question = self._asked(person.send_photo_sizes(drawn.sizes)["message_id"], person, drawn.digit)
        self.cpu += time.thread_time() - began
        return question

    def file(self, person: Person, data: bytes) -> Question:
        """Send a file that says that it is a picture; it has no preview."""
        return self._asked(person.send_file(data, "digit.jpg", "image/jpeg", None)["message_id"], person, "")

    def text(self, person: Person, text: str) -> Question:
        """Send a text, such as a command."""
        return self._asked(person.send_text(text)["message_id"], person, "")

    def _asked(self, message: int, person: Person, digit: str) -> Question:
        question = self._known[person.id, message] = Question(person.id, message, digit, time.monotonic())
        self.questions.append(question)
        self.waiting += 1
        return question

    def _heard(self, sent: Sent) -> None:
        self.sends.append(sent)
        if sent.chat is None:
            return
        question = self._quoted(sent) or self._oldest_waiting(sent.chat)
        if question is None:
            return
        if not question.answers:
            self.waiting -= 1
            question.answered.set()
        question.answers.append(sent)

    def _quoted(self, sent: Sent) -> Question | None:
        return self._known.get((sent.chat or 0, sent.quoted or 0))

    def _oldest_waiting(self, chat: int) -> Question | None:
        return next((q for q in self.questions if q.chat == chat and not q.answers), None)

    async def served(self, patience: float) -> None:
        """Return when all have an answer, or nobody got one for so many seconds."""
        last, sends = time.monotonic(), len(self.sends)
        while self.waiting and time.monotonic() - last < patience:
            await asyncio.sleep(0.1)
            if len(self.sends) > sends:
                last, sends = time.monotonic(), len(self.sends)


def drawn_digits(count: int = FILES, seed: int = 0) -> list[Drawn]:
    """Photos of all ten digits in turn, written by nobody."""
    rng = np.random.default_rng(seed)
    digits = [str(i % 10) for i in range(count)]
    return [Drawn(digit, photo_sizes(page([digit], rng, height=HEIGHT, size=SIZE)[0])) for digit in digits]


def out_of_order(questions: Sequence[Question]) -> int:
    """How many were answered (for the first time) after a later one of their chat."""
    by_chat: dict[int, list[Question]] = {}
    for question in questions:
        if question.answers:
            by_chat.setdefault(question.chat, []).append(question)
    return sum(
        earlier.answers[0].ended > later.answers[0].ended
        for chat in by_chat.values()
        for earlier, later in pairwise(chat)
    )
