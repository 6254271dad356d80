"""How a training shows itself to a program: one JSON object a line. `terminal` shows it to a person.

Both are called with a stage and its details; the training knows no more of them.
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

Report = Callable[..., None]  # report(stage, **details)

EVERY = 1.0  # seconds at least between two steps that are told to a program


class JsonLines:
    """Each event as a JSON object on standard output: stage, then its details."""

    def __init__(self) -> None:
        self._told = 0.0

    def __call__(self, stage: str, **details: Any) -> None:
        if stage == "step" and time.monotonic() < self._told + EVERY:
            return
        self._told = time.monotonic()
        details.pop("summary", None)  # a table for people
        sys.stdout.write(json.dumps({"stage": stage, **details}) + "\n")
        sys.stdout.flush()
