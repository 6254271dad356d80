"""What is held against a reading of a generated page: each box against the digit that stands there."""

from model.evaluation.photo_exam import check, figures
from model.reading.result import Box, Digit, Reading
from model.synthesis.pages import Page

PLACES = [Box(100 + 80 * i, 100, 40, 60) for i in range(4)]


def page(text: str) -> Page:
    """A page with these digits in a row."""
    return Page(b"", text, tuple((int(digit), place) for digit, place in zip(text, PLACES, strict=False)))


def answer(digit: int, box: Box, confidence: float = 0.9) -> Digit:
    rest = (1 - confidence) / 10
    probabilities = tuple(confidence if i == digit else rest for i in range(11))
    return Digit(digit, confidence, probabilities, True, box, bytes(784))


def reading(*answers: Digit) -> Reading:
    return Reading("".join(str(each.digit) for each in answers), answers, (640, 480), (), None, "a version", 1.0)


def test_a_page_that_is_read_as_it_is_is_exact() -> None:
    nearly = Box(PLACES[0].x - 3, PLACES[0].y - 3, 46, 66)
    checked = check(page("42"), reading(answer(4, nearly), answer(2, PLACES[1])))
    assert checked.exact
    assert checked.labels == (4, 2)


def test_an_answer_is_held_against_the_digit_in_its_place() -> None:
    checked = check(page("427"), reading(answer(4, PLACES[0]), answer(7, PLACES[1])))
    assert not checked.exact
    assert checked.labels == (4, 2)


def test_an_answer_where_no_digit_is_stands_for_none() -> None:
    aside = Box(500, 400, 40, 60)
    checked = check(page("4"), reading(answer(4, PLACES[0]), answer(1, aside)))
    assert checked.labels == (4, 10)


def test_a_digit_is_answered_once() -> None:
    piece = Box(PLACES[0].x, PLACES[0].y, 40, 30)
    checked = check(page("8"), reading(answer(0, piece), answer(8, PLACES[0])))
    assert checked.labels == (10, 8)


def test_the_figures_count_photos_digits_and_answers() -> None:
    checked = [
        check(page("4"), reading(answer(4, PLACES[0]))),
        check(page("5"), reading()),
        check(page("423"), reading(answer(4, PLACES[0]), answer(1, PLACES[1]), answer(9, PLACES[3], 0.4))),
    ]
    found = figures(checked)
    assert (found["photos"], found["exact"]) == (3, 1)
    assert (found["one_digit"], found["one_digit_exact"], found["one_digit_refused"]) == (2, 1, 1)
    assert (found["digits"], found["right"], found["misread"], found["answers_to_no_digit"]) == (5, 2, 1, 1)
    assert found["calibration_error"] == (abs(3 * 0.9 - 2) + 0.4) / 4
    assert sum(row["of"] for row in found["reliability"]) == 4


def test_photos_without_any_answer_have_figures_too() -> None:
    found = figures([check(page("5"), reading())])
    assert (found["right"], found["calibration_error"], found["brier"]) == (0, 0, 0)
