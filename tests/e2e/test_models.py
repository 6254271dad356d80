"""Admins see the versions of the model and choose which one reads: by buttons, or from the command line."""

import asyncio
from pathlib import Path
from typing import Any

from bot.playground.person import Person
from bot.playground.server import LocalServer
from bot.playground.wire import Json
from model.versions.version import PRETRAINED, shipped_name
from tests.pictures import photo
from tests.postgres import new_database
from tests.process import digitbot, end_of
from tests.running import TOKEN, Running, answer_to, buttons, now, press, press_data, quotes, running_on
from tests.versions import a_dud, a_twin
from tests.waiting import PATIENCE, until

ADMIN = 2**41
SHIPPED = shipped_name()


def reads(message: Json) -> str:
    """The version that reads, as the message says."""
    [line] = [line for line in message["text"].splitlines() if "in use" in line]
    return str(line.split()[0])


async def models(admin: Person) -> Json:
    """A new message with the versions."""
    asked = admin.send_text("/models")
    return await admin.wait_for(
        lambda m: m["message_id"] > asked["message_id"] and "Versions of my network" in m.get("text", ""), PATIENCE
    )


async def read_by(bot: Running, person: Person) -> str:
    """The version that is recorded for the answer to a photo sent now."""
    answer = await answer_to(person, person.send_photo(photo("7")))
    assert answer["text"].startswith("7")
    store = bot.bot.bot_data.store
    async with asyncio.timeout(PATIENCE):
        while (kept := await store.reading_of(person.id, answer["message_id"])) is None:  # noqa: ASYNC110 (no event)
            await asyncio.sleep(0.005)
    return kept.model


async def test_an_admin_promotes_and_rolls_back_by_buttons(database: str, tmp_path: Path) -> None:
    async with (
        LocalServer(token=TOKEN) as server,
        running_on(server, data_dir=tmp_path, database_url=database, admin_ids=str(ADMIN)) as bot,
    ):
        running, ann, admin = Running(server, bot), server.world.person(), server.world.person(person_id=ADMIN)
        shown = await models(admin)
        assert buttons(shown) == []
        assert reads(shown) == SHIPPED
        assert "MNIST 99.67 %, validation 99.64 %" in shown["text"]
        first, second = [
            await bot.bot_data.versions.add(a_twin(tmp_path / f"made-{n}", parent=SHIPPED)) for n in range(2)
        ]

        shown = await models(admin)
        assert buttons(shown) == [f"Promote {second}", f"Promote {first}", "↩ Roll back"]
        assert "no other version has been in use" in await press(admin, shown, "↩ Roll back")
        assert await read_by(running, ann) == SHIPPED
        assert await press(admin, shown, f"Promote {first}") == f"{first} is now in use."
        assert reads(now(admin, shown)) == first
        assert buttons(now(admin, shown)) == [f"Promote {second}", f"Promote {SHIPPED}", "↩ Roll back"]
        assert await read_by(running, ann) == first

        await press(admin, shown, f"Promote {second}")
        before = now(admin, shown)["reply_markup"]["inline_keyboard"][-1][0]["callback_data"]
        assert await press(admin, shown, "↩ Roll back") == f"{first} is now in use."
        assert "I can't do that" in await press_data(admin, shown, before)  # pressed twice
        assert await read_by(running, ann) == first
        await press(admin, shown, "↩ Roll back")
        assert reads(now(admin, shown)) == SHIPPED
        assert await read_by(running, ann) == SHIPPED


async def test_nobody_else_sees_or_promotes_and_hostile_buttons_do_nothing(tmp_path: Path) -> None:
    async with (
        LocalServer(token=TOKEN) as server,
        running_on(server, data_dir=tmp_path, admin_ids=str(ADMIN)) as bot,
    ):
        ann, admin = server.world.person(), server.world.person(person_id=ADMIN)
        made = await bot.bot_data.versions.add(a_twin(tmp_path / "made"))
        refused = await answer_to_text(ann, "/models")
        assert "Only my admins" in refused["text"]
        said = await press_data(ann, refused, f"models:promote:{made}")
        assert "Only my admins" in said
        shown = await models(admin)
        for data in ("models:", "models:promote:../made", "models:promote:2026.11-1\n", "models:delete:2026.11-1"):
            assert "out of date" in await press_data(admin, shown, data)
        for data, said in (("promote:1999.01-1", "I can't do that"), (f"rollback:{made}", "nothing to roll back to")):
            assert said in await press_data(admin, shown, f"models:{data}")
        assert bot.bot_data.readers.model == PRETRAINED


async def test_no_photo_is_lost_while_versions_change(database: str, tmp_path: Path) -> None:
    async with (
        LocalServer(token=TOKEN) as server,
        running_on(server, data_dir=tmp_path, database_url=database, readers=2) as bot,
    ):
        versions, people = bot.bot_data.versions, [server.world.person() for _ in range(8)]
        made = [await versions.add(a_twin(tmp_path / str(n))) for n in range(4)]
        sent = []
        for name in made:
            sent += [(who, who.send_photo(photo(digit))) for digit in "73" for who in people]
            await answer_to(*sent[-8])  # some are answered, some are being read, some wait
            await versions.promote(name)
        answers = [await answer_to(who, message) for who, message in sent]
        assert [answer["text"][0] for answer in answers] == list(("7" * 8 + "3" * 8) * 4)
        assert all(sum(quotes(each, message) for each in who.messages()) == 1 for who, message in sent)
        assert await read_by(Running(server, bot), people[0]) == made[-1]


async def test_of_many_versions_the_newest_are_shown_and_the_way_back(tmp_path: Path) -> None:
    async with (
        LocalServer(token=TOKEN) as server,
        running_on(server, data_dir=tmp_path, admin_ids=str(ADMIN), keep_versions=20) as bot,
    ):
        admin, versions, made = server.world.person(person_id=ADMIN), bot.bot_data.versions, a_twin(tmp_path / "made")
        added = [await versions.add(made) for _ in range(13)]
        await versions.promote(added[0])
        shown = await models(admin)
        assert [line.split()[0] for line in shown["text"].splitlines()[2::3]] == [*added[:4:-1], added[0], SHIPPED]
        assert buttons(shown) == [f"Promote {name}" for name in (*added[:4:-1], SHIPPED)] + ["↩ Roll back"]
        await press(admin, shown, f"Promote {SHIPPED}")
        assert reads(now(admin, shown)) == SHIPPED


async def answer_to_text(person: Person, text: str) -> Json:
    asked = person.send_text(text)
    return await person.wait_for(lambda m: m["message_id"] > asked["message_id"], PATIENCE)


async def test_a_version_that_no_reader_can_load_is_refused(tmp_path: Path) -> None:
    async with (
        LocalServer(token=TOKEN) as server,
        running_on(server, data_dir=tmp_path, admin_ids=str(ADMIN)) as bot,
    ):
        running, admin = Running(server, bot), server.world.person(person_id=ADMIN)
        dud = await bot.bot_data.versions.add(a_dud(tmp_path / "dud"))
        shown = await models(admin)
        assert "I can't do that" in await press(admin, shown, f"Promote {dud}")
        assert reads(now(admin, shown)) == SHIPPED
        assert await read_by(running, admin) == SHIPPED


async def test_the_command_line_promotes_in_a_running_bot(database: str, tmp_path: Path) -> None:
    folder = a_twin(tmp_path / "made")
    settings = {"DATA_DIR": str(tmp_path), "DATABASE_URL": database}
    async with LocalServer(token=TOKEN) as server, running_on(server, data_dir=tmp_path, database_url=database) as bot:
        running, ann = Running(server, bot), server.world.person()
        async with digitbot(tmp_path, "models", "promote", str(folder), **settings) as command:
            status, said = await end_of(command)
        assert (status, said.partition(" ")[2]) == (0, "serves; a running bot reads with it within a second.\n")
        made = said.split()[0]
        await until(lambda: bot.bot_data.readers.model.name == made)
        assert await read_by(running, ann) == made
        async with digitbot(tmp_path, "models", "rollback", **settings) as command:
            assert await end_of(command) == (0, f"{SHIPPED} serves; a running bot reads with it within a second.\n")
        await until(lambda: bot.bot_data.readers.model == PRETRAINED)
        assert await read_by(running, ann) == SHIPPED
        async with digitbot(tmp_path, "models", **settings) as command:
            status, said = await end_of(command)
        assert [line.split()[0] for line in said.splitlines()] == ["version", SHIPPED, made]
        assert said.splitlines()[1].endswith("serves, shipped")


async def test_what_one_of_two_bots_promotes_reads_in_the_other_too(tmp_path: Path) -> None:
    with new_database() as url:
        async with (
            LocalServer(token=TOKEN) as server,
            running_on(server, data_dir=tmp_path / "one", database_url=url) as one,
            running_on(server, data_dir=tmp_path / "other", database_url=url) as other,
        ):
            versions = one.bot_data.versions
            made = await versions.add(a_twin(tmp_path / "made"))
            await versions.promote(made)
            await until(lambda: other.bot_data.readers.model.name == made)
            assert (tmp_path / "other") in other.bot_data.readers.model.parents
            people = [server.world.person() for _ in range(4)]
            assert {await read_by(Running(server, one), who) for who in people} == {made}
            await other.bot_data.versions.roll_back(expected=made)
            await until(lambda: one.bot_data.readers.model == PRETRAINED)


async def test_a_bot_begins_with_the_version_promoted_before(database: str, tmp_path: Path) -> None:
    async with LocalServer(token=TOKEN) as server:
        known: dict[str, Any] = {"data_dir": tmp_path, "database_url": database}
        async with running_on(server, **known) as bot:
            made = await bot.bot_data.versions.add(a_twin(tmp_path / "made"))
            await bot.bot_data.versions.promote(made)
        if database.startswith("postgres"):  # on a new machine: the version is in the database
            known["data_dir"] = tmp_path / "new"
        async with running_on(server, **known) as bot:
            assert await read_by(Running(server, bot), server.world.person()) == made
