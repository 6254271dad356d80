"""What mistaken corrections do: floods, labels by chance and pictures of noise, learnt, judged by the gate, and read.

    python benchmarks/poison.py [--sizes 30,200]

Each row is one training as the bot starts it. "doubted" are the labels that the shipped version finds too improbable;
"worse" is what the gate refuses the new version for, those apart. Then it reads two hands of which it learnt no digit:
the tests' own, and the same slanted and squeezed, which is what the "strange" corrections are of. Exit status 1 where a
poisoned version may serve, or true corrections may not.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from conditions import ROOT, conditions

sys.path.insert(0, str(ROOT))

from fine_tunings import fine_tuning

from model.data.mnist import Examples
from model.evaluation.metrics import Reader
from model.training import corrections, promotion_gate
from model.versions.version import PRETRAINED, open_version
from tests.handwriting import digits
from tests.odd_hand import odd_digits

SEVEN = 7
SEED = 7
EXAM = 400  # digits of each hand
COLUMNS = ("corrections", "of", "doubted", "worse", "may serve", "usual hand misread", "strange hand misread")


def readable(n: int) -> Examples:
    """Digits that the shipped version reads."""
    return Examples(*digits(n, np.random.default_rng(SEED)))


def strange(n: int) -> Examples:
    """Digits of which it misreads many."""
    return Examples(*odd_digits(n, SEED))


def noise(n: int) -> Examples:
    """No digits; the labels count up."""
    rng = np.random.default_rng(SEED)
    return Examples(rng.integers(0, 256, (n, 28, 28)).astype(np.uint8), (np.arange(n) % 10).astype(np.uint8))


def by_chance(examples: Examples) -> Examples:
    """The same pictures, their labels shuffled."""
    return Examples(examples.pictures, np.random.default_rng(SEED).permutation(examples.labels))


def all_are(label: int, examples: Examples) -> Examples:
    """The same pictures with one label."""
    return Examples(examples.pictures, np.full_like(examples.labels, label))


def kinds(n: int) -> dict[str, Examples]:
    """The true ones, then what mustn't pass."""
    return {
        "strange hand, true": strange(n),
        "readable, labels by chance": by_chance(readable(n)),
        "readable, all 7": all_are(SEVEN, readable(n)),
        "strange hand, labels by chance": by_chance(strange(n)),
        "strange hand, all 7": all_are(SEVEN, strange(n)),
        "noise, labels by chance": by_chance(noise(n)),
        "noise, all 7": all_are(SEVEN, noise(n)),
        "noise, all 0": all_are(0, noise(n)),
    }


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="30,200", metavar="N,N", help="counts of corrections (30,200)")
    parser.add_argument("--mnist", type=Path, metavar="PATH", help="else MNIST_PATH, the cache, the net")
    options = parser.parse_args()
    exams = Examples(*digits(EXAM, np.random.default_rng(1))), Examples(*odd_digits(EXAM, 1))
    print(f"{conditions()}\n")
    before = [misread(promotion_gate.reader_of(open_version(PRETRAINED)), exam) for exam in exams]
    print(f"The shipped version misreads {before[0]} of the usual hand and {before[1]} of the strange one.\n")
    print(f"| {' | '.join(COLUMNS)} |\n|{' --- |' * len(COLUMNS)}")
    mistaken = 0
    for n in map(int, options.sizes.split(",")):
        for name, said in kinds(n).items():
            serves = print_row(name, said, exams, options.mnist)
            mistaken += serves != name.endswith("true")
    return int(mistaken > 0)


def print_row(name: str, said: Examples, exams: tuple[Examples, Examples], mnist: Path | None) -> bool:
    """Learn, and tell what came of it; gives whether it may serve."""
    packed = corrections.packed(map(np.ndarray.tobytes, said.pictures), said.labels.tolist(), range(1, len(said) + 1))
    with tempfile.TemporaryDirectory() as folder, fine_tuning(Path(folder) / "training", packed, mnist) as training:
        version = training.result().version
        found, reader = version.card["gate"], promotion_gate.reader_of(version)
    worse = [each for each in found["worse"] if each != "labels"]
    doubted = f"{found['labels']['doubted'] / found['labels']['of']:.0%}"
    may = "no" if found["worse"] else "yes"
    cells = (name, str(len(said)), doubted, ", ".join(worse) or "nothing", may, *(misread(reader, e) for e in exams))
    print(f"| {' | '.join(cells)} |", flush=True)
    return not found["worse"]


def misread(reader: Reader, exam: Examples) -> str:
    """Refused is misread too."""
    return f"{(reader.answers(exam.floats()) != exam.labels).mean():.0%}"


if __name__ == "__main__":
    sys.exit(main())
