"""Who imports what: the bot's process stays light, readers know nothing of Telegram, `read` of neither."""

import subprocess
import sys

import pytest

HEAVY = {"cv2", "numpy", "PIL", "ai_edge_litert", "tensorflow", "keras"}
TELEGRAM = {"telegram", "httpx", "pydantic", "pydantic_settings", "starlette"}


def imported_by(code: str) -> set[str]:
    """The top-level packages in sys.modules after a fresh Python ran `code`."""
    show = "import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    ran = subprocess.run([sys.executable, "-c", f"{code}\n{show}"], capture_output=True, text=True, check=True)
    return set(ran.stdout.splitlines()[-1].split())


def test_the_bots_own_process_imports_no_picture_library() -> None:
    assert not imported_by("import bot.app, bot.__main__") & HEAVY


def test_the_playgrounds_server_decodes_no_picture_itself() -> None:
    code = """
import asyncio, httpx
from bot.playground.server import LocalServer

async def main():
    async with LocalServer("1:x") as server, httpx.AsyncClient(base_url=server.url, timeout=60) as http:
        you = (await http.post("/chat/people", json={"first_name": "Ann", "language_code": "en"})).json()["id"]
        with open("bot/example.jpg", "rb") as file:
            data = file.read()
        for name in ("photo", "document"):
            answer = await http.post("/chat/send", params={"as": you}, files={name: ("7.jpg", data)})
            assert answer.json()["messages"][0][name], answer.text

asyncio.run(main())
"""
    assert not imported_by(code) & HEAVY


def test_a_reader_imports_nothing_of_telegram_and_no_tensorflow() -> None:
    packages = imported_by("import bot.readers.pool, model.reading.reader, model.drawing.drawing")
    assert not packages & {"telegram", "httpx", "pydantic", "tensorflow", "keras"}


@pytest.mark.parametrize("module", ["bot.commands.read_command", "bot.commands.models_command"])
def test_commands_without_telegram_import_nothing_of_it(module: str) -> None:
    assert not imported_by(f"import bot.__main__, {module}") & (TELEGRAM | {"tensorflow", "keras", "pebble"})
