"""Bounds of what one person can make the bot keep: the newest, up to so many rows and bytes."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.tables import ENTRIES, READINGS

ROWS = 10_000  # readings, and photos in rounds: who sends photos day and night fills no disk
BYTES = 8_000_000  # of readings


async def keep_newest_readings(db: AsyncConnection, person: int) -> None:
    """Delete a person's oldest readings beyond the bounds; the newest one always stays."""
    newest = READINGS.c.id.desc()
    place = sa.func.row_number().over(order_by=newest).label("place")
    size = sa.func.length(sa.cast(READINGS.c.photos, sa.Text))  # it is ASCII
    so_far = sa.func.sum(size).over(order_by=newest, rows=(None, 0)).label("so_far")
    ranked = sa.select(READINGS.c.id, place, so_far).where(READINGS.c.person == person).subquery()
    beyond = (ranked.c.place > ROWS) | ((ranked.c.so_far > BYTES) & (ranked.c.place > 1))
    await db.execute(sa.delete(READINGS).where(READINGS.c.id.in_(sa.select(ranked.c.id).where(beyond))))


async def keep_newest_entries(db: AsyncConnection, person: int) -> None:
    """Delete a person's oldest photos in rounds beyond ROWS."""
    mine = ENTRIES.c.person == person
    last = sa.select(ENTRIES.c.at).where(mine).order_by(ENTRIES.c.at.desc()).offset(ROWS - 1).limit(1)
    await db.execute(sa.delete(ENTRIES).where(mine & (ENTRIES.c.at < last.scalar_subquery())))
