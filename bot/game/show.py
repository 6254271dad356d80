"""Runs rounds of /demo: calls digits, shows the score and ends them, also after a restart.

Their state is in the database (`bot.game.rounds_store`), so any bot that finds a round nobody runs continues it.
"""

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Self, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from telegram import Message
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot.game import show_words
from bot.game.closing import Closing
from bot.game.rounds import CALLS, GRACE, Call, Entry, Game, Round, calls_due, is_over
from bot.game.rounds_store import Beginning, Rounds
from bot.game.scoreboard import SENDING, Board
from bot.i18n import speech
from bot.learning.retraining import turn_in
from bot.messages.downloads import Downloads
from bot.readers.pool import Readers
from bot.settings import Settings
from bot.storage.database import DatabaseUnavailable, Lock, persistently
from bot.storage.records import SeenPhoto
from bot.transport.retries import seconds_of

LOOK = 1.0  # seconds between two checks of the running rounds
REACTING = 5.0  # seconds to send a reaction; after that it is useless
STOPPING = 5.0  # seconds for work in progress when the bot stops
CATCHING_UP = 10.0  # seconds after the database was away for what was sent meanwhile to be read
LATE = 24 * 3600  # seconds after its end until a round that can't be closed is given up

T = TypeVar("T")
log = logging.getLogger(__name__)


class Show:
    """Runs the rounds: `async with show.on(bot)`."""

    def __init__(self, settings: Settings, rounds: Rounds, readers: Readers, downloads: Downloads) -> None:
        self.rounds = rounds
        self._closing = Closing(rounds, readers, downloads)
        self._named_in_logs = settings.named_in_logs
        self._turn = turn_in(settings.database, Lock.ROUNDS)
        self._live: dict[int, Round] = {}  # by chat, as known to this process
        self._tasks: dict[int, asyncio.Task[None]] = {}  # the rounds run by this process
        self._runs = False  # whether this bot is the one that runs rounds
        self._news = asyncio.Event()
        self._without_reactions: set[int] = set()  # rounds
        self._told_enough: set[tuple[int, int]] = set()  # rounds and people

    @asynccontextmanager
    async def on(self, bot: ExtBot[Any]) -> AsyncIterator[Self]:
        """Run rounds with this bot for the duration of the block."""
        self._bot = bot
        self._patient_until = time.time() + GRACE  # time to read photos sent while the bot was down
        self._at_work = True
        await self._know_live()
        looking = asyncio.create_task(self._keep_looking(), name="looking at rounds")
        try:
            yield self
        finally:
            await self._stop(looking)
            await self._turn.give_up()

    async def _stop(self, looking: asyncio.Task[None]) -> None:
        """Let running tasks finish: one cancelled during a write may leave SQLite locked."""
        self._at_work = self._runs = False
        self._tell()
        _, left = await asyncio.wait([looking, *self._tasks.values()], timeout=STOPPING)
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)

    def plays(self, message: Message) -> bool:
        """Whether a message with a picture belongs to a round known here.

        In a group every photo that the bot receives does, in a forum those in the round's topic.
        """
        this = self._live.get(message.chat.id)
        if this is None or any(entity.type == "bot_command" for entity in message.caption_entities):
            return False
        return this.is_private or (not message.sticker and thread_of(message) == this.thread)

    def in_chat(self, chat: int) -> Round | None:
        """The round running in a chat, as known here."""
        return self._live.get(chat)

    async def begin(self, message: Message, person: int, language: str, game: Game, board: int | None) -> bool:
        """Start a round in the chat of `message`; False if one is running.

        `board` may become its scoreboard.
        """
        digits = tuple(random.SystemRandom().sample(range(10), CALLS))
        chat, thread = message.chat.id, thread_of(message)
        if await self.rounds.begin(Beginning(chat, thread, person, language, game, digits, board)) is None:
            return False
        with suppress(DatabaseUnavailable):  # the next look finds it
            await self._know_live()
        self._tell()
        return True

    async def stop(self, this: Round) -> None:
        """Stop a round."""
        await self.rounds.stop(this.id)
        self._tell()

    async def move(self, chat: int, supergroup: int) -> None:
        """Move a round to the supergroup; called twice, since both chats report it."""
        if this := await self.rounds.in_chat(chat):
            await self.rounds.move(this, supergroup)
            await self._know_live()
            self._tell()

    async def enter(
        self, this: Round, entry: Entry, photo: SeenPhoto, pixels: bytes | None, model: str, updates: Sequence[int]
    ) -> bool:
        """Add a photo that was read; False if its round doesn't take it.

        `pixels` is its digit, `updates` the ids of the updates that brought it.
        """
        if pixels:
            self._closing.keep(this.id, entry.message, pixels)
        entered = await self.rounds.enter(this.id, entry, photo, model, updates)
        if entered:
            self._tell()
        return entered

    def is_news(self, this: Round, person: int) -> bool:
        """Whether a person wasn't told yet that no more photos of theirs count; from now on they were."""
        told = this.id, person
        news = told not in self._told_enough
        self._told_enough.add(told)
        return news

    async def react(self, this: Round, message: Message, reaction: str) -> None:
        """React to a photo at once; if the group forbids it, the scoreboard has to do."""
        if this.id in self._without_reactions or self._live.get(this.chat) is None:
            return
        try:
            async with asyncio.timeout(REACTING):
                await message.set_reaction(reaction)
        except BadRequest as error:
            if "REACTION" in error.message.upper():
                self._without_reactions.add(this.id)
            log.info("No reaction: %s", error, extra={"chat": self._named_in_logs(this.chat)})
        except (TelegramError, TimeoutError) as error:
            log.info("No reaction for now: %s", error, extra={"chat": self._named_in_logs(this.chat)})

    def _tell(self) -> None:
        """Wake the tasks that run rounds."""
        self._news.set()
        self._news = asyncio.Event()

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()

    async def _know_live(self) -> None:
        """Load the running rounds and drop what is known of others."""
        self._live = {each.chat: each for each in await self.rounds.live()}
        ids = {each.id for each in self._live.values()}
        self._closing.forget_all_but(ids)
        self._without_reactions &= ids
        self._told_enough = {told for told in self._told_enough if told[0] in ids}

    async def _keep_looking(self) -> None:
        while self._at_work:
            try:
                await self._look()
            except (DatabaseUnavailable, SQLAlchemyError) as error:
                self._patient_until = time.time() + CATCHING_UP
                log.warning("Rounds can't be looked at for now: %s", error)
            await self._wait(LOOK)

    async def _look(self) -> None:
        """Run the rounds, if this bot is the one among its replicas to do so."""
        await self._know_live()
        if not self._live:
            self._runs = False
            await self._turn.give_up()
            return
        self._runs = await self._turn.take() and self._at_work  # takes or keeps the lease
        for each in self._live.values():
            if self._runs and each.id not in self._tasks:
                task = self._tasks[each.id] = asyncio.create_task(self._run(each.id), name=f"round {each.id}")
                task.add_done_callback(lambda _, id_=each.id: self._tasks.pop(id_, None))  # type: ignore[misc]

    async def _run(self, id_: int) -> None:
        """Run a round from its present state to its end."""
        board = Board(self._bot, self.rounds)
        try:
            while self._runs and (this := await self._tried(self.rounds.find(id_))):
                entries = await self._tried(self.rounds.entries(id_))
                if entries is None:
                    continue
                now = time.time()
                if now < self._patient_until:
                    now = min(now, this.ends)
                if is_over(this, entries, now):
                    board.stop()
                    await self._tried(self._close(this))
                else:
                    await self._tried(self._go_on(this, entries, now, board))
                await self._wait(LOOK)
        except (Forbidden, BadRequest) as error:
            log.info("Round %d can't go on: %s", id_, error)
            await self._tried(self._end(id_))
        finally:
            board.stop()

    async def _tried(self, step: Awaitable[T]) -> T | None:
        """Try a step of a round; network and database failures are retried at the next check."""
        try:
            return await step
        except (BadRequest, Forbidden):
            raise
        except RetryAfter as error:
            await asyncio.sleep(seconds_of(error))
        except (TelegramError, DatabaseUnavailable, SQLAlchemyError, TimeoutError) as error:
            if isinstance(error, DatabaseUnavailable):
                self._patient_until = time.time() + CATCHING_UP
            log.warning("A round waits: %s", error)
            await asyncio.sleep(LOOK)
        return None

    async def _go_on(self, this: Round, entries: Sequence[Entry], now: float, board: Board) -> None:
        """Call the next digit if it is due, else show the score."""
        if len(this.calls) < calls_due(this, entries, now):
            words = show_words.called(this, len(this.calls), entries, speech(this.language))
            async with asyncio.timeout(SENDING):
                sent = await self._bot.send_message(this.chat, words, ParseMode.HTML, message_thread_id=this.thread)
            calls = [*this.calls, Call(sent.message_id, sent.date.timestamp())]
            await persistently(lambda: self.rounds.called(this.id, calls))
        elif entries:
            board.show(this, show_words.scoreboard(this, entries, speech(this.language)))

    async def _close(self, this: Round) -> None:
        """Send the closing sheet, then delete the players' names."""
        await self.rounds.close(this.id)
        entries = await self.rounds.entries(this.id)
        if time.time() < this.ends + LATE:
            async with asyncio.timeout(SENDING):
                await self._closing.send(self._bot, this, entries)
        await persistently(lambda: self._end(this.id))
        if this.board and entries:  # nothing else is waiting to be sent
            words = show_words.scoreboard(this, entries, speech(this.language))
            with suppress(TelegramError, TimeoutError):
                async with asyncio.timeout(SENDING):
                    await self._bot.edit_message_text(words, this.chat, this.board, parse_mode=ParseMode.HTML)

    async def _end(self, id_: int) -> None:
        await self.rounds.end(id_)
        await self._know_live()
        log.info("Round %d is over", id_)


def thread_of(message: Message) -> int | None:
    """The id of the topic that a message is in, if any."""
    return message.message_thread_id if message.is_topic_message else None
