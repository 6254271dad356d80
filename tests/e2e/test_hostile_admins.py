"""Nobody becomes one of the bot's admins, or Telegram: not by a name, from elsewhere, in another's message.

For /models by itself: test_models.py; every wrong secret of a webhook: tests/integration/bot/transport/test_web.py.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from bot.playground.chat import told
from bot.playground.server import LocalServer
from bot.playground.wire import Json
from bot.storage.records import Mode
from model.versions.version import shipped_name
from tests.e2e.forging import ADMIN, FOR_ADMINS, agreed, raw
from tests.running import (
    TOKEN,
    Running,
    answer_from_bot,
    answer_to,
    press,
    press_data,
    running_bot,
    running_on,
    text_of,
)
from tests.versions import a_twin
from tests.waiting import PATIENCE
from tests.web import free_address

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("no_errors")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[Running]:
    async with running_bot(admin_ids=str(ADMIN)) as running:
        yield running


async def test_no_admins_button_is_reached_from_elsewhere(running: Running, tmp_path: Path) -> None:
    """By a namesake, a bot, from another chat, inline, forwarded: the id of who presses decides, and nothing else."""
    admin = running.person(first_name="Ada", person_id=ADMIN)
    ann, answer = await agreed(running, "42")
    await press(ann, answer, "✓ Right")
    made = await running.bot.bot_data.versions.add(a_twin(tmp_path / "made"))
    admin.send_text("/review")
    sheet = await admin.wait_for(lambda message: "to review" in text_of(message), PATIENCE)
    admin.send_text("/models")
    versions = await admin.wait_for(lambda message: "Versions of" in text_of(message), PATIENCE)
    mallory = running.person(first_name="Ada")
    mallory.send_text("/start")
    hers = await answer_from_bot(mallory)
    accept, promote = buttons_data(sheet, "review:accept"), buttons_data(versions, f"models:promote:{made}")
    waiting = len(await running.bot.bot_data.store.waiting(100))
    liars = [mallory.user, mallory.user | {"is_bot": True}, mallory.user | {"username": "ada", "is_premium": True}]
    for data, theirs in ((accept, sheet), (promote, versions), ("retrain:cancel:1", versions)):
        forwarded = hers | {"reply_markup": theirs["reply_markup"], "forward_origin": {"type": "user", "date": 1}}
        forwarded["forward_origin"]["sender_user"] = admin.user
        assert (await press_data(mallory, hers, data)).startswith(FOR_ADMINS)
        for who in liars:
            inline = {"from": who, "inline_message_id": "AQ", "data": data}
            assert (await raw(running, **inline)).startswith(FOR_ADMINS)
            for message in (theirs, forwarded):
                if data in str(message.get("reply_markup")):
                    assert (await raw(running, **{"from": who, "message": told(message), "data": data})).startswith(
                        FOR_ADMINS
                    )
    for command in ("/review", "/models", "/retrain full", "/stats all", f"/start {ADMIN}"):
        before = len(mallory.messages())
        mallory.send_text(command)
        said = await mallory.wait_for(lambda m, b=before: m["message_id"] > b + 1, PATIENCE)  # type: ignore[misc]
        assert text_of(said).startswith((FOR_ADMINS, "📷"))
    assert len(await running.bot.bot_data.store.waiting(100)) == waiting
    assert (await running.bot.bot_data.versions.serving()).name == shipped_name()


def buttons_data(message: Json, data: str) -> str:
    """The data, which one of its buttons has."""
    assert data in str(message["reply_markup"])
    return data


async def test_an_admins_old_and_edited_commands_and_those_of_a_group_do_nothing(running: Running) -> None:
    admin = running.person(first_name="Ada", person_id=ADMIN)
    first = admin.send_text("hello")
    running.server.world.updates.put(
        "edited_message",
        told(first) | {"text": "/retrain", "entities": [{"type": "bot_command", "offset": 0, "length": 8}]},
    )
    there = running.server.world.group("Class", admin, supergroup=True)
    ada = there.member(admin)
    hello = await answer_from_bot(ada)
    for command in ("/retrain", "/models", "/review"):
        ada.send_text(command)
    await answer_to(ada, ada.send_text("/about"))
    assert [text_of(m)[:9] for m in ada.messages() if m["from"]["is_bot"]] == [text_of(hello)[:9], "digitbot "]
    assert not any("learn" in text_of(m) for m in admin.messages() if m["message_id"] > first["message_id"] + 1)


async def test_who_does_not_know_the_webhooks_secret_moves_no_group(tmp_path: Path) -> None:
    address = free_address()
    url = f"http://{address}/hook"
    async with (
        LocalServer(token=TOKEN) as server,
        running_on(server, data_dir=tmp_path, webhook_url=url, listen=address) as bot,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        groups, group, mine = bot.bot_data.store.groups, -42, -(10**12) - 1
        await groups.choose(group, Mode.QUIET)
        chat = {"id": group, "type": "group", "title": "4b"}
        message = {"message_id": 1, "date": 1, "chat": chat, "migrate_to_chat_id": mine}
        for head in ({}, {"X-Telegram-Bot-Api-Secret-Token": "x" * 64}, {"X-Telegram-Bot-Api-Secret-Token": TOKEN}):
            answer = await http.post(url, json={"update_id": 1, "message": message}, headers=head)
            assert answer.status_code == 403
        assert (await groups.find(group)).mode is Mode.QUIET
        assert (await groups.find(mine)).mode is None
