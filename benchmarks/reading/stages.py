"""Where a reading's time goes, told by a clock around what the reader calls: the product itself measures nothing."""

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import wraps
from inspect import isfunction
from typing import Any
from unittest.mock import patch

from benchmarks.reading.readers import Reader
from model.reading import verdict
from model.reading.classifier import Classifier
from model.reading.finder import Finder

Calls = Callable[..., Any]
REST = "the rest"  # of the reader's own module and of what it asks
BY_NAME: tuple[tuple[Any, str], ...] = (  # what is called as part of something that is imported
    (Classifier, "probabilities"),
    (Finder, "find"),
    (verdict, "views"),
    (verdict, "measures"),
    (verdict, "probabilities"),
)


def stages(reader: Reader, photos: Sequence[bytes]) -> dict[str, float]:
    """Mean CPU milliseconds a photo in each module that the reader calls, and in what remains."""
    clock = _Clock()
    with _watched(clock):
        for photo in photos:
            with clock.within(REST):
                reader.read(photo)
    return {stage: ns / 1e6 / len(photos) for stage, ns in clock.spent.items()}


class _Clock:
    """CPU nanoseconds spent in each stage, those of the stages inside it left out."""

    def __init__(self) -> None:
        self.spent: dict[str, int] = defaultdict(int)
        self._inside: list[str] = []
        self._since = 0

    @contextmanager
    def within(self, stage: str) -> Iterator[None]:
        """Counts for this stage what is done inside."""
        self._count()
        self._inside.append(stage)
        try:
            yield
        finally:
            self._count()
            self._inside.pop()

    def _count(self) -> None:
        now = time.process_time_ns()
        if self._inside:
            self.spent[self._inside[-1]] += now - self._since
        self._since = now


@contextmanager
def _watched(clock: _Clock) -> Iterator[None]:
    """What the modules of `model` call of each other goes by the clock, and so do the networks."""
    modules = [module for name, module in sys.modules.items() if name.startswith("model.")]
    with ExitStack() as stack:
        for module in modules:
            theirs = {name: f for name, f in vars(module).items() if isfunction(f) and f.__module__ != module.__name__}
            for name, function in theirs.items():
                if function.__module__.startswith("model."):
                    stack.enter_context(patch.object(module, name, _by(clock, function, _stage(function))))
        for owner, name in BY_NAME:
            function = getattr(owner, name)
            stack.enter_context(patch.object(owner, name, _by(clock, function, _stage(function))))
        yield


def _stage(function: Calls) -> str:
    return function.__module__.rpartition(".")[2] + ".py"


def _by(clock: _Clock, function: Calls, stage: str) -> Calls:
    @wraps(function)
    def call(*args: Any, **named: Any) -> Any:
        with clock.within(stage):
            result = function(*args, **named)
        return _each_by(clock, result, stage) if isinstance(result, Iterator) else result

    return call


def _each_by(clock: _Clock, results: Iterator[Any], stage: str) -> Iterator[Any]:
    while True:
        with clock.within(stage):
            result = next(results, clock)  # the clock itself: no more
        if result is clock:
            return
        yield result
