"""A version that learnt corrections is refused for what it got worse at, and for labels that nobody can have meant."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from model.data.mnist import Examples, Mnist
from model.evaluation.metrics import Flags, Floats, Reader
from model.training import promotion_gate, rehearsal
from model.training.corrections import Corrections
from model.training.promotion_gate import Unlearnt, at_least, chance_of_losses
from model.versions.version import PRETRAINED, Version, open_version
from tests import odd_hand
from tests.handwriting import digits
from tests.odd_hand import odd_digits

COUNTS = st.integers(0, 60)


@pytest.fixture(autouse=True)
def _a_short_exam(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsal, "OTHERS", 100)
    monkeypatch.setattr(rehearsal, "NOISE", 20)
    monkeypatch.setattr(rehearsal, "TAKEN_APART", 30)


@pytest.fixture(scope="module")
def mnist() -> Mnist:
    """Digits that the shipped version reads, all of them."""
    examples = Examples(*digits(600, np.random.default_rng(3)))
    return Mnist(examples, examples, examples, {})


@pytest.fixture(scope="module")
def serving() -> Version:
    return open_version(PRETRAINED)


@pytest.fixture(scope="module")
def reader(serving: Version) -> Reader:
    return promotion_gate.reader_of(serving)


def said(n: int = 30, seed: int = 5) -> Corrections:
    """True corrections, of a hand that the shipped version often reads badly."""
    return Corrections(Examples(*odd_digits(n, seed)), np.arange(1, n + 1))


def unlearnt(corrections: Corrections, reader: Reader) -> Unlearnt:
    return Unlearnt(corrections, reader.answers(corrections.examples.floats()), cross_validated=True)


def worse(serving: Version, after: Reader, mnist: Mnist, corrections: Corrections | None = None) -> list[str]:
    """In what a version is worse that reads so, and answers for the corrections as the serving one does."""
    corrections = corrections or said()
    examined = unlearnt(corrections, promotion_gate.reader_of(serving))
    return list(promotion_gate.judge(serving, after, corrections, examined, mnist)["gate"]["worse"])


def flags(lost: int, gained: int, same: int = 3) -> tuple[Flags, Flags]:
    before = np.array([True] * lost + [False] * gained + [True] * same, bool)
    return before, np.array([False] * lost + [True] * gained + [True] * same, bool)


@pytest.mark.parametrize(
    ("lost", "gained", "chance"),
    [(0, 0, 1), (1, 0, 1 / 2), (0, 1, 1), (5, 0, 1 / 32), (1, 1, 3 / 4), (10, 3, 378 / 8192), (3, 10, 8100 / 8192)],
)
def test_the_chance_of_losses_is_the_exact_one_sided_test(lost: int, gained: int, chance: float) -> None:
    assert chance_of_losses(*flags(lost, gained)) == pytest.approx(chance, rel=1e-12)


@given(COUNTS, COUNTS)
def test_the_chance_is_a_probability_and_both_sides_share_what_is_equal(lost: int, gained: int) -> None:
    one, other = chance_of_losses(*flags(lost, gained)), chance_of_losses(*flags(gained, lost))

    assert 0 < one <= 1
    both = np.exp(_log_choose(lost + gained, lost) - (lost + gained) * np.log(2))  # counted on either side
    assert one + other - both == pytest.approx(1)


@given(COUNTS, COUNTS)
def test_more_losses_are_never_likelier_and_more_gains_never_less(lost: int, gained: int) -> None:
    chance = chance_of_losses(*flags(lost, gained))

    assert chance_of_losses(*flags(lost + 1, gained)) <= chance
    assert chance_of_losses(*flags(lost, gained + 1)) >= chance


def test_thousands_of_changes_are_counted_exactly() -> None:
    assert at_least(0, 20_000, one_of=3) == pytest.approx(1)
    assert at_least(20_000, 20_000, one_of=3) == pytest.approx(0)
    assert at_least(2, 3, one_of=3) == pytest.approx(7 / 27)


def test_the_serving_version_beside_itself_is_worse_in_nothing(serving: Version, reader: Reader, mnist: Mnist) -> None:
    judged = promotion_gate.judge(serving, reader, said(), unlearnt(said(), reader), mnist)["gate"]

    assert judged["worse"] == []
    for name in ("corrections", "validation", "worn"):
        assert judged[name]["before"] == judged[name]["after"]
        assert judged[name]["chance"] == 1
    for name in ("calibration", "refused", "answered"):
        assert judged[name]["before"] == judged[name]["after"]
    before, after = (np.array(table) for table in judged["confusion"])
    assert np.array_equal(before, after)
    assert before.sum() == 30
    assert before.trace() == judged["corrections"]["before"]


def test_one_that_is_unsure_of_what_it_reads_is_worse_at_calibration(
    serving: Version, reader: Reader, mnist: Mnist
) -> None:
    assert worse(serving, replace(reader, temperature=3 * reader.temperature), mnist) == ["calibration"]


def test_one_that_takes_anything_for_a_digit_is_worse_at_what_is_answered(
    serving: Version, reader: Reader, mnist: Mnist
) -> None:
    assert worse(serving, replace(reader, refuse_below=0), mnist) == ["answered"]


def test_five_digits_lost_are_worse_four_may_be_chance_and_one_in_a_hundred_may_be_refused(
    serving: Version, reader: Reader, mnist: Mnist
) -> None:
    confidence = np.sort(reader.probabilities(mnist.validation.floats())[:, :10].max(axis=1))

    def refusing(n: int) -> list[str]:
        between = float(confidence[n - 1] + confidence[n]) / 2
        return [name for name in worse(serving, replace(reader, refuse_below=between), mnist) if name != "worn"]

    assert refusing(4) == []
    assert refusing(5) == ["validation"]
    assert refusing(7) == ["validation", "refused"]


def test_one_that_reads_worn_digits_badly_is_worse_at_them(
    serving: Version, reader: Reader, mnist: Mnist, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = mnist.validation.floats()

    class Spoilt(Reader):
        def answers(self, pictures: NDArray[np.float32]) -> NDArray[np.intp]:
            found = super().answers(pictures)
            return found if len(pictures) != len(plain) or np.array_equal(pictures, plain) else (found + 1) % 10

    after = Spoilt(reader.tflite, reader.temperature, reader.refuse_below)
    assert worse(serving, after, mnist) == ["worn"]


def test_one_that_loses_corrections_is_worse_at_them(serving: Version, reader: Reader, mnist: Mnist) -> None:
    corrections = said()
    before = reader.answers(corrections.examples.floats())
    right = np.flatnonzero(before == corrections.examples.labels)

    def losing(n: int) -> list[str]:
        answers = before.copy()
        answers[right[:n]] = (answers[right[:n]] + 1) % 10
        examined = Unlearnt(corrections, answers, cross_validated=True)
        return list(promotion_gate.judge(serving, reader, corrections, examined, mnist)["gate"]["worse"])

    assert losing(4) == []
    assert losing(5) == ["corrections"]


def test_a_bar_that_the_serving_version_is_beyond_must_not_be_left_farther_behind(
    serving: Version, reader: Reader, mnist: Mnist
) -> None:
    unsure = replace(serving, card=serving.card | {"temperature": 3 * reader.temperature})

    assert worse(unsure, promotion_gate.reader_of(unsure), mnist) == []
    assert worse(unsure, reader, mnist) == []
    assert worse(unsure, replace(reader, temperature=4 * reader.temperature), mnist) == ["calibration"]


def test_what_serving_has_learnt_examines_it_by_what_it_answered_before(
    serving: Version, reader: Reader, mnist: Mnist
) -> None:
    corrections = said()
    labels, ids = corrections.examples.labels.tolist(), corrections.ids.tolist()
    wrong = {str(id_): (label + 1) % 10 for id_, label in zip(ids[:20], labels[:20], strict=True)}
    learnt = {"learnt": ids[:25], "answered": wrong}  # of 21 to 25 nobody knows what it answered before
    taught = replace(serving, card=serving.card | {"corrections": learnt})

    judged = promotion_gate.judge(taught, reader, corrections, unlearnt(corrections, reader), mnist)

    now = reader.answers(corrections.examples.floats()) == corrections.examples.labels
    assert judged["gate"]["corrections"]["of"] == 25
    assert judged["gate"]["corrections"]["before"] == now[25:].sum()
    assert judged["gate"]["corrections"]["after"] == now[:20].sum() + now[25:].sum()
    assert np.array(judged["gate"]["confusion"]).sum() == 50
    assert set(judged["corrections"]["answered"]) == {str(id_) for id_ in ids}


def test_where_nothing_examines_only_mnist_does(serving: Version, reader: Reader, mnist: Mnist) -> None:
    nothing = unlearnt(said().chosen(np.zeros(30, bool)), reader)

    judged = promotion_gate.judge(serving, reader, said(), nothing, mnist)["gate"]

    assert judged["corrections"] == {"of": 0, "before": 0, "after": 0, "chance": 1}
    assert judged["worse"] == []


def test_a_card_tells_what_was_learnt_and_what_was_not(serving: Version, reader: Reader, mnist: Mnist) -> None:
    corrections = said(60)
    held_back = corrections.chosen(corrections.held_back)
    examined = replace(unlearnt(held_back, reader), cross_validated=False)

    told = promotion_gate.judge(serving, reader, corrections, examined, mnist)

    learnt, answered = set(told["corrections"]["learnt"]), set(map(int, told["corrections"]["answered"]))
    assert answered == set(held_back.ids.tolist())
    assert learnt | answered == set(corrections.ids.tolist())
    assert not learnt & answered
    assert told["gate"]["learnt"] == len(learnt)


def poison(kind: str, n: int) -> Examples:
    rng = np.random.default_rng(n)
    if kind.startswith("noise"):
        pictures, labels = rng.integers(0, 256, (n, 28, 28)).astype(np.uint8), rng.integers(0, 10, n).astype(np.uint8)
    else:
        pictures, labels = odd_digits(n, 7) if "odd" in kind else digits(n, rng)
    if "flooded" in kind:
        labels = np.full(n, 7, np.uint8)
    return Examples(pictures, rng.permutation(labels))


@pytest.mark.parametrize("n", [20, 30, 200])
@pytest.mark.parametrize(
    "kind",
    [
        "readable, at random",
        "readable, flooded",
        "odd, at random",
        "odd, flooded",
        "noise, at random",
        "noise, flooded",
    ],
)
def test_labels_that_nobody_can_have_meant_let_no_version_pass(kind: str, n: int, reader: Reader) -> None:
    doubted = promotion_gate.doubts(reader, poison(kind, n))

    assert at_least(int(doubted.sum()), n, promotion_gate.ONE_DOUBTED_OF) < promotion_gate.SIGNIFICANT


@pytest.mark.parametrize(("slant", "stretch"), [(0.9, 1.5), (-1.2, 0.85), (-0.9, 1.5)])
@pytest.mark.parametrize("misread_alone", [False, True])
def test_what_people_mean_is_rarely_doubted(
    slant: float, stretch: float, misread_alone: bool, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(odd_hand, "SLANT", slant)
    monkeypatch.setattr(odd_hand, "STRETCH", stretch)
    examples = Examples(*odd_digits(200, 1))
    if misread_alone:  # and answered: what is answered with no digit has no box that could be corrected
        answers = reader.answers(examples.floats())
        misread = (answers != examples.labels) & (answers < 10)
        examples = Examples(examples.pictures[misread], examples.labels[misread])
        assert len(examples) >= 3

    doubted = promotion_gate.doubts(reader, examples)

    assert at_least(int(doubted.sum()), len(examples), promotion_gate.ONE_DOUBTED_OF) > 10 * promotion_gate.SIGNIFICANT


def test_a_version_is_refused_for_such_labels_whatever_came_of_them(
    serving: Version, reader: Reader, mnist: Mnist
) -> None:
    examples = poison("readable, flooded", 30)
    flooded = Corrections(examples, np.arange(101, 131))

    told = promotion_gate.judge(serving, reader, flooded, unlearnt(flooded, reader), mnist)

    assert told["gate"]["worse"] == ["labels"]
    assert told["gate"]["labels"]["of"] == 30
    assert told["gate"]["labels"]["doubted"] == len(told["corrections"]["doubted"]) >= 20
    sevens = reader.answers(examples.floats()) == 7
    assert not set(told["corrections"]["doubted"]) & set(flooded.ids[sevens].tolist())


def test_many_old_corrections_are_no_cover_for_new_ones(serving: Version, reader: Reader, mnist: Mnist) -> None:
    old = said(200)
    new = poison("odd, flooded", 30)
    pictures, labels = (
        np.concatenate(each) for each in ((old.examples.pictures, new.pictures), (old.examples.labels, new.labels))
    )
    both = Corrections(Examples(pictures, labels), np.arange(1, 231))
    taught = replace(serving, card=serving.card | {"corrections": {"learnt": old.ids.tolist(), "answered": {}}})

    assert worse(taught, reader, mnist, both) == ["labels"]
    assert worse(taught, reader, mnist, old) == []


def test_one_of_ten_digits_doubts_nothing_that_it_cannot_say(reader: Reader) -> None:
    class OfTen(Reader):
        def probabilities(self, pictures: NDArray[np.float32]) -> Floats:
            return super().probabilities(pictures)[:, :10]

    pictures = digits(4, np.random.default_rng(0))[0]
    labels = np.array([10, 10, 10, 10], np.uint8)

    assert promotion_gate.doubts(reader, Examples(pictures, labels)).any()
    assert not promotion_gate.doubts(OfTen(reader.tflite, 1, 0), Examples(pictures, labels)).any()


def _log_choose(n: int, k: int) -> float:
    return float(np.log(np.arange(k + 1, n + 1)).sum() - np.log(np.arange(1, n - k + 1)).sum())
