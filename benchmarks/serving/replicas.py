"""What more replicas on one PostgreSQL bring while much is waiting: part of load.py."""

import argparse
import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path

import numpy as np

from benchmarks.serving.crowd import Crowd, drawn_digits
from benchmarks.serving.databases import scratch_database
from benchmarks.serving.processes import UNLIMITED, bot_at_work

READERS = 2  # of a replica
WAIT = 0.2  # seconds that a reader takes for a photo: a replica answers READERS / WAIT photos a second at most
RECORDING = 300  # seconds that writing down what waits may take


async def print_replicas(folder: Path, options: argparse.Namespace) -> None:
    """Throughput and the time of a claim, for each count of replicas."""
    print(f"{options.waiting} photos waiting in {options.chats} chats;", end=" ")
    print(f"a replica's {READERS} readers wait {WAIT:g} s for each photo")
    print(f"{'replicas':>8}   photos/s   of what its readers could   claim: p50 ms    p95    p99      n")
    drawn = drawn_digits(1)  # nobody reads it
    for count in map(int, options.replicas.split(",")):
        with scratch_database() as url:
            crowd = Crowd(options.chats, drawn)
            rate, claims = await measured(crowd, folder / str(count), url, count, options)
        middle, late, last = np.percentile(claims or [np.nan], (50, 95, 99)) * 1000
        share = rate / (count * READERS / WAIT)
        print(f"{count:8d} {rate:10.1f} {share:27.1%} {middle:16.1f} {late:6.1f} {last:6.1f} {len(claims):6d}")


async def measured(
    crowd: Crowd, folder: Path, database_url: str, count: int, options: argparse.Namespace
) -> tuple[float, list[float]]:
    """Photos answered a second, and the seconds of each claim, while so many are kept waiting."""
    claims = [folder / f"bot{i}.claims" for i in range(count)]
    async with crowd.server, AsyncExitStack() as life:
        for file in claims:
            settings = {"READERS": str(READERS), "DATABASE_URL": database_url, "WAIT": str(WAIT), "CLAIMS": str(file)}
            await life.enter_async_context(bot_at_work(folder, file.stem, crowd.server.url, UNLIMITED, **settings))
        keep_waiting(crowd, options.waiting)
        await recorded(crowd)
        began, answered = time.monotonic(), crowd.answered
        while time.monotonic() - began < options.turn:
            keep_waiting(crowd, options.waiting)
            await asyncio.sleep(0.1)
        ended = time.monotonic()
        rate = (crowd.answered - answered) / (ended - began)
    lines = [line.split() for file in claims for line in file.read_text().splitlines()]
    return rate, [float(took) for at, took in lines if began <= float(at) <= ended]


def keep_waiting(crowd: Crowd, waiting: int) -> None:
    """Send photos until so many wait for an answer."""
    while crowd.waiting < waiting:
        crowd.photo(crowd.someone())


async def recorded(crowd: Crowd) -> None:
    """Return when the bots have written down all that was sent."""
    async with asyncio.timeout(RECORDING):
        while len(crowd.server.world.updates):  # noqa: ASYNC110 (nothing here could set an event)
            await asyncio.sleep(0.1)
