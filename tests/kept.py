"""What is kept of a person, all of it at once."""

from typing import Any

import sqlalchemy as sa

from bot.storage.store import WHOSE, Store
from bot.storage.tables import READINGS


async def of_person(store: Store, person: int) -> dict[str, list[dict[str, Any]]]:
    """Table by table; JSON is text."""
    kept: dict[str, list[dict[str, Any]]] = {whose.table.name: [] for whose in WHOSE}
    async for table, rows in store.pages_of(person):
        kept[table] += map(dict, rows)
    return kept


async def answered(store: Store, reading: int, message: int) -> None:
    """The reading is shown by the bot's message of this id: what an inbox notes of it."""
    async with store.engine.begin() as db:
        await db.execute(sa.update(READINGS).where(READINGS.c.id == reading).values(answer=message))
