"""The log of a bot: lines of its own alone, whatever libraries have to say, and no id of anybody but admins."""

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from bot.playground.server import LocalServer
from bot.settings import Settings
from model.reading.photo import decode
from model.reading.result import PhotoError
from tests.hostile import originals
from tests.pictures import photo
from tests.process import digitbot
from tests.running import TOKEN, answer_from_bot, answer_to, press_data, text_of
from tests.waiting import PATIENCE, until

ADMIN = 4343


async def log_of(folder: Path, server: LocalServer, talk: Callable[[], Awaitable[None]]) -> list[str]:
    """The lines on the standard error of a bot while somebody talks with it."""
    given: dict[str, Any] = {"TELEGRAM_BOT_TOKEN": TOKEN, "BOT_API_URL": server.url, "ADMIN_IDS": str(ADMIN)}
    async with digitbot(folder, "run", LOG_LEVEL="DEBUG", LOG_FORMAT="json", **given) as process:
        reading = asyncio.create_task(process.communicate())  # a full pipe would stop it
        await talk()
        process.terminate()
        _, errors = await reading
    return errors.decode().removesuffix("\n").split("\n")


def tiffs_to_complain_about() -> list[bytes]:
    """TIFFs of several compressions, a piece of their pixels written over."""
    whole = [each for each in originals() if each.startswith(b"II*\0")]
    return [each[:999] + b"\xa5\0\xff" * 20 + each[1059:] for each in whole]


async def test_every_line_is_json_whatever_libraries_write_about_hostile_files(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    tiffs = tiffs_to_complain_about()
    for each in tiffs:
        with suppress(PhotoError):
            decode(each)
    assert "Decode" in capfd.readouterr().err  # what libtiff would write

    async with LocalServer(token=TOKEN) as server:
        ann = server.world.person()

        async def talk() -> None:
            for each in tiffs:
                await answer_to(ann, ann.send_file(each, "a.tif", "image/tiff", preview=None))
            await answer_to(ann, ann.send_photo(photo("7")))

        lines = [json.loads(line) for line in await log_of(tmp_path, server, talk)]
    assert [line["event"] for line in lines].count("Answered") == len(tiffs) + 1


async def test_no_line_has_the_id_of_a_chat_or_of_a_person_who_is_no_admin(tmp_path: Path) -> None:
    names = Settings.load(_env_file=None, telegram_bot_token=TOKEN, data_dir=tmp_path)
    async with LocalServer(token=TOKEN) as server:
        world = server.world
        ann, ben, admin = world.person(), world.person(), world.person(person_id=ADMIN)
        group = world.group("Class 4b", ann)
        here, before = group.member(ann), group.id
        ids = [ann.id, ben.id, before]
        group.allow_reactions([])

        async def talk() -> None:
            admin.send_text("/retrain")
            await answer_from_bot(admin)
            answer = await answer_to(ann, ann.send_photo(photo("7")))
            ann.send_text("/retrain")
            await ann.wait_for(lambda message: "admins can do this" in text_of(message), PATIENCE)
            await press_data(ann, answer, "retrain:cancel:1")
            here.send_text("/demo read")
            call = await here.wait_for(lambda message: "Draw a" in text_of(message), PATIENCE)
            here.send_photo(photo("7"), reply_to=call["message_id"])
            await until(lambda: any(name == "setMessageReaction" for name, _ in world.calls))
            ids.append(group.migrate())
            ben.send_photo(photo("7"))
            ben.block()
            await through_a_broken_database()

        async def through_a_broken_database() -> None:
            with closing(sqlite3.connect(tmp_path / "data" / "digitbot.db", timeout=PATIENCE)) as db:
                db.execute("ALTER TABLE readings RENAME TO gone")
                assert "on my side" in text_of(await answer_to(ann, ann.send_photo(photo("7"))))
                db.execute("ALTER TABLE gone RENAME TO readings")

        log = await log_of(tmp_path, server, talk)
    lines: list[dict[str, Any]] = [json.loads(line) for line in log]

    def named(part: str) -> list[str | None]:
        return [line.get("chat") for line in lines if part in line["event"]]

    assert named("asked to /retrain") == named("pressed a button of /retrain") == [names.named_in_logs(ann.id)]
    assert names.named_in_logs(before) in named("No reaction")
    assert any("no such table" in line.get("exception", "") for line in lines)
    for each in ids:
        assert [line for line in log if str(abs(each)) in line] == []
