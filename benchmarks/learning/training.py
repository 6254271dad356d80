"""How long 99 % on MNIST takes from nothing: the tutorial's network beside `--recipe quick`, in turns, in one run.

    python -m benchmarks.learning.training [--seeds N] [--mnist PATH]

The tutorial's time goes from its first batch to the end of its first epoch with 99.0 % of the validation pictures read
right, the quick recipe's over its whole schedule; validating after each epoch is in both. Each training is a process of
its own, neither uses XLA, and the test pictures are looked at once, when it has ended. What counts is CPU time, of all
cores together.
"""

import argparse
import multiprocessing
import statistics
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.conditions import conditions, parsed
from model.data.mnist import load
from model.training import corpus

GOAL = 0.99  # of the validation pictures
PATIENCE = 12  # epochs; the tutorial's network takes two to four
BAR = 1 / 4  # of the tutorial's time
COLUMNS = "epochs  CPU s  clock s  validation    test"


@dataclass(frozen=True, slots=True)
class Run:
    """One training, from its first batch to its end."""

    epochs: int
    cpu_seconds: float
    seconds: float  # by the clock
    validation: float  # share read right, 0 to 1
    test: float


def main() -> int:
    """Measure and print the table; exit status 1 where the bar isn't met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10, metavar="N", help="trainings of each (10): seeds 0 to N - 1")
    parser.add_argument("--mnist", type=Path, metavar="PATH", help="else MNIST_PATH, the cache, the net")
    options = parsed(parser, seeds=1)
    most = 1 if options.quick else None  # epochs
    print(f"{conditions()}\n")
    print(f"seed  {'tutorial until 99.0 % of validation':^42}  {'quick, whole schedule':^42}  share of")
    print(f"      {COLUMNS}  {COLUMNS}  CPU time")
    both: list[tuple[Run, Run]] = []
    for seed in range(options.seeds):
        order = ("tutorial", "quick") if seed % 2 == 0 else ("quick", "tutorial")
        found = {recipe: _in_a_process_of_its_own(recipe, seed, options.mnist, most) for recipe in order}
        both.append((found["tutorial"], found["quick"]))
        print(f"{seed:4}  {_row(found['tutorial'])}  {_row(found['quick'])}  {_share(*both[-1]):8.1%}", flush=True)
    return _sum_up(both)


def train(recipe: str, seed: int, mnist: Path | None, most: int | None) -> Run:
    """One training; the tutorial's ends with the first epoch that reaches the goal."""
    from model.training import loop  # TensorFlow comes with it: in the child only
    from model.training.network import RECIPES

    examples = load(mnist)
    lessons = corpus.mnist_alone(examples)
    until = most or (RECIPES[recipe].epochs if recipe == "quick" else PATIENCE)
    settings = loop.TrainingSettings(recipe, until, seed, lessons.checksums)
    loop.make_repeatable(seed)
    state = loop.begin(settings, len(lessons.train))
    while state.epoch < until:
        loop.learn_an_epoch(state, settings, lessons, _say_nothing)
        if recipe == "tutorial" and state.history[-1]["validation"] >= GOAL:
            break
    test = loop.accuracy(state.result, examples.test)
    return Run(state.epoch, state.cpu_seconds, state.seconds, state.history[-1]["validation"], test)


def _in_a_process_of_its_own(recipe: str, seed: int, mnist: Path | None, most: int | None) -> Run:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(train, recipe, seed, mnist, most).result()


def _say_nothing(stage: str, **details: object) -> None:
    pass


def _share(tutorial: Run, quick: Run) -> float:
    return quick.cpu_seconds / tutorial.cpu_seconds


def _row(run: Run) -> str:
    times = f"{run.epochs:6}  {run.cpu_seconds:5.1f}  {run.seconds:7.1f}"
    return f"{times}  {run.validation:10.2%}  {run.test:6.2%}"


def _sum_up(both: Sequence[tuple[Run, Run]]) -> int:
    """Print means with standard deviations, and whether the bar is met; gives the exit status."""
    tutorials, quicks = zip(*both, strict=True)
    print()
    for name, runs in (("tutorial", tutorials), ("quick", quicks)):
        cpu, clock, test = ([getattr(run, what) for run in runs] for what in ("cpu_seconds", "seconds", "test"))
        print(f"{name:<9} CPU {_mean(cpu)} s · clock {_mean(clock)} s · test {_mean([100 * t for t in test], 2)} %")
    share = _total(quicks, "cpu_seconds") / _total(tutorials, "cpu_seconds")
    by_clock = _total(quicks, "seconds") / _total(tutorials, "seconds")
    reached = statistics.fmean(run.test for run in quicks) >= GOAL and share <= BAR
    print(
        f"\nquick takes {share:.1%} of the tutorial's CPU time ({by_clock:.1%} by the clock), at most {BAR:.0%} wanted,"
    )
    print(f"and its mean of {len(both)} seeds on the test set is to be {GOAL:.1%}: {'met' if reached else 'NOT met'}")
    return 0 if reached else 1


def _total(runs: Sequence[Run], what: str) -> float:
    return float(sum(getattr(run, what) for run in runs))


def _mean(values: Sequence[float], places: int = 1) -> str:
    spread = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{statistics.fmean(values):.{places}f} ± {spread:.{places}f}"


if __name__ == "__main__":
    sys.exit(main())
