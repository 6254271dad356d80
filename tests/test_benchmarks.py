"""The benches run, those of photos on any folder with a manifest, and print what they promise."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from model.handwriting import Sample
from model.registry import PRETRAINED
from tests.handwriting import page
from tests.model.commands import needs_tensorflow, small_mnist
from tests.model.sets import sets
from tests.postgres import cluster

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 300  # seconds
LONG = 1200  # for trainings: they give way to all else on a busy machine
ROWS = (
    *("multi photo", "none photo", "single photo", "20 digits, generated", "all photos, scenes too", "in all"),
    *("kills", "photos sent", "lost", "answered again", "  though not in flight", "out of order"),
    "answered without a digit",
    *("digitbot  ", "digitbot, no limits", "no limits, nothing read", '"ok"', "for photos", "for /help"),
    *("without  ", "with a training"),
)


def folder_of_photos(where: Path, writers: int = 1) -> Path:
    """A single digit, a number and a blank page by so many writers each, no two by the same."""
    rng = np.random.default_rng(3)
    shown = [("single", ["7"]), ("multi", ["42", "13"]), ("none", [])]
    lines = []
    for i, (kind, numbers) in enumerate(shown * writers):
        photo, label = page(numbers, rng, height=200, size=(1280, 960))
        (where / f"{kind} {i}.jpg").write_bytes(photo)
        lines.append({"file": f"{kind} {i}.jpg", "repo": f"writer {i}", "kind": kind, "label": label})
    manifest = "\n".join(json.dumps(line | {"source": "photo"}) for line in lines)
    (where / "manifest.jsonl").write_text(manifest, encoding="utf-8")
    return where


def run(
    script: str, *arguments: str, patience: float = PATIENCE, **environment: str
) -> subprocess.CompletedProcess[str]:
    """A bench's output."""
    return subprocess.run(
        [sys.executable, f"benchmarks/{script}", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=patience,
    )


def rows(output: str) -> dict[str, list[str]]:
    """The tables' lines: what comes after each name, by words."""
    found = {name: line for line in output.splitlines() for name in ROWS if line.startswith(name)}
    return {name: line.removeprefix(name).split() for name, line in found.items()}


def cells(output: str) -> list[list[str]]:
    """A table in Markdown: its head, then its rows."""
    head, _, *table = (line.strip("|").split("|") for line in output.splitlines() if line.startswith("|"))
    return [[cell.strip() for cell in row] for row in (head, *table)]


def test_the_photo_bench_counts_each_kind_and_writes_the_failures_down(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.png"
    bench = run(
        "photos.py", "--photos", str(folder_of_photos(tmp_path)), "--sheet", str(sheet), HANDWRITING_PATH=str(tmp_path)
    )
    assert bench.returncode == 0, bench.stderr
    for kind in ("multi", "none", "single"):
        assert rows(bench.stdout)[f"{kind} photo"][1] == "1"
    assert re.search("single digits refused: [01] of 1,", bench.stdout)
    assert "No generated pages:" in bench.stdout
    assert sheet.exists()


def test_the_reading_bench_compares_with_decoding_and_tells_the_stages(tmp_path: Path) -> None:
    bench = run("reading.py", "--photos", str(folder_of_photos(tmp_path)), "--rounds", "1", "--memory", "10")
    assert bench.returncode == 0, bench.stderr
    table = rows(bench.stdout)
    assert table["all photos, scenes too"][0] == "3"
    assert table["20 digits, generated"][0] == "10"
    assert all(float(ms) > 0 for ms in table["in all"])
    assert "resident memory of a reader" in bench.stdout


def version_that_refuses_everything(where: Path) -> Path:
    """The shipped version with a point of refusal that no confidence reaches, but does a step of the bench lower."""
    version = shutil.copytree(PRETRAINED, where / "refusing")
    card = json.loads((version / "card.json").read_text(encoding="utf-8"))
    (version / "card.json").write_text(json.dumps(card | {"refuse_below": 1.01}), encoding="utf-8")
    return version


def test_either_half_of_the_writers_is_read_by_what_was_chosen_on_the_other(tmp_path: Path) -> None:
    photos, version = folder_of_photos(tmp_path, writers=2), version_that_refuses_everything(tmp_path)
    bench = run("halves.py", "--photos", str(photos), "--model", str(version))
    assert bench.returncode == 0, bench.stderr
    assert bench.stdout.count("half: 3 writers; 1 single, 1 multi, 1 none") == 2
    assert re.search(r"refuse_below +1\.01 +0\.91 +0\.91\n", bench.stdout)
    singles = re.findall(r"  single  .*", bench.stdout)
    assert [re.findall(r"(\d) of (\d)", line) for line in singles] == [
        [("1", "1"), ("0", "1")],
        [("1", "1"), ("0", "1")],
        [("2", "2"), ("0", "2")],
    ]


def test_photos_by_one_writer_have_no_halves(tmp_path: Path) -> None:
    line = json.dumps({"file": "a.jpg", "repo": "writer", "kind": "none", "label": "", "source": "blank"})
    (tmp_path / "manifest.jsonl").write_text(line, encoding="utf-8")
    (tmp_path / "a.jpg").write_bytes(page([], np.random.default_rng(3))[0])
    bench = run("halves.py", "--photos", str(tmp_path))
    assert bench.returncode == 2
    assert "halves of the writers need two" in bench.stderr


def tilted(photo: bytes, degrees: float) -> bytes:
    """A photo turned about its middle."""
    picture = cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_GRAYSCALE)
    height, width = picture.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    turned = cv2.warpAffine(picture, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return cv2.imencode(".jpg", turned)[1].tobytes()


def test_the_ablation_leaves_each_method_out_by_itself(tmp_path: Path) -> None:
    photos = folder_of_photos(tmp_path)
    photo, label = page(["20202020", "36363636"], np.random.default_rng(3), height=100, size=(1280, 960))
    (photos / "tilted.jpg").write_bytes(tilted(photo, 14))
    line = json.dumps({"file": "tilted.jpg", "repo": "writer", "kind": "multi", "label": label, "source": "photo"})
    with (photos / "manifest.jsonl").open("a", encoding="utf-8") as manifest:
        manifest.write(f"\n{line}")
    bench = run("ablation.py", "--photos", str(photos), HANDWRITING_PATH=str(tmp_path))
    assert bench.returncode == 0, bench.stderr
    head, *table = cells(bench.stdout)
    right = {name: cells[:3] for name, *cells in table}
    assert head[:4] == ["left out", "single of 1", "several of 2", "none of 1"]
    assert right.pop("everything on") == ["1", "2", "1"]
    assert right.pop("tilt in the reading order") == ["1", "1", "1"]
    assert len(right) == 12
    assert right["touching shapes parted"] == ["1", "2", "1"]


def writers_of_no_page() -> list[int]:
    """UNIPEN's and pendigits' of them are all held back: nothing to compose pages of, which take long."""
    both = {i: [Sample("7", f"{people} {i}", None, None) for people in ("unipen", "pendigits")] for i in range(100)}
    return [i for i, samples in both.items() if all(sample.held_back for sample in samples)]


def test_the_lessons_bench_leaves_each_part_out_by_itself_and_keeps_the_corpus(tmp_path: Path) -> None:
    handwriting, mnist = sets(tmp_path / "sets", writers_of_no_page()), small_mnist(tmp_path / "mnist.npz")
    options = ["--steps", "2", "--cache", str(tmp_path / "kept"), "--mnist", str(mnist), "--only", "everything"]
    first = run("lessons.py", *options, "without clutter", "half the width", HANDWRITING_PATH=str(handwriting))
    again = run("lessons.py", *options, HANDWRITING_PATH=str(tmp_path / "nowhere"))
    assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
    table, kept = ({row[0]: row[1:-1] for row in cells(bench.stdout)[1:]} for bench in (first, again))
    assert kept == {"everything": table["everything"]}  # bit for bit
    pictures, multiply_adds = ({name: float(row[i]) for name, row in table.items()} for i in (0, 1))
    assert pictures["without clutter"] < pictures["everything"] == pictures["half the width"]
    assert multiply_adds["half the width"] < multiply_adds["everything"] / 3
    assert all(0 <= float(share.strip("%")) <= 100 for row in table.values() for share in row[2:])


def test_the_lessons_bench_names_the_set_it_lacks(tmp_path: Path) -> None:
    bench = run("lessons.py", "--mnist", str(small_mnist(tmp_path / "mnist.npz")), HANDWRITING_PATH=str(tmp_path))
    assert bench.returncode == 1
    assert f"There is no bhmsds.npz in {tmp_path}" in bench.stderr
    assert "Traceback" not in bench.stderr


def one_writer(where: Path) -> Path:
    """The sets, with one and the same held-back writer in all of them, who wrote much."""
    return sets(where, writers_of_no_page()[:1] * 20)


@needs_tensorflow
def test_the_learning_bench_tells_what_a_strange_hand_gains_and_trains_no_size_twice(tmp_path: Path) -> None:
    handwriting, mnist = one_writer(tmp_path / "sets"), small_mnist(tmp_path / "mnist.npz")
    options = ["--writers", "1", "--sizes", "100", "--mnist", str(mnist), "--results", str(tmp_path / "results")]
    first, again = (run("learning.py", *options, patience=LONG, HANDWRITING_PATH=str(handwriting)) for _ in range(2))
    head, row = cells(first.stdout)
    table = dict(zip(head, row, strict=True))
    assert (table["corrections"], 50 <= int(table["learnt"]) < 100) == ("100", True), first.stderr
    error, left = (float(table[column].split()[0]) for column in ("error before, %", "after, %"))
    assert 15 <= error <= 40
    assert left < error
    assert "MNIST's validation split changes by" in first.stdout
    assert cells(again.stdout) == cells(first.stdout)
    assert len((tmp_path / "results").read_text(encoding="utf-8").splitlines()) == 1


@needs_tensorflow
def test_the_learning_bench_puts_answers_beside_a_training_and_without(tmp_path: Path) -> None:
    handwriting, mnist = one_writer(tmp_path / "sets"), small_mnist(tmp_path / "mnist.npz")
    few = ["--load", "--sizes", "100", "--trainings", "1", "--turn", "4", "--mnist", str(mnist)]
    bench = run("learning.py", *few, patience=LONG, HANDWRITING_PATH=str(handwriting))
    table = rows(bench.stdout)
    assert all(int(table[name][0]) >= 20 and table[name][1] == "0" for name in ("without  ", "with a training")), (
        bench.stdout + bench.stderr
    )
    assert float(table["with a training"][-1]) > 0  # CPU seconds


@pytest.mark.parametrize("script", ["photos.py", "reading.py", "halves.py", "ablation.py"])
def test_a_folder_without_a_manifest_is_named_in_a_sentence(script: str, tmp_path: Path) -> None:
    bench = run(script, "--photos", str(tmp_path))
    assert bench.returncode == 2
    assert f"there is no manifest.jsonl in {tmp_path}" in bench.stderr
    assert "Traceback" not in bench.stderr


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_the_crash_bench_finds_every_photo_answered_in_order(database: str) -> None:
    several = [] if database == "sqlite" else ["--database", "postgres", "--replicas", "2"]
    if several:
        cluster()  # or it is skipped
    bench = run("crash.py", "--photos", "20", "--chats", "4", "--kills", "2", *several)
    table = rows(bench.stdout)
    assert table["photos sent"][0] == "20", bench.stderr
    assert (table["kills"][0], table["lost"][0], table["out of order"][0]) == ("2", "0", "0")


def test_the_crash_bench_counts_what_a_kill_did(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    from crash import Kill, report
    from crowd import Question
    from watched_server import Sent

    def answers(message: int, *ended: float, by: str = "killed", text: str = "7 · 99 %") -> list[Sent]:
        return [Sent(by, moment - 0.01, moment, chat=1, quoted=message, text=text) for moment in ended]

    photos = [
        Question(1, 1, "7", sent=0.0, answers=answers(1, 9.99, 12)),  # in flight at the kill
        Question(1, 2, "7", sent=0.0, answers=answers(2, 9.0, 12)),  # not in flight
        Question(1, 3, "7", sent=0.0),  # lost
        Question(1, 4, "7", sent=0.0, answers=answers(4, 13, by="next")),
        Question(1, 5, "7", sent=0.0, answers=answers(5, 12.5, by="next", text="I can't read this.")),
    ]
    crowd = SimpleNamespace(questions=photos, sends=[sent for photo in photos for sent in photo.answers])
    assert report(crowd, [Kill("killed", at=10.0, polling=True)]) == 1
    table = {name: int(row[0]) for name, row in rows(capsys.readouterr().out).items()}
    assert table == {
        "kills": 1,
        "photos sent": 5,
        "lost": 1,
        "answered again": 2,
        "  though not in flight": 1,
        "out of order": 2,
        "answered without a digit": 1,
    }


def test_the_load_bench_puts_the_bot_beside_one_that_says_ok() -> None:
    few = ["--rate", "5", "--minutes", "0.1", "--chats", "5", "--readers", "1", "--turns", "1", "--turn", "2"]
    bench = run("load.py", *few)
    assert bench.returncode == 0, bench.stderr
    at_a_rate, at_most = bench.stdout.split("as many as it can")
    assert rows(at_a_rate)["digitbot  "][1:4] == ["30", "0", "0"]
    assert rows(at_a_rate)['"ok"'][1:4] == ["6", "0", "0"]
    assert "memory of digitbot and its readers" in at_a_rate
    assert all(float(rates[0]) > 0 for rates in rows(at_most).values())
    assert rows(at_most).keys() == {"digitbot, no limits", "no limits, nothing read", '"ok"'}
    assert rows(at_most)['"ok"'][1] == "100.0%"


def test_the_load_bench_puts_replicas_side_by_side() -> None:
    cluster()  # or it is skipped
    bench = run("load.py", "--replicas", "1,2", "--waiting", "50", "--chats", "10", "--turn", "2")
    assert bench.returncode == 0, bench.stderr
    table = [line.split() for line in bench.stdout.splitlines()[-2:]]
    assert [row[0] for row in table] == ["1", "2"]
    assert all(float(rate) > 0 and int(claims) > 0 for _, rate, *_, claims in table)


def test_the_fairness_bench_compares_with_quiet_times() -> None:
    bench = run("fairness.py", "--photos", "30", "--others", "3", "--seconds", "6", "--readers", "1")
    table = rows(bench.stdout)
    assert "a flood of 30 photos" in bench.stdout, bench.stderr
    assert all(float(cell) > 0 for name in ("for photos", "for /help") for cell in table[name][:7])


def test_the_show_bench_counts_reactions_messages_and_seconds_to_the_sheet() -> None:
    bench = run("show.py", "--pupils", "3", "--seconds", "2", "--readers", "1", "--groups", "2")
    table = [line.split() for line in bench.stdout.splitlines() if line.lstrip()[:1].isdigit()]
    assert [row[:3] for row in table] == [["1", "3", "3"], ["2", "3", "3"]], bench.stderr
    assert all(0 < int(messages) <= 20 and float(seconds) > 0 for *_, messages, _, seconds in table)
