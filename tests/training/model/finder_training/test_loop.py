"""The finder's training: it learns, goes on where it was, and what is exported says what was learnt."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.commands import finish, needs_tensorflow, small_mnist, start
from tests.sets import sets

pytestmark = needs_tensorflow
EPOCH = 3  # steps, in these tests


@pytest.fixture(scope="module")
def lessons(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    from model.finder_training.windows import Lessons

    folder = tmp_path_factory.mktemp("lessons")
    return Lessons(sets(folder / "sets", range(1, 9)), small_mnist(folder / "mnist.npz"), seed=3)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    from model.finder_training import loop

    monkeypatch.setattr(loop, "EPOCH", EPOCH)
    monkeypatch.setattr(loop, "BATCH", 2)
    monkeypatch.setattr(loop, "WARMING", 1)


def test_it_learns_and_goes_on_where_it_was(lessons, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    from model.finder_training import export, loop
    from model.training.export import ExportRefused

    state = loop.begin(0)
    learning = loop.learn(state, lessons, 4, 1, lambda *_, **__: None)
    next(learning)
    loop.save(state, tmp_path / "finder.npz")
    again = loop.load(tmp_path / "finder.npz")
    assert again.step == EPOCH
    for kept, loaded in zip(state.network.get_weights(), again.network.get_weights(), strict=True):
        assert np.array_equal(kept, loaded)
    for _ in learning:
        pass
    for _ in loop.learn(again, lessons, 4, 1, lambda *_, **__: None):
        pass
    for whole, resumed in zip(state.result.get_weights(), again.result.get_weights(), strict=True):
        assert whole == pytest.approx(resumed, abs=1e-3)
    assert error_of(state.network, lessons) < error_of(loop.begin(0).network, lessons)
    tflite = export.to_tflite(state.result)
    pictures = np.random.default_rng(0).integers(0, 256, (2, 256, 256, 3)).astype(np.uint8)
    assert export.compare(tflite, state.result, pictures) < 0.1
    with pytest.raises(ExportRefused):
        export.compare(tflite, loop.begin(1).result, pictures)


def error_of(network, lessons) -> float:  # type: ignore[no-untyped-def]
    """The loss over windows that aren't learnt from."""
    from model.finder_training import loss, windows

    pictures, *truth = windows.batch(lessons.alphabet(), seed=99, index=0, size=4)
    answers = network(pictures.astype(np.float32) / 255, training=True)
    return float(loss.total(loss.losses(answers, tuple(truth))))


def test_the_rate_warms_up_stays_and_falls_to_nothing() -> None:
    from model.finder_training import loop

    rates = [loop.rate(step, 1000) for step in range(1000)]
    assert rates[0] <= rates[10] == rates[700] == loop.RATE
    assert rates[-1] < 0.01 * loop.RATE


def test_the_command_writes_a_finder_with_its_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from model.data.mnist import load
    from model.evaluation.one_way import learned
    from model.finder_training import command

    monkeypatch.setattr(command, "PHOTOS", 6)
    where, mnist = sets(tmp_path / "sets", range(1, 60)), small_mnist(tmp_path / "mnist.npz")
    told: list[str] = []
    order = command.Order(1, 0, tmp_path / "kept", 1, False, where, mnist, tmp_path / "finder")
    command.make_finder(order, load(mnist), lambda stage, **_: told.append(stage))
    card = json.loads((tmp_path / "finder" / "finder.json").read_text())
    assert card["command"] == "python train.py --recipe finder --epochs 1 --seed 0"
    assert len(card["history"]) == 1
    assert {"checkpoint", "export", "finder done"} <= set(told)
    reading = learned(finder=tmp_path / "finder" / "finder.tflite").read(blank())
    assert reading.size == (64, 48)


def blank() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), "white").save(buffer, "PNG")
    return buffer.getvalue()


def test_without_the_sets_the_command_says_what_to_do(tmp_path: Path) -> None:
    training = start(
        "--recipe", "finder", "--handwriting", tmp_path, "--mnist", small_mnist(tmp_path / "m.npz"), data=tmp_path
    )
    status, _, said = finish(training)
    assert status == 1
    assert "HANDWRITING_PATH" in said
    assert "Traceback" not in said


def test_an_earlier_trainings_checkpoint_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "finder.npz").write_bytes(b"hours of work")
    status, _, said = finish(start("--recipe", "finder", "--checkpoints", tmp_path, data=tmp_path))
    assert status == 1
    assert "--resume" in said
    assert (tmp_path / "finder.npz").read_bytes() == b"hours of work"
