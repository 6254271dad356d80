"""An admin has the bot learn: real trainings in a child process, watched, judged, promoted, refused, cancelled."""

import asyncio
import sys
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from bot.learning import retraining, trainer
from bot.learning.trainings import Trainings
from bot.playground.person import Person
from bot.playground.server import LocalServer
from bot.playground.wire import Json
from bot.settings import Settings
from model.versions.version import shipped_name
from tests.commands import needs_tensorflow, small_mnist
from tests.running import TOKEN, now, running_on, text_of
from tests.sets import sets
from tests.trainings import accept, told_again, trainers_of
from tests.waiting import PATIENCE, until

SHIPPED = shipped_name()
LONG = 300  # seconds for a training on a busy machine


def in_file(folder: Path) -> str:
    return f"sqlite:///{folder}/digitbot.db"


def settings(folder: Path, database: str, mnist: Path | None, *admins: Person) -> dict[str, Any]:
    known = {"data_dir": folder, "database_url": database, "mnist_path": mnist}
    return known | {"admin_ids": ",".join(str(admin.id) for admin in admins)}


def all_that_say(person: Person, part: str) -> list[Json]:
    """The bot's messages that say so now."""
    return [each for each in person.messages() if each["from"]["is_bot"] and part in text_of(each)]


def left_behind(folder: Path) -> list[Path]:
    """What trainings left: corrections, unfinished versions."""
    return [*folder.glob("training/run-*"), *folder.glob("models/**/.2*")]


def cancelled_by_metrics() -> float:
    """How many trainings were, as `/metrics` counts them."""
    return REGISTRY.get_sample_value("digitbot_trainings_total", {"outcome": "cancelled"}) or 0


async def told(person: Person, part: str, seconds: float = PATIENCE) -> Json:
    """The bot's newest message that says so, once there is one; messages change."""
    async with asyncio.timeout(seconds):
        while not (found := all_that_say(person, part)):  # noqa: ASYNC110 (edits come)
            await asyncio.sleep(0.05)
        return found[-1]


@needs_tensorflow
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # test_killed_training.py does without a real training
async def test_an_admin_sees_it_learn_and_the_better_version_reads(database: str, tmp_path: Path) -> None:
    async with LocalServer(token=TOKEN) as server:
        admin, other, guest = (server.world.person(name) for name in ("Ada", "Bob", "Guest"))
        mnist = small_mnist(tmp_path / "own.npz")
        async with running_on(server, **settings(tmp_path, database, mnist, admin, other)) as bot:
            await accept(bot.bot_data.store, 70)
            guest.send_text("/retrain")
            assert text_of(await told(guest, "admin")) == "Only my admins can do this."

            admin.send_text("/retrain")
            progress = await told(admin, "Learning from corrections")
            other.send_text("/retrain")
            offer = await told(other, "A training is already running")
            await other.press(offer, "Watch it").answered(PATIENCE)
            await told(admin, "right so far", LONG)
            await told(other, "right so far", LONG)
            report = await told(admin, "Correct, before → after", LONG)

            assert "is trained and now in use" in text_of(report)
            assert report["photo"]
            assert text_of(now(admin, progress)).startswith("✓")
            assert "reply_markup" not in now(admin, progress)
            assert text_of(await told(other, "Correct, before → after")) == text_of(report)
            serving = await bot.bot_data.versions.serving()
            assert serving.name != SHIPPED
            assert bot.bot_data.readers.model == serving.folder
            assert serving.card["parent"] == SHIPPED
            corrections = serving.card["gate"]["corrections"]
            assert corrections["after"] > corrections["before"]
            assert left_behind(tmp_path) == []


async def test_what_is_worse_is_kept_and_does_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mnist = small_mnist(tmp_path / "own.npz")
    monkeypatch.setattr(trainer, "COMMAND", told_again(tmp_path / "recorded", mnist, 70, poison=True))
    async with LocalServer(token=TOKEN) as server:
        admin = server.world.person("Ada")
        async with running_on(server, **settings(tmp_path, in_file(tmp_path), mnist, admin)) as bot:
            await accept(bot.bot_data.store, 70, poison=True)
            admin.send_text("/retrain")
            report = await told(admin, "Correct, before → after", LONG)

            assert "is trained but not in use; " in text_of(report)
            assert f"{SHIPPED} stays" in text_of(report)
            assert (await bot.bot_data.versions.serving()).name == SHIPPED
            [_, refused] = await bot.bot_data.versions.listed()
            assert refused.card["gate"]["worse"]
            assert not refused.serves


@needs_tensorflow
@pytest.mark.parametrize("database", ["postgres"], indirect=True)  # a wish to cancel goes through the database
async def test_cancel_ends_the_child_and_another_training_may_begin(database: str, tmp_path: Path) -> None:
    async with LocalServer(token=TOKEN) as server:
        admin = server.world.person("Ada")
        mnist = small_mnist(tmp_path / "own.npz")
        async with running_on(server, **settings(tmp_path, database, mnist, admin)) as bot:
            await accept(bot.bot_data.store, 70)
            before = cancelled_by_metrics()

            def cancelled(times: int) -> bool:
                return len(all_that_say(admin, "was cancelled")) == times

            for begun in (1, 2):
                admin.send_text("/retrain")
                progress = await told(admin, "Learning from corrections")
                await until(lambda: len(trainers_of(tmp_path)) == 1)
                said = await admin.press(progress, "Cancel").answered(PATIENCE)
                assert said.text == "I'm stopping it."
                await until(partial(cancelled, begun))
                assert trainers_of(tmp_path) == []
                assert left_behind(tmp_path) == []
                assert "reply_markup" not in now(admin, progress)
            assert (await Trainings(bot.bot_data.store.engine).counts())[0] == 70
            assert cancelled_by_metrics() == before + 2


@needs_tensorflow
async def test_from_the_beginning_it_learns_by_the_whole_recipe(tmp_path: Path) -> None:
    async with LocalServer(token=TOKEN) as server:
        admin = server.world.person("Ada")
        given = settings(tmp_path, in_file(tmp_path), small_mnist(tmp_path / "own.npz"), admin)
        async with running_on(server, **given, handwriting_path=sets(tmp_path / "sets", range(1, 5))) as bot:
            await accept(bot.bot_data.store, 30)
            admin.send_text("/retrain full")
            progress = await told(admin, "Learning from scratch")
            await until(lambda: len(trainers_of(tmp_path)) == 1)
            asked = await asyncio.to_thread(Path(f"/proc/{trainers_of(tmp_path)[0]}/cmdline").read_bytes)
            assert b"--recipe\0best\0--against\0" in asked
            await told(admin, "▰", LONG)  # it has its data
            await admin.press(now(admin, progress), "Cancel").answered(PATIENCE)
            await told(admin, "was cancelled")
            assert trainers_of(tmp_path) == []
            assert left_behind(tmp_path) == []


@needs_tensorflow
async def test_a_bot_that_is_stopped_ends_the_training_and_says_so(tmp_path: Path) -> None:
    async with LocalServer(token=TOKEN) as server:
        admin = server.world.person("Ada")
        given = settings(tmp_path, in_file(tmp_path), small_mnist(tmp_path / "own.npz"), admin)
        async with running_on(server, **given) as bot:
            await accept(bot.bot_data.store, 70)
            admin.send_text("/retrain")
            progress = await told(admin, "Learning from corrections")
            await until(lambda: len(trainers_of(tmp_path)) == 1)
        assert trainers_of(tmp_path) == []
        assert "was interrupted" in text_of(now(admin, progress))
        assert left_behind(tmp_path) == []


async def test_it_asks_for_enough_accepted_corrections(tmp_path: Path) -> None:
    async with LocalServer(token=TOKEN) as server:
        admin = server.world.person("Ada")
        async with running_on(server, **settings(tmp_path, in_file(tmp_path), None, admin)) as bot:
            await accept(bot.bot_data.store, 9)
            admin.send_text("/retrain")
            said = text_of(await told(admin, "accepted corrections"))
            assert said.startswith("I need at least 10 accepted corrections to learn from. So far: 9.\n")


@needs_tensorflow
async def test_what_is_missing_is_said_with_the_mend(tmp_path: Path) -> None:
    async with LocalServer(token=TOKEN) as server:
        admin = server.world.person("Ada")
        nowhere = tmp_path / "none.npz"
        async with running_on(server, **settings(tmp_path, in_file(tmp_path), nowhere, admin)) as bot:
            await accept(bot.bot_data.store, 10)
            admin.send_text("/retrain")
            said = text_of(await told(admin, "MNIST"))
            assert "MNIST isn't here" in said
            assert "curl -LO" in said
            assert f"{SHIPPED} stays" in said


async def test_a_report_that_cannot_be_delivered_is_tried_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retraining, "MENDING", 0.1)
    nobody = 777
    async with (
        LocalServer(token=TOKEN) as server,
        running_on(server, data_dir=tmp_path, admin_ids=str(nobody)) as bot,
    ):
        trainings = bot.bot_data.retraining.trainings
        await trainings.begin(nobody, full=False)
        async with asyncio.timeout(PATIENCE):
            while await trainings.running() or await trainings.unreported():  # noqa: ASYNC110 (they are in a database)
                await asyncio.sleep(0.05)
        tries = [given for method, given in server.world.calls if method == "sendMessage"]
        assert [str(given["chat_id"]) for given in tries] == [str(nobody)]


async def test_the_child_is_given_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in its environment nor on its command line, which others on the machine can read."""
    shows = "import json, os, sys; print(json.dumps({'stage': 'refused', 'why': str((dict(os.environ), sys.argv))}))"
    monkeypatch.setattr(trainer, "COMMAND", (sys.executable, "-c", shows))
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    given = Settings.load(_env_file=None, telegram_bot_token=TOKEN, data_dir=tmp_path, webhook_url=None, proxy_url=None)
    async with trainer.workplace(given) as place:
        file = place.put(b"corrections")
        assert file.stat().st_mode & 0o077 == 0
        async with aclosing(place.events("--corrections", file)) as events:
            [event] = [event async for event in events]
    assert "DATA_DIR" in event["why"]
    assert str(file) in event["why"]
    assert TOKEN.partition(":")[2] not in event["why"]
