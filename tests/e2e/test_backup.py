"""A bot at work is backed up, and another goes on from the backup: what was sent, said and learnt is there."""

import sqlite3
from contextlib import AbstractAsyncContextManager, closing
from pathlib import Path

from bot.playground.server import LocalServer
from tests.pictures import photo
from tests.process import digitbot, end_of
from tests.running import TOKEN, answer_to, buttons, now, press
from tests.versions import a_twin
from tests.waiting import until


def at_work(server: LocalServer, folder: Path) -> AbstractAsyncContextManager[object]:
    return digitbot(folder, "run", TELEGRAM_BOT_TOKEN=TOKEN, BOT_API_URL=server.url)


async def said(folder: Path, *arguments: str, status: int = 0) -> str:
    async with digitbot(folder, *arguments) as process:
        ended, words = await end_of(process)
    assert ended == status, words
    return words


async def test_a_bot_goes_on_from_a_backup_of_one_at_work(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        folder.mkdir()
    async with LocalServer(token=TOKEN) as server:
        ann = server.world.person()
        async with at_work(server, old):
            promoted = (await said(old, "models", "promote", str(a_twin(tmp_path / "made")))).split()[0]
            first = await answer_to(ann, ann.send_photo(photo("7")))
            later = [ann.send_photo(photo("3", seed=seed)) for seed in range(1, 6)]
            await said(old, "backup", "../kept.zip")  # while those are in work
            assert "A bot is at work on " in await said(old, "restore", "../kept.zip", status=1)
            for message in later:
                await answer_to(ann, message)
        await said(new, "restore", "../kept.zip")
        with closing(sqlite3.connect(new / "data" / "digitbot.db")) as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            waited = db.execute("SELECT count(*) FROM inbox").fetchone()[0]
        sends = [name for name, _ in server.world.calls].count("sendMessage")
        async with at_work(server, new):
            await press(ann, first, "✓ Right")  # its reading is known
            await until(lambda: "✓ Right" not in buttons(now(ann, first)))
            await until(lambda: [name for name, _ in server.world.calls].count("sendMessage") >= sends + waited)
            assert (await answer_to(ann, ann.send_photo(photo("4", seed=4))))["text"].startswith("4")
            assert (await said(new, "models")).splitlines()[-1].startswith(promoted)
            assert "serves" in (await said(new, "models")).splitlines()[-1]
