"""`digitbot` as a process of its own, for tests of how it starts, what it says, how it ends, and how it is killed."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from bot.settings import Settings
from tests.waiting import PATIENCE
from tests.web import free_address

SETTINGS = {name.upper() for name in Settings.model_fields}


def digitbot(folder: Path, *arguments: str, **settings: str) -> AbstractAsyncContextManager[asyncio.subprocess.Process]:
    """The command at work in `folder`, with these settings alone; killed at the end if it still runs."""
    return in_its_place(("-m", "bot"), folder, *arguments, **settings)


@asynccontextmanager
async def in_its_place(
    program: tuple[str, ...], folder: Path, *arguments: str, **settings: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The same with what Python runs instead of the command."""
    environment = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    usual = {"DATA_DIR": str(folder / "data"), "READERS": "1", "METRICS_LISTEN": free_address()}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *program, *arguments),
        cwd=folder,
        env=environment | usual | settings,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def end_of(process: asyncio.subprocess.Process) -> tuple[int | None, str]:
    """Exit status and everything that it said, once it has ended."""
    async with asyncio.timeout(PATIENCE):
        output, errors = await process.communicate()
    return process.returncode, output.decode() + errors.decode()
