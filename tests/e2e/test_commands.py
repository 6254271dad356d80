"""`digitbot run` and `digitbot demo` as processes of their own: how they start, what they say, how they end."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.learning import trainer
from bot.playground.server import LocalServer
from bot.playground.wire import Json
from model.versions.store import local_store
from model.versions.version import shipped_name
from tests.pictures import photo
from tests.process import digitbot, end_of, in_its_place
from tests.running import TOKEN, answer_to
from tests.versions import a_twin
from tests.waiting import PATIENCE, until

SECRET = TOKEN.partition(":")[2]


async def addresses(demo: asyncio.subprocess.Process) -> tuple[str, str]:
    """The page's address as the demo says it, and its admin's id."""
    assert demo.stdout is not None
    async with asyncio.timeout(PATIENCE):
        lines = [(await demo.stdout.readline()).decode() for _ in range(2)]
    page = re.search(r"http://127\.0\.0\.1:\d+", lines[0])
    assert page is not None
    link = re.search(rf"{page[0]}/#admin=(\d+)", lines[1])
    assert link is not None
    return page[0], link[1]


def files_in(folder: Path) -> dict[str, bytes]:
    """Every file under it, with what is in it."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


async def test_run_without_a_token_says_where_to_get_one(tmp_path: Path) -> None:
    async with digitbot(tmp_path, "run") as process:
        status, said = await end_of(process)
    assert status == 2
    assert "@BotFather" in said
    assert "make demo" in said
    assert "Traceback" not in said


async def test_a_wrong_setting_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    wrong: dict[str, Any] = {"READERS": "many", "PROXY_URL": "ftp://me:secret@a"}
    async with digitbot(tmp_path, "run", TELEGRAM_BOT_TOKEN=TOKEN, **wrong) as process:
        status, said = await end_of(process)
    assert status == 2
    assert said.splitlines() == [
        "digitbot: READERS is wrong: give a whole number from 1 to 64.",
        "PROXY_URL is wrong: give an address that begins with http://, https://, socks5:// or socks5h://.",
    ]


async def test_a_wrong_token_is_told_and_not_shown(tmp_path: Path) -> None:
    async with (
        LocalServer(token="4242:the-right-one") as server,
        digitbot(tmp_path, "run", TELEGRAM_BOT_TOKEN=TOKEN, BOT_API_URL=server.url) as process,
    ):
        status, said = await end_of(process)
    assert status == 1
    assert "Telegram doesn't know this token" in said
    assert SECRET not in said
    assert "Traceback" not in said


async def test_no_network_at_the_start_is_told(tmp_path: Path) -> None:
    nobody = "http://me:my-password@127.0.0.1:9"
    async with digitbot(tmp_path, "run", TELEGRAM_BOT_TOKEN=TOKEN, BOT_API_URL=nobody) as process:
        status, said = await end_of(process)
    assert status == 1
    assert "http://127.0.0.1:9 can't be reached" in said
    assert SECRET not in said
    assert "my-password" not in said
    assert "Traceback" not in said


async def test_what_lies_where_it_is_started_is_never_imported(tmp_path: Path) -> None:
    for name in ("cv2", "numpy", "multiprocessing", "model", "bot"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'imported')!r}, 'a').write({name!r})")
    command = (str(Path(sys.executable).with_name("digitbot")),)
    async with LocalServer(token=TOKEN) as server:
        reach: dict[str, Any] = {"TELEGRAM_BOT_TOKEN": TOKEN, "BOT_API_URL": server.url}
        async with in_its_place(command, tmp_path, "run", **reach):
            ann = server.world.person()
            assert (await answer_to(ann, ann.send_photo(photo("7"))))["text"].startswith("7")
        async with in_its_place(command, tmp_path, "doctor", **reach) as doctor:
            assert "readers at once" in (await end_of(doctor))[1]
    await asyncio.to_thread(subprocess.run, [*trainer.COMMAND, "--help"], cwd=tmp_path, check=True, capture_output=True)
    assert not await asyncio.to_thread((tmp_path / "imported").exists)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_run_answers_until_told_to_stop_and_never_shows_its_token(tmp_path: Path, how: signal.Signals) -> None:
    async with LocalServer(token=TOKEN) as server:
        reach: dict[str, Any] = {"TELEGRAM_BOT_TOKEN": TOKEN, "BOT_API_URL": server.url, "LOG_LEVEL": "DEBUG"}
        async with digitbot(tmp_path, "run", **reach) as process:
            ann = server.world.person()
            assert (await answer_to(ann, ann.send_photo(photo("7"))))["text"].startswith("7")
            server.world.fail_next("getFile", 400, "Bad Request: the canary died")
            await answer_to(ann, ann.send_photo(photo("7")))
            server.world.fail_next("getUpdates", 502, "Bad Gateway")
            await answer_to(ann, ann.send_photo(photo("7")))
            process.send_signal(how)
            status, said = await end_of(process)
    assert status == 0
    assert "Traceback" in said  # of the canary: details are logged
    assert said.count("Traceback") == 1
    assert SECRET not in said


async def test_a_token_revoked_at_work_ends_run_with_a_sentence(tmp_path: Path) -> None:
    async with (
        LocalServer(token=TOKEN) as server,
        digitbot(tmp_path, "run", TELEGRAM_BOT_TOKEN=TOKEN, BOT_API_URL=server.url) as process,
    ):
        ann = server.world.person()
        await answer_to(ann, ann.send_photo(photo("7")))
        server.world.fail_next("getUpdates", 401, "Unauthorized", times=100)
        ann.send_text("wakes the poll up")
        status, said = await end_of(process)
    assert status == 1
    assert said.splitlines()[-1].startswith("digitbot: Telegram no longer takes this token")
    assert "Traceback" not in said
    assert SECRET not in said


async def test_readers_end_with_a_bot_that_is_killed(tmp_path: Path) -> None:
    async with (
        LocalServer(token=TOKEN) as server,
        digitbot(tmp_path, "run", TELEGRAM_BOT_TOKEN=TOKEN, BOT_API_URL=server.url) as process,
    ):
        ann = server.world.person()
        await answer_to(ann, ann.send_photo(photo("7")))
        process.kill()
        await end_of(process)  # its output ends when the last process that may write to it has ended


async def test_demo_needs_no_token_and_says_where_the_chat_is(tmp_path: Path) -> None:
    async with digitbot(tmp_path, "demo", "--no-browser") as process:
        page, admin_id = await addresses(process)
        assert int(page.rpartition(":")[2]) >= 8080
        async with httpx.AsyncClient(base_url=page, trust_env=False) as browser:
            assert "<html" in (await browser.get("/")).text
            admin = (await browser.get("/chat/state", params={"as": admin_id})).json()["me"]
        assert (admin["id"], admin["first_name"]) == (int(admin_id), "You")
        process.send_signal(signal.SIGINT)
        status, said = await end_of(process)
    assert status == 0
    assert "Traceback" not in said


async def test_the_demo_shows_its_admins_number_on_no_command_line(tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/told.new && mv {tmp_path}/told.new {tmp_path}/told\n')
    browser.chmod(0o700)
    async with digitbot(tmp_path, "demo", DISPLAY=":0", BROWSER=str(browser)) as process:
        page, admin = await addresses(process)
        await until((tmp_path / "told").exists)
        told = (tmp_path / "told").read_text().strip()
        assert told.startswith(f"{page}/in/")
        assert admin not in told
        async with httpx.AsyncClient(trust_env=False) as http:
            assert (await http.get(told)).headers["location"] == f"/#admin={admin}"
            assert (await http.get(told)).headers["location"] == "/"  # once


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder with a short name, as a socket's path must be."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


async def test_what_a_killed_demo_left_goes_with_the_next_start(tmp_path: Path, place: Path) -> None:
    def folders() -> list[Path]:
        return sorted(each for each in place.iterdir() if each.is_dir())

    temporary = {"TMPDIR": str(place), "TEMP": str(place)}
    async with digitbot(tmp_path, "demo", "--no-browser", **temporary) as killed:
        await addresses(killed)
        async with digitbot(tmp_path, "demo", "--no-browser", **temporary) as other:
            await addresses(other)
            both = folders()
            killed.kill()
            await killed.wait()
            for each in both:
                os.utime(each, (0, 0))
            async with digitbot(tmp_path, "demo", "--no-browser", **temporary) as third:
                await addresses(third)
                left = folders()
                third.send_signal(signal.SIGINT)
                assert (await end_of(third))[0] == 0
            other.send_signal(signal.SIGINT)
            assert (await end_of(other))[0] == 0
    assert len(both) == len(left)
    assert len(set(both) & set(left)) == len(both) / 2  # what belongs to the one that was still there stays
    assert folders() == []


async def test_demo_reads_with_the_same_version_and_changes_nothing_in_the_data_folder(tmp_path: Path) -> None:
    real = local_store(tmp_path / "data" / "models")
    tuned = real.add(a_twin(tmp_path / "tuned")).name
    second = real.add(a_twin(tmp_path / "again", parent=tuned)).name
    real.promote(tuned)
    real.promote(second)
    before = files_in(tmp_path / "data")
    async with digitbot(tmp_path, "demo", "--no-browser") as process:
        page, admin = await addresses(process)
        as_admin = {"as": admin}
        async with httpx.AsyncClient(base_url=page, params=as_admin, trust_env=False) as browser:

            async def listed(last: str) -> Json:
                """The message of the versions, once this one is said to read."""
                async with asyncio.timeout(PATIENCE):
                    while True:
                        messages: list[Json] = (await browser.get("/chat/state")).json()["messages"]
                        for message in messages:
                            if f"{last} · in use" in message.get("text", ""):
                                return message
                        await asyncio.sleep(0.05)

            await browser.post("/chat/send", data={"text": "/models"}, files={"none": (None, "")})
            versions = await listed(second)
            assert tuned in versions["text"]  # from which the next training begins
            press = {"message_id": versions["message_id"], "data": f"models:promote:{shipped_name()}"}
            await browser.post("/chat/press", json=press)
            await listed(shipped_name())
        process.send_signal(signal.SIGINT)
        assert (await end_of(process))[0] == 0
    assert files_in(tmp_path / "data") == before


async def test_demo_on_a_port_that_is_taken_says_so(tmp_path: Path) -> None:
    async with (
        LocalServer(token=TOKEN) as server,
        digitbot(tmp_path, "demo", "--no-browser", "--port", server.url.rpartition(":")[2]) as process,
    ):
        status, said = await end_of(process)
    assert status == 1
    assert "Choose another --port" in said
    assert "Traceback" not in said
