"""What tests and benches of /retrain share: corrections that were accepted, and the trainings at work."""

from contextlib import suppress
from pathlib import Path

import numpy as np

from bot.storage.records import Label, SeenDigit, SeenPhoto, Status
from bot.storage.store import Store
from model.versions.version import shipped_name
from tests.odd_hand import odd_digits


async def accept(store: Store, n: int, seed: int = 1, *, poison: bool = False) -> None:
    """Keep `n` accepted corrections of a hand that the shipped version reads badly."""
    pictures, labels = odd_digits(n, seed)
    if poison:
        labels = np.random.default_rng(seed).permutation(labels)
    await store.agree(1)
    seen = SeenPhoto(1, "file", (28, 28), (SeenDigit(0, 0.9, (0, 0, 28, 28)),))
    for picture, label in zip(pictures, labels, strict=True):
        reading = await store.add_reading(1, 1, [seen], shipped_name())
        said = Label(reading, 0, 1, int(label), 0, 0.9, picture.tobytes(), shipped_name(), Status.ACCEPTED)
        assert await store.label([said])


def trainers_of(folder: Path) -> list[int]:
    """Process ids of trainings that were given something in this folder, whoever their parent is."""
    found = []
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            said = command.read_bytes()
            if b"model.training" in said and bytes(folder) in said:
                found.append(int(command.parent.name))
    return found
