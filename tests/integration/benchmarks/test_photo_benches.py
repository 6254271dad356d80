"""The benches of reading run on any folder of photos with a manifest, and print what they promise."""

import json
import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from model.reading.finder import FILE
from tests.benches import cells, rows, run
from tests.commands import handwriting_path, mnist_path
from tests.handwriting import page


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


def test_the_photo_bench_counts_each_kind_and_writes_the_failures_down(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.png"
    photos = str(folder_of_photos(tmp_path))
    bench = run(
        "reading.photos", "--photos", photos, "--clean", "0", "--sheet", str(sheet), HANDWRITING_PATH=str(tmp_path)
    )
    assert bench.returncode == 0, bench.stderr
    for kind in ("multi", "none", "single"):
        assert rows(bench.stdout)[f"{kind} photo"][1] == "1"
    assert re.search("single digits refused: [01] of 1,", bench.stdout)
    for made in ("generated pages", "harder pages", "dates, brackets, rings and hundreds"):
        assert f"No {made}:" in bench.stdout
    assert "clean pages" not in bench.stdout
    assert sheet.exists()


def test_the_photo_bench_tells_each_made_set_with_its_interval(tmp_path: Path) -> None:
    mnist, handwriting, photos = str(mnist_path()), str(handwriting_path()), str(folder_of_photos(tmp_path, writers=2))
    made = ("--quick", "--pages", "0", "--harder", "2", "--clean", "3")
    bench = run("reading.photos", "--photos", photos, *made, MNIST_PATH=mnist, HANDWRITING_PATH=handwriting)
    assert bench.returncode == 0, bench.stderr
    assert "generated pages" not in bench.stdout
    assert re.search(r"^multi", bench.stdout, re.MULTILINE) is None  # of six photos a quick run reads the first
    for title, count in (("harder pages", 2), ("clean pages", 3), ("dates and others", 46)):
        assert re.search(rf"^{title} .*\nall +\d+ +{count} +[\d.]+%.* – ", bench.stdout, re.MULTILINE)
    table = rows(bench.stdout)
    assert [table[f"{kind}  "][1] for kind in ("date", "brackets", "ring", "hundred")] == ["25", "9", "9", "3"]
    assert re.search("clean pages refused: [0-3] of 3,", bench.stdout)
    assert re.search(r"digits right on pages of a hundred: \d+ of 300,", bench.stdout)


@pytest.mark.slow
def test_a_finder_that_has_learnt_is_measured_with_the_same_tables(tmp_path: Path) -> None:
    photos, finder = str(folder_of_photos(tmp_path)), ("--finder", str(FILE))
    read = run("reading.photos", "--photos", photos, *finder, "--clean", "0", HANDWRITING_PATH=str(tmp_path))
    assert read.returncode == 0, read.stderr
    assert rows(read.stdout)["single photo"][1] == "1"
    timed = run("reading.cpu_time", "--photos", photos, *finder, "--rounds", "1")
    assert timed.returncode == 0, timed.stderr
    for stage in ("photo.py", "finder.py", "cut.py", "classifier.py", "verdict.py"):
        assert re.search(rf"^{stage} +[\d.]+ +[\d.]+ +[\d.]+$", timed.stdout, re.MULTILINE)


@pytest.mark.parametrize("name", ["reading.photos", "reading.cpu_time"])
def test_a_finder_without_its_card_is_named_in_a_sentence(name: str, tmp_path: Path) -> None:
    (tmp_path / "finder.tflite").touch()
    finder = str(tmp_path / "finder.tflite")
    bench = run(name, "--photos", str(folder_of_photos(tmp_path)), "--finder", finder)
    assert bench.returncode == 2
    assert f"there is no {tmp_path / 'finder.json'}" in bench.stderr
    assert "Traceback" not in bench.stderr


def test_the_reading_bench_compares_with_decoding_and_tells_the_stages(tmp_path: Path) -> None:
    photos = str(folder_of_photos(tmp_path, writers=4))
    bench = run("reading.cpu_time", "--quick", "--photos", photos, "--memory", "10")
    assert bench.returncode == 0, bench.stderr
    table = rows(bench.stdout)
    assert table["all photos, scenes too"][0] == "2"  # a quick run reads every tenth photo
    assert table["20 digits, generated"][0] == "10"
    assert table["100 digits, generated"][0] == "3"
    assert all(float(ms) > 0 for ms in table["in all"])
    assert "resident memory of a reader" in bench.stdout


def tilted(photo: bytes, degrees: float) -> bytes:
    """A photo turned about its middle."""
    picture = cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
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
    bench = run("reading.ablation", "--photos", str(photos), HANDWRITING_PATH=str(tmp_path))
    assert bench.returncode == 0, bench.stderr
    head, *table = cells(bench.stdout)
    right = {name: cells[:3] for name, *cells in table}
    assert head[:4] == ["left out", "single of 1", "several of 2", "none of 1"]
    assert right.pop("everything on") == ["1", "2", "1"]
    assert right.pop("tilt in the reading order") == ["1", "1", "1"]
    assert len(right) == 7
    assert right["printed lines taken off"] == ["1", "2", "1"]


@pytest.mark.parametrize("name", ["reading.photos", "reading.cpu_time", "reading.ablation"])
def test_a_folder_without_a_manifest_is_named_in_a_sentence(name: str, tmp_path: Path) -> None:
    bench = run(name, "--photos", str(tmp_path))
    assert bench.returncode == 2
    assert f"there is no manifest.jsonl in {tmp_path}" in bench.stderr
    assert "Traceback" not in bench.stderr


def test_a_quick_ablation_reads_every_tenth_photo(tmp_path: Path) -> None:
    photos = str(folder_of_photos(tmp_path, writers=4))
    bench = run("reading.ablation", "--quick", "--photos", photos, HANDWRITING_PATH=str(tmp_path))
    assert bench.returncode == 0, bench.stderr
    assert cells(bench.stdout)[0][:3] == ["left out", "single of 1", "several of 1"]


@pytest.mark.slow
def test_the_fuzz_bench_reads_on_after_bombs_and_changed_files() -> None:
    bench = run("reading.fuzz", "--quick")
    assert "After all of them a photo of a 7 is read as 7." in bench.stdout, bench.stderr
    assert re.search(r"^ +200 +\d+ +\d+ +0 ", bench.stdout, re.MULTILINE)  # none failed
