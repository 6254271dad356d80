"""The rules of a round: what is called when, what counts, who wins, when it is over, whatever people send."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.game.rounds import (
    CALL_SECONDS,
    CALLS,
    GRACE,
    LENGTH,
    MARKED,
    PHOTOS,
    Call,
    Entry,
    Game,
    Round,
    calls_due,
    funniest,
    is_over,
    numbers,
    on_the_sheet,
    ranking,
    read_as_called,
    scores,
)
from bot.game.show_words import CAPTION, closing, scoreboard
from bot.i18n import speech
from bot.messages.people import WORD_JOINER

BEGAN = 1_000_000.0
DIGITS = (7, 4, 2)
ANN, BEN, CEM = 1, 2, 3
GROUP, PRIVATE = -7, 7
MESSAGE = 4096  # letters that Telegram lets a message have


def a_round(game: Game = Game.READ, chat: int = GROUP, calls: int = CALLS) -> Round:
    made = tuple(Call(100 + n, BEGAN + n * CALL_SECONDS) for n in range(calls))
    return Round(1, chat, None, ANN, "en", game, DIGITS, made, BEGAN, BEGAN + LENGTH, False, None)


def sent(person: int, call: int, text: str, after: float = 10, confidence: float = 0.9, message: int = 1) -> Entry:
    """A photo, so many seconds after its call."""
    return Entry(message, person, f"P{person}", call, text, confidence, BEGAN + call * CALL_SECONDS + after)


rounds = st.builds(a_round, st.sampled_from(Game), st.sampled_from([GROUP, PRIVATE]))
photos = st.lists(
    st.builds(
        Entry,
        message=st.integers(1, 10**6),
        person=st.integers(1, 30),
        name=st.text(max_size=80),
        call=st.integers(0, CALLS - 1),
        text=st.sampled_from(["", "7", "4", "2", "1", "74", "123456789012"]),
        confidence=st.floats(0, 1),
        at=st.floats(BEGAN, BEGAN + LENGTH),
    ),
    max_size=PHOTOS,
    unique_by=lambda entry: entry.message,
)


def test_a_digit_is_called_each_minute() -> None:
    this = a_round()
    assert [calls_due(this, (), BEGAN + after) for after in (0, 59, 61, 121, 1000)] == [1, 1, 2, 3, 3]


def test_alone_nobody_waits_for_the_next_digit_once_one_was_seen() -> None:
    assert calls_due(a_round(chat=PRIVATE, calls=1), [sent(ANN, 0, "")], BEGAN + 5) == 1
    assert calls_due(a_round(chat=PRIVATE, calls=1), [sent(ANN, 0, "3")], BEGAN + 5) == 2
    assert calls_due(a_round(calls=1), [sent(ANN, 0, "7")], BEGAN + 5) == 1


def test_a_round_is_over_when_its_time_is_up_when_it_is_stopped_or_full() -> None:
    this = a_round()
    assert not is_over(this, (), BEGAN + LENGTH)
    assert is_over(this, (), BEGAN + LENGTH + GRACE)
    assert is_over(replace(this, stopped=True), (), BEGAN)
    full = [sent(n, 0, "7", message=n) for n in range(PHOTOS)]
    assert is_over(this, full, BEGAN + 20)
    assert not is_over(this, full[1:], BEGAN + 20)


def test_alone_a_round_is_over_once_its_last_digit_is_drawn() -> None:
    last = sent(ANN, CALLS - 1, "2")
    assert is_over(a_round(chat=PRIVATE), [last], BEGAN + 5)
    assert not is_over(a_round(chat=PRIVATE, calls=2), [sent(ANN, 0, "7")], BEGAN + 5)
    assert not is_over(a_round(), [last], BEGAN + 5)


def test_a_photo_answers_the_call_that_it_replies_to_else_the_latest() -> None:
    this = a_round(calls=2)
    assert [this.call_of(message) for message in (100, 101, 5, None)] == [0, 1, 1, 1]
    assert a_round(calls=0).call_of(None) == 0


@pytest.mark.parametrize(("text", "reads", "fools"), [("7", 1, 0), ("1", 0, 1), ("", 0, 0), ("71", 0, 0)])
def test_fooled_is_who_reads_another_digit_not_who_reads_none(text: str, reads: bool, fools: bool) -> None:
    entry = sent(ANN, 0, text)
    assert scores(a_round(Game.READ), entry) == reads
    assert scores(a_round(Game.FOOL), entry) == fools


def test_a_call_gives_one_point_however_many_photos_are_sent() -> None:
    entries = [sent(ANN, 0, "7", message=n) for n in range(5)] + [sent(BEN, call, str(DIGITS[call])) for call in (0, 1)]
    assert [(player.person, player.points) for player in ranking(a_round(), entries)] == [(BEN, 2), (ANN, 1)]


def test_among_equals_the_quicker_leads_and_in_fool_me_whose_mistake_was_surer() -> None:
    slow, quick = sent(ANN, 0, "7", after=20), sent(BEN, 0, "7", after=5)
    assert [player.person for player in ranking(a_round(), [slow, quick])] == [BEN, ANN]
    unsure, sure = sent(BEN, 0, "1", after=5, confidence=0.6), sent(ANN, 0, "1", after=20, confidence=0.99)
    assert [player.person for player in ranking(a_round(Game.FOOL), [unsure, sure])] == [ANN, BEN]


def test_numbers_tell_accuracy_the_fastest_and_the_hardest_digit() -> None:
    entries = [sent(ANN, 0, "7", 12), sent(BEN, 0, "7", 8), sent(CEM, 0, "1", 2), sent(ANN, 1, "4", 9)]
    found = numbers(a_round(), entries)
    assert (found.photos, found.players, found.as_called) == (4, 3, 3)
    assert found.fastest == (entries[1], 8)
    assert found.hardest == (7, 1, 3)


def test_no_digit_is_the_hardest_where_all_were_read_alike() -> None:
    assert numbers(a_round(), [sent(ANN, 0, "7"), sent(ANN, 1, "4")]).hardest is None
    assert numbers(a_round(), [sent(ANN, 0, "1")]).hardest is None


@given(rounds, photos)
def test_everybody_is_ranked_once_and_photos_count_no_less_than_points(this: Round, entries: list[Entry]) -> None:
    players = ranking(this, entries)
    assert sorted(player.person for player in players) == sorted({entry.person for entry in entries})
    assert sum(player.photos for player in players) == len(entries)
    assert all(0 <= player.points <= min(CALLS, player.photos) for player in players)
    assert [player.points for player in players] == sorted((player.points for player in players), reverse=True)


@given(rounds, photos)
def test_the_sheet_holds_all_that_was_read_surest_first_and_marks_mistakes(this: Round, entries: list[Entry]) -> None:
    sheet = on_the_sheet(entries)
    assert {entry.message for entry in sheet} == {entry.message for entry in entries if entry.text}
    assert [entry.confidence for entry in sheet] == sorted((entry.confidence for entry in sheet), reverse=True)
    marked = funniest(this, entries)
    assert len(marked) <= MARKED
    assert all(entry in sheet and not read_as_called(this, entry) for entry in marked)


@given(rounds, photos.filter(bool))
def test_captions_and_scoreboards_fit_whatever_people_are_called(this: Round, entries: list[Entry]) -> None:
    assert len(closing(this, entries, speech("en"))) <= CAPTION
    assert len(scoreboard(this, entries, speech("en"))) <= MESSAGE


def test_names_are_no_markup() -> None:
    entry = replace(sent(ANN, 0, "7"), name="<b>Ann & Co</b>")
    for words in (closing(a_round(), [entry], speech("en")), scoreboard(a_round(), [entry], speech("en"))):
        assert "&lt;b&gt;Ann &amp; Co&lt;/b&gt;" in words.replace(WORD_JOINER, "")
