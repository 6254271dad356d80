"""Where python-telegram-bot puts what arrives: `put` returns when it is durable, and only then is it acknowledged.

The library awaits it before it moves the polling offset, the webhook before it answers 200.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from telegram import Message, Update
from telegram.constants import ChatType
from telegram.error import NetworkError, TelegramError

from bot.i18n import speech_of
from bot.inbox import Arrival, Inbox, Recorded
from bot.messages.addressing import may_ask_about_another
from bot.messages.pictures import PICTURE
from bot.storage.database import DatabaseUnavailable
from bot.telemetry import metrics
from model.reading.result import N_

RECORDING = 30  # seconds that writing an update down may take
TOLD_AGAIN = 60  # seconds between two notices in a chat that too much is waiting
TOLD_AT_ONCE = 100  # people
CHATS_TOLD = 10_000  # kept in mind
BUSY = N_("My queue is full. Please send this again in a quarter of an hour.")
BURST = "burst"  # the run of photos without an album in a group
ROUND = "round"  # and of those in a round of /demo

Listen = Callable[[Update], Awaitable[None]]

log = logging.getLogger(__name__)


class InboxQueue(asyncio.Queue[object]):
    """The application's update queue: updates go to the inbox, and only the library's own end mark passes through."""

    def __init__(self, inbox: Inbox, plays: Callable[[Message], bool], listen: Listen) -> None:
        """`plays` tells which pictures belong to a round of /demo; `listen` finds the language to say "busy" in."""
        super().__init__(1)
        self._inbox = inbox
        self._plays = plays
        self._listen = listen
        self._telling: set[asyncio.Task[None]] = set()
        self._told: OrderedDict[int, float] = OrderedDict()  # when each chat heard last that too much is waiting

    async def put(self, item: object) -> None:
        """Write an update down. Raises NetworkError, which makes the library, and Telegram, try again."""
        if not isinstance(item, Update):
            await super().put(item)
            return
        try:
            async with asyncio.timeout(RECORDING):
                recorded = await self._inbox.record(arrival_of(item, self._plays))
        except (DatabaseUnavailable, TimeoutError) as error:
            log.error("What arrives can't be written down, Telegram keeps it meanwhile: %s", error)
            raise NetworkError("the update couldn't be written down") from error
        if recorded is Recorded.NEW:
            metrics.arrived(_kind(item))
        if recorded is Recorded.FULL:
            metrics.turned_away()
            self._turn_away(item)

    def _turn_away(self, update: Update) -> None:
        """Say when to come again, once a minute in a chat at most; what arrives next doesn't wait for that."""
        message, now = update.effective_message, time.monotonic()
        if message is None or message.chat.type != ChatType.PRIVATE:
            return
        if now - self._told.pop(message.chat.id, -TOLD_AGAIN) >= TOLD_AGAIN and len(self._telling) < TOLD_AT_ONCE:
            log.warning("Too much is waiting: an update is turned away")
            task = asyncio.create_task(self._tell(message, update))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)
        self._told[message.chat.id] = now
        if len(self._told) > CHATS_TOLD:
            self._told.popitem(last=False)

    async def _tell(self, message: Message, update: Update) -> None:
        await self._listen(update)
        try:
            await message.reply_html(speech_of(update).gettext(BUSY), do_quote=True)
        except TelegramError as failure:
            log.warning("The person couldn't be told that too much is waiting: %s", failure)


def arrival_of(update: Update, plays: Callable[[Message], bool]) -> Arrival:
    """An update as the inbox keeps it."""
    message = update.message  # an edited one is a photo, but part of no run
    picture = bool(PICTURE.check_update(update))
    if picture and message and plays(message):  # side by side with the others of its round, and at once
        return Arrival(update.update_id, _order(update), photo=True, run=ROUND, body=update.to_json(), hasty=True)
    return Arrival(
        update_id=update.update_id,
        chat=_order(update),
        photo=picture or (message is not None and may_ask_about_another(message)),
        run=_run(message) if picture and message else None,
        body=update.to_json(),
    )


def _order(update: Update) -> int:
    """What keeps its order: the chat, else the person. Polls and other updates of nobody keep one together."""
    if update.effective_chat:
        return update.effective_chat.id
    return update.effective_user.id if update.effective_user else 0


def _kind(update: Update) -> str:
    """Of a few kinds that people know."""
    message = update.message
    if update.callback_query:
        return "button"
    if update.my_chat_member:
        return "membership"
    if message is None:
        return "edited"
    if PICTURE.check_update(update):
        return "picture"
    return "command" if (message.text or "").startswith("/") else "message"


def _run(message: Message) -> str | None:
    if message.media_group_id is not None:
        return message.media_group_id
    return None if message.chat.type == ChatType.PRIVATE else BURST
