"""Reads published pen strokes, and packs them into arrays.

UNIPEN's own collection of many files is read in `unipen`; its format, which others use too, here.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.data.sources.kept import Arrays, Sets

Stroke = NDArray[np.float32]  # (points, 2): x to the right; y as in the source, or down

SEGMENT = re.compile(r'\.SEGMENT\s+(?:CHARACTER|DIGIT)\s+(\d+)(?:-(\d+))?\s+(?:[^"\s]+\s+)?"(.+)"')
TRAINING_WRITERS = 30  # of pendigits; its test part restarts at 1

GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi "
    "chi psi omega"
)


@dataclass(frozen=True, slots=True)
class Written:
    """A character as recorded, x to the right and y down."""

    label: str
    writer: int
    strokes: list[Stroke]


def arrays_of(samples: Iterable[Written]) -> Arrays:
    """Pack samples into a set's arrays: points, stroke_ids, sample_ids, labels, writers."""
    samples = list(samples)
    strokes = [(i, j, stroke) for i, sample in enumerate(samples) for j, stroke in enumerate(sample.strokes)]
    lengths = [len(stroke) for _, _, stroke in strokes]
    return {
        "points": np.concatenate([stroke for _, _, stroke in strokes]).astype(np.float32),
        "stroke_ids": np.repeat(np.array([j for _, j, _ in strokes], np.int32), lengths),
        "sample_ids": np.repeat(np.array([i for i, _, _ in strokes], np.int32), lengths),
        "labels": np.array([sample.label for sample in samples]),
        "writers": np.array([sample.writer for sample in samples], np.int32),
    }


def components(lines: Iterable[str]) -> list[Stroke]:
    """Read the strokes of a UNIPEN file, one per .PEN_DOWN; y as in the file.

    The format: Guyon et al. 1994.
    """
    found: list[list[tuple[float, float]]] = []
    down = False
    for line in map(str.strip, lines):
        if line.startswith("."):
            down = line.startswith(".PEN_DOWN")
            if down:
                found.append([])
        elif down and line:
            x, y = line.split()[:2]  # time and pressure may follow
            found[-1].append((float(x), float(y)))
    return [np.array(points, np.float32).reshape(-1, 2) for points in found]


def segments(lines: Iterable[str]) -> Iterator[tuple[slice, str]]:
    """Read the labelled characters of a UNIPEN file: their strokes, and the label."""
    for line in lines:
        if found := SEGMENT.match(line.strip()):
            first, last, label = found.groups()
            yield slice(int(first), int(last or first) + 1), re.sub(r"\\(.)", r"\1", label)


def upright(strokes: list[Stroke]) -> list[Stroke]:
    """Flip strokes whose y grows upwards, and shift their least x and y to 0."""
    least, most = np.concatenate(strokes).min(axis=0), np.concatenate(strokes).max(axis=0)
    return [np.column_stack([stroke[:, 0] - least[0], most[1] - stroke[:, 1]]) for stroke in strokes]


def pendigits(training: bytes, test: bytes) -> Sets:
    """Read UCI's pendigits: two UNIPEN files with the writer in a comment after each label."""
    parts = {"train": _numbered(training, 0), "test": _numbered(test, TRAINING_WRITERS)}
    split = np.repeat(list(parts), [len(part) for part in parts.values()])
    return {"pendigits": arrays_of(parts["train"] + parts["test"]) | {"split": split}}


def _numbered(content: bytes, before: int) -> list[Written]:
    text = content.decode("ascii")
    lines = text.splitlines()
    writers = re.findall(r"^\.COMMENT\s+\d\s+(\d+)\s+\d+", text, re.MULTILINE)
    drawn = components(lines)
    return [
        Written(label, before + int(writer), upright(drawn[place]))
        for (place, label), writer in zip(segments(lines), writers, strict=True)
    ]


def omniglot(*archives: bytes) -> Sets:
    """Read Omniglot's strokes: a text file per drawing, numbered by writer.

    y grows upwards from a negative value.
    """
    texts: dict[tuple[str, int, int], str] = {}
    for archive in archives:
        with zipfile.ZipFile(io.BytesIO(archive)) as file:
            for path in file.namelist():
                if found := re.search(r"([^/]+)/character(\d+)/[^/._]+_(\d+)\.txt$", path):
                    alphabet, character, writer = found[1], int(found[2]), int(found[3])
                    texts[alphabet, character, writer] = file.read(path).decode("ascii")
    return {
        "omniglot_strokes": arrays_of(
            Written(_omniglot_label(alphabet, character), writer, list(_motor(texts[alphabet, character, writer])))
            for alphabet, character, writer in sorted(texts)
        )
    }


def _omniglot_label(alphabet: str, character: int) -> str:
    if alphabet == "Latin":
        return chr(ord("a") + character - 1)
    name = re.sub(r"[()]", "", alphabet.lower())
    return f"{name}_{GREEK.split()[character - 1]}" if name == "greek" else f"{name}_{character:02}"


def _motor(text: str) -> Iterator[Stroke]:
    for stroke in text.replace("START", "").split("BREAK"):
        if lines := stroke.split():  # x, y and time
            x, y = np.array([line.split(",")[:2] for line in lines], np.float32).T
            yield np.column_stack([x, -y])
