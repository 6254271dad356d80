"""What the training command promises, kept by real trainings of a few short epochs."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.data.mnist import load
from model.evaluation import metrics
from model.evaluation.model_card import page
from model.reading.result import NOT_A_DIGIT
from model.training.__main__ import main
from model.training.corrections import packed
from model.versions.store import local_store
from model.versions.version import PRETRAINED, open_version, read_version, shipped_name
from tests.commands import LONG, ROOT, finish, mnist_path, needs_tensorflow, python, small_mnist, start
from tests.odd_hand import odd_digits

EPOCHS = 5  # of the training that is stopped after the first: enough to stop it in time


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small training as a person runs it: own.npz, checkpoints, said.txt, the version in models."""
    folder = tmp_path_factory.mktemp("trained")
    small_mnist(folder / "own.npz")
    training = start(*tutorial(folder), "--checkpoints", folder / "checkpoints", "--progress", "bars", data=folder)
    shown, said = training.communicate(timeout=LONG)
    assert training.returncode == 0, said
    (folder / "said.txt").write_text(shown)
    return folder


def tutorial(folder: Path) -> tuple[str | Path, ...]:
    return ("--recipe", "tutorial", "--epochs", str(EPOCHS), "--mnist", folder / "own.npz")


@pytest.fixture(scope="module")
def corrections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of 30 corrections, five of which are no digit."""
    pictures, labels = odd_digits(30, 2)
    noise = np.random.default_rng(0).integers(0, 256, (5, 28, 28)).astype(np.uint8)
    said = [each.tobytes() for each in (*pictures[:25], *noise)]
    file = tmp_path_factory.mktemp("said") / "said.npz"
    file.write_bytes(packed(said, [*labels[:25].tolist(), *[NOT_A_DIGIT] * 5], range(1, 31)))
    return file


@dataclass(frozen=True, slots=True)
class Taught:
    """A training that learnt corrections too: what was asked, its folder with checkpoints and out, what it told."""

    recipe: str
    asked: tuple[str | Path, ...]
    folder: Path
    events: list[dict[str, Any]]


@pytest.fixture(scope="module", params=["quick", pytest.param("best", marks=pytest.mark.slow)])
def taught(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, corrections: Path) -> Taught:
    folder = tmp_path_factory.mktemp(request.param)
    epochs = "1" if request.param == "best" else "2"  # six finishing ones come after the best recipe's
    mnist = small_mnist(folder / "own.npz")
    asked: tuple[str | Path, ...] = ("--recipe", request.param, "--epochs", epochs, "--mnist", mnist)
    asked = (*asked, "--corrections", corrections, "--against", PRETRAINED)
    training = start(*asked, "--checkpoints", folder / "checkpoints", "--out", folder / "out", data=folder)
    status, events, said = finish(training)
    assert status == 0, said
    return Taught(request.param, asked, folder, events)


@needs_tensorflow
def test_a_training_that_was_stopped_and_resumed_ends_in_the_same_bits(tmp_path: Path, trained: Path) -> None:
    asked = (*tutorial(trained), "--checkpoints", tmp_path / "kept", "--out", tmp_path / "out")
    stopped = start(*asked, data=tmp_path)
    assert stopped.stdout
    for line in stopped.stdout:
        if json.loads(line)["stage"] == "checkpoint":
            stopped.send_signal(signal.SIGINT)
            break
    status, _, said = finish(stopped)
    assert (status, "--resume" in said) == (130, True)
    kept = len(list((tmp_path / "kept").iterdir()))
    assert 1 <= kept < EPOCHS

    status, events, said = finish(start(*asked, "--resume", data=tmp_path))

    assert status == 0, said
    assert [event["epoch"] for event in events if event["stage"] == "epoch"] == list(range(kept + 1, EPOCHS + 1))
    assert_same_bits(trained / "checkpoints", tmp_path / "kept")
    assert_same_bits(local_store(trained / "models").versions()[-1].folder, tmp_path / "out")


@needs_tensorflow
@pytest.mark.slow
def test_a_recipe_goes_on_from_a_checkpoint_to_the_same_bits(tmp_path: Path, taught: Taught) -> None:
    shutil.copytree(taught.folder / "checkpoints" / "epoch-0001", tmp_path / "kept" / "epoch-0001")
    resumed = ("--checkpoints", tmp_path / "kept", "--resume", "--out", tmp_path / "out")

    status, events, said = finish(start(*taught.asked, *resumed, data=tmp_path))

    assert status == 0, said
    # Steps are told of now and then: a quick machine has none to tell of in so small an epoch.
    stages = [stage for stage in dict.fromkeys(event["stage"] for event in events) if stage != "step"]
    first = ["data", "drawing"] if taught.recipe == "best" else ["data"]
    assert stages == [*first, "network", "epoch", "checkpoint", "export", "gate", "test", "writing", "done"]
    epochs = 7 if taught.recipe == "best" else 2
    assert [event["epoch"] for event in events if event["stage"] == "epoch"] == list(range(2, epochs + 1))
    assert_same_bits(taught.folder / "checkpoints", tmp_path / "kept")
    assert_same_bits(taught.folder / "out", tmp_path / "out")


def assert_same_bits(whole: Path, resumed: Path) -> None:
    """Every network in the two folders, checkpoints with what their optimizers know."""
    networks = [path.relative_to(whole) for path in whole.rglob("*.keras")]
    assert networks
    for network in networks:
        assert _arrays(whole / network) == _arrays(resumed / network), network
    for tflite in whole.rglob("*.tflite"):
        assert tflite.read_bytes() == (resumed / tflite.relative_to(whole)).read_bytes()


@needs_tensorflow
def test_a_person_sees_the_network_each_epoch_and_the_result(trained: Path) -> None:
    lines = (trained / "said.txt").read_text().splitlines()
    for start_of_line in (
        "Data: ",
        "│ conv2d_2 ",
        "Epoch 1 of 5: ",
        "Epoch 5 of 5: ",
        "Checkpoint ",
        "Test: ",
        "Version ",
    ):
        assert any(line.startswith(start_of_line) for line in lines), start_of_line


@needs_tensorflow
def test_a_version_tells_how_it_was_made_and_does_not_serve(trained: Path) -> None:
    registry = local_store(trained / "models")
    made = registry.versions()[-1]
    assert registry.serving().shipped
    assert made.card["command"] == "python train.py --recipe tutorial --epochs 5 --seed 0"
    assert not made.card["data"]["published"]
    assert made.card["pictures"] == {"train": 220, "validation": 20, "mnist_validation": 20, "test": 60}
    assert (made.card["parameters"], made.card["multiply_adds"]) == (93_322, 2_794_240)
    assert made.card["temperature"] > 0
    assert 0 <= made.card["refuse_below"] < 1
    assert len(made.card["history"]) == EPOCHS


@needs_tensorflow
def test_a_version_gives_logits_for_any_number_of_pictures(trained: Path) -> None:
    made = local_store(trained / "models").versions()[-1]
    tflite, test = (made.folder / "model.tflite").read_bytes(), load(trained / "own.npz").test
    logits = metrics.run(tflite, test.floats())
    assert logits.shape == (60, 10)
    assert logits.min() < 0  # no softmax at the end
    assert (logits.argmax(axis=1) == test.labels).sum() == made.card["test"]["right"]
    np.testing.assert_allclose(metrics.run(tflite, test.floats()[:1]), logits[:1], atol=1e-4)


@needs_tensorflow
def test_an_export_that_does_not_say_what_the_network_says_is_refused(trained: Path) -> None:
    made = local_store(trained / "models").versions()[-1]
    code = """
import sys
from pathlib import Path
import keras
from model.training import export
from model.data.mnist import load

network = keras.models.load_model(Path(sys.argv[1]) / "model.keras")
tflite = (Path(sys.argv[1]) / "model.tflite").read_bytes()
pictures = load(Path(sys.argv[2])).validation.floats()
print("accepted", export.compare(tflite, network, pictures) < 0.01)
others = keras.Sequential.from_config(network.get_config())
for corrupt in (tflite[:1000], b"", export.to_tflite(others)):
    try:
        print("accepted", export.compare(corrupt, network, pictures))
    except export.ExportRefused as refused:
        print("refused:", refused)
"""
    lines = python(code, made.folder, trained / "own.npz").splitlines()
    assert lines[0] == "accepted True"
    assert [line.split()[0] for line in lines[1:]] == ["refused:"] * 3


@needs_tensorflow
def test_checkpoints_of_another_training_are_refused(trained: Path) -> None:
    kept = trained / "checkpoints"
    asked = (*tutorial(trained), "--checkpoints", kept)

    status, _, said = finish(start(*asked, "--seed", "5", "--resume", data=trained))
    assert status == 1
    assert "another seed (0, now 5)" in said.splitlines()[-1]
    status, _, said = finish(start(*asked, data=trained))
    assert status == 1
    assert "continue it with --resume" in said.splitlines()[-1]
    assert sorted(path.name for path in kept.iterdir()) == [f"epoch-{n:04}" for n in range(1, EPOCHS + 1)]


@needs_tensorflow
def test_what_cannot_work_is_said_in_one_sentence_before_anything_is_learnt(tmp_path: Path) -> None:
    mnist = small_mnist(tmp_path / "own.npz")
    wrong: dict[str, tuple[str | Path, ...]] = {
        "--checkpoints": ("--resume",),
        "--epochs": ("--epochs", "0"),
        "is there already": ("--mnist", mnist, "--out", tmp_path),
        "no-such-file": ("--mnist", tmp_path / "no-such-file"),
    }
    for expected, arguments in wrong.items():
        status, events, said = finish(start(*arguments, data=tmp_path))
        assert status != 0
        assert [event["stage"] for event in events] in ([], ["refused"])
        assert expected in said.splitlines()[-1]
        assert "Traceback" not in said


@needs_tensorflow
def test_a_training_from_the_beginning_learns_corrections_and_sits_the_gates_exam(taught: Taught) -> None:
    made = open_version(taught.folder / "out")
    assert "parent" not in made.card
    assert made.card["command"].endswith(f"--seed 0 --corrections FILE --against {shipped_name()}")
    learnt, answered = made.card["corrections"]["learnt"], made.card["corrections"]["answered"]
    readable = 30 if taught.recipe == "best" else 25  # the others' networks can't say that something is no digit
    assert len(learnt) + len(answered) == readable
    assert len(answered) == 10
    assert made.card["pictures"]["train"] >= 20 * len(learnt)
    assert "corrections" in made.card["data"]["checksums"]
    assert made.card["gate"] in [{k: v for k, v in event.items() if k != "stage"} for event in taught.events]
    assert "validation" in made.card["gate"]["worse"]  # so few epochs over 220 pictures aren't enough
    assert "It must not be promoted" in page(made)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--fine-tune", "V"), "--corrections"),
        (("--corrections", "F"), "--corrections"),
        (("--against", "V"), "--corrections"),
        (("--fine-tune", "V", "--corrections", "F", "--against", "W"), "--against"),
        (("--fine-tune", "V", "--corrections", "F", "--epochs", "2"), "--epochs"),
        (("--fine-tune", "V", "--corrections", "F", "--checkpoints", "D"), "--checkpoints"),
        (("--fine-tune", "V", "--corrections", "F", "--checkpoints", "D", "--resume"), "--resume"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))

    assert ended.value.code == 2
    assert said in capsys.readouterr().err.splitlines()[-1]


def test_what_is_no_correction_and_no_version_is_said_before_anything_is_learnt(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "said.npz").write_bytes(b"no")
    good = tmp_path / "good.npz"
    good.write_bytes(packed([bytes(784)] * 10, [3] * 10, range(10)))

    for arguments, expected in (
        (("--fine-tune", str(PRETRAINED), "--corrections", str(tmp_path / "said.npz")), "can't be read as corrections"),
        (("--fine-tune", "2031.01-1", "--corrections", str(good)), "no version of that name"),
        (("--against", str(tmp_path), "--corrections", str(good)), "holds no whole version"),
    ):
        assert main([*arguments, "--mnist", str(tmp_path)]) == 1
        said = capsys.readouterr().err
        assert expected in said
        assert len(said.splitlines()) == 1


@needs_tensorflow
@pytest.mark.parametrize("setting", ["MNIST_PATH", "HANDWRITING_PATH"])
def test_training_finds_its_data_where_dotenv_says(tmp_path: Path, setting: str) -> None:
    mnist = small_mnist(tmp_path / "own.npz")
    settings = {"MNIST_PATH": str(mnist)} | {setting: "~/nowhere"}
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    unset = {name: value for name, value in os.environ.items() if name not in settings}

    command: list[str | Path] = [sys.executable, ROOT / "train.py", "--out", tmp_path / "out"]
    done = subprocess.run(command, cwd=tmp_path, env=unset, capture_output=True, text=True, timeout=LONG)

    assert done.returncode == 1
    assert str(Path("~/nowhere").expanduser()) in done.stderr


@needs_tensorflow
def test_what_lies_where_a_training_is_started_is_never_imported(tmp_path: Path) -> None:
    (tmp_path / "multiprocessing.py").write_text("open('imported', 'w')")
    asked = ("--mnist-alone", "--mnist", small_mnist(tmp_path / "own.npz"), "--out", tmp_path / "out")
    command: list[str | Path] = [sys.executable, ROOT / "train.py", "--progress", "json", *asked]
    training = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert training.stdout

    assert any(json.loads(line)["stage"] == "network" for line in training.stdout)  # its processes have drawn all

    training.send_signal(signal.SIGINT)
    assert finish(training)[0] == 130
    assert not (tmp_path / "imported").exists()


def test_without_tensorflow_training_says_what_to_do() -> None:
    code = """
import sys
sys.modules["tensorflow"] = None  # what an import finds where it isn't installed
from model.training.__main__ import main
sys.stderr = sys.stdout
print(main(["--recipe", "tutorial"]))
"""
    sentence, status = python(code).splitlines()
    assert status == "1"
    assert "TensorFlow isn't installed" in sentence


def test_the_version_that_ships_is_small_whole_and_as_good_as_its_card_says() -> None:
    shipped = read_version(PRETRAINED)
    assert shipped is not None
    assert shipped.card["files"]["model.tflite"]["bytes"] <= 500_000
    assert shipped.card["test"]["likeliest"] >= 0.995 * shipped.card["test"]["of"]
    assert shipped.card["data"]["published"]
    test = load(mnist_path()).test
    logits = metrics.run((PRETRAINED / "model.tflite").read_bytes(), test.floats()[:2000])
    confusion = np.array(shipped.card["test"]["confusion"])
    assert confusion.trace() == shipped.card["test"]["right"]
    assert (logits[:, :10].argmax(axis=1) == test.labels[:2000]).mean() >= 0.99


def _arrays(keras_file: Path) -> dict[str, Any]:
    """All weights of a `.keras` file, the optimizer's too, as bytes by their name."""
    h5py = pytest.importorskip("h5py")  # Keras's own
    found: dict[str, bytes] = {}

    def note(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            found[name] = np.asarray(item).tobytes()

    with zipfile.ZipFile(keras_file) as archive, h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as weights:
        weights.visititems(note)
    assert found
    return found
