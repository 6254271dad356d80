"""The real browser for tests of the chat page: finds a Chromium on this machine and opens it."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright, expect

from tests.waiting import PATIENCE

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
FLAGS = [
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MISSING = "no browser: set CHROMIUM to the path of Chromium, Chrome or Edge, or install one (`make test` tries to)"

expect.set_options(timeout=PATIENCE * 1000)  # of playwright's assertions, which would wait for 5 s


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """A browser, closed at the end. Without one on this machine the test is skipped; it fails where CI=true."""
    async with async_playwright() as playwright:
        program = find(playwright.chromium.executable_path)
        if program is None:
            pytest.fail(MISSING) if os.environ.get("CI") == "true" else pytest.skip(MISSING)
        opened = await playwright.chromium.launch(executable_path=program, args=FLAGS)
        try:
            yield opened
        finally:
            await opened.close()


def find(own: str) -> str | None:
    """The program: $CHROMIUM, else one on the PATH, else playwright's `own` download; None where there is none."""
    named = os.environ.get("CHROMIUM")
    on_path = (shutil.which(name) for name in NAMES)
    return named or next(filter(None, on_path), own if Path(own).exists() else None)
