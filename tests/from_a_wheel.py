"""What a wheel installed is whole: `make wheel` runs this with the wheel's own Python, away from the repository.

The bot makes its database, greets in Russian and reads a photo; the server of the demo hands out its page.
"""

import asyncio
import os
import sys
import urllib.request
from importlib.resources import files
from typing import Any

from bot.playground.person import Person
from bot.playground.server import LocalServer

TOKEN, PATIENCE = "4242:from-a-wheel", 120  # seconds


async def main() -> None:
    """Raises AssertionError, TimeoutError."""
    example = files("bot").joinpath("example.jpg").read_bytes()
    async with LocalServer(TOKEN) as server:
        settings = {"TELEGRAM_BOT_TOKEN": TOKEN, "BOT_API_URL": server.url, "DATA_DIR": "data"}
        process = await asyncio.create_subprocess_exec(sys.executable, "-Pm", "bot", "run", env=os.environ | settings)
        try:
            person = server.world.person("Вера", "ru")
            assert "цифр" in (await answer(person, person.send_text("/start")))["text"]
            assert (await answer(person, person.send_photo(example)))["text"].startswith("5")
        finally:
            process.terminate()
            await process.wait()
        for path, part in (("/", b"/page/main.js"), ("/page/main.js", b"import"), ("/page/style.css", b"{")):
            assert part in await asyncio.to_thread(fetched, server.url + path), path


async def answer(person: Person, message: dict[str, Any]) -> dict[str, Any]:
    """What the bot says next."""
    return await person.wait_for(
        lambda said: bool(said["from"]["is_bot"]) and said["message_id"] > message["message_id"], timeout=PATIENCE
    )


def fetched(address: str) -> bytes:
    """What the server has there."""
    with urllib.request.urlopen(address, timeout=PATIENCE) as found:
        return bytes(found.read())


if __name__ == "__main__":
    asyncio.run(main())
