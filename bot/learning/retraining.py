"""A training's life in the bot: begun, watched, judged, promoted, told; and brought to its end where a bot was killed.

What has happened is in the database (`bot.learning.trainings`) before anything follows from it. So whoever finds a
training that nobody runs, this bot after a restart or another one that shares the database, knows how to end it.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any, Protocol, Self

from sqlalchemy.exc import SQLAlchemyError
from telegram import InlineKeyboardMarkup
from telegram.constants import ParseMode
from telegram.error import BadRequest, TelegramError
from telegram.ext import ExtBot

from bot.i18n import ENGLISH, speech
from bot.learning import training_words
from bot.learning.trainer import Busy, Died, Workplace, clear, workplace
from bot.learning.training_words import Progress
from bot.learning.trainings import Result, Training, TrainingOutcome, Trainings, Watcher
from bot.learning.versions import Versions
from bot.readers.pool import ReaderFailed, Readers
from bot.settings import Settings
from bot.storage.database import Database, DatabaseUnavailable, Lock, persistently
from bot.storage.store import Store
from bot.telemetry import metrics
from model.versions.version import VersionError

LOOK = 1.0  # seconds between two looks whether somebody wants it to end
SHOW = 3.0  # seconds between two edits of a message: Telegram lets through 60 changes a minute
TELLING = 20  # seconds for one message
MENDING = 5.0  # seconds between two looks for a training whose bot is gone
STOPPING = 6  # seconds to tell that a training was interrupted, when the bot is to stop
LONGEST = {False: 30 * 60, True: 8 * 3600}  # seconds for a fine-tuning, and for a training from the beginning

log = logging.getLogger(__name__)


class Turn(Protocol):
    """Whose turn it is among the bots that share a database."""

    async def take(self) -> bool:
        """Whether it is this bot's turn from now on."""

    async def give_up(self) -> None:
        """It is nobody's turn."""


class OnlyBot:
    """On SQLite: the database is one bot's."""

    async def take(self) -> bool:
        return True

    async def give_up(self) -> None:
        pass


def turn_in(database: Database, lock: Lock) -> Turn:
    """Whose turn it is on this database to do what `lock` stands for."""
    if not database.on_postgres:
        return OnlyBot()
    from bot.inbox.leader import Leader  # its library is there only where it is needed

    return Leader(database.url, lock)


class Retraining:
    """Runs one training at a time: `async with Retraining(…) as retraining`; behind the block none runs."""

    def __init__(self, settings: Settings, store: Store, readers: Readers, versions: Versions) -> None:
        self.trainings = Trainings(store.engine)
        self._languages = store.languages
        self._settings = settings
        self._readers = readers
        self._versions = versions
        self._turn = turn_in(settings.database, Lock.TRAINING)
        self._task: asyncio.Task[None] | None = None
        self._taking_turns = asyncio.Lock()
        self._left: int | None = None  # a training that nobody ran at the last look

    @asynccontextmanager
    async def on(self, bot: ExtBot[Any]) -> AsyncIterator[Self]:
        """At work, with this bot to tell people by."""
        self._bot = bot
        await asyncio.to_thread(clear, self._settings)
        mending = asyncio.create_task(self._keep_mending(), name="ending trainings of bots that are gone")
        try:
            yield self
        finally:
            await _cancelled(mending)
            if self._task:
                await _cancelled(self._task)
            await self._turn.give_up()

    async def begin(self, admin: int, show: Callable[[int], Awaitable[Watcher]], *, full: bool) -> bool:
        """Begin a training, which `show` tells of in a message; False where one is running, here or in another bot.

        Raises what `show` raises, and none is begun.
        """
        async with self._taking_turns:
            if self._task or not await self._turn.take():
                return False
            training = await self.trainings.begin(admin, full=full)
            if training is None:
                await self._turn.give_up()
                return False
            try:
                watcher = await show(training)
            except BaseException:
                await self.trainings.drop(training)
                await self._turn.give_up()
                raise
            self._task = asyncio.create_task(self._run(training, watcher, full), name=f"training {training}")
            self._task.add_done_callback(self._over)
            log.info("Admin %s began training %d%s", admin, training, " from the beginning" if full else "")
            return True

    def _over(self, _: asyncio.Task[None]) -> None:
        self._task = None

    async def _run(self, training: int, watcher: Watcher, full: bool) -> None:
        try:
            try:
                await persistently(lambda: self.trainings.watch(training, watcher))
                outcome = await self._outcome(training, full)
            except asyncio.CancelledError:
                outcome = TrainingOutcome(Result.INTERRUPTED)
            async with asyncio.timeout(STOPPING if outcome.result is Result.INTERRUPTED else None):
                if await persistently(lambda: self.trainings.made(training, outcome)):
                    await self._conclude(training)
        except (DatabaseUnavailable, SQLAlchemyError, TimeoutError) as error:  # the next look ends such trainings
            log.error("Training %d can't be ended for now: %s", training, error)
        finally:
            await self._turn.give_up()

    async def _outcome(self, training: int, full: bool) -> TrainingOutcome:
        """Train, until it is done or an admin wants it to end. Raises CancelledError when the bot is to stop."""
        progress = Progress(full=full)
        work = asyncio.create_task(self._train(full, progress), name="trainer")
        watch = asyncio.create_task(self._watch(training, progress), name="watching a training")
        try:
            await asyncio.wait({work, watch}, timeout=LONGEST[full], return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                return await work
            return (
                TrainingOutcome(Result.CANCELLED)
                if watch.done()
                else TrainingOutcome(Result.FAILED, why="it took too long")
            )
        except Busy as error:
            return TrainingOutcome(Result.FAILED, missing="busy", why=str(error))
        except (Died, VersionError, ReaderFailed, OSError, SQLAlchemyError) as error:
            log.error("The training failed: %s", error)
            return TrainingOutcome(Result.FAILED, why=str(error))
        finally:
            await _cancelled(work)
            await _cancelled(watch)

    async def _train(self, full: bool, progress: Progress) -> TrainingOutcome:
        """The child's work, and a stored version of it. Raises Busy, Died, VersionError and more."""
        accepted = await persistently(self.trainings.accepted)
        serving = await persistently(self._versions.serving)
        with suppress(VersionError):  # what the serving one was tuned from may be gone; then it is the beginning
            await persistently(lambda: self._versions.fetch(serving.parent or serving.name))
        packed = await self._readers.pack(accepted)
        async with workplace(self._settings) as place:
            mode = ("--recipe", "best", "--against") if full else ("--fine-tune",)
            arguments = (*mode, serving.folder, "--corrections", place.put(packed))
            return await self._hear(place, arguments, progress)

    async def _hear(self, place: Workplace, arguments: tuple[Any, ...], progress: Progress) -> TrainingOutcome:
        gate: dict[str, Any] = {}
        async with aclosing(place.events(*arguments)) as events:
            async for event in events:
                progress.hear(event)
                if event["stage"] == "gate":
                    gate = {name: found for name, found in event.items() if name != "stage"}
                if event["stage"] == "refused":
                    log.warning("The training can't be done: %s", event["why"])
                    return TrainingOutcome(Result.FAILED, missing=event["what"], why=event["why"])
        if not gate:
            raise Died("the training sent no comparison")
        name = await persistently(lambda: self._versions.add(place.version))
        return TrainingOutcome(Result.WORSE if gate["worse"] else Result.PROMOTED, name, gate)

    async def _watch(self, training: int, progress: Progress) -> None:
        """Show how far it is; return when somebody wants it to end, or it was ended elsewhere."""
        shown: dict[Watcher, str] = {}
        rounds = 0
        while True:
            await asyncio.sleep(LOOK)
            with suppress(DatabaseUnavailable, SQLAlchemyError, TimeoutError):
                async with asyncio.timeout(TELLING):
                    await self._turn.take()  # still, or again: it is lost when PostgreSQL is stopped
                    found = await self.trainings.find(training)
                    if found is None or found.cancelled or not found.running:
                        return
                    rounds += 1
                    if rounds % round(SHOW / LOOK) == 0:
                        await self._show(training, progress, shown)

    async def _show(self, training: int, progress: Progress, shown: dict[Watcher, str]) -> None:
        for watcher in await self.trainings.watchers(training):
            _ = speech(watcher.language).gettext
            words = progress.words(_)
            if shown.get(watcher) != words:
                shown[watcher] = words
                await self._edit(watcher, words, training_words.cancel_button(training, _))

    async def _conclude(self, training: int) -> None:
        """What follows from an outcome that is written down; done twice, it is as done once, but for a report."""
        found = await self.trainings.find(training)
        if found is None or found.outcome is None:
            return
        outcome = found.outcome
        if outcome.result is Result.PROMOTED and found.running and outcome.version:
            try:
                await self._versions.promote(outcome.version)
            except VersionError as error:
                log.error("Training %d made a version that can't serve: %s", training, error)
                outcome = TrainingOutcome(Result.FAILED, why=str(error))
                await self.trainings.made(training, outcome)
        await self.trainings.ended(training)
        if found.running:
            metrics.training_ended(outcome.result)
        log.info("Training %d ended: %s %s", training, outcome.result, outcome.version or outcome.why)
        await self._report(found, outcome)
        await persistently(lambda: self.trainings.mark_reported(training))

    async def _report(self, training: Training, outcome: TrainingOutcome) -> None:
        """Tell everybody who watched; where nobody did yet, the admin who began it."""
        serving = (await self._versions.serving()).name
        watchers = await self.trainings.watchers(training.id)
        if not watchers:
            watchers = [Watcher(training.admin, 0, await self._languages.chosen(training.admin) or ENGLISH)]
        picture = await self._readers.confusion(outcome.gate["confusion"]) if outcome.gate else None
        for watcher in watchers:
            spoken = speech(watcher.language)
            await self._edit(watcher, training_words.ended(outcome, serving, spoken.gettext), None)
            if picture:
                with suppress(TelegramError, TimeoutError):
                    async with asyncio.timeout(TELLING):
                        caption = training_words.report(outcome, spoken)
                        await self._bot.send_photo(watcher.chat, picture, caption, parse_mode=ParseMode.HTML)

    async def _edit(self, watcher: Watcher, words: str, keyboard: InlineKeyboardMarkup | None) -> None:
        """Change a message; one that can't be changed any more is told anew, once the training has ended."""
        try:
            async with asyncio.timeout(TELLING):
                if watcher.message:
                    await self._bot.edit_message_text(
                        words, watcher.chat, watcher.message, parse_mode=ParseMode.HTML, reply_markup=keyboard
                    )
                else:
                    await self._bot.send_message(watcher.chat, words, ParseMode.HTML)
        except BadRequest as error:
            log.info("The message of training to %s can't be changed: %s", watcher.chat, error)
            if keyboard is None and watcher.message:
                await self._edit(Watcher(watcher.chat, 0, watcher.language), words, None)
        except (TelegramError, TimeoutError) as error:
            log.info("Admin %s can't be shown the training: %s", watcher.chat, error)

    async def _keep_mending(self) -> None:
        while True:
            try:
                await self._mend()
            except (DatabaseUnavailable, SQLAlchemyError, VersionError, ReaderFailed, OSError) as error:
                log.warning("Trainings of bots that are gone can't be ended for now: %s", error)
            await asyncio.sleep(MENDING)

    async def _mend(self) -> None:
        """End a training that no bot runs, at two looks: it was interrupted, unless its outcome was stored.

        Where PostgreSQL was stopped, the bot that runs it takes its turn again before the second look.
        """
        left = await self.trainings.running() or await self.trainings.unreported()
        if left is None:
            return
        async with self._taking_turns:
            if self._task or not await self._turn.take():
                self._left = None
                return
            try:
                if left.id != self._left:
                    self._left = left.id
                    return
                while left := await self.trainings.running() or await self.trainings.unreported():
                    if left.running and left.outcome is None:
                        await self.trainings.made(left.id, TrainingOutcome(Result.INTERRUPTED))
                    await self._conclude(left.id)
            finally:
                await self._turn.give_up()


async def _cancelled(task: asyncio.Task[Any]) -> None:
    """Cancel it and wait for its end, whatever that is."""
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.exception()
