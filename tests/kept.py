"""What is kept of a person, all of it at once."""

from typing import Any

from bot.storage.store import WHOSE, Store


async def of_person(store: Store, person: int) -> dict[str, list[dict[str, Any]]]:
    """Table by table; JSON is text."""
    kept: dict[str, list[dict[str, Any]]] = {whose.table.name: [] for whose in WHOSE}
    async for table, rows in store.pages_of(person):
        kept[table] += map(dict, rows)
    return kept
