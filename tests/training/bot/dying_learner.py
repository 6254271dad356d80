"""The bot, killed at a named point of a training: `python tests/training/bot/dying_learner.py POINT RECORDED run`.

What is killed is the real program, by a real SIGKILL, the first time that it comes to the point. RECORDED is a folder
with a training that has been done before, to be told again in a moment (`tests.training.bot.told_again`); "-" trains.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.__main__ import main
from bot.learning import trainer
from bot.learning.training_words import Progress
from bot.learning.trainings import Trainings
from bot.learning.versions import Versions
from bot.readers.pool import Readers
from model.versions import version

TOLD_AGAIN = Path(__file__).with_name("told_again.py")
AFTER_THE_TRAINER: dict[str, tuple[Any, str]] = {
    "as the version is written": (version, "_as_json"),
    "before the outcome is kept": (Trainings, "made"),
    "between outcome and promotion": (Versions, "promote"),
    "between promotion and end": (Trainings, "ended"),
    "in the report": (Readers, "confusion"),
    "before the report is noted": (Trainings, "mark_reported"),
}
WHILE_IT_TRAINS = {"as it prepares": "rehearsal", "as it learns": "step", "as it exports": "export"}


def die(*_: Any, **__: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def deadly(hear: Callable[[Progress, dict[str, Any]], None], stage: str) -> Callable[[Progress, dict[str, Any]], None]:
    """The same method, which ends this process at an event of this stage; with "trainer" before it, the trainer's."""

    def killing(self: Progress, event: dict[str, Any]) -> None:
        hear(self, event)
        if event["stage"] == stage.removeprefix("trainer: "):
            if stage.startswith("trainer: "):
                kill_the_trainer()
            else:
                die()

    return killing


def kill_the_trainer() -> None:
    """By SIGKILL, as a machine short of memory does."""
    for task in Path("/proc/self/task").iterdir():
        for child in (task / "children").read_text().split():
            if b"model.training" in Path(f"/proc/{child}/cmdline").read_bytes():
                os.kill(int(child), signal.SIGKILL)


if __name__ == "__main__":
    point, recorded, *arguments = sys.argv[1:]
    if recorded != "-":
        trainer.COMMAND = (sys.executable, str(TOLD_AGAIN), recorded)
    if point in AFTER_THE_TRAINER:
        owner, name = AFTER_THE_TRAINER[point]
        setattr(owner, name, die)
    elif point != "-":
        stage = WHILE_IT_TRAINS.get(point, point)
        Progress.hear = deadly(Progress.hear, stage)  # type: ignore[assignment]
    sys.exit(main(arguments))
