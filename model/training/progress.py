"""Reports a training's progress to programs, as JSON lines; `terminal` does to people.

Both are called with a stage and its details; the training knows nothing else about them.
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

Report = Callable[..., None]  # report(stage, **details)

EVERY = 1.0  # least seconds between two reported steps


class JsonLines:
    """Writes each event as a JSON object to standard output: stage, then details."""

    def __init__(self) -> None:
        self._told = 0.0

    def __call__(self, stage: str, **details: Any) -> None:
        if stage == "step" and time.monotonic() < self._told + EVERY:
            return
        self._told = time.monotonic()
        details.pop("summary", None)  # a table for people
        sys.stdout.write(json.dumps({"stage": stage, **details}) + "\n")
        sys.stdout.flush()
