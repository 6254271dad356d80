"""What the shipped network learns from: every set by one path, no writer on both sides, no look-alike as a negative."""

from pathlib import Path

import numpy as np
import pytest

from model.data import handwriting
from model.data.mnist import DataError, Examples, Mnist
from model.reading.result import NOT_A_DIGIT
from model.training import corpus
from model.training.corrections import Corrections
from tests.handwriting import digits

WRITERS = 40


def mnist(n: int = 64) -> Mnist:
    """A small data set in MNIST's form, drawn by the tests' own generator."""
    pictures, labels = digits(n, np.random.default_rng(3))
    part = Examples(pictures, labels)
    return Mnist(part, Examples(pictures[:8], labels[:8]), part, {"own": "0"})


def sets(folder: Path) -> Path:
    """Every set that is trained on, small: sevens, letters that are safe and letters that look like digits."""
    strokes = np.array([[0, 0], [40, 0], [15, 80]], np.float32)  # a 7, if it is labelled so
    labels = np.array(["7", "K", "O", "+"] * WRITERS)
    for name in handwriting.TRAINED_ON:
        n = len(labels)
        np.savez(
            folder / f"{name}.npz",
            labels=labels,
            writers=np.repeat(np.arange(WRITERS), 4).astype(np.int32),
            sources=np.full(n, "own"),
            points=np.tile(strokes, (n, 1)),
            stroke_ids=np.zeros(3 * n, np.int32),
            sample_ids=np.repeat(np.arange(n), 3).astype(np.int32),
        )
    return folder


def test_no_writer_is_both_learnt_from_and_measured_on(tmp_path: Path) -> None:
    everybody = list(handwriting.samples("unipen_digits", sets(tmp_path)))

    held_back = {sample.writer for sample in everybody if sample.held_back}
    others = {sample.writer for sample in everybody if not sample.held_back}

    assert held_back
    assert others
    assert not held_back & others


def test_unipens_sets_share_their_writers(tmp_path: Path) -> None:
    folder = sets(tmp_path)
    one, other = (next(handwriting.samples(name, folder)) for name in ("unipen_digits", "unipen_letters"))

    assert one.writer == other.writer


def test_letters_that_look_like_digits_are_no_negatives(tmp_path: Path) -> None:
    by_character = {sample.character: sample for sample in handwriting.samples("unipen_letters", sets(tmp_path))}

    assert by_character["O"].is_ambiguous
    assert not by_character["K"].is_ambiguous
    assert not by_character["7"].is_ambiguous
    assert by_character["7"].label == 7
    assert by_character["K"].label == NOT_A_DIGIT


def test_the_corpus_is_the_same_whoever_draws_it(tmp_path: Path) -> None:
    folder = sets(tmp_path)
    one, other = (corpus.build(mnist(), folder, seed=5, processes=processes, parts=4) for processes in (1, 2))

    assert np.array_equal(one.train.pictures, other.train.pictures)
    assert np.array_equal(one.train.labels, other.train.labels)
    assert set(one.sets) == set(handwriting.TRAINED_ON)
    assert {7, NOT_A_DIGIT} <= set(one.train.labels.tolist())
    assert one.train.pictures.shape[1:] == (28, 28)
    mine = mnist().train.pictures[np.arange(64) % corpus.PARTS < 4]
    assert one.drawn.sum() == len(one.train) - len(mine)
    assert np.array_equal(one.train.pictures[~one.drawn], mine)


def test_each_picture_tells_where_it_comes_from(tmp_path: Path) -> None:
    lessons = corpus.build(mnist(), sets(tmp_path), seed=5, processes=1, parts=2)
    labels = {source: set(lessons.train.labels[lessons.source == source].tolist()) for source in corpus.Source}

    assert labels[corpus.Source.MNIST] == set(mnist().train.labels[np.arange(64) % corpus.PARTS < 2].tolist())
    assert labels[corpus.Source.REDRAWN] <= labels[corpus.Source.MNIST]
    assert labels[corpus.Source.SETS] == {7, NOT_A_DIGIT}
    assert labels[corpus.Source.CLUTTER] == {NOT_A_DIGIT}
    assert labels[corpus.Source.PAGES] == set()  # nobody wrote enough digits for a page


def test_a_small_corpus_is_the_first_parts_of_the_whole() -> None:
    whole, small = (corpus.build(mnist(320), None, seed=5, processes=1, parts=parts) for parts in (corpus.PARTS, 4))
    redrawn = [each.train.pictures[each.source == corpus.Source.REDRAWN] for each in (whole, small)]

    assert (small.source == corpus.Source.MNIST).sum() == 320 * 4 // corpus.PARTS
    assert len(small.train) < len(whole.train) / 2
    assert np.array_equal(redrawn[0][: len(redrawn[1])], redrawn[1])


def test_without_the_sets_the_corpus_is_mnist_and_clutter() -> None:
    lessons = corpus.build(mnist(320), None, seed=0, processes=1)

    assert lessons.sets == ()
    assert NOT_A_DIGIT in lessons.train.labels
    assert len(lessons.train) > 2 * 320


def test_corrections_that_are_not_held_back_are_learnt_as_drawn_and_often() -> None:
    lessons = corpus.mnist_alone(mnist())
    pictures, labels = digits(60, np.random.default_rng(4))
    said = Corrections(Examples(pictures, labels), np.arange(1, 61))

    with_them = corpus.with_corrections(lessons, said)

    mine = with_them.source == corpus.Source.CORRECTIONS
    learnt = said.chosen(~said.held_back)
    assert mine.sum() == corpus.REPEATED * len(learnt)
    assert with_them.drawn[mine].all()
    assert np.array_equal(with_them.train.pictures[mine][:: corpus.REPEATED], learnt.examples.pictures)
    assert np.array_equal(with_them.train.labels[mine][:: corpus.REPEATED], learnt.examples.labels)
    assert np.array_equal(with_them.train.pictures[~mine], lessons.train.pictures)
    assert with_them.validation is lessons.validation


def test_a_training_with_other_corrections_is_another_one() -> None:
    lessons = corpus.mnist_alone(mnist())
    pictures, labels = digits(20, np.random.default_rng(4))
    one, other = (Corrections(Examples(pictures, each), np.arange(20)) for each in (labels, labels[::-1]))

    checksums = [corpus.with_corrections(lessons, said).checksums for said in (one, one, other)]

    assert checksums[0] == checksums[1] != checksums[2]
    assert lessons.checksums.items() < checksums[0].items()


def test_a_missing_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="HANDWRITING_PATH"):
        corpus.build(mnist(), tmp_path, seed=0, processes=1)
