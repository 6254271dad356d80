"""`digitbot doctor`: a line for each thing that the bot needs, with the mend where something is wrong."""

import asyncio
from pathlib import Path

import pytest

from bot import doctor
from bot.doctor import Wrong
from bot.playground.server import LocalServer
from bot.playground.webhook import Address
from bot.settings import Settings
from tests.waiting import until

TOKEN = "4242:canary"


def settings(**given: object) -> Settings:
    return Settings.load(_env_file=None, **given)


async def test_a_token_that_telegram_knows_is_told_with_the_bots_name() -> None:
    async with LocalServer(token=TOKEN) as server:
        known = settings(telegram_bot_token=TOKEN, bot_api_url=server.url)
        assert await asyncio.to_thread(doctor.token, known) == "token: belongs to @digit_demo_bot"


async def test_a_token_that_telegram_refuses_is_told_with_the_mend() -> None:
    async with LocalServer(token="4242:another") as server:
        refused = settings(telegram_bot_token=TOKEN, bot_api_url=server.url)
        with pytest.raises(Wrong, match="@BotFather") as wrong:
            await asyncio.to_thread(doctor.token, refused)
    assert "canary" not in str(wrong.value)


def test_no_token_and_no_network_are_told_apart() -> None:
    with pytest.raises(Wrong, match="none is set"):
        doctor.token(settings(telegram_bot_token=None))
    with pytest.raises(Wrong, match="can't be reached"):
        doctor.token(settings(telegram_bot_token=TOKEN, bot_api_url="http://127.0.0.1:9"))


async def test_the_way_of_messages_is_told_as_telegram_knows_it() -> None:
    async with LocalServer(token=TOKEN) as server:
        polls = settings(telegram_bot_token=TOKEN, bot_api_url=server.url)
        hooked = settings(telegram_bot_token=TOKEN, bot_api_url=server.url, webhook_url="http://127.0.0.1:9/canary")

        async def told(known: Settings) -> str:
            return await asyncio.to_thread(doctor.webhook, known)

        assert await told(polls) == "webhook: none, the bot asks for messages itself"
        assert await told(hooked) == "webhook: none for now; the bot sets WEBHOOK_URL when it starts"
        await server.world.webhook.set(Address("http://127.0.0.1:9/canary"))
        assert await told(hooked) == "webhook: Telegram delivers to 127.0.0.1"
        assert (
            await told(polls)
            == "webhook: the one at 127.0.0.1 for now; the bot asks for messages itself when it starts"
        )
        server.world.person().send_text("hello")
        await until(lambda: "last_error_message" in server.world.webhook.info())
        with pytest.raises(Wrong, match=r"^webhook: messages wait \(1\), .* failed: Connection refused\. ") as wrong:
            await told(hooked)
        assert "canary" not in str(wrong.value)
        server.world.faults.network = False
        with pytest.raises(Wrong, match=r"^webhook: Telegram can't be asked"):
            await told(hooked)


def test_a_data_folder_is_made_and_tried(tmp_path: Path) -> None:
    assert "can be written to" in doctor.data_folder(settings(data_dir=tmp_path / "new" / "data"))
    (tmp_path / "file").touch()
    with pytest.raises(Wrong, match="set DATA_DIR"):
        doctor.data_folder(settings(data_dir=tmp_path / "file" / "data"))


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "are free" in doctor.disk(settings(data_dir=tmp_path / "not" / "yet"))
    monkeypatch.setattr(doctor, "ROOM", 10**18)
    with pytest.raises(Wrong, match="Make room"):
        doctor.disk(settings(data_dir=tmp_path))


def test_the_database_is_looked_at_and_left_alone(tmp_path: Path) -> None:
    known = settings(data_dir=tmp_path)
    assert doctor.database(known).endswith("will be made at the first start")
    assert not known.database.file.exists()
    with known.database.prepared():
        assert doctor.database(known).endswith("digitbot.db can be used")
    known.database.file.write_bytes(b"something else" * 99)
    with pytest.raises(Wrong, match=r"database: The database .* can't be used: file is not a database"):
        doctor.database(known)


def test_a_database_out_of_reach_is_told_without_its_password() -> None:
    url = "postgresql://me:canary@127.0.0.1:9/digits"
    with pytest.raises(Wrong, match=r"127\.0\.0\.1/digits can't be used|psycopg has to be installed") as wrong:
        doctor.database(settings(database_url=url))
    assert "canary" not in str(wrong.value)


def test_the_shipped_model_reads_a_drawn_digit(tmp_path: Path) -> None:
    assert doctor.model(settings(data_dir=tmp_path)).endswith(" reads")


def test_one_thing_wrong_is_one_line_and_a_failure(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert not doctor.doctor(settings(telegram_bot_token=None, data_dir=tmp_path))
    lines = capsys.readouterr().out.splitlines()
    assert [line[0] for line in lines] == ["✗", "✓", "✓", "✓", "✓"]
