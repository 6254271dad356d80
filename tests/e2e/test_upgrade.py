"""A database of the first release is opened by today's bot: nothing is lost, and what waited is answered."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.playground.server import LocalServer
from bot.storage.database import newest
from tests.pictures import photo
from tests.running import TOKEN, answer_from_bot, answer_to, running_on, text_of
from tests.waiting import until

DUMP = Path(__file__).with_name("first_schema.sql")
ANN = 700_000_001


def rows(file: Path) -> dict[str, set[str]]:
    """Every row of every table, but for what waits, which is done with."""
    with closing(sqlite3.connect(file)) as db:
        found = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'").fetchall()
        names = {name for (name,) in found} - {"inbox", "alembic_version"}
        columns = {"seen": "update_id, at"}  # how often it was begun is counted up
        return {
            name: {repr(row) for row in db.execute(f"SELECT {columns.get(name, '*')} FROM {name}")} for name in names
        }


async def test_a_bot_of_today_goes_on_with_the_data_of_the_first(tmp_path: Path) -> None:
    file = tmp_path / "digitbot.db"
    async with LocalServer(token=TOKEN) as server:
        ann = server.world.person(person_id=ANN)
        newly = ann.send_photo(photo("7"))
        with closing(sqlite3.connect(file)) as db:
            db.executescript(DUMP.read_text("utf-8").replace("FILE_ID", newly["photo"][-1]["file_id"]))
        before = rows(file)
        assert sum(map(len, before.values())) == 10
        async with running_on(server, data_dir=tmp_path) as bot:
            assert text_of(await answer_from_bot(ann)).startswith("7 ")  # the photo that was in work
            await ann.wait_for(lambda message: "/forgetme" in text_of(message))
            assert text_of(await answer_to(ann, newly)).startswith("7 ")
            await until(lambda: len([1 for message in ann.messages() if text_of(message).startswith("7 ")]) == 2)
            store = bot.bot_data.store
            assert await store.has_agreed(ANN)
            assert [(each.label, len(each.pixels)) for each in await store.waiting(10)] == [(7, 784)]
            assert (reading := await store.reading_of(ANN, 6))
            assert reading.digits[0].box == (90, 70, 140, 190)
        after = rows(file)
        assert {name: kept - after[name] for name, kept in before.items()} == {name: set() for name in before}
        with closing(sqlite3.connect(file)) as db:
            assert db.execute("SELECT version_num FROM alembic_version").fetchone() == (newest(),)
            assert db.execute("SELECT count(*) FROM inbox").fetchone() == (0,)
