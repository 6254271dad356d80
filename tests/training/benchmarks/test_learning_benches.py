"""The benches of trainings run on any sets of handwriting, and print what they promise."""

from pathlib import Path

import pytest

from model.data.handwriting import Sample
from tests.benches import LONG, cells, rows, run
from tests.commands import needs_tensorflow, small_mnist
from tests.sets import sets


def writers_of_no_page() -> list[int]:
    """UNIPEN's and pendigits' of them are all held back: nothing to compose pages of, which take long."""
    both = {i: [Sample("7", f"{people} {i}", None, None) for people in ("unipen", "pendigits")] for i in range(100)}
    return [i for i, samples in both.items() if all(sample.held_back for sample in samples)]


@pytest.mark.slow
def test_the_lessons_bench_leaves_each_part_out_by_itself_and_keeps_the_corpus(tmp_path: Path) -> None:
    handwriting, mnist = sets(tmp_path / "sets", writers_of_no_page()), small_mnist(tmp_path / "mnist.npz")
    options = ["--quick", "--cache", str(tmp_path / "kept"), "--mnist", str(mnist)]
    first = run(
        "learning.lessons",
        *options,
        "--only",
        "everything",
        "without clutter",
        "half the width",
        HANDWRITING_PATH=str(handwriting),
    )
    again = run("learning.lessons", *options, HANDWRITING_PATH=str(tmp_path / "nowhere"))
    assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
    table, kept = ({row[0]: row[1:-1] for row in cells(bench.stdout)[1:]} for bench in (first, again))
    assert kept == {"everything": table["everything"]}  # bit for bit
    pictures, multiply_adds = ({name: float(row[i]) for name, row in table.items()} for i in (0, 1))
    assert pictures["without clutter"] < pictures["everything"] == pictures["half the width"]
    assert multiply_adds["half the width"] < multiply_adds["everything"] / 3
    assert all(0 <= float(share.strip("%")) <= 100 for row in table.values() for share in row[2:])


def test_the_lessons_bench_names_the_set_it_lacks(tmp_path: Path) -> None:
    bench = run("learning.lessons", "--mnist", str(small_mnist(tmp_path / "mnist.npz")), HANDWRITING_PATH=str(tmp_path))
    assert bench.returncode == 1
    assert f"There is no bhmsds.npz in {tmp_path}" in bench.stderr
    assert "Traceback" not in bench.stderr


def one_writer(where: Path) -> Path:
    """The sets, with one and the same held-back writer in all of them, who wrote much."""
    return sets(where, writers_of_no_page()[:1] * 20)


@needs_tensorflow
@pytest.mark.slow
def test_the_learning_bench_tells_what_a_strange_hand_gains_and_trains_no_size_twice(tmp_path: Path) -> None:
    handwriting, mnist = one_writer(tmp_path / "sets"), small_mnist(tmp_path / "mnist.npz")
    options = ["--quick", "--sizes", "100", "--mnist", str(mnist), "--results", str(tmp_path / "results")]
    first, again = (
        run("learning.corrections", *options, patience=LONG, HANDWRITING_PATH=str(handwriting)) for _ in range(2)
    )
    head, row = cells(first.stdout)
    table = dict(zip(head, row, strict=True))
    assert (table["corrections"], 50 <= int(table["learnt"]) < 100) == ("100", True), first.stderr
    error, left = (float(table[column].split()[0]) for column in ("error before, %", "after, %"))
    assert 15 <= error <= 40
    assert left < error
    assert "MNIST's validation split changes by" in first.stdout
    assert cells(again.stdout) == cells(first.stdout)
    assert len((tmp_path / "results").read_text(encoding="utf-8").splitlines()) == 1


@pytest.mark.slow
@needs_tensorflow
def test_the_learning_bench_puts_answers_beside_a_training_and_without(tmp_path: Path) -> None:
    handwriting, mnist = one_writer(tmp_path / "sets"), small_mnist(tmp_path / "mnist.npz")
    few = ["--quick", "--load", "--sizes", "100", "--mnist", str(mnist)]
    bench = run("learning.corrections", *few, patience=LONG, HANDWRITING_PATH=str(handwriting))
    table = rows(bench.stdout)
    assert all(int(table[name][0]) >= 4 and table[name][1] == "0" for name in ("without  ", "with a training")), (
        bench.stdout + bench.stderr
    )
    assert float(table["with a training"][-1]) > 0  # CPU seconds


@needs_tensorflow
@pytest.mark.slow
def test_the_training_bench_puts_both_networks_side_by_side(tmp_path: Path) -> None:
    bench = run("learning.training", "--quick", "--mnist", str(small_mnist(tmp_path / "mnist.npz")), patience=LONG)
    seed, *figures = next(line.split() for line in bench.stdout.splitlines() if line.startswith("   0  "))
    assert (seed, figures[0], figures[5]) == ("0", "1", "1"), bench.stderr  # an epoch of each
    assert "of the tutorial's CPU time" in bench.stdout


@needs_tensorflow
@pytest.mark.slow
def test_the_bench_of_kills_finds_that_a_training_loses_nothing() -> None:
    bench = run("learning.training_kills", "--quick", patience=LONG)
    assert bench.returncode == 0, bench.stdout + bench.stderr
