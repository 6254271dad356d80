"""A call however a client writes it: method, body, names, token; and what the bot's calls leave behind."""

import json
from typing import Any

import httpx
import pytest

from bot.playground.wire import InputFile
from tests.playground import TOKEN, Playground, picture, playground

PARAMETERS: dict[str, Any] = {"offset": 0, "limit": 5, "allowed_updates": ["message"]}
AS_TEXT = {name: json.dumps(value) for name, value in PARAMETERS.items()}


@pytest.mark.parametrize(
    "request_of",
    [
        lambda http, address: http.get(address, params=AS_TEXT),
        lambda http, address: http.post(address, params=AS_TEXT),
        lambda http, address: http.post(address, data=AS_TEXT),
        lambda http, address: http.post(address, files={name: (None, value) for name, value in AS_TEXT.items()}),
        lambda http, address: http.post(address, json=PARAMETERS),
        lambda http, address: http.post(address, json=AS_TEXT),
        lambda http, address: http.post(address.replace("getUpdates", "GETupdates"), json=PARAMETERS),
    ],
    ids=["query", "POST query", "form", "multipart", "JSON", "JSON in JSON", "another case"],
)
async def test_parameters_arrive_in_every_form(request_of: Any) -> None:
    async with playground() as bot:
        ann = bot.world.person()
        for _ in range(6):
            ann.send_text("7")
        response = await request_of(bot.http, f"/bot{TOKEN}/getUpdates")
        info = await bot.call("getWebhookInfo")

    assert len(response.json()["result"]) == 5
    assert info["allowed_updates"] == ["message"]


@pytest.mark.parametrize(
    ("files", "parameters"),
    [
        ({"photo": ("7.png", picture(form="PNG"), "image/png")}, {}),
        ({"up": ("7.png", picture(form="PNG"), "image/png")}, {"photo": "attach://up"}),
    ],
    ids=["by its own name", "attached"],
)
async def test_files_arrive_by_name_or_attached(files: Any, parameters: Any) -> None:
    async with playground() as bot:
        ann = bot.world.person()
        ann.send_text("/start")
        sent = await bot.call("sendPhoto", files, chat_id=ann.id, **parameters)
        name, recorded = bot.world.calls[-1]

    assert sent["photo"][-1]["width"] == 640
    assert name == "sendPhoto"
    size = len(picture(form="PNG"))
    assert recorded == {"chat_id": str(ann.id), "photo": InputFile("7.png", "image/png", size, b"")}


async def test_a_missing_attachment_is_named() -> None:
    async with playground() as bot:
        refused = await bot.failure("sendPhoto", chat_id=1001, photo="attach://up")

    assert refused == (400, "Bad Request: attached file up is missing")


@pytest.mark.parametrize(
    ("method", "parameters", "description"),
    [
        ("getUpdates", {"offset": "soon"}, "Bad Request: can't parse offset"),
        ("getUpdates", {"allowed_updates": "[message"}, "Bad Request: can't parse allowed_updates"),
        ("getUpdates", {"allowed_updates": [1]}, "Bad Request: can't parse allowed_updates"),
        ("setMyCommands", {"commands": ["start"]}, "Bad Request: can't parse commands"),
        ("setMyCommands", {"scope": []}, "Bad Request: can't parse scope"),
        ("getFile", {"file_id": 7}, "Bad Request: can't parse file_id"),
    ],
)
async def test_a_parameter_of_a_wrong_kind_is_refused(method: str, parameters: Any, description: str) -> None:
    async with playground() as bot:
        assert await bot.failure(method, **parameters) == (400, description)


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff"])
async def test_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    async with playground() as bot:
        headers = {"content-type": "application/json"}
        response = await bot.http.post(f"/bot{TOKEN}/getMe", content=body, headers=headers)

    assert response.status_code == 400
    assert response.json()["description"] == "Bad Request: can't parse request parameters: JSON object expected"


def failure_of(response: httpx.Response) -> tuple[int, Any]:
    return response.status_code, response.json()


async def test_an_unknown_method_isnt_found() -> None:
    async with playground() as bot:
        body = {"ok": False, "error_code": 404, "description": "Not Found"}

        assert failure_of(await bot.ask("sendFoto")) == (404, body)
        assert failure_of(await bot.http.get(f"/bot{TOKEN}")) == (404, body)
        assert [name for name, _ in bot.world.calls] == ["sendFoto"]


@pytest.mark.parametrize("address", ["/bot1:wrong/getMe", "/bot1:wrong/nothing", "/file/bot1:wrong/photos/file_0.jpg"])
async def test_a_wrong_token_is_unauthorized(address: str) -> None:
    async with playground() as bot:
        body = {"ok": False, "error_code": 401, "description": "Unauthorized"}

        assert failure_of(await bot.http.get(address)) == (401, body)
        assert not bot.world.calls


async def commands_of(bot: Playground, **where: Any) -> list[str]:
    return [command["command"] for command in await bot.call("getMyCommands", **where)]


def menu(*names: str) -> list[dict[str, str]]:
    return [{"command": name, "description": f"What {name} does"} for name in names]


async def test_commands_are_kept_by_scope_and_language() -> None:
    async with playground() as bot:
        ann = bot.world.person(language_code="de-AT")
        ann.send_text("/start")
        mine = {"type": "chat", "chat_id": ann.id}
        await bot.call("setMyCommands", commands=menu("start", "help"))
        await bot.call("setMyCommands", commands=menu("hilfe"), language_code="de")
        await bot.call("setMyCommands", commands=menu("retrain"), scope=mine)
        admins = bot.world.profile.shown_to(ann.user)["commands"]
        await bot.call("deleteMyCommands", scope=mine)

        assert await commands_of(bot) == ["start", "help"]
        assert await commands_of(bot, scope={"type": "default"}) == ["start", "help"]
        assert await commands_of(bot, language_code="de") == ["hilfe"]
        assert await commands_of(bot, language_code="ru") == []
        assert await commands_of(bot, scope=mine) == []
        assert admins == menu("retrain")
        assert bot.world.profile.shown_to(ann.user)["commands"] == menu("hilfe")


@pytest.mark.parametrize(
    ("parameters", "description"),
    [
        ({"commands": menu("Start")}, "Bad Request: BOT_COMMAND_INVALID"),
        ({"commands": [{"command": "a", "description": ""}]}, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID"),
        ({"commands": menu("a") * 101}, "Bad Request: BOT_COMMANDS_TOO_MUCH"),
        ({"commands": menu("a"), "scope": {"type": "chat", "chat_id": 5}}, "Bad Request: chat not found"),
        (
            {"commands": menu("a"), "scope": {"type": "everybody"}},
            "Bad Request: can't parse BotCommandScope: Unsupported type specified",
        ),
    ],
)
async def test_commands_that_cant_be_are_refused(parameters: Any, description: str) -> None:
    async with playground() as bot:
        assert await bot.failure("setMyCommands", **parameters) == (400, description)


async def test_descriptions_are_kept_by_language() -> None:
    async with playground() as bot:
        await bot.call("setMyDescription", description="I read digits.")
        await bot.call("setMyDescription", description="Ich lese Ziffern.", language_code="de")
        await bot.call("setMyShortDescription", short_description="Digits.")

        assert await bot.call("getMyDescription") == {"description": "I read digits."}
        assert await bot.call("getMyDescription", language_code="de") == {"description": "Ich lese Ziffern."}
        assert await bot.call("getMyDescription", language_code="ru") == {"description": ""}
        assert await bot.call("getMyShortDescription") == {"short_description": "Digits."}
        assert await bot.failure("setMyDescription", description="x" * 513) == (
            400,
            "Bad Request: description is too long",
        )
