"""The languages that people and groups chose; who chose none is spoken to in Telegram's."""

import logging
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from telegram import Update, User

from bot.i18n import ENGLISH, set_chosen
from bot.storage.database import DatabaseUnavailable
from bot.storage.engine import Engine
from bot.storage.tables import LANGUAGES, upsert

log = logging.getLogger(__name__)


class Languages:
    """Reads and writes them, on the store's engine, by chat: a private chat's id is the person's."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reads = engine.only_reads()

    async def chosen(self, *chats: int) -> str | None:
        """The first choice that one of these made; None: none, or it can't be looked up, and nobody waits for that."""
        query = sa.select(LANGUAGES.c.chat, LANGUAGES.c.language).where(LANGUAGES.c.chat.in_(chats))
        try:
            async with self._reads.connect() as db:
                found = {row.chat: row.language for row in await db.execute(query)}
        except (DatabaseUnavailable, sa.exc.SQLAlchemyError) as error:
            log.warning("The language can't be looked up for now: %s", error)
            return None
        return next((found[chat] for chat in chats if chat in found), None)

    async def choose(self, chat: int, language: str | None) -> None:
        """They choose a language, or to be spoken to in Telegram's again."""
        async with self._engine.begin() as db:
            await db.execute(self._choice(chat, language))

    async def move(self, chat: int, supergroup: int, db: AsyncConnection) -> None:
        """A group became a supergroup."""
        gone = sa.delete(LANGUAGES).where(LANGUAGES.c.chat == chat).returning(LANGUAGES.c.language)
        if language := (await db.execute(gone)).scalar():
            await db.execute(self._choice(supergroup, language))

    async def forget(self, chat: int, db: AsyncConnection) -> None:
        """Delete a choice."""
        await db.execute(self._choice(chat, None))

    async def alone_with(self, person: User) -> str:
        """The language in which to write to a person, wherever that begins."""
        return await self.chosen(person.id) or person.language_code or ENGLISH

    async def listen(self, update: Update) -> None:
        """From now on, in this task, `speech_of` this update is what its chat chose, else what its person chose."""
        whose = [each.id for each in (update.effective_chat, update.effective_user) if each]
        set_chosen(await self.chosen(*whose))

    def _choice(self, chat: int, language: str | None) -> Any:
        if language is None:
            return sa.delete(LANGUAGES).where(LANGUAGES.c.chat == chat)
        return upsert(self._engine.dialect, LANGUAGES, ["chat"], chat=chat, language=language)
