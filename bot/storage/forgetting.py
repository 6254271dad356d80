"""What is in the inbox when somebody is forgotten is answered, and leaves nothing behind."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.tables import INBOX, SEEN


async def mark_forgotten(db: AsyncConnection, person: int) -> None:
    """Mark the updates in the inbox that tell of a person; before anything of theirs is deleted."""
    theirs = sa.select(INBOX.c.update_id).where(_tells_of(person))
    await db.execute(sa.update(SEEN).where(SEEN.c.update_id.in_(theirs)).values(forgotten=True))


async def is_forgotten(db: AsyncConnection, person: int, updates: Collection[int]) -> bool:
    """Whether a person was forgotten since these updates arrived, which are in work."""
    if not updates:
        return False
    in_work = SEEN.c.update_id.in_(updates) & (SEEN.c.update_id == INBOX.c.update_id) & _tells_of(person)
    marks = sa.select(SEEN.c.forgotten).where(in_work).order_by(SEEN.c.update_id)
    # who forgets just now waits for the end of this transaction, or this waits for them
    return any((await db.execute(marks.with_for_update(of=SEEN))).scalars())


def _tells_of(person: int) -> sa.ColumnElement[bool]:
    """It has this person's id in it."""
    return sa.or_(*(INBOX.c.body.contains(f'"id": {person}{end}') for end in ",}"))
