"""`digitbot doctor`: a line for each thing that the bot needs, with the mend where something is wrong."""

import asyncio
import errno
import http.server
import os
import re
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.commands import doctor, doctor_telegram
from bot.commands.checks import Told, Wrong
from bot.inbox.sqlite import SqliteInbox
from bot.playground.server import LocalServer
from bot.playground.webhook import Address
from bot.readers.pool import Readers
from bot.settings import Settings
from bot.storage.database import upgrade, versions
from bot.transport.web import health
from model.versions.version import PRETRAINED
from tests.running import running_on
from tests.versions import a_dud, a_twin
from tests.waiting import until
from tests.web import free_address, listening

TOKEN = "4242:canary"


def settings(**given: object) -> Settings:
    return Settings.load(_env_file=None, **given)


async def test_a_token_that_telegram_knows_is_told_with_the_bots_name() -> None:
    async with LocalServer(token=TOKEN) as server:
        known = settings(telegram_bot_token=TOKEN, bot_api_url=server.url)
        assert await asyncio.to_thread(doctor_telegram.token, known) == "token: belongs to @digit_demo_bot"


async def test_a_token_that_telegram_refuses_is_told_with_the_mend() -> None:
    async with LocalServer(token="4242:another") as server:
        refused = settings(telegram_bot_token=TOKEN, bot_api_url=server.url)
        with pytest.raises(Wrong, match="@BotFather") as wrong:
            await asyncio.to_thread(doctor_telegram.token, refused)
    assert "canary" not in str(wrong.value)


def test_no_token_and_no_network_are_told_apart() -> None:
    with pytest.raises(Wrong, match="none is set"):
        doctor_telegram.token(settings(telegram_bot_token=None))
    with pytest.raises(Wrong, match="can't be reached"):
        doctor_telegram.token(settings(telegram_bot_token=TOKEN, bot_api_url="http://127.0.0.1:9"))


async def test_the_way_of_messages_is_told_as_telegram_knows_it() -> None:
    async with LocalServer(token=TOKEN) as server:
        polls = settings(telegram_bot_token=TOKEN, bot_api_url=server.url)
        hooked = settings(telegram_bot_token=TOKEN, bot_api_url=server.url, webhook_url="http://127.0.0.1:9/canary")

        async def told(known: Settings) -> str:
            return await asyncio.to_thread(doctor_telegram.webhook, known)

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
    with pytest.raises(Wrong, match=r"database: The database .* can't be used: file is not a database.*restore FILE"):
        doctor.database(known)


def test_a_database_that_is_damaged_behind_its_beginning_is_told(tmp_path: Path) -> None:
    known = settings(data_dir=tmp_path)
    with known.database.prepared():
        pass
    with known.database.file.open("r+b") as file:
        file.seek(3 * 4096)
        file.write(b"\xa5" * 20 * 4096)
    assert known.database.version() == versions()[-1]  # its beginning tells nothing of it
    with pytest.raises(Wrong, match=r"can't be used: .*Bring a backup back: `digitbot restore FILE --replace`"):
        doctor.database(known)


def test_a_folder_closed_to_this_user_is_a_line_for_each_check(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As root's folder is to somebody else: nothing in it can even be looked at."""
    stat = os.stat

    def closed(path: Any, *arguments: Any, **options: Any) -> os.stat_result:
        if not isinstance(path, int) and Path(path).parent == tmp_path / "data":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return stat(path, *arguments, **options)

    monkeypatch.setattr(os, "stat", closed)
    known = settings(telegram_bot_token=None, data_dir=tmp_path / "data", metrics_listen=free_address(), readers=1)
    assert not doctor.doctor(known)
    lines = capsys.readouterr().out.splitlines()
    assert any(re.match(r"✗ database: .*Permission denied", line) for line in lines)
    assert lines[-1].startswith("✓ metrics")


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of another kind")
def test_a_database_that_this_user_may_not_write_to_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = settings(data_dir=tmp_path)
    with known.database.prepared():
        pass
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) != known.database.file)
    with pytest.raises(Wrong, match=r"may not write to digitbot\.db"):
        doctor.database(known)


@pytest.mark.skipif(sys.platform == "win32", reason="users of another kind")
def test_whose_the_data_folder_is_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(**_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", closed)
    known = settings(data_dir=tmp_path)
    owner = tmp_path.owner()
    with pytest.raises(Wrong, match=r"Permission denied\. Run: chmod u\+rwx "):
        doctor.data_folder(known)
    monkeypatch.setattr("getpass.getuser", lambda: "somebody")
    with pytest.raises(Wrong, match=rf"It is {owner}'s, and this is somebody: .* chown -R somebody {tmp_path}, or"):
        doctor.data_folder(known)


def test_a_database_out_of_reach_is_told_without_its_password() -> None:
    url = "postgresql://me:canary@127.0.0.1:9/digits"
    with pytest.raises(Wrong, match=r"127\.0\.0\.1/digits can't be used|psycopg has to be installed") as wrong:
        doctor.database(settings(database_url=url))
    assert "canary" not in str(wrong.value)


def test_the_shipped_model_reads_a_drawn_digit(tmp_path: Path) -> None:
    assert " reads, in " in doctor.model(settings(data_dir=tmp_path, readers=1))


def test_a_version_that_no_reader_can_load_is_told(tmp_path: Path) -> None:
    a_dud(tmp_path / "models" / "versions" / "2026.11-77")
    (tmp_path / "models" / "current").write_text("2026.11-77\n")
    with pytest.raises(Wrong, match=r"2026\.11-77 can't read: .*digitbot models rollback"):
        doctor.model(settings(data_dir=tmp_path, readers=1))


def test_readers_that_take_too_long_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "SLOW", 0.0)
    with pytest.raises(Wrong, match="Set READERS to fewer"):
        doctor.model(settings(data_dir=tmp_path, readers=1))


def test_a_damaged_version_is_told(tmp_path: Path) -> None:
    known = settings(data_dir=tmp_path)
    a_twin(tmp_path / "models" / "versions" / "2026.11-77")
    damaged = a_twin(tmp_path / "models" / "versions" / "2026.11-78")
    assert doctor.versions(known) == "versions: the one that ships and 2 more, all whole"
    (damaged / "model.keras").write_bytes(b"half of it")
    with pytest.raises(Wrong, match=r"2026\.11-78 is damaged"):
        doctor.versions(known)


def test_a_restore_that_was_interrupted_is_told(tmp_path: Path) -> None:
    known = settings(data_dir=tmp_path)
    known.database.half_restored.touch()
    with pytest.raises(Wrong, match=r"was interrupted .* Do it again: `digitbot restore FILE --replace`"):
        doctor.database(known)


def test_an_old_database_is_told_before_it_is_changed(tmp_path: Path) -> None:
    known = settings(data_dir=tmp_path)
    upgrade(known.database, versions()[0])
    with pytest.raises(Told, match=rf"newer schema at the next start \({len(versions()) - 1} steps\)\. Back it up"):
        doctor.database(known)
    assert known.database.version() == versions()[0]


def test_a_database_of_a_newer_bot_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = settings(data_dir=tmp_path)
    with known.database.prepared():
        pass
    monkeypatch.setattr(doctor, "newest", lambda: versions()[0])
    with pytest.raises(Wrong, match="written by a newer digitbot"):
        doctor.database(known)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of another kind")
def test_what_others_may_read_is_told_with_the_mend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    known = settings(data_dir=tmp_path / "data")
    with known.database.prepared():
        pass
    assert doctor.privacy(known).startswith("privacy: nobody else")
    known.database.file.chmod(0o640)
    with pytest.raises(Wrong, match=r"others .* may change|chmod go-rwx .*digitbot\.db"):
        doctor.privacy(known)
    known.database.file.chmod(0o600)
    known.data_dir.chmod(0o757)
    with pytest.raises(Wrong, match=r"may change .*data"):
        doctor.privacy(known)
    known.data_dir.chmod(0o755)
    (tmp_path / ".env").touch(mode=0o644)
    with pytest.raises(Wrong, match=r"may read \.env\. Run: chmod go-rwx \.env"):
        doctor.privacy(known)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="needs permissions that bind")
def test_a_data_folder_that_may_not_be_written_to_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(Wrong, match="Permission denied"):
        doctor.data_folder(settings(data_dir=tmp_path))


async def test_the_metrics_address_is_free_or_a_bots_or_somebody_elses(tmp_path: Path) -> None:
    known = settings(metrics_listen=free_address(), data_dir=tmp_path)

    async def told() -> str:
        return await asyncio.to_thread(doctor.metrics, known)

    assert "is free" in await told()
    async with health(known) as state:
        with pytest.raises(Wrong, match="isn't ready: starting"):
            await told()
        with known.database.prepared():
            async with SqliteInbox(known.database.file) as inbox, Readers(1, PRETRAINED) as readers:
                with state.ready(inbox, readers):
                    assert (await told()).endswith("and ready")
    with pytest.raises(Told, match="is empty"):
        doctor.metrics(settings(metrics_listen=None))
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.listen()
        address = f"127.0.0.1:{other.getsockname()[1]}"
        threading.Thread(target=lambda: other.accept()[0].close(), daemon=True).start()
        with pytest.raises(Wrong, match="can't be had: Address already in use"):
            await asyncio.to_thread(doctor.metrics, settings(metrics_listen=address))


async def test_where_deliveries_arrive_is_free_or_a_bots_or_somebody_elses() -> None:
    async with LocalServer(token=TOKEN) as server:
        given = {"telegram_bot_token": TOKEN, "bot_api_url": server.url, "webhook_url": "http://127.0.0.1:9/canary"}
        known = settings(listen=free_address(), **given)
        assert "is free" in doctor.listen(known)
        async with running_on(server, webhook_url=known.webhook_url, listen=known.listen):
            assert (await asyncio.to_thread(doctor.listen, known)).startswith("listen: a bot is at work at ")
    with whose_clock_says("noon") as url, pytest.raises(Wrong, match=r"can't be had: .*Set LISTEN to another") as wrong:
        doctor.listen(settings(listen=url.removeprefix("http://"), **given))
    assert "canary" not in str(wrong.value)


@contextmanager
def whose_clock_says(date: str) -> Iterator[str]:
    """The address of a server with a clock of its own."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def date_time_string(self, timestamp: float | None = None) -> str:
            return date

        def log_message(self, *_: object) -> None:
            pass

    with listening(Handler) as address:
        yield address


async def test_a_wrong_clock_is_told() -> None:
    async with LocalServer(token=TOKEN) as server:
        known = settings(bot_api_url=server.url)
        assert "agrees with Telegram's" in await asyncio.to_thread(doctor_telegram.clock, known)
    for date, told in (("Sat, 01 Jan 2000 00:00:00 GMT", "ahead of"), ("Fri, 01 Jan 2100 00:00:00 GMT", "behind")):
        with whose_clock_says(date) as url, pytest.raises(Wrong, match=rf"clock: \d+ s {told} Telegram's"):
            doctor_telegram.clock(settings(bot_api_url=url))
    with whose_clock_says("noon") as url, pytest.raises(Told, match="doesn't say"):
        doctor_telegram.clock(settings(bot_api_url=url))


async def test_admins_who_never_pressed_start_are_told() -> None:
    async with LocalServer(token=TOKEN) as server:
        reach = {"telegram_bot_token": TOKEN, "bot_api_url": server.url}
        admin = server.world.person()
        admin.send_text("/start")
        known = settings(admin_ids=str(admin.id), **reach)
        assert await asyncio.to_thread(doctor_telegram.admins, known) == "admins: 1, and the bot may write to all"
        with pytest.raises(Wrong, match="may not write to 99"):
            await asyncio.to_thread(doctor_telegram.admins, settings(admin_ids=f"{admin.id},99", **reach))
        with pytest.raises(Told, match="none"):
            doctor_telegram.admins(settings(admin_ids="", **reach))


@pytest.mark.parametrize(("privacy", "said"), [(True, "is on"), (False, "is off")])
async def test_what_the_bot_hears_in_groups_is_told(privacy: bool, said: str) -> None:
    async with LocalServer(token=TOKEN, privacy=privacy) as server:
        known = settings(telegram_bot_token=TOKEN, bot_api_url=server.url)
        with pytest.raises(Told, match=said):
            await asyncio.to_thread(doctor_telegram.groups, known)


def test_what_training_needs_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Wrong, match=r"MNIST_PATH: there is no .*nowhere"):
        doctor.training(settings(mnist_path=tmp_path / "nowhere"))
    (tmp_path / "mnist.npz").touch()
    assert doctor.training(settings(mnist_path=tmp_path)) == "training: TensorFlow and MNIST are there"
    monkeypatch.setattr(doctor, "find_spec", lambda _: None)
    with pytest.raises(Told, match="no /retrain"):
        doctor.training(settings())


def test_one_thing_wrong_is_one_line_and_a_failure(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mnist.npz").touch()
    free = {"data_dir": tmp_path / "data", "mnist_path": tmp_path, "metrics_listen": free_address(), "readers": 1}
    assert not doctor.doctor(settings(telegram_bot_token=None, **free))
    lines = capsys.readouterr().out.splitlines()
    assert [line[0] for line in lines] == ["✗", *"✓✓✓✓✓✓✓✓"]
