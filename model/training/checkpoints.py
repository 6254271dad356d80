"""Checkpoints of a training: written atomically, and enough to resume exactly.

A checkpoint is a folder `epoch-0003` with the network and its optimizer (`network.keras`), the averaged network to
export (`result.keras`), and the settings and history (`state.json`).
"""

import json
from dataclasses import asdict
from pathlib import Path

import keras

from model.training.loop import State, TrainingSettings
from model.versions.atomic_files import new_folder, write_atomically
from model.versions.version import Refusal

NOTED = ("epoch", "seconds", "cpu_seconds", "history")  # fields of State kept in state.json


class CheckpointError(Refusal):
    """A folder that can't be used for this training; the message says what to do."""


def save(state: State, folder: Path, settings: TrainingSettings) -> None:
    """Write a new checkpoint to `folder`; a resumed training must have the same settings."""
    with new_folder(folder / f"epoch-{state.epoch:04}") as checkpoint:
        state.network.save(checkpoint / "network.keras")
        state.result.save(checkpoint / "result.keras")
        notes = {name: getattr(state, name) for name in NOTED} | {"settings": asdict(settings)}
        write_atomically(checkpoint / "state.json", json.dumps(notes, indent=2).encode())


def latest(folder: Path, settings: TrainingSettings) -> State | None:
    """Load the newest checkpoint in `folder`; None if there is none.

    Raises CheckpointError if its settings differ.
    """
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
