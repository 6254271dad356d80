"""Where MNIST may come from, and what is said where it can't."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from model.data import mnist
from model.data.mnist import DataError, load
from tests.commands import mnist_path, small_mnist
from tests.web import serving


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cached file's place on a machine that has no MNIST yet."""
    monkeypatch.delenv("MNIST_PATH", raising=False)
    monkeypatch.setattr(mnist, "CACHE", tmp_path / "cache" / "mnist.npz")
    return tmp_path / "cache" / "mnist.npz"


def as_idx_files(npz: Path, folder: Path, *, zipped: bool) -> Path:
    folder.mkdir()
    with np.load(npz) as arrays:
        for name, (file, _) in mnist.PUBLISHED.items():
            array = arrays[name]
            content = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()
            if zipped:
                (folder / f"{file}.gz").write_bytes(gzip.compress(content, 1))
            else:
                (folder / file).write_bytes(content)
    return folder


def test_every_accepted_form_holds_the_same_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npz = small_mnist(tmp_path / "mnist.npz")
    forms = [
        tmp_path,
        as_idx_files(npz, tmp_path / "idx", zipped=False),
        as_idx_files(npz, tmp_path / "gz", zipped=True),
    ]
    expected = load(npz)
    for form in forms:
        monkeypatch.setenv("MNIST_PATH", str(form))
        for found in (load(form), load()):
            assert found.checksums == expected.checksums
            np.testing.assert_array_equal(found.train.pictures, expected.train.pictures)
    assert not expected.published
    assert "not the published MNIST" in expected.name


def test_the_published_mnist_is_known_by_its_checksums() -> None:
    mnist = load(mnist_path())
    assert mnist.published
    assert (len(mnist.train), len(mnist.validation), len(mnist.test)) == (55000, 5000, 10000)


def test_the_validation_split_holds_every_digit_and_nothing_that_is_learnt(tmp_path: Path) -> None:
    own = small_mnist(tmp_path / "own.npz")
    mnist = load(own)
    assert (np.abs(np.bincount(mnist.validation.labels, minlength=10) - 2) <= 1).all()  # of about 24 of each digit
    learnt = {picture.tobytes() for picture in mnist.train.pictures}
    assert not learnt & {picture.tobytes() for picture in mnist.validation.pictures}
    assert len(mnist.train) + len(mnist.validation) == 240
    np.testing.assert_array_equal(load(own).validation.pictures, mnist.validation.pictures)


@pytest.mark.parametrize("problem", ["missing", "empty", "text", "cut", "no labels", "wrong size", "eleven", "objects"])
def test_what_is_no_mnist_is_refused_with_a_sentence_that_says_what_to_do(tmp_path: Path, problem: str) -> None:
    path = tmp_path / "own.npz"
    with np.load(small_mnist(path)) as file:
        arrays = dict(file)
    whole = path.read_bytes()
    path.unlink()
    match problem:
        case "missing":
            pass
        case "empty":
            path.mkdir()
        case "text":
            path.write_text("not a picture")
        case "cut":
            path.write_bytes(whole[: len(whole) // 2])
        case "no labels":
            np.savez(path, x_train=arrays["x_train"])
        case "wrong size":
            np.savez(path, **arrays | {"x_train": arrays["x_train"][:, :14]})
        case "eleven":
            np.savez(path, **arrays | {"y_test": arrays["y_test"] + 11})
        case "objects":
            np.savez(path, **arrays | {"y_test": arrays["y_test"].astype(object)})

    with pytest.raises(DataError, match=r"own\.npz.*(needs the arrays|give a file)"):
        load(path)


def test_without_mnist_and_network_it_says_what_to_fetch(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving({}) as address:
        pass
    monkeypatch.setattr(mnist, "URL", f"{address}/mnist.npz")  # nobody listens there any more
    with pytest.raises(DataError, match=r"can't be fetched.*--mnist or in MNIST_PATH"):
        load()
    assert not cache.exists()


def test_what_comes_from_the_net_and_is_not_mnist_is_not_kept(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for content in (b"<html>log in first</html>", small_mnist(tmp_path / "own.npz").read_bytes()):
        with serving({"mnist.npz": content}) as address:
            monkeypatch.setattr(mnist, "URL", f"{address}/mnist.npz")
            with pytest.raises(DataError, match=r"can't be fetched"):
                load()
        assert not cache.exists()


def test_mnist_is_fetched_once_and_again_when_its_copy_is_damaged(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = mnist_path().read_bytes()
    with serving({"mnist.npz": content}) as address:
        monkeypatch.setattr(mnist, "URL", f"{address}/mnist.npz")
        assert load().published
        cache.write_bytes(content[:1000])
        assert load().published
        assert cache.read_bytes() == content
    assert load().published  # the server is gone
