"""What a reading looks like as a message."""

import pytest

from bot.messages.percent import percent
from bot.messages.replies import Reply, reply_to
from bot.readers.pool import Outcome
from model.reading.result import Box, Digit, Hint, Reading


def digit(value: int, confidence: float, *, sure: bool = True, runner_up: int = 0) -> Digit:
    """A digit read with this confidence; the rest of the probability is the runner-up's."""
    rest = 1 - confidence
    probabilities = [0.0] * 11
    probabilities[value] = confidence
    probabilities[runner_up if runner_up != value else 10] = rest * 0.9
    return Digit(value, confidence, tuple(probabilities), sure, Box(0, 0, 10, 20), bytes(784))


def outcome(*digits: Digit, text: str = "", hint: Hint | None = None, drawing: bytes | None = None) -> Outcome:
    text = text or "".join(str(digit.digit) for digit in digits)
    return Outcome(Reading(text, digits, (640, 480), (), hint, "2026.11-1", 5.0), drawing)


def english(message: str) -> str:
    return message


def test_a_sure_digit_is_said_with_its_confidence() -> None:
    assert reply_to(outcome(digit(7, 0.998)), english) == Reply("<b>7</b> · 99.8 %")


def test_an_unsure_digit_is_asked_with_the_runner_up() -> None:
    reply = reply_to(outcome(digit(7, 0.5, sure=False, runner_up=1)), english)
    assert reply == Reply("<b>7</b> or <b>1</b>? 50 % / 45 %")


def test_an_unsure_digit_comes_with_what_the_picture_tells() -> None:
    unsure = digit(7, 0.5, sure=False, runner_up=1)
    alone = reply_to(outcome(unsure, hint=Hint.BLURRED), english).text
    among = reply_to(outcome(digit(4, 0.99), unsure, hint=Hint.CUT_OFF), english).text
    assert alone.startswith("<b>7</b> or <b>1</b>? 50 % / 45 %\nThe photo is blurred: ")
    assert among.splitlines()[-2].startswith("Least sure of: <b>7</b> or <b>1</b>?")
    assert among.splitlines()[-1].startswith("Something is cut off at the edge: ")


def test_several_digits_are_said_by_line_with_the_least_sure_one() -> None:
    drawn = outcome(digit(4, 0.99), digit(2, 0.97), digit(1, 0.98), text="42\n1", drawing=b"jpeg")
    assert reply_to(drawn, english) == Reply("<b>42\n1</b>\nLeast sure of: <b>2</b> · 97.0 %", b"jpeg")


def test_very_many_digits_still_fit_into_a_caption() -> None:
    crowd = outcome(*[digit(1, 0.9)] * 2000)
    assert len(reply_to(crowd, english).text) < 1024


@pytest.mark.parametrize("hint", [None, *Hint])
def test_no_digit_comes_with_one_piece_of_advice(hint: Hint | None) -> None:
    first, advice = reply_to(outcome(hint=hint), english).text.splitlines()
    assert first == "I see no digit here."
    assert advice.endswith(".")


def test_every_hint_has_advice_of_its_own() -> None:
    assert len({reply_to(outcome(hint=hint), english).text for hint in [None, *Hint]}) == len(Hint) + 1


@pytest.mark.parametrize(
    ("probability", "decimals", "shown"),
    [(0.9996, 1, "99.9 %"), (1.0, 1, "99.9 %"), (0.9951, 1, "99.5 %"), (1.0, 0, "99 %"), (0.5, 0, "50 %")],
)
def test_a_confidence_is_never_rounded_up_to_certainty(probability: float, decimals: int, shown: str) -> None:
    assert percent(probability, english, decimals) == shown
