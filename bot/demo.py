"""`digitbot demo`: the bot beside a local Bot API server with a chat page, in one event loop; no token, no network."""

import asyncio
import os
import secrets
import socket
import sys
import tempfile
import webbrowser

from bot import logs
from bot.app import StartFailed, running
from bot.database import SQLITE
from bot.playground.server import LocalServer
from bot.settings import Settings

FIRST_PORT = 8080
PORTS = 100  # how many are tried


async def demo(host: str, port: int | None, *, browser: bool) -> None:
    """Serve the chat page and its bot until cancelled. Raises StartFailed and WrongSettings."""
    port = free_port(host) if port is None else port
    if not is_free(host, port):
        raise StartFailed(f"{host}:{port} can't be used, something else may be there. Choose another --port.")
    token = f"1:{secrets.token_urlsafe(24)}"  # on another host than loopback, nobody else shall be the bot
    with tempfile.TemporaryDirectory() as folder:
        async with LocalServer(token=token, host=host, port=port) as server:
            admin = server.world.person("Admin")
            settings = _settings(server, folder, admin.id)
            logs.set_up(settings.log_level, settings.secrets)
            async with running(settings):
                # the part behind # stays in the browser: only who reads this terminal is the admin
                own = f"{server.url}/#admin={admin.id}"
                sys.stdout.write(f"Chat with the bot at {server.url} (Ctrl-C ends it)\n")
                sys.stdout.write(f"For you alone, as its admin too: {own}\n")
                sys.stdout.flush()
                if browser and has_desktop():
                    await asyncio.to_thread(webbrowser.open, own)
                await asyncio.Event().wait()


def _settings(server: LocalServer, folder: str, admin: int) -> Settings:
    """Those of the environment, but for the way to Telegram, who is admin, and a database that ends with the chats."""
    alone = dict.fromkeys(["proxy_url", "webhook_url", "metrics_listen"])
    database = f"{SQLITE}{folder}/digitbot.db"
    reach = {"telegram_bot_token": server.token, "bot_api_url": server.url, "database_url": database}
    return Settings.load(**(alone | reach | {"admin_ids": {admin}}))


def free_port(host: str) -> int:
    """The first free port from FIRST_PORT up. Raises StartFailed when there is none among PORTS."""
    for port in range(FIRST_PORT, FIRST_PORT + PORTS):
        if is_free(host, port):
            return port
    raise StartFailed(f"No port from {FIRST_PORT} on is free on {host}. Choose one with --port.")


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host, port), family=family):
            return True
    except (OSError, OverflowError):  # taken, not this machine's, or no port at all
        return False


def has_desktop() -> bool:
    """Whether a browser window can open here."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
