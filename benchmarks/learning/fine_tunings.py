"""A fine-tuning as the bot starts it: the training command as a child, and what it cost."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.conditions import ROOT
from model.versions.version import PRETRAINED, Version, open_version


@dataclass(frozen=True, slots=True)
class Tuned:
    """The version that came of it, and what the whole command took."""

    version: Version
    cpu_seconds: float  # of all its threads and children, user and system


@dataclass(frozen=True, slots=True)
class FineTuning:
    """A fine-tuning at work; what it says goes to files in its folder."""

    process: subprocess.Popen[bytes]
    folder: Path

    def result(self) -> Tuned:
        """Wait until it ends. Raises SystemExit with its last words where it failed."""
        _, status, used = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        if self.process.returncode:
            said = (self.folder / "errors").read_text(errors="replace").splitlines()
            raise SystemExit(f"A fine-tuning failed ({' '.join(said[-3:]) or self.process.returncode})")
        return Tuned(open_version(self.folder / "version"), used.ru_utime + used.ru_stime)

    @contextmanager
    def halted(self) -> Iterator[None]:
        """It does nothing for a block, in another thread than `result`."""
        self._send(signal.SIGSTOP)
        try:
            yield
        finally:
            self._send(signal.SIGCONT)

    def _send(self, number: signal.Signals) -> None:
        if self.process.returncode is None:  # not by Popen, which would look for its end before `result` does
            with suppress(ProcessLookupError):
                os.kill(self.process.pid, number)


@contextmanager
def fine_tuning(folder: Path, corrections: bytes, mnist: Path | None) -> Iterator[FineTuning]:
    """The shipped version learns the corrections, in the new `folder`. It ends with the block, finished or not."""
    folder.mkdir(parents=True)
    (folder / "corrections.npz").write_bytes(corrections)
    command = [sys.executable, "-m", "model.training", "--child", "--progress", "json"]
    command += ["--fine-tune", str(PRETRAINED), "--corrections", str(folder / "corrections.npz")]
    command += ["--out", str(folder / "version"), *(["--mnist", str(mnist.absolute())] if mnist else [])]
    with (folder / "progress").open("wb") as progress, (folder / "errors").open("wb") as errors:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | {"DATA_DIR": str(folder)},
            stdin=subprocess.PIPE,  # it ends when this closes
            stdout=progress,
            stderr=errors,
            process_group=0,
        )
    with process:
        yield FineTuning(process, folder)
