"""Every set of handwriting comes from where its makers published it, once, and is what the program takes it for."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.data import handwriting, sources
from model.data.handwriting import Sample
from model.data.mnist import DataError
from model.data.sources import Original, Source
from model.data.sources.strokes import Written
from model.data.sources.suspects import is_suspect
from tests.commands import LONG, ROOT, handwriting_path, needs_tensorflow, small_mnist
from tests.integration.model.data import originals
from tests.web import serving

REAL = sources.SOURCES


def source_of(name: str) -> Source:
    return next(source for source in REAL if name in source.samples)


def small(source: Source, address: str) -> Source:
    """The source as it would be if its makers had published the small originals at `address`."""
    files, counts = originals.SMALL[next(iter(source.samples))]
    return replace(source, originals=tuple(Original(f"{address}/{name}", None) for name in files), samples=counts)


@contextmanager
def published(monkeypatch: pytest.MonkeyPatch, *, without: str = "") -> Iterator[None]:
    """All small originals on a web server, but those of the set `without`."""
    files = {
        file: content
        for name, (some, _) in originals.SMALL.items()
        if name != without
        for file, content in some.items()
    }
    with serving(files) as address:
        monkeypatch.setattr(sources, "SOURCES", tuple(small(source, address) for source in REAL))
        yield


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache of a machine that has no sets yet."""
    monkeypatch.setattr(sources, "CACHE", tmp_path / "cache")
    return tmp_path / "cache"


class Told:
    """What was reported while the sets were gathered."""

    def __init__(self) -> None:
        self.fetched: list[str] = []

    def __call__(self, stage: str, **details: Any) -> None:
        self.fetched.append(f"{stage} {details['sets']}")


def read(name: str, folder: Path) -> list[Sample]:
    return list(handwriting.samples(name, folder))


def test_every_set_that_is_learnt_from_has_a_public_address() -> None:
    assert sorted(name for source in REAL for name in source.samples) == sorted(handwriting.TRAINED_ON)
    assert all(original.address.startswith("https://") for source in REAL for original in source.originals)


def test_the_page_on_data_names_every_set_its_licence_and_its_files() -> None:
    page = (ROOT / "docs" / "data.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]

    for name, licence in handwriting.TRAINED_ON.items():
        assert any(f"`{name}`" in row and row.endswith(f"| {licence} |") for row in rows)
    for name in handwriting.MEASURED_ON:
        assert any(f"`{name}`" in row for row in rows)
    for source in REAL:
        for original in source.originals:
            name = original.address.rsplit("/", 1)[1]
            repository = "/".join(original.address.split("/")[3:5])
            assert name in page or repository in page


def test_every_set_is_fetched_once_and_read_like_one_in_a_folder(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, again = Told(), Told()
    with published(monkeypatch):
        folder = sources.gathered(first)
    sources.gathered(again)  # the server is gone

    assert len(first.fetched) == len(REAL)
    assert again.fetched == []
    characters = {name: "".join(s.character for s in read(name, folder)) for name in handwriting.TRAINED_ON}
    assert characters == {
        "semeion": "07",
        "optdigits": "073",
        "pendigits": "7117",
        "omniglot_strokes": "greek_gammajapanese_katakana_07b",
        "bhmsds": "7·x",
        "mdas_symbols": "-+÷/×·",
        "hasy20": "πℝ",
        "comnist_qazaq": "йк",  # the other к is a қ
        "unipen_digits": "711",
        "unipen_letters": "LLLLl",
        "unipen_symbols": '"',
    }


def test_ink_is_light_on_black_whatever_the_original_was(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with published(monkeypatch):
        folder = sources.gathered(Told())

    shapes = {"semeion": 16, "optdigits": 32, "bhmsds": 28, "mdas_symbols": 28, "hasy20": 32, "comnist_qazaq": 139}
    for name, side in shapes.items():
        for sample in read(name, folder):
            assert sample.picture is not None
            assert sample.picture.shape == (side, side)
            assert sample.picture[0, 0] == 0
            assert sample.picture[side // 2, side // 2 + 1] == 255


@pytest.mark.parametrize("name", ["pendigits", "unipen_digits", "omniglot_strokes"])
def test_strokes_stand_upright_and_keep_their_order(cache: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with published(monkeypatch):
        seven = read(name, sources.gathered(Told()))[0]

    assert seven.strokes is not None
    first, bar = seven.strokes
    assert first[0, 1] == first[1, 1] == first[:, 1].min()  # the pen began on top
    assert first[2, 1] - first[0, 1] == 80
    assert first[1, 0] - first[0, 0] == 40
    assert bar[1, 0] - bar[0, 0] == 25


def test_writers_are_told_apart_and_known_again(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with published(monkeypatch):
        folder = sources.gathered(Told())

    writers = {name: [sample.writer for sample in read(name, folder)] for name in handwriting.TRAINED_ON}
    assert writers["pendigits"] == ["pendigits 1", "pendigits 1", "pendigits 30", "pendigits 31"]
    assert writers["omniglot_strokes"] == ["omniglot greek 3", "omniglot japanese_katakana 3", "omniglot  3"]
    bill, other = writers["unipen_digits"][0], writers["unipen_digits"][2]
    assert writers["unipen_digits"] == [bill, bill, other]
    assert bill != other
    assert set(writers["unipen_letters"] + writers["unipen_symbols"]) == {bill}


def test_a_damaged_copy_is_fetched_again(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told()
    with published(monkeypatch):
        damaged = sources.gathered(Told()) / "semeion.npz"
        whole = damaged.read_bytes()
        damaged.write_bytes(whole[:-100])
        sources.gathered(told)

    assert told.fetched == ["fetching semeion"]
    assert damaged.read_bytes() == whole


def test_what_could_be_fetched_is_kept_and_the_rest_is_named(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told()
    refused = pytest.raises(DataError, match=r"unipen_digits.* from http.*404.*HANDWRITING_PATH.*--mnist-alone")
    with published(monkeypatch, without="unipen_digits"), refused:
        sources.gathered(Told())
    with published(monkeypatch):
        sources.gathered(told)

    assert told.fetched == ["fetching unipen_digits, unipen_letters, unipen_symbols"]


def test_without_a_network_it_says_what_to_do(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with published(monkeypatch):
        pass  # nobody listens there any more
    with pytest.raises(DataError, match=r"try again where there is a network"):
        sources.gathered(Told())
    assert not cache.exists()


@needs_tensorflow
def test_training_without_the_sets_and_a_network_ends_with_that_sentence(tmp_path: Path) -> None:
    elsewhere = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "HANDWRITING_PATH": ""}
    nowhere = {"https_proxy": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}  # nobody listens on that port
    mnist = small_mnist(tmp_path / "mnist.npz")
    command: list[str | Path] = [sys.executable, ROOT / "train.py", "--mnist", mnist, "--out", tmp_path / "out"]

    done = subprocess.run(
        command, env=os.environ | elsewhere | nowhere, cwd=tmp_path, capture_output=True, text=True, timeout=LONG
    )

    assert done.returncode == 1
    assert "--mnist-alone" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_another_file_than_the_published_one_is_refused(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving({"semeion.data": originals.semeion("01")}) as address:
        (original,) = source_of("semeion").originals
        elsewhere = replace(original, address=f"{address}/semeion.data")
        monkeypatch.setattr(sources, "SOURCES", (replace(source_of("semeion"), originals=(elsewhere,)),))
        with pytest.raises(DataError, match=r"semeion can't be fetched.*checksum"):
            sources.gathered(Told())
    assert not cache.exists()


@pytest.mark.parametrize(
    "content", [b"", b"<html>log in first</html>", originals.zipped({"other/a.png": b"no picture"})]
)
def test_what_is_no_set_is_refused(cache: Path, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    for source in REAL:
        names = originals.SMALL[next(iter(source.samples))][0]
        with serving(dict.fromkeys(names, content)) as address:
            monkeypatch.setattr(sources, "SOURCES", (small(source, address),))
            with pytest.raises(DataError, match=r"can't be fetched"):
                sources.gathered(Told())
    assert not cache.exists()


def test_a_set_with_too_few_characters_is_refused(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(originals.SMALL["bhmsds"][0]) as address:
        monkeypatch.setattr(
            sources, "SOURCES", (replace(small(source_of("bhmsds"), address), samples={"bhmsds": 27_000}),)
        )
        with pytest.raises(DataError, match=r"bhmsds has 3 characters, not about 27000"):
            sources.gathered(Told())


def test_a_download_is_bounded_and_whole(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files, _ = originals.SMALL["semeion"]
    with serving(files, cut_after=100) as address:
        monkeypatch.setattr(sources, "SOURCES", (small(source_of("semeion"), address),))
        with pytest.raises(DataError, match=r"broke off after 100 of \d+ bytes"):
            sources.gathered(Told())
    with serving(files) as address:
        monkeypatch.setattr(sources, "SOURCES", (small(source_of("semeion"), address),))
        monkeypatch.setattr(sources, "LARGEST", 1000)
        with pytest.raises(DataError, match=r"more than 1000 bytes"):
            sources.gathered(Told())


def test_the_published_semeion_is_known_by_its_checksum() -> None:
    with np.load(handwriting_path() / "semeion.npz") as kept:
        images, labels = kept["images"], kept["labels"]
    lines = [
        " ".join(f"{value:.4f}" for value in (image > 0).ravel())
        + f" {' '.join('1' if str(d) == label else '0' for d in range(10))} \r\n"
        for image, label in zip(images, labels, strict=True)
    ]
    original = "".join(lines).encode()

    assert hashlib.sha256(original).hexdigest() == source_of("semeion").originals[0].sha256
    assert np.array_equal(source_of("semeion").convert(original)["semeion"]["images"], images)


def test_unipens_doubtful_digits_are_known_again() -> None:
    folder = handwriting_path()
    with np.load(folder / "unipen_digits.npz") as kept:
        marked, labels = kept["suspect"], kept["labels"]
        ends = np.searchsorted(kept["sample_ids"], np.arange(len(labels) + 1))
        points = kept["points"]
    told = [is_suspect(Written(str(labels[i]), 0, [points[ends[i] : ends[i + 1]]])) for i in range(len(labels))]

    assert marked.sum() == 253
    assert np.array_equal(told, marked)
