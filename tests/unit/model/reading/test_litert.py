"""Networks run as they were exported, for any number of pictures, and say nothing of it."""

from pathlib import Path

import numpy as np
import pytest

from model.reading.litert import Network, softmax
from model.versions.version import PRETRAINED

FILE = PRETRAINED / "model.tflite"


def test_pictures_get_the_same_answers_alone_and_together(capfd: pytest.CaptureFixture[str]) -> None:
    pictures = np.random.default_rng(1).random((5, 28, 28, 1)).astype(np.float32)
    network = Network(FILE)
    together = network(pictures)
    assert together.shape == (5, network.outputs)
    assert np.concatenate([network(pictures[n : n + 1]) for n in range(5)]) == pytest.approx(together, abs=1e-4)
    assert Network(FILE.read_bytes())(pictures) == pytest.approx(together, abs=1e-6)
    assert capfd.readouterr() == ("", "")


def test_another_file_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "a.tflite").write_bytes(b"no network")
    with pytest.raises(ValueError, match=r"\w"):
        Network(tmp_path / "a.tflite")
    with pytest.raises(ValueError, match=r"\w"):
        Network(b"no network either")


def test_large_logits_give_probabilities() -> None:
    shares = softmax(np.array([[1000.0, 999.0, -1000.0], [0.0, 0.0, 0.0]]))
    assert shares.sum(axis=1) == pytest.approx(1)
    assert shares[0, 0] == pytest.approx(1 / (1 + np.exp(-1)))
    assert shares[1] == pytest.approx(1 / 3)
