"""What people wait for answers while the bot trains, beside what they wait else: part of corrections.py. Linux only.

The training is halted for every other turn, so that with and without it much the same goes on beside on the machine.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.learning.fine_tunings import FineTuning, Tuned, fine_tuning
from benchmarks.serving.crowd import Crowd, Question, drawn_digits
from benchmarks.serving.sides import DIGITBOT, at_work

CHATS, READERS = 100, 2
WARMING = 10  # seconds of photos that don't count
PATIENCE = 60  # seconds without any answer after which it isn't waited for
BAR = 2  # times as long, at most


async def print_answers_meanwhile(corrections: bytes, options: argparse.Namespace) -> int:
    """Two rows for each training. Gives the exit status."""
    with_it: list[Question] = []
    without: list[Question] = []
    asking = f"{options.rate:g} photos a second in {CHATS} chats, {READERS} readers"
    print(f"{asking}; each training learns the same corrections\n")
    print(f"{'':<18} photos   lost   p50 ms    p95   training: CPU s", flush=True)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        async with at_work(DIGITBOT, folder, drawn_digits(), CHATS, READERS) as side:
            await asked(side.crowd, options.rate, _in(WARMING))
            for number in range(options.trainings):
                with fine_tuning(folder / str(number), corrections, options.mnist) as training:
                    during, halted, tuned = await asked_in_turns(side.crowd, training, options)
                print_row("without", halted)
                print_row("with a training", during, tuned)
                with_it += during
                without += halted
    after, before = (np.percentile(waits(photos), 95) for photos in (with_it, without))
    met = bool(after <= BAR * before)
    print(f"\np95 of {len(with_it)} answers while it trains: {after:.0f} ms,", end=" ")
    print(f"of {len(without)} else: {before:.0f} ms;", end=" ")
    print(f"{after / before:.2f} times, at most {BAR}: {'met' if met else 'NOT met'}")
    return 0 if met else 1


async def asked_in_turns(
    crowd: Crowd, training: FineTuning, options: argparse.Namespace
) -> tuple[list[Question], list[Question], Tuned]:
    """The photos sent while it is at work, those while it is halted, and what came of it."""
    during: list[Question] = []
    halted: list[Question] = []
    ending = asyncio.create_task(asyncio.to_thread(training.result))
    while not ending.done():
        during += await asked(crowd, options.rate, _in(options.turn, ending))
        with training.halted():
            halted += await asked(crowd, options.rate, _in(options.turn))
    return during, halted, await ending


async def asked(crowd: Crowd, rate: float, over: Callable[[], bool]) -> Sequence[Question]:
    """The photos sent, `rate` a second, until it is over; all of them are answered, or nobody is any more."""
    began, first = time.monotonic(), len(crowd.questions)
    while not over():
        crowd.photo(crowd.someone())
        sent = len(crowd.questions) - first
        await asyncio.sleep(began + sent / rate - time.monotonic())
    photos = crowd.questions[first:]
    await crowd.served(PATIENCE)
    return photos


def _in(seconds: float, ending: asyncio.Task[Tuned] | None = None) -> Callable[[], bool]:
    """Whether so much time has passed, or the task has ended."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end or (ending is not None and ending.done())


def waits(photos: Sequence[Question]) -> list[float]:
    """Milliseconds until each answer; for ever where there was none."""
    return [photo.waited * 1000 if photo.answers else float("inf") for photo in photos]


def print_row(name: str, photos: Sequence[Question], tuned: Tuned | None = None) -> None:
    """One turn."""
    middle, late = np.percentile(waits(photos), (50, 95))
    lost = sum(not photo.answers for photo in photos)
    cost = f"{tuned.cpu_seconds:17.1f}" if tuned else ""
    print(f"{name:<18} {len(photos):6d} {lost:6d} {middle:8.0f} {late:6.0f} {cost}".rstrip(), flush=True)
