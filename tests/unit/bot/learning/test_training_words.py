"""How far a training is, as an admin sees it."""

import re
from typing import Any

import pytest

from bot.i18n import speech
from bot.learning.training_words import MISSING, WORSE_AT, Progress, ended, report
from bot.learning.trainings import Result, TrainingOutcome
from tests.wording import english_in

_ = speech("en").gettext
STEPS = 20


def step(epoch: int, epochs: int, number: int) -> dict[str, Any]:
    return {"stage": "step", "epoch": epoch, "epochs": epochs, "step": number, "steps": STEPS, "accuracy": 0.9}


def shown(progress: Progress, *events: dict[str, Any]) -> list[str]:
    """The words after each of the events."""
    words = []
    for event in events:
        progress.hear(event)
        words.append(progress.words(_))
    return words


def share(words: str) -> int:
    found = re.search(r"(\d+) %", words)
    assert found is not None
    return int(found[1])


def test_it_goes_forward_only_from_nothing_to_all() -> None:
    progress = Progress(full=False)
    steps = [step(epoch, 4, number) for epoch in (1, 2, 3, 4) for number in range(1, STEPS + 1)]
    stages = [{"stage": stage} for stage in ("data", "rehearsal", "network")]
    beginning = share(progress.words(_))

    shares = [share(words) for words in shown(progress, *stages, *steps, {"stage": "gate"}, {"stage": "done"})]

    assert beginning == 0
    assert shares == sorted(shares)
    assert shares[-1] == 100


def test_it_tells_the_time_left_once_it_learns() -> None:
    preparing, learning, done = shown(Progress(full=False), {"stage": "data"}, step(1, 1, 5), {"stage": "done"})
    assert "left" not in preparing
    assert "left" in learning
    assert "left" not in done


def test_what_is_learnt_anew_to_examine_is_not_called_learning() -> None:
    first, third, full = [
        *shown(Progress(full=False), step(1, 4, 5), step(3, 4, 5)),
        *shown(Progress(full=True), step(3, 4, 5)),
    ]
    assert "Learning: 90.0 % right so far" in first
    assert "Evaluating the result: 2 of 3" in third
    assert "Learning: epoch 3 of 4, 90.0 % right so far" in full


def outcome(result: Result, **more: Any) -> TrainingOutcome:
    """What came of a training, with its comparison."""
    gate: dict[str, Any] = {part: {"before": 5, "after": 9, "of": 11} for part in ("corrections", "validation", "worn")}
    gate |= {part: {"before": 0.0123, "after": 0.01} for part in ("calibration", "refused", "answered")}
    counts = [[[0] * 11 for _ in range(11)] for _ in range(2)]
    counts[1][7][7], counts[0][4][4] = 3, 2
    gate |= {"serving": "2026.11-1", "learnt": 21, "confusion": counts, "worse": list(WORSE_AT)}
    return TrainingOutcome(result, "2026.11-2", gate, **more)


@pytest.mark.parametrize("language", ["ru", "zh"])
def test_admins_read_of_trainings_in_their_language(language: str) -> None:
    spoken = speech(language)
    said = [report(outcome(result), spoken) for result in (Result.PROMOTED, Result.WORSE)]
    said += [ended(outcome(result), "2026.11-1", spoken.gettext) for result in Result]
    said += [ended(outcome(Result.FAILED, missing=what), "2026.11-1", spoken.gettext) for what in ("", *MISSING)]
    for full in (False, True):
        events = [{"stage": "data"}, step(1, 4, 5), step(3, 4, 5), {"stage": "gate"}, {"stage": "done"}]
        progress = Progress(full=full)
        for event in events:
            progress.hear(event)
            said.append(progress.words(spoken.gettext))
    assert {text: english_in(text) for text in said if english_in(text)} == {}


def test_shares_and_counts_are_the_languages_own() -> None:
    said = report(outcome(Result.PROMOTED), speech("ru"))
    assert "Учтено: 21 исправление\n" in said
    assert "1,23 % → <b>1,00 %</b>" in said
