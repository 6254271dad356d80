"""Two bots with one token: the newer one says so and stops, the older one goes on."""

from pathlib import Path

import pytest

from bot.playground.server import LocalServer
from bot.transport import polling
from tests.pictures import photo
from tests.process import digitbot, end_of
from tests.running import TOKEN, answer_to, running_on


async def test_a_new_bot_gives_way_to_one_that_is_established(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "ESTABLISHED", 0)  # for the bot in this process
    async with LocalServer(token=TOKEN) as server, running_on(server, data_dir=tmp_path / "first") as established:
        ann = server.world.person()
        await answer_to(ann, ann.send_photo(photo("7")))
        async with digitbot(tmp_path, "run", TELEGRAM_BOT_TOKEN=TOKEN, BOT_API_URL=server.url) as process:
            status, said = await end_of(process)
        assert status == 1
        assert said.splitlines()[-1].startswith("digitbot: Another bot is at work with this token")
        assert "Traceback" not in said
        assert not established.bot.end.done()
        assert (await answer_to(ann, ann.send_photo(photo("3"))))["text"].startswith("3")


async def test_a_restart_is_not_taken_for_a_second_bot(tmp_path: Path) -> None:
    async with LocalServer(token=TOKEN) as server:
        ann = server.world.person()
        for _ in range(2):
            async with digitbot(tmp_path, "run", TELEGRAM_BOT_TOKEN=TOKEN, BOT_API_URL=server.url) as process:
                await answer_to(ann, ann.send_photo(photo("7")))
                process.kill()
                await end_of(process)
        async with running_on(server, data_dir=tmp_path / "data") as bot:
            for _ in range(2):
                await answer_to(ann, ann.send_photo(photo("3")))
            assert not bot.bot.end.done()
