"""The token turns up nowhere: a bot lives through bad days, and all that it said and left is searched."""

import asyncio
import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.playground.faults import BROKEN_ANSWER, DOWNLOAD, LOST_CALL, SERVER_ERROR
from bot.playground.server import LocalServer
from tests.pictures import photo
from tests.process import digitbot, end_of
from tests.running import TOKEN, answer_to, text_of
from tests.web import free_address

SECRET = TOKEN.partition(":")[2]
METRICS = (
    'digitbot_updates_total{kind="picture"}',
    'digitbot_readings_total{outcome="digits"}',
    'digitbot_readings_total{outcome="refused"}',
    'digitbot_readings_total{outcome="failed"}',
    'digitbot_telegram_errors_total{kind="429"}',
    'digitbot_telegram_errors_total{kind="4xx"}',
    'digitbot_telegram_errors_total{kind="5xx"}',
    'digitbot_telegram_errors_total{kind="network"}',
    'digitbot_answer_seconds_count{stage="read"}',
)


def figure(page: str, name: str) -> float:
    """A metric's value; 0 where it isn't on the page."""
    return next((float(line.rpartition(" ")[2]) for line in page.splitlines() if line.startswith(name)), 0.0)


def files_in(folder: Path) -> dict[str, str]:
    """What all files in it hold, by their names."""
    return {str(file): file.read_bytes().decode("latin-1") for file in folder.rglob("*") if file.is_file()}


def command_lines() -> list[str]:
    """Those of all processes."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has ended
            found.append(file.read_bytes().decode("latin-1"))
    return found


async def through_bad_days(server: LocalServer, admin_id: int) -> None:
    """Photos, refused files and commands, while nearly everything fails that can."""
    ann, admin, world = server.world.person(), server.world.person(person_id=admin_id), server.world
    await answer_to(ann, ann.send_photo(photo("7")))
    await answer_to(ann, ann.send_file(b"no picture: " + b"x" * 99, "a.png", "image/png", preview=None))
    for method, fault in (("getFile", SERVER_ERROR), (DOWNLOAD, BROKEN_ANSWER), ("sendMessage", LOST_CALL)):
        world.faults.add(fault, method, times=2)
        await answer_to(ann, ann.send_photo(photo("7")))
    world.fail_next("sendMessage", 429, "Too Many Requests: retry after 1", retry_after=1)
    await answer_to(ann, ann.send_photo(photo("7")))
    world.fail_next("getFile", 400, f"Bad Request: {TOKEN} died")  # a server that tells what it was sent
    await answer_to(ann, ann.send_photo(photo("7")))
    world.fail_next("getUpdates", 502, "Bad Gateway")
    for person in (ann, admin):
        person.send_text("/retrain")
        await person.wait_for(lambda message: "admin" in text_of(message) or "at least" in text_of(message))
    await answer_to(ann, ann.send_photo(photo("7")))


@pytest.mark.parametrize("form", ["plain", "json"])
async def test_the_token_turns_up_in_nothing_that_the_bot_says_or_leaves(tmp_path: Path, form: str) -> None:
    address, admin = free_address(), 4343
    given: dict[str, Any] = {
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "METRICS_LISTEN": address,
        "ADMIN_IDS": str(admin),
        "LOG_LEVEL": "DEBUG",
        "LOG_FORMAT": form,
    }
    async with LocalServer(token=TOKEN) as server, httpx.AsyncClient(base_url=f"http://{address}") as http:
        given["BOT_API_URL"] = server.url
        async with digitbot(tmp_path, "run", **given) as process:
            reading = asyncio.create_task(process.communicate())  # a full pipe would stop it
            await through_bad_days(server, admin)
            async with digitbot(tmp_path, "doctor", **given) as checking:
                status, doctor = await end_of(checking)
            pages = "".join([(await http.get(path)).text for path in ("/metrics", "/readyz", "/healthz", "/none")])
            process.terminate()
            said = b"".join(await reading).decode()
    assert status == 0, doctor
    assert "is ready: digitbot" in said
    assert "ends, once what is in work is done" in said
    assert "Traceback" in said
    assert "[secret] died" in said
    assert {name: figure(pages, name) for name in METRICS if not figure(pages, name)} == {}
    left = files_in(tmp_path)
    assert any(name.endswith("digitbot.db") for name in left)
    for content in (said, doctor, pages, *left.values()):
        assert SECRET not in content
    if form == "json":
        lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
        answered = [line for line in lines if line["event"] == "Answered"]
        assert {line["error"] for line in answered} == {None, "NotAPicture", "BadRequest"}
        assert all(not str(line["chat"]).isdecimal() and line["wait_ms"] >= 0 for line in answered)


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through Linux's /proc")
async def test_no_command_line_shows_the_token(tmp_path: Path) -> None:
    async with (
        LocalServer(token=TOKEN) as server,
        digitbot(tmp_path, "run", TELEGRAM_BOT_TOKEN=TOKEN, BOT_API_URL=server.url),
    ):
        ann = server.world.person()
        await answer_to(ann, ann.send_photo(photo("7")))
        lines = command_lines()
    assert any("-m\0bot\0run" in line for line in lines)
    assert not [line for line in lines if SECRET in line]
