"""A version learns a hand that it reads badly, forgets nothing, and is refused what would spoil it: real trainings."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.data.mnist import Examples
from model.evaluation.model_card import page
from model.training import promotion_gate, rehearsal
from model.training.corrections import packed
from model.training.terminal import Terminal
from model.versions.store import local_store
from model.versions.version import PRETRAINED, Version, open_version, shipped_name
from tests.commands import finish, mnist_path, needs_tensorflow, python, start
from tests.handwriting import digits
from tests.odd_hand import odd_digits
from tests.versions import a_twin

pytestmark = needs_tensorflow

HAND = Examples(*odd_digits(60, 1))
EXAM = Examples(*odd_digits(200, 99))  # the same hand, other digits
MANY = list(range(1, 61))  # ids of which enough are held back


def said(file: Path, examples: Examples, ids: list[int]) -> Path:
    """A file of so many corrections, the first of the examples."""
    pictures, labels = examples.pictures[: len(ids)], examples.labels[: len(ids)]
    file.write_bytes(packed([each.tobytes() for each in pictures], labels.tolist(), ids))
    return file


def errors(version: Path, examples: Examples) -> float:
    answers = promotion_gate.reader_of(open_version(version)).answers(examples.floats())
    return float((answers != examples.labels).mean())


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a little of the published MNIST, mnist.npz, so that the tests aren't long."""
    folder = tmp_path_factory.mktemp("tuned")
    with np.load(mnist_path()) as whole:
        few = {name: whole[name][: 4_800 if "train" in name else 500] for name in whole.files}
    np.savez(folder / "mnist.npz", **few)
    return folder


@pytest.fixture(scope="module")
def few(workplace: Path) -> tuple[Version, list[dict[str, Any]]]:
    """The shipped version after 25 corrections, and what was told meanwhile."""
    file = said(workplace / "few.npz", HAND, MANY[:25])
    return tuned(workplace, "--fine-tune", shipped_name(), "--corrections", file)


@pytest.fixture(scope="module")
def more(workplace: Path, few: tuple[Version, list[dict[str, Any]]]) -> tuple[Version, list[dict[str, Any]]]:
    """That one after 60, of which it had learnt 25."""
    file = said(workplace / "more.npz", HAND, MANY)
    return tuned(workplace, "--fine-tune", few[0].name, "--corrections", file, "--seed", "3")


def tuned(workplace: Path, *arguments: str | Path) -> tuple[Version, list[dict[str, Any]]]:
    status, events, problems = finish(start("--mnist", workplace / "mnist.npz", *arguments, data=workplace))
    assert status == 0, problems
    return open_version(Path(events[-1]["path"])), events


def test_of_25_corrections_a_hand_is_learnt_that_was_read_badly(few: tuple[Version, list[dict[str, Any]]]) -> None:
    made, _ = few

    assert errors(PRETRAINED, EXAM) >= 0.15
    assert errors(made.folder, EXAM) <= errors(PRETRAINED, EXAM) / 2
    assert made.card["gate"]["worse"] == []
    assert made.card["gate"]["corrections"]["after"] > made.card["gate"]["corrections"]["before"]


def test_the_version_tells_what_it_learnt_and_does_not_serve(
    workplace: Path, few: tuple[Version, list[dict[str, Any]]]
) -> None:
    made, events = few
    registry = local_store(workplace / "models")

    assert registry.serving().shipped
    assert made.folder == registry.named(made.name).folder
    assert made.card["parent"] == made.card["gate"]["serving"] == shipped_name()
    assert made.card["seed"] == 0
    assert made.card["command"] == f"python train.py --fine-tune {shipped_name()} --corrections FILE --seed 0"
    assert made.card["gate"]["cross_validated"]
    assert made.card["corrections"]["learnt"] == MANY[:25]
    assert sorted(map(int, made.card["corrections"]["answered"])) == MANY[:25]
    stages = [stage for stage in dict.fromkeys(event["stage"] for event in events) if stage != "step"]
    assert stages == ["data", "rehearsal", "export", "gate", "test", "writing", "done"]
    assert {event["epochs"] for event in events if event["stage"] == "step"} <= {4}
    (told,) = (event for event in events if event["stage"] == "gate")
    assert {name: found for name, found in told.items() if name != "stage"} == made.card["gate"]


def test_a_person_sees_how_it_stands_beside_the_one_that_serves(
    few: tuple[Version, list[dict[str, Any]]], capsys: pytest.CaptureFixture[str]
) -> None:
    made, events = few
    show = Terminal()

    for event in events:
        show(**event)

    lines = capsys.readouterr().out.splitlines()
    judged = made.card["gate"]["corrections"]
    assert f"{shipped_name()} learns from 25 corrections, and goes over what it knows" in lines
    (line,) = (line for line in lines if line.startswith("Right before and after: "))
    assert f"corrections {judged['before']} and {judged['after']} of 25" in line
    assert line.endswith(f"beside {shipped_name()}: it may serve")


def test_its_model_card_tells_of_corrections_and_the_gate(few: tuple[Version, list[dict[str, Any]]]) -> None:
    made, _ = few

    printed = python("import sys; from model.evaluation.__main__ import main; main(sys.argv[1:])", made.folder)

    assert printed == page(made)
    judged = made.card["gate"]["corrections"]
    assert f"starts from version {shipped_name()}" in printed
    assert "25 corrections" in printed
    assert f"| corrections, not trained on | {judged['before']} of 25 | {judged['after']} of 25 |" in printed


@pytest.mark.slow
def test_a_second_fine_tuning_begins_where_the_first_did(
    workplace: Path, few: tuple[Version, list[dict[str, Any]]], more: tuple[Version, list[dict[str, Any]]]
) -> None:
    first, (made, events) = few[0], more

    assert next(event["origin"] for event in events if event["stage"] == "rehearsal") == shipped_name()
    assert made.card["parent"] == shipped_name()
    assert made.card["gate"]["serving"] == first.name
    assert not made.card["gate"]["cross_validated"]
    learnt, answered = made.card["corrections"]["learnt"], set(map(int, made.card["corrections"]["answered"]))
    assert sorted([*learnt, *answered]) == MANY
    assert len(answered) == 10
    assert made.card["gate"]["worse"] == []
    assert errors(made.folder, EXAM) <= errors(PRETRAINED, EXAM) / 2


@pytest.mark.slow
def test_what_the_first_had_learnt_examines_it_by_what_it_said_before(
    few: tuple[Version, list[dict[str, Any]]], more: tuple[Version, list[dict[str, Any]]]
) -> None:
    first, made = few[0], more[0]
    examined = sorted(map(int, made.card["corrections"]["answered"]))
    known = {int(id_): answer for id_, answer in first.card["corrections"]["answered"].items()}
    assert set(examined) & set(known)
    rows = [MANY.index(id_) for id_ in examined]

    now = promotion_gate.reader_of(first).answers(HAND.floats(np.array(rows))).tolist()
    answers = [known.get(id_, answer) for id_, answer in zip(examined, now, strict=True)]

    assert made.card["gate"]["corrections"]["of"] == len(examined)
    assert made.card["gate"]["corrections"]["before"] == np.equal(answers, HAND.labels[rows]).sum()
    assert made.card["gate"]["labels"]["of"] == 35  # those that are new to it


def test_it_takes_no_more_clutter_for_digits_than_before(few: tuple[Version, list[dict[str, Any]]]) -> None:
    """Of what neither it nor the gate has seen."""
    digits_there = Examples(*digits(600, np.random.default_rng(12)))
    clutter = rehearsal.others(digits_there, np.random.default_rng(13)).astype(np.float32) / np.float32(255)
    shipped = promotion_gate.reader_of(open_version(PRETRAINED))
    taken = (shipped.answers(clutter) < 10).mean()
    assert (promotion_gate.reader_of(few[0]).answers(clutter) < 10).mean() <= taken + 0.01


@pytest.mark.slow
def test_the_same_command_gives_the_same_bits(workplace: Path, more: tuple[Version, list[dict[str, Any]]]) -> None:
    made, _ = more
    asked = ("--fine-tune", made.card["gate"]["serving"], "--corrections", workplace / "more.npz", "--seed", "3")

    again, _ = tuned(workplace, *asked, "--out", workplace / "again")

    tflite = [(version.folder / "model.tflite").read_bytes() for version in (made, again)]
    assert tflite[0] == tflite[1]
    differing = {name for name in made.card if made.card[name] != again.card.get(name)}
    assert differing <= {"version", "files", "date", "commit"}


@pytest.mark.slow
def test_pictures_of_noise_are_refused_and_the_version_is_kept(workplace: Path) -> None:
    noise = np.random.default_rng(8).integers(0, 256, (60, 28, 28)).astype(np.uint8)
    file = said(workplace / "noise.npz", Examples(noise, np.zeros(60, np.uint8)), MANY)

    made, events = tuned(workplace, "--fine-tune", PRETRAINED, "--corrections", file, "--out", workplace / "noisy")

    assert {"validation", "refused"} & set(made.card["gate"]["worse"])  # noise that is a 0 leaves digits no room
    assert made.card["refuse_below"] > open_version(PRETRAINED).card["refuse_below"]
    assert events[-1]["stage"] == "done"


def test_what_a_version_was_tuned_from_is_found_beside_it_or_in_the_registry(tmp_path: Path) -> None:
    shelf, registry = tmp_path / "shared" / "versions", tmp_path / "models" / "versions"
    a_twin(shelf / "2031.01-1")
    a_twin(shelf / "2031.01-2", parent="2031.01-1")
    a_twin(shelf / "2031.01-3", parent="2031.01-9")
    a_twin(registry / "2031.01-8")
    a_twin(shelf / "2031.01-4", parent="2031.01-8")
    a_twin(shelf / "2031.01-5", parent=shipped_name())
    code = """
import os, sys
from pathlib import Path
os.environ["DATA_DIR"] = sys.argv[1]
from model.training.fine_tuning import origin_of
from model.versions.version import open_version
for folder in sys.argv[2:]:
    print(origin_of(open_version(Path(folder))).name)
"""

    found = python(code, tmp_path, *(shelf / f"2031.01-{i}" for i in range(1, 6)))

    assert found.split() == ["2031.01-1", "2031.01-1", "2031.01-3", "2031.01-8", shipped_name()]
