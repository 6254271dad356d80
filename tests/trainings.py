"""What tests and benches of /retrain share: accepted corrections, trainings at work, and one to be told again."""

import json
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.storage.records import Label, SeenDigit, SeenPhoto, Status
from bot.storage.store import Store
from model.data.mnist import Examples, load
from model.training import promotion_gate
from model.training.corrections import Corrections
from model.training.promotion_gate import Unlearnt
from model.versions.store import local_store
from model.versions.version import PRETRAINED, open_version, shipped_name
from tests.odd_hand import odd_digits
from tests.versions import a_twin

TOLD_AGAIN = Path(__file__).parent / "training" / "bot" / "told_again.py"
STEP = {"stage": "step", "epoch": 1, "epochs": 1, "step": 112, "steps": 112, "loss": 0.3, "accuracy": 0.95}


async def accept(store: Store, n: int, seed: int = 1, *, poison: bool = False) -> None:
    """Keep `n` accepted corrections of a hand that the shipped version reads badly."""
    pictures, labels = _said(n, seed, poison=poison)
    await store.agree(1)
    seen = SeenPhoto(1, "file", (28, 28), (SeenDigit(0, 0.9, (0, 0, 28, 28)),))
    for picture, label in zip(pictures, labels, strict=True):
        reading = await store.add_reading(1, 1, [seen], shipped_name())
        said = Label(reading, 0, 1, int(label), 0, 0.9, picture.tobytes(), shipped_name(), Status.ACCEPTED)
        assert await store.label([said])


def told_again(folder: Path, mnist: Path, n: int, *, poison: bool = False) -> tuple[str, ...]:
    """A command in the place of a training on `n` corrections: it says at once what one says, and makes a version.

    That reads as the shipped one does, and sat the gate's exam. What it says and makes is kept in the new `folder`.
    """
    said = Corrections(Examples(*_said(n, seed=1, poison=poison)), np.arange(1, n + 1))
    examining, serving = said.chosen(said.held_back), open_version(PRETRAINED)
    reader = promotion_gate.reader_of(serving)
    unlearnt = Unlearnt(examining, reader.answers(examining.examples.floats()), cross_validated=False)
    judged = promotion_gate.judge(serving, reader, said, unlearnt, load(mnist))
    name = local_store(folder / "models").next_name()
    made = a_twin(folder / "version", version=name, parent=serving.name, **judged)
    events = [
        *({"stage": stage} for stage in ("data", "rehearsal")),
        *(STEP, {"stage": "export"}, {"stage": "gate"} | judged["gate"], {"stage": "writing"}),
        {"stage": "done", "version": name, "path": str(made)},
    ]
    (folder / "events").write_text("".join(json.dumps(event) + "\n" for event in events))
    return sys.executable, str(TOLD_AGAIN), str(folder)


def _said(n: int, seed: int, *, poison: bool) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Pictures (n, 28, 28) and their labels, which aren't theirs if they are poison."""
    pictures, labels = odd_digits(n, seed)
    return pictures, np.random.default_rng(seed).permutation(labels) if poison else labels


def trainers_of(folder: Path) -> list[int]:
    """Process ids of trainings that were given something in this folder, whoever their parent is."""
    found = []
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            said = command.read_bytes()
            if b"model.training" in said and bytes(folder) in said:
                found.append(int(command.parent.name))
    return found
