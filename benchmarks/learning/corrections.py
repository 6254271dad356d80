"""Whether `/retrain` pays off: 20 strange hands, read before and after their writers' corrections were learnt.

    python -m benchmarks.learning.corrections [--writers N] [--sizes 10,25] [--results FILE]
    python -m benchmarks.learning.corrections --load   # answers under photos, while it trains or not

hands.py tells whose hands they are: the shipped model reads 15 to 40 % of each wrong. Corrections are small distortions
of one half of a hand's samples, drawn at random, so most of them were read right; the exam is the other half. Each
training is the whole command as the bot starts it, a process of its own. It learns fewer than the N corrections where
some are held back to examine the version. What comes of it is read as readers read it, by its `.tflite` and its card.

What counts: the exam's error, where refused is wrong too; "then serving" is what the writer has after it, the old
version where the gate says no. Beside it, MNIST and letters that look like no digit, of hands never seen. Means over
the writers, and 95 % intervals by bootstrap over them. MNIST's test set is only reported. `--results` keeps each
training as a line of JSON, and those kept aren't done again: take a new file after changes. The sets of handwriting
come from HANDWRITING_PATH. Linux and macOS; --load Linux only.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.conditions import conditions, parsed
from benchmarks.learning.fine_tunings import fine_tuning
from benchmarks.learning.hands import Hand, hands
from benchmarks.learning.meanwhile import print_answers_meanwhile
from benchmarks.reading.photo_sets import HANDWRITING
from model.data.mnist import DataError, Examples, Mnist, load
from model.evaluation.metrics import Reader
from model.reading.result import NOT_A_DIGIT
from model.training import corpus, promotion_gate
from model.versions.version import PRETRAINED, open_version

SIZES = (10, 25, 50, 100, 500)
SEED = 0  # of the bootstrap, and of the letters' pens
RESAMPLED = 10_000  # times
LETTERS = {"UNIPEN letters": "unipen_letters: others", "Cyrillic letters": "cyrillic_mnist: others"}
MOST = 3000  # of either letters, evenly

HALVED_AFTER = 25  # corrections
MNIST_MAY_LOSE = 0.05  # points
CPU_BAR = 120  # seconds for the most corrections


@dataclass(frozen=True, slots=True)
class Result:
    """One hand before and after so many corrections; all figures in percent."""

    model: str  # the version that was fine-tuned
    commit: str | None  # of the code that did it
    writer: str
    size: int
    learnt: int  # corrections; the others were held back
    worse: Sequence[str]  # in what, as the gate found
    cpu_seconds: float
    before: Mapping[str, float]
    after: Mapping[str, float]

    @property
    def serving(self) -> float:
        """The error of the version that serves then."""
        return self.before["error"] if self.worse else self.after["error"]

    def change(self, figure: str) -> float:
        return self.after[figure] - self.before[figure]


@dataclass(frozen=True, slots=True)
class Exam:
    """What every version is read on beside the hand's own digits."""

    mnist: Mnist
    letters: Mapping[str, Examples]

    def figures(self, reader: Reader, hand: Hand) -> dict[str, float]:
        """Percent: the hand's digits wrong, MNIST's right, letters refused."""
        shares = {
            "error": (reader.answers(hand.exam.floats()) != hand.exam.labels).mean(),
            "validation": (reader.answers(self.mnist.validation.floats()) == self.mnist.validation.labels).mean(),
            "test": (reader.answers(self.mnist.test.floats()) == self.mnist.test.labels).mean(),
            **{name: (reader.answers(part.floats()) == NOT_A_DIGIT).mean() for name, part in self.letters.items()},
        }
        return {name: round(100 * float(share), 4) for name, share in shares.items()}


def main() -> int:
    """Measure and print the table; exit status 1 where a bar isn't met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--writers", type=int, default=20, metavar="N", help="of both sets in turn (20)")
    parser.add_argument("--sizes", type=_sizes, default=SIZES, metavar="N,N", help="counts of corrections")
    parser.add_argument("--results", type=Path, metavar="FILE", help="where each training's figures are kept")
    parser.add_argument("--mnist", type=Path, metavar="PATH", help="else MNIST_PATH, the cache, the net")
    parser.add_argument("--load", action="store_true", help="measure answers while the last of --sizes is learnt")
    parser.add_argument("--trainings", type=int, default=2, metavar="N", help="for --load (2)")
    parser.add_argument("--rate", type=float, default=5, metavar="N", help="for --load: photos a second (5)")
    parser.add_argument("--turn", type=float, default=20, metavar="SECONDS", help="for --load: it is halted for others")
    options = parsed(parser, writers=1, sizes=[10], trainings=1, rate=1, turn=4)
    try:
        mnist, shipped = load(options.mnist), promotion_gate.reader_of(open_version(PRETRAINED))
        print(f"{conditions()}\n", flush=True)
        if options.load:
            hand = next(hands(HANDWRITING, shipped, 1))
            return asyncio.run(print_answers_meanwhile(hand.corrections(options.sizes[-1]), options))
        subjects = list(hands(HANDWRITING, shipped, options.writers))
        exam = Exam(mnist, _letters())
    except DataError as missing:
        sys.exit(str(missing))
    print_hands(subjects)
    results = list(measured(subjects, shipped, exam, options))
    print_table(results, options.sizes)
    return print_bars(results)


def _sizes(text: str) -> Sequence[int]:
    return [int(size) for size in text.split(",")]


def _letters() -> dict[str, Examples]:
    unseen = corpus.unseen(HANDWRITING, SEED)
    evenly = {name: -(-len(unseen[part]) // MOST) for name, part in LETTERS.items()}
    return {
        name: Examples(unseen[part].pictures[:: evenly[name]], unseen[part].labels[:: evenly[name]])
        for name, part in LETTERS.items()
    }


def measured(subjects: Sequence[Hand], shipped: Reader, exam: Exam, options: argparse.Namespace) -> Iterator[Result]:
    """Each hand's results for each size: those that are kept, and those that are missing, which are measured."""
    model, kept = open_version(PRETRAINED).name, _kept(options.results)
    for hand in subjects:
        before = exam.figures(shipped, hand)
        for size in options.sizes:
            result = kept.get((model, hand.writer, size))
            if not result:
                result = _measured(hand, size, before, exam, options.mnist)
                _keep(result, options.results)
            print(_line(result), flush=True)
            yield result


def _measured(hand: Hand, size: int, before: Mapping[str, float], exam: Exam, mnist: Path | None) -> Result:
    with tempfile.TemporaryDirectory() as folder:
        with fine_tuning(Path(folder) / "training", hand.corrections(size), mnist) as training:
            tuned = training.result()
        after = exam.figures(promotion_gate.reader_of(tuned.version), hand)
    card = tuned.version.card
    learnt, worse = card["gate"]["learnt"], card["gate"]["worse"]
    seconds = round(tuned.cpu_seconds, 1)
    return Result(card["parent"], card["commit"], hand.writer, size, learnt, worse, seconds, before, after)


def _kept(file: Path | None) -> dict[tuple[str, str, int], Result]:
    lines = file.read_text("utf-8").splitlines() if file and file.exists() else []
    results = [Result(**json.loads(line)) for line in lines]
    return {(result.model, result.writer, result.size): result for result in results}


def _keep(result: Result, file: Path | None) -> None:
    if file:
        with file.open("a", encoding="utf-8") as keeping:
            keeping.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")


def _line(result: Result) -> str:
    said = f"no: {', '.join(result.worse)}" if result.worse else "yes"
    error = f"{result.before['error']:5.1f} → {result.after['error']:5.1f} %"
    return f"{result.writer:<14} {result.size:4d}   error {error}   {result.cpu_seconds:6.1f} CPU s   may serve: {said}"


def print_hands(subjects: Sequence[Hand]) -> None:
    """Who they are, in a sentence."""
    usual, errors = [hand.usual_error for hand in subjects], [hand.error for hand in subjects]
    print(
        f"{len(subjects)} writers; the shipped model reads {np.mean(usual):.1%} of their digits wrong as written, "
        f"and {np.mean(errors):.1%} in their strange styles ({min(errors):.0%} to {max(errors):.0%}).\n"
    )


COLUMNS = (
    *("corrections", "learnt", "error before, %", "after, %", "then serving, %", "may serve"),
    *("MNIST validation, points", "test, points", *(f"{name} refused, points" for name in LETTERS), "CPU s (most)"),
)


def print_table(results: Sequence[Result], sizes: Sequence[int]) -> None:
    """A row for each size, in Markdown."""
    print(f"\n| {' | '.join(COLUMNS)} |\n|{' ---: |' * len(COLUMNS)}")
    for size in sizes:
        of_size = [result for result in results if result.size == size]
        cpu = [result.cpu_seconds for result in of_size]
        cells = (
            str(size),
            f"{np.mean([result.learnt for result in of_size]):.0f}",
            f"{np.mean([result.before['error'] for result in of_size]):.1f}",
            _mean([result.after["error"] for result in of_size], "{:.1f}"),
            _mean([result.serving for result in of_size], "{:.1f}"),
            f"{sum(not result.worse for result in of_size)} of {len(of_size)}",
            *(
                _mean([result.change(figure) for result in of_size], "{:+.2f}")
                for figure in ("validation", "test", *LETTERS)
            ),
            f"{np.mean(cpu):.0f} ({max(cpu):.0f})",
        )
        print(f"| {' | '.join(cells)} |")
    before = (f"{name} {results[0].before[name]:.2f} %" for name in ("validation", "test", *LETTERS))
    print(f"\nBefore: {', '.join(before)}.", end=" ")
    print(f"Fine-tuned by the code of {', '.join(sorted({str(result.commit) for result in results}))}.\n")


def print_bars(results: Sequence[Result]) -> int:
    """Whether each bar is met, in a line; gives the exit status."""
    sizes = sorted({result.size for result in results})
    bars: list[tuple[str, bool]] = []
    for size in sizes:
        of_size = [result for result in results if result.size == size]
        if size == HALVED_AFTER:
            left = np.mean([r.serving for r in of_size]) / np.mean([r.before["error"] for r in of_size])
            bars.append((f"after {size} corrections, {left:.0%} of the error is left, at most 50 %", bool(left <= 0.5)))
        mnist = float(np.mean([result.change("validation") for result in of_size]))
        said = f"after {size}, MNIST's validation split changes by {mnist:+.3f} points, at least {-MNIST_MAY_LOSE}"
        bars.append((said, mnist >= -MNIST_MAY_LOSE))
        for name in LETTERS:
            changes = [result.change(name) for result in of_size]
            said = f"after {size}, {name} refused change by {_mean(changes, '{:+.2f}')} points, not surely below 0"
            bars.append((said, interval(changes)[1] >= 0))
        if size == SIZES[-1]:
            cpu = float(np.mean([result.cpu_seconds for result in of_size]))
            bars.append((f"{size} corrections take {cpu:.0f} CPU seconds, at most {CPU_BAR}", cpu <= CPU_BAR))
    for said, met in bars:
        print(f"{said}: {'met' if met else 'NOT met'}")
    return 0 if all(met for _, met in bars) else 1


def _mean(values: Sequence[float], form: str) -> str:
    return f"{form.format(np.mean(values))} ({' to '.join(map(form.format, interval(values)))})"


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The 95 % interval of the writers' mean: percentiles of means of as many drawn with replacement.

    Efron 1979, "Bootstrap methods: another look at the jackknife".
    """
    drawn = np.random.default_rng(SEED).choice(np.array(values), (RESAMPLED, len(values)))
    low, high = np.percentile(drawn.mean(axis=1), (2.5, 97.5))
    return float(low), float(high)


if __name__ == "__main__":
    sys.exit(main())
