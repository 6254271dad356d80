"""The training command as a person starts it: in a process of its own, on a small data set made by the tests."""

import importlib.util
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.handwriting import digits

ROOT = Path(__file__).parents[1]
LONG = 900  # seconds: TensorFlow is slow on a busy machine

needs_tensorflow = pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is None, reason="TensorFlow isn't installed: there is no training here"
)


def mnist_path() -> Path:
    """The published MNIST, where this machine has it; skips the test where not."""
    path = Path(os.environ.get("MNIST_PATH") or ROOT.parent / "shared" / "mnist" / "mnist.npz")
    if not path.exists():
        pytest.skip("needs MNIST: MNIST_PATH is unset and it doesn't lie beside the checkout")
    return path


def handwriting_path() -> Path:
    """The folder with the other sets, where this machine has it; skips the test where not."""
    path = Path(os.environ.get("HANDWRITING_PATH") or ROOT.parent / "shared" / "data")
    if not path.exists():
        pytest.skip("needs the sets of handwriting: HANDWRITING_PATH is unset and they don't lie beside the checkout")
    return path


def small_mnist(path: Path) -> Path:
    """A data set in MNIST's form with 240 pictures to learn from and 60 to test, drawn by the tests' own generator."""
    pictures, labels = _drawn()
    np.savez(path, x_train=pictures[:240], y_train=labels[:240], x_test=pictures[240:], y_test=labels[240:])
    return path


def start(*arguments: str | Path, data: Path, **more: Any) -> subprocess.Popen[str]:
    """The training command, started on MNIST's form alone; `data` becomes its DATA_DIR, `more` is Popen's."""
    return subprocess.Popen(
        command(*arguments),
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(data)} | more.pop("env", {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )


def command(*arguments: str | Path) -> list[str]:
    """The training command that tells programs how far it is, on MNIST's form alone."""
    return [sys.executable, "train.py", "--progress", "json", "--mnist-alone", *map(str, arguments)]


def finish(training: subprocess.Popen[str]) -> tuple[int, list[dict[str, Any]], str]:
    """Its exit status, what it reported and what it said on standard error."""
    out, err = training.communicate(timeout=LONG)
    return training.returncode, [json.loads(line) for line in out.splitlines()], err


@cache
def _drawn() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    return digits(300, np.random.default_rng(11))


def python(code: str, *arguments: str | Path) -> str:
    """What a script prints that runs in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, timeout=LONG
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
