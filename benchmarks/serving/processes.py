"""Bots as processes of their own: started, killed and stopped, and what they and their readers cost. Linux only."""

import asyncio
import os
import re
import socket
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from benchmarks.conditions import ROOT
from bot.settings import Settings

TOKEN = "4242:benchmark"
PATIENCE = 120  # seconds for a start or an end, on a busy machine
SETTINGS = {name.upper() for name in Settings.model_fields}
OURS = ("-m", "bot", "run")  # the program, for Python
UNLIMITED = ("-m", "benchmarks.serving.unlimited_bot")
SHORT_DAYS = ("-m", "benchmarks.serving.short_days_bot")
READY = "is ready"  # what a bot writes once it is


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds since their start, and resident bytes."""

    bot: float
    readers: float
    memory: int  # of both


@asynccontextmanager
async def bot_at_work(
    folder: Path, name: str, url: str, program: Sequence[str] = OURS, **settings: str
) -> AsyncIterator["BotProcess"]:
    """A bot that is ready, for a block; its data and its log lie in `folder` under its name."""
    bot = await BotProcess.start(folder / name, folder / f"{name}.log", url, program, **settings)
    try:
        await bot.ready()
        yield bot
    finally:
        await bot.stop()


@dataclass(frozen=True, slots=True)
class BotProcess:
    """A bot at work; what it says goes to a file."""

    process: asyncio.subprocess.Process
    log: Path
    started: float = field(default_factory=time.monotonic)

    @classmethod
    async def start(cls, folder: Path, log: Path, url: str, program: Sequence[str] = OURS, **settings: str) -> Self:
        """Python with a program, on the Bot API server at `url`; `folder` is its data folder, no `.env` is read."""
        folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 (nothing else is at work here yet)
        here = {"DATA_DIR": str(folder), "TELEGRAM_BOT_TOKEN": TOKEN, "BOT_API_URL": url, "NO_PROXY": "127.0.0.1"}
        here["METRICS_LISTEN"] = f"127.0.0.1:{_free_port()}"  # several bots are at work on this machine
        others = {name: value for name, value in os.environ.items() if name not in SETTINGS}
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, *program),
                cwd=folder,
                env=others | {"PYTHONPATH": str(ROOT)} | here | settings,
                stdout=output,
                stderr=output,
            )
        return cls(process, log)

    async def ready(self) -> None:
        """Return once it says so. Raises SystemExit with its last words where it ends instead."""
        deadline = time.monotonic() + PATIENCE
        while READY not in (said := self.log.read_text(errors="replace")):
            if self.process.returncode is not None or time.monotonic() > deadline:
                raise SystemExit(f"A bot doesn't start ({' '.join(said.splitlines()[-3:]) or 'no words'})")
            await asyncio.sleep(0.05)

    def kill(self) -> None:
        """End it at once, without a chance to tidy up; its readers notice and end by themselves."""
        self.process.kill()

    async def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        if self.process.returncode is None:
            self.process.terminate()
        async with asyncio.timeout(PATIENCE):
            await self.process.wait()

    def cost(self) -> Cost:
        """What it and its readers have cost until now."""
        others = descendants(self.process.pid)
        family = [self.process.pid, *others]
        return Cost(cpu(self.process.pid), sum(map(cpu, others)), sum(map(resident, family)))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def descendants(pid: int) -> list[int]:
    """A bot's other processes, without Python's resource tracker: first the one that its readers are forks of."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    found = {int(child) for thread in threads for child in (thread / "children").read_text().split()}
    own = [c for c in sorted(found) if b"resource_tracker" not in Path(f"/proc/{c}/cmdline").read_bytes()]
    return own + [grandchild for child in own for grandchild in descendants(child)]


def cpu(pid: int) -> float:
    """CPU seconds of a process, user and system."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def descriptors(pid: int) -> int:
    """How many files, sockets and pipes a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def resident(pid: int) -> int:
    """Bytes of a process in memory."""
    match = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(match[1]) * 1024 if match else 0
