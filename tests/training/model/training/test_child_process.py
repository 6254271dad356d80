"""A training that somebody else started gives way, ends when it is told to or left alone, and leaves nothing."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from model.training import child_process
from model.training.child_process import Missing
from model.versions.version import read_version
from tests.commands import LONG, ROOT, command, finish, needs_tensorflow, small_mnist, start

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to end with")

# Whoever starts a training as the bot does; what all of them say comes to the test, until the last of them is gone.
PARENT = """
import subprocess, sys
subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, process_group=0).wait()
"""

# A process with two workers, each at work for ten minutes.
WITH_WORKERS = """
import multiprocessing, sys, time
from concurrent.futures import ProcessPoolExecutor
from model.training import child_process

if __name__ == "__main__":
    if "child" in sys.argv:
        child_process.give_way()
    spawn = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(2, spawn, initializer=child_process.end_with_parent) as pool:
            list(pool.map(abs, range(8)))
            print("at work", flush=True)
            list(pool.map(time.sleep, [600, 600]))
    except KeyboardInterrupt:
        print("interrupted")
"""


class Workplace:
    """Folders for a training: where its version goes, and where what is temporary does."""

    def __init__(self, folder: Path) -> None:
        self.mnist = small_mnist(folder / "own.npz")
        self.results, self.temporary = folder / "results", folder / "temporary"
        self.results.mkdir()
        self.temporary.mkdir()
        self.environment = {"TMPDIR": str(self.temporary), "DATA_DIR": str(folder)}

    def asked(self, recipe: str) -> tuple[str | Path, ...]:
        return ("--recipe", recipe, "--epochs", "1", "--mnist", self.mnist, "--out", self.results / "version")

    def start(self, *arguments: str | Path, **more: Any) -> "subprocess.Popen[str]":
        return start(*arguments, data=self.results, env=self.environment, process_group=0, **more)

    def left(self) -> list[str]:
        """What is left that shouldn't be: anything but a whole version."""
        found = [path for path in (*self.results.iterdir(), *self.temporary.iterdir()) if read_version(path) is None]
        return [path.name for path in found]


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path)


def wait_for(stage: str, training: "subprocess.Popen[str]") -> None:
    assert training.stdout
    for line in training.stdout:
        if json.loads(line)["stage"] == stage:
            return
    pytest.fail(f"the training ended before {stage}: {training.communicate()[1]}")


@posix
@needs_tensorflow
@pytest.mark.parametrize(("recipe", "stage"), [("best", "drawing"), ("tutorial", "epoch")])
def test_no_orphan_goes_on(recipe: str, stage: str, place: Workplace) -> None:
    asked = [sys.executable, "-c", PARENT, *command("--child", *place.asked(recipe))]
    environment = os.environ | place.environment
    parent = subprocess.Popen(
        asked, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_for(stage, parent)

    parent.kill()
    parent.communicate(timeout=LONG)  # until nobody is left who could say anything

    assert not (place.results / "version").exists()
    assert place.left() == []


@posix
@needs_tensorflow
@pytest.mark.parametrize("stage", ["network", pytest.param("export", marks=pytest.mark.slow), "writing"])
def test_a_training_that_is_told_to_end_does_so_in_order(stage: str, place: Workplace) -> None:
    training = place.start("--child", *place.asked("tutorial"), stdin=subprocess.PIPE)
    wait_for(stage, training)
    if stage == "network":
        assert os.getpriority(os.PRIO_PROCESS, training.pid) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + 10)

    training.terminate()
    training.terminate()  # and its input closes too: that it is told thrice harms nothing
    status, events, said = finish(training)

    if status == 0:  # it was quicker, and had nothing more to do
        assert stage == "writing"
        assert events[-1]["stage"] == "done"
    else:
        assert status == 130
        assert said.splitlines()[-1].startswith("Stopped.")
    assert "Traceback" not in said
    assert place.left() == []


@posix
@pytest.mark.parametrize("told", ["SIGTERM", "its input closes"])
def test_its_workers_end_with_it(told: str) -> None:
    training = subprocess.Popen(
        [sys.executable, "-c", WITH_WORKERS, "child"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    assert training.stdin
    assert training.stdout
    assert training.stdout.readline() == "at work\n"

    if told == "SIGTERM":
        training.terminate()
    else:
        training.stdin.close()

    assert training.stdout.read() == "interrupted\n"
    assert training.wait(LONG) == 0


@posix
def test_workers_of_one_that_was_killed_end_too() -> None:
    training = subprocess.Popen([sys.executable, "-c", WITH_WORKERS], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert training.stdout
    assert training.stdout.readline() == "at work\n"

    training.kill()

    assert training.communicate(timeout=LONG)[0] == ""  # which comes when the last of them is gone


@posix
@needs_tensorflow
def test_a_full_disk_is_one_sentence(place: Workplace) -> None:
    resource = pytest.importorskip("resource")

    def a_full_disk() -> None:  # or nearly so: no file takes more than this
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    status, events, said = finish(place.start(*place.asked("tutorial"), preexec_fn=a_full_disk))

    assert status == 1
    assert said.splitlines()[-1].startswith("The disk is full (")
    assert "Traceback" not in said
    assert events[-1] == {"stage": "refused", "what": "disk", "why": said.splitlines()[-1]}
    assert not (place.results / "version").exists()
    assert place.left() == []


@needs_tensorflow
def test_a_program_is_told_what_is_missing(tmp_path: Path) -> None:
    status, events, said = finish(start("--mnist", tmp_path / "nowhere", data=tmp_path))

    assert status == 1
    assert [(event["stage"], event["what"]) for event in events] == [("refused", "mnist")]
    assert events[0]["why"] == said.splitlines()[-1]
    assert "`curl " in events[0]["why"]


def test_without_room_on_the_disk_nothing_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process, "free_memory", lambda: None)
    asked: list[Path] = []

    def usage(place: Path) -> Any:
        asked.append(place)
        return shutil._ntuple_diskusage(100, 50, 50_000_000)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    with pytest.raises(Missing, match=r"100 MB.*50 MB are free.*--out") as missing:
        child_process.check_room(tmp_path / "not" / "there" / "yet")

    assert missing.value.what == "disk"
    assert asked == [tmp_path]


def test_without_memory_nothing_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process, "free_memory", lambda: 700_000_000)
    with pytest.raises(Missing, match=r"1200 MB.*700 MB are free.*digitbot models promote") as missing:
        child_process.check_room(tmp_path)
    assert missing.value.what == "memory"


@pytest.mark.parametrize(
    ("limit", "free"), [("3000000000", 2_300_000_000), ("max", 8_000_000_000), ("20000000000", 8_000_000_000)]
)
def test_memory_is_the_machines_and_the_containers(
    limit: str, free: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "meminfo").write_text("MemTotal:  16000000 kB\nMemAvailable:    7812500 kB\nHugePages_Total:  0\n")
    (tmp_path / "memory.max").write_text(f"{limit}\n")
    (tmp_path / "memory.current").write_text("1000000000\n")
    (tmp_path / "memory.stat").write_text("anon 600000000\ninactive_file 300000000\nactive_file 5\n")
    monkeypatch.setattr(child_process, "MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(child_process, "CGROUP", tmp_path)

    assert child_process.free_memory() == free


@pytest.mark.parametrize("content", [None, "", "nonsense", "MemAvailable: much kB"])
def test_a_system_that_tells_nothing_of_memory_is_believed_to_have_it(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if content is not None:
        (tmp_path / "meminfo").write_text(content)
        (tmp_path / "memory.max").write_text(content)
    monkeypatch.setattr(child_process, "MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(child_process, "CGROUP", tmp_path)

    assert child_process.free_memory() is None
    child_process.check_room(tmp_path)
