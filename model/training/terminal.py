"""Shows a training's progress in a terminal: bars and lines."""

from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn


class Terminal:
    """A progress bar for the current epoch, and a line for each finished stage."""

    def __init__(self) -> None:
        self._console = Console()
        self._bar: Progress | None = None

    def __call__(self, stage: str, **details: Any) -> None:
        if stage == "step":
            self._move_bar(**details)
            return
        self._remove_bar()
        line = LINES[stage].format(**details)
        if stage == "gate":
            line += f": worse at {', '.join(details['worse'])}" if details["worse"] else ": it may serve"
        self._console.print(line, highlight=False, markup=False, soft_wrap=True)

    def _move_bar(self, epoch: int, epochs: int, step: int, steps: int, accuracy: float, **_: Any) -> None:
        if self._bar is None:
            columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[accuracy]:.2%}"))
            self._bar = Progress(
                *columns,
                TimeRemainingColumn(),
                console=self._console,
                transient=True,
                disable=not self._console.is_terminal,
            )
            self._bar.add_task("", accuracy=accuracy)
            self._bar.start()
        self._bar.update(
            self._bar.task_ids[0],
            description=f"Epoch {epoch} of {epochs}",
            completed=step,
            total=steps,
            accuracy=accuracy,
        )

    def _remove_bar(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


LINES = {
    "data": "Data: {name}; {training} pictures to learn from, {validation} to validate, {test} to test at the end",
    "fetching": "Fetching {sets}, once",
    "drawing": "Drawing the corpus: MNIST, and from {sets}",
    "network": "{summary}\n{epoch} of {epochs} epochs done",
    "epoch": "Epoch {epoch} of {epochs}: loss {loss:.4f}, accuracy {accuracy:.2%}, "
    "validation {validation:.2%}, {seconds:.0f} s",
    "finder epoch": "Epoch {epoch} of {epochs}: digits {digit:.3f}, other marks {other:.3f}, boxes {box:.3f}, "
    "ink {ink:.3f}, accuracy {accuracy:.2%}, {seconds:.0f} s",
    "checkpoint": "Checkpoint {path}",
    "export": "Exported: {bytes} bytes, logits within {difference:.4f} of Keras's",
    "rehearsal": "{origin} learns from {corrections} corrections, and goes over what it knows",
    "gate": "Right before and after: corrections {corrections[before]} and {corrections[after]} of {corrections[of]}, "
    "validation {validation[before]} and {validation[after]} of {validation[of]}; beside {serving}",
    "joining": "Joining what both networks say, on {photos} generated photos",
    "finder done": "The finder is in {path}",
    "writing": "Writing the version",
    "test": "Test: {right} of {of} right, {accuracy:.2%}",
    "done": "Version {version} in {path}",
}
