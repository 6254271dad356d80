"""Every set of other people's handwriting in its `.npz` form, small: drawn by the tests' own generator."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from model.data import handwriting
from tests.handwriting import SHAPES

LETTERS = {"K": "0,0 0,100 / 60,0 0,50 60,100", "O": "50,0 0,50 50,100 100,50 50,0"}


def sets(folder: Path, writers: Sequence[int]) -> Path:
    """A new folder with them: the writers' digits, a letter that is safe and one that looks like a digit."""
    forms = {str(d): shapes[0] for d, shapes in SHAPES.items()} | LETTERS
    strokes = [
        (i, j, np.array([point.split(",") for point in stroke.split()], np.float32))
        for i, form in enumerate(list(forms.values()) * len(writers))
        for j, stroke in enumerate(form.split("/"))
    ]
    arrays = {
        "labels": np.array(list(forms) * len(writers)),
        "writers": np.repeat(writers, len(forms)).astype(np.int32),
        "sources": np.full(len(forms) * len(writers), "own"),
        "points": np.concatenate([points for _, _, points in strokes]),
        "stroke_ids": np.concatenate([np.full(len(points), j, np.int32) for _, j, points in strokes]),
        "sample_ids": np.concatenate([np.full(len(points), i, np.int32) for i, _, points in strokes]),
    }
    folder.mkdir()
    for name in (*handwriting.TRAINED_ON, *handwriting.MEASURED_ON):
        np.savez(folder / f"{name}.npz", allow_pickle=False, **arrays)
    return folder
