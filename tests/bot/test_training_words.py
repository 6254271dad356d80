"""How far a training is, as an admin sees it."""

import re
from typing import Any

from bot.i18n import speech
from bot.training_words import Progress

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
    assert "Examining what was learnt: 2 of 3" in third
    assert "Learning: round 3 of 4, 90.0 % right so far" in full
