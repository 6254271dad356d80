"""Checkpoints of a training: whole or not there, and enough to go on as if nothing had happened.

A checkpoint is a folder `epoch-0003` with the network and its optimizer (`network.keras`), what would be exported now
(`result.keras`), and what it was learning (`state.json`).
"""

import json
from dataclasses import asdict
from pathlib import Path

import keras

from model.training.loop import State, TrainingSettings
from model.versions.atomic_files import new_folder, write_atomically
from model.versions.version import Refusal

NOTED = ("epoch", "seconds", "cpu_seconds", "history")  # of a State, in state.json


class CheckpointError(Refusal):
    """The folder can't be used for this training; the message is a sentence that says what to do."""


def save(state: State, folder: Path, settings: TrainingSettings) -> None:
    """Write the state as a new checkpoint in `folder`; `settings` is what a resumed training has to share."""
    with new_folder(folder / f"epoch-{state.epoch:04}") as checkpoint:
        state.network.save(checkpoint / "network.keras")
        state.result.save(checkpoint / "result.keras")
        notes = {name: getattr(state, name) for name in NOTED} | {"settings": asdict(settings)}
        write_atomically(checkpoint / "state.json", json.dumps(notes, indent=2).encode())


def latest(folder: Path, settings: TrainingSettings) -> State | None:
    """The newest checkpoint in `folder`; None where there is none. CheckpointError if it learns something else."""
    found = all_in(folder)
    if not found:
        return None
    notes = json.loads((found[-1] / "state.json").read_text("utf-8"))
    for name, value in asdict(settings).items():
        if notes["settings"].get(name) != value:
            raise CheckpointError(
                f"The checkpoints in {folder} are of a training with another {name} ({notes['settings'].get(name)}, "
                f"now {value}): give the same, or another folder."
            )
    network, result = (keras.models.load_model(found[-1] / f"{name}.keras") for name in ("network", "result"))
    return State(network, result, **{name: notes[name] for name in NOTED})


def all_in(folder: Path) -> list[Path]:
    """The checkpoints in `folder`, oldest first."""
    return sorted(folder.glob("epoch-[0-9][0-9][0-9][0-9]"))
