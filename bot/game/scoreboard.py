"""The scoreboard of a round of /demo."""

import asyncio
import logging
import time
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from telegram.constants import ParseMode
from telegram.error import BadRequest, TelegramError
from telegram.ext import ExtBot

from bot.game.rounds import Round
from bot.game.rounds_store import Rounds
from bot.storage.database import DatabaseUnavailable

SHOW = 5.0  # seconds between two edits
SENDING = 20.0  # seconds for a message

log = logging.getLogger(__name__)


class Board:
    """A round's scoreboard: one message, edited in place at a limited rate.

    It yields to everything else that is sent.
    """

    def __init__(self, bot: ExtBot[Any], rounds: Rounds) -> None:
        self._bot = bot
        self._rounds = rounds
        self._shown = ""
        self._at = -SHOW  # time.monotonic() of the last edit
        self._task: asyncio.Task[None] | None = None
        self._sent: int | None = None  # the message, though the database may not know of it yet

    def show(self, this: Round, words: str) -> None:
        """Show this text, unless it is shown already or was edited a moment ago."""
        if words == self._shown or time.monotonic() < self._at + SHOW or (self._task and not self._task.done()):
            return
        self._shown, self._at = words, time.monotonic()
        self._task = asyncio.create_task(self._edit(this, words), name=f"scoreboard of round {this.id}")

    def stop(self) -> None:
        """Stop editing, so that other messages go first."""
        if self._task:
            self._task.cancel()

    async def _edit(self, this: Round, words: str) -> None:
        try:
            async with asyncio.timeout(SENDING):
                if board := this.board or self._sent:
                    await self._bot.edit_message_text(words, this.chat, board, parse_mode=ParseMode.HTML)
                else:
                    sent = await self._bot.send_message(this.chat, words, ParseMode.HTML, message_thread_id=this.thread)
                    self._sent = sent.message_id
                if self._sent and not this.board:
                    await asyncio.shield(self._rounds.shown(this.id, self._sent))
        except BadRequest as error:  # deleted, or in the group before it became a supergroup
            log.info("The scoreboard of round %d can't be changed: %s", this.id, error)
            self._shown, self._sent = "", None
            await asyncio.shield(self._rounds.shown(this.id, None))
        except (TelegramError, DatabaseUnavailable, SQLAlchemyError, TimeoutError) as error:
            log.info("The scoreboard of round %d stays as it is for now: %s", this.id, error)
            self._shown = ""
