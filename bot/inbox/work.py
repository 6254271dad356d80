"""Hands out what the inbox holds: chats side by side, each in its order, and what is quick never waits for photos."""

import asyncio
import json
import logging
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from telegram import Update

from bot.inbox import Claim, Inbox
from bot.inbox.handling import Handling, KilledTheBot
from bot.storage.database import RETRY, DatabaseUnavailable, persistently

LAST_START = 4  # an update whose handling ended the process three times, twice of them alone, isn't begun again
HANDLING_LIMIT = 100  # seconds for answering one claim
STOPPING = 8  # seconds for what is in work when the bot is to stop

if TYPE_CHECKING:
    from bot.context import Bot

log = logging.getLogger(__name__)


class Work:
    """Answers what the inbox holds while the `async with` lasts; then what is in work gets STOPPING seconds."""

    def __init__(self, bot: "Bot", inbox: Inbox, pause: Callable[[int], float]) -> None:
        """`pause` tells in how many seconds a chat may be written to again."""
        self._bot = bot
        self._inbox = inbox
        self._pause = pause
        self._in_work: set[asyncio.Task[None]] = set()
        self._gate = asyncio.Lock()  # held while a claim is begun with

    async def __aenter__(self) -> Self:
        lanes = self._inbox.at_once.items()
        self._dispatchers = [asyncio.create_task(self._dispatch(*lane), name="inbox dispatcher") for lane in lanes]
        for dispatcher in self._dispatchers:
            dispatcher.add_done_callback(self._ended)
        return self

    async def __aexit__(self, *_: object) -> None:
        await _cancelled(self._dispatchers)
        if self._in_work:
            await asyncio.wait(self._in_work, timeout=STOPPING)
        if self._in_work:
            log.warning("Stopped before everything in work was answered; the next start goes on with it")
        await _cancelled(self._in_work)

    def _ended(self, dispatcher: asyncio.Task[None]) -> None:
        """A bot that no longer hands out what arrives, by a fault of ours, ends rather than to stay silent."""
        if not dispatcher.cancelled() and isinstance(error := dispatcher.exception(), Exception):
            self._bot.bot.give_up(error)

    async def _dispatch(self, photos: bool, at_once: int) -> None:
        places = asyncio.Semaphore(at_once)
        while True:
            await places.acquire()
            while not await self._begin_next(photos, places):
                await self._inbox.news()

    async def _begin_next(self, photos: bool, places: asyncio.Semaphore) -> bool:
        """Whether there was something to begin with; it gives its place back when it is done."""
        async with self._gate:
            claim = await self._claim(photos)
            if claim is None:
                return False
            # What was in work when the process died is in work alone: if it dies again, nothing else is blamed.
            suspect = claim.starts > 1
            task = asyncio.create_task(self._keep(claim, set(self._in_work) if suspect else set()), name="inbox work")
            self._in_work.add(task)
            task.add_done_callback(self._in_work.discard)
            task.add_done_callback(lambda _: places.release())
            if suspect:
                await asyncio.wait([task])
        return True

    async def _claim(self, photos: bool) -> Claim | None:
        while True:  # rather than to wait for news: what arrives during the pause would be no news after it
            try:
                return await self._inbox.claim(photos)
            except DatabaseUnavailable as error:
                log.error("The inbox can't be read for now: %s", error)
                await asyncio.sleep(RETRY)

    async def _keep(self, claim: Claim, before: set[asyncio.Task[None]]) -> None:
        """Answer a claim, once what is `before` it has ended, and mark it; whatever happens, the inbox hears of it."""
        try:
            if before:
                await asyncio.wait(before)
            handling = await self._answer(claim)
        except asyncio.CancelledError:  # the bot stops: the next start goes on with it, as if it were new
            with suppress(DatabaseUnavailable):
                await self._inbox.postpone(claim, 0)
            raise
        except Exception:
            chat = self._bot.bot_data.settings.named_in_logs(claim.chat)
            log.exception("An update can't be handled at all, and is let go", extra={"chat": chat})
            await persistently(lambda: self._inbox.done(claim, self._pause(claim.chat)))
            return
        again_in = handling.again_in
        if again_in is None:
            await persistently(lambda: self._inbox.done(claim, self._pause(claim.chat), handling.answers))
        else:
            await persistently(lambda: self._inbox.postpone(claim, again_in))

    async def _answer(self, claim: Claim) -> Handling:
        """What became of it: it is answered, or its sender was told why not, or it is to be tried again."""
        updates = tuple(Update.de_json(json.loads(body), self._bot.bot) for body in claim.bodies)
        handling = Handling(updates, claim.arrived, lambda: self._inbox.holds(claim))
        in_work = self._bot.bot_data.in_work
        in_work[id(updates[0])] = handling
        try:
            async with asyncio.timeout(HANDLING_LIMIT):
                await self._bot.bot_data.store.languages.listen(updates[0])
                if claim.starts >= LAST_START:
                    raise KilledTheBot(f"in work when the process died: update {updates[0].update_id}")
                await self._bot.process_update(updates[0])
        except (KilledTheBot, TimeoutError) as error:  # a handler's errors stay inside process_update
            await self._bot.process_error(updates[0], error)
        finally:
            del in_work[id(updates[0])]
        return handling


async def _cancelled(tasks: Collection[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
