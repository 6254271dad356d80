"""What is known of groups: what their admins chose, and whether Telegram shows the bot all of their messages."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from bot.storage.engine import Engine
from bot.storage.languages import Languages
from bot.storage.records import Mode
from bot.storage.tables import GROUPS, READINGS, upsert


@dataclass(frozen=True, slots=True)
class Group:
    """One group, as far as it is known."""

    mode: Mode | None = None  # None: its admins haven't chosen
    hears_all: bool | None = None  # privacy mode was off when the bot was added; None: unknown


class Groups:
    """Reads and writes it, on the store's engine."""

    def __init__(self, engine: Engine, languages: Languages) -> None:
        self._engine = engine
        self._languages = languages

    async def find(self, chat: int) -> Group:
        """What is known of a group."""
        query = sa.select(GROUPS.c.mode, GROUPS.c.hears_all).where(GROUPS.c.chat == chat)
        async with self._engine.connect() as db:
            row = (await db.execute(query)).first()
        return Group(row.mode and Mode(row.mode), row.hears_all) if row else Group()

    async def joined(self, chat: int, *, hears_all: bool) -> bool:
        """The bot was added to a group; False where it was known already: it moved here."""
        async with self._engine.begin() as db:
            known = (await db.execute(sa.select(GROUPS.c.chat).where(GROUPS.c.chat == chat))).first()
            await db.execute(self._upsert(chat=chat, hears_all=hears_all))
        return known is None

    async def choose(self, chat: int, mode: Mode) -> None:
        """A group's admin chose when photos are read."""
        async with self._engine.begin() as db:
            await db.execute(self._upsert(chat=chat, mode=mode))

    async def move(self, chat: int, supergroup: int) -> None:
        """A group became a supergroup. Both chats say so, so this may come twice."""
        async with self._engine.begin() as db:
            gone = sa.delete(GROUPS).where(GROUPS.c.chat == chat).returning(GROUPS.c.mode, GROUPS.c.hears_all)
            if row := (await db.execute(gone)).first():
                await db.execute(self._upsert(chat=supergroup, mode=row.mode, hears_all=row.hears_all))
            await self._languages.move(chat, supergroup, db)
            # In the supergroup messages are counted anew: no answer from before can be one of its messages.
            moved = sa.update(READINGS).where(READINGS.c.chat == chat).values(chat=supergroup, answer=None)
            await db.execute(moved)

    async def forget(self, chat: int) -> None:
        """Delete what is known of a group, and what was read there; corrections stay, they are people's."""
        async with self._engine.begin() as db:
            await db.execute(sa.delete(GROUPS).where(GROUPS.c.chat == chat))
            await self._languages.forget(chat, db)
            await db.execute(sa.delete(READINGS).where(READINGS.c.chat == chat))

    def _upsert(self, **values: Any) -> Any:
        return upsert(self._engine.dialect, GROUPS, ["chat"], **values)
