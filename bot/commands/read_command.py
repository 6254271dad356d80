"""`digitbot read`: reads pictures from the command line with the bot's reader."""

import io
import json
import sys
from pathlib import Path
from typing import Any

from PIL import Image

from bot.messages.percent import percent
from model.drawing.drawing import crop_picture, explain
from model.reading.reader import DigitReader
from model.reading.result import N_, PhotoError, Reading
from model.versions.atomic_files import write_atomically
from model.versions.store import local_store


class NotSaved(Exception):
    """A picture of a reading can't be saved; `str(error)` says why."""


def read_pictures(files: list[Path], version: str | None, save: Path | None, *, as_json: bool) -> bool:
    """Print a line for each file, in order; returns True if all could be read.

    `version` is a name or a folder. Raises VersionError if it doesn't exist, and NotSaved.
    """
    reader = DigitReader(local_store().find(version).folder if version else None)
    all_read = True
    taken = {file.resolve() for file in files}
    for file in files:
        try:
            photo = file.read_bytes()
            reading = reader.read(photo)
        except (OSError, PhotoError) as error:
            all_read = False
            line = failure_line(file, error, as_json=as_json)
        else:
            line = reading_line(file, reading, as_json=as_json)
            if save:
                _save(photo, reading, save, _free_stem(save, file.stem, taken))
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    return all_read


def reading_line(file: Path, reading: Reading, *, as_json: bool) -> str:
    """A reading as a line: `a.jpg: 42  (99.3 %, 99.8 %)`, or a JSON object."""
    if as_json:
        digits = [
            {"digit": d.digit, "confidence": round(d.confidence, 6), "sure": d.sure, "box": list(d.box)}
            for d in reading.digits
        ]
        return _json(file, text=reading.text, digits=digits, model=reading.model, ms=round(reading.milliseconds, 1))
    if not reading.digits:
        return f"{file}: no digit"
    confidences = ", ".join(percent(digit.confidence, N_, 1) for digit in reading.digits)
    return f"{file}: {' / '.join(reading.text.splitlines())}  ({confidences})"


def failure_line(file: Path, error: OSError | PhotoError, *, as_json: bool) -> str:
    """A line that says why a file couldn't be read."""
    sentence = f"The file can't be opened: {error.strerror}." if isinstance(error, OSError) else str(error)
    return _json(file, error=sentence) if as_json else f"{file}: {sentence}"


def _json(file: Path, **known: Any) -> str:
    line: dict[str, Any] = {"file": str(file), "text": "", "digits": [], "model": None, "ms": None, "error": None}
    return json.dumps(line | known, ensure_ascii=False)


def _free_stem(folder: Path, stem: str, taken: set[Path]) -> str:
    """A file name that no picture of this run has, neither input nor output."""
    number, free = 1, stem
    while (target := (folder / f"{free}.png").resolve()) in taken:
        number += 1
        free = f"{stem} ({number})"
    taken.add(target)
    return free


def _save(photo: bytes, reading: Reading, folder: Path, stem: str) -> None:
    crops = {f"{stem}-{number}.png": crop_picture(digit) for number, digit in enumerate(reading.digits, 1)}
    try:
        for name, picture in {f"{stem}.png": explain(photo, reading), **crops}.items():
            write_atomically(folder / name, _png(picture))
    except OSError as error:
        raise NotSaved(f"{folder} can't be written to: {error.strerror}.") from error


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
