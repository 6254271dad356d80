"""The benches of reading run on any folder of photos with a manifest, and print what they promise."""

import json
import re
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from model.registry import PRETRAINED
from tests.benchmarks.benches import cells, rows, run
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


@pytest.mark.parametrize("script", ["photos.py", "reading.py", "halves.py", "ablation.py"])
def test_a_folder_without_a_manifest_is_named_in_a_sentence(script: str, tmp_path: Path) -> None:
    bench = run(script, "--photos", str(tmp_path))
    assert bench.returncode == 2
    assert f"there is no manifest.jsonl in {tmp_path}" in bench.stderr
    assert "Traceback" not in bench.stderr
