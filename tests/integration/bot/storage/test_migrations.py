"""What the migrations do with data that is there already."""

import asyncio
from pathlib import Path

import sqlalchemy as sa

from bot.storage.database import Database, upgrade
from bot.storage.store import store_in
from bot.storage.tables import CORRECTIONS
from tests.integration.bot.storage.test_store import ANN, BEN, PHOTO, label

ADMIN = 7


def test_corrections_by_group_admins_go_to_whose_handwriting_they_are(tmp_path: Path) -> None:
    known = Database(f"sqlite:///{tmp_path}/digitbot.db")

    async def corrected() -> None:
        async with store_in(known) as store:
            await store.agree(ANN)
            for person in (ANN, BEN):
                reading = await store.add_reading(-1, person, [PHOTO], "2026.11-4")
                async with store.engine.begin() as db:
                    for n, by in enumerate((person, ADMIN)):
                        values = {name: getattr(label(reading, n, person=by), name) for name in label(0).__slots__}
                        await db.execute(sa.insert(CORRECTIONS).values(**values, at=1.0))

    async def whose() -> list[tuple[int, int]]:
        async with store_in(known) as store, store.engine.connect() as db:
            return [tuple(row) for row in await db.execute(sa.select(CORRECTIONS.c.person, CORRECTIONS.c.n))]

    upgrade(known, "0007")
    asyncio.run(corrected())
    upgrade(known)
    assert asyncio.run(whose()) == [(ANN, 0), (ANN, 1), (BEN, 0)]
