"""Files and folders that are there whole or not at all, after a kill or a power cut too."""

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ABANDONED = 24 * 3600  # seconds after which what is half written is nobody's any more


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A place to fill that becomes `folder` in one step at the end; FileExistsError where there is one already."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield unfinished
        unfinished.chmod(0o755)
        for path in [*unfinished.iterdir(), unfinished]:
            to_disk(path)
        try:
            unfinished.rename(folder)
        except OSError as problem:
            raise FileExistsError(f"{folder} is there already") from problem
        to_disk(folder.parent)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def remove_folder(folder: Path) -> bool:
    """Delete a folder, so that it is whole or not there; False where that can't be done."""
    doomed = folder.with_name(f".{folder.name}-{secrets.token_hex(8)}")
    try:
        folder.rename(doomed)
    except OSError:  # it isn't there any more; on Windows, it is open
        return False
    shutil.rmtree(doomed, ignore_errors=True)
    return True


def remove_abandoned(folder: Path) -> None:
    """Delete what writers that were killed left half written in `folder` long ago."""
    for left in folder.glob(".*"):
        with suppress(FileNotFoundError):  # by a writer that has just finished
            if left.stat().st_mtime < time.time() - ABANDONED:
                shutil.rmtree(left, ignore_errors=True)


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that it is there with all its content or as it was before, whatever happens in between."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.chmod(0o644)
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    to_disk(path.parent)


def to_disk(path: Path) -> None:
    """What was renamed into a folder, or written to a file, is there after a power cut too. Raises OSError."""
    if os.name == "nt":  # Windows can't open a folder, and needs no sync of it
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
