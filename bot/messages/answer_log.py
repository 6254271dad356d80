"""A log line and metrics for each answer to pictures, without naming anybody.

The chat is logged under a name derived from its id and the bot's token.
"""

import logging
import time
from collections import Counter
from collections.abc import Sequence

from bot.inbox.handling import Handling
from bot.messages.found import Found
from bot.readers.pool import Outcome
from bot.settings import Settings
from bot.telemetry import metrics
from bot.telemetry.metrics import Read

STAGES = ("fetch", "read", "send")

log = logging.getLogger(__name__)


def note(found: Sequence[Found], handling: Handling, settings: Settings) -> None:
    """Log and count pictures that have been answered."""
    came = Counter(_came_of(each) for each in found)
    readings = [each.outcome.reading for each in found if isinstance(each.outcome, Outcome)]
    seconds = _seconds(handling)
    metrics.answered(seconds)
    for outcome in came.elements():
        metrics.read(outcome)
    log.info(
        "Answered",
        extra={
            "chat": _chat(handling, settings),
            "photos": len(found),
            **{f"{stage}_ms": round(taken * 1000) for stage, taken in seconds.items()},
            "version": readings[0].model if readings else None,
            "digits": sum(len(each.digits) for each in readings),
            **{name: came[name] or None for name in (Read.UNSURE, Read.NONE, Read.REFUSED, Read.FAILED)},
            "error": ",".join(sorted({why for each in found if (why := each.refused_for or each.failed_for)})) or None,
        },
    )


def note_failed(error: BaseException, handling: Handling, settings: Settings) -> None:
    """Log and count pictures that were given up, as their sender is told."""
    for _ in handling.updates:
        metrics.read(Read.FAILED)
    chat, photos = _chat(handling, settings), len(handling.updates)
    log.info("Not answered", extra={"chat": chat, "photos": photos, "error": type(error).__name__})


def _came_of(found: Found) -> Read:
    if not isinstance(found.outcome, Outcome):
        return Read.FAILED if found.failed_for else Read.REFUSED
    digits = found.outcome.reading.digits
    if not digits:
        return Read.NONE
    return Read.DIGITS if all(each.sure for each in digits) else Read.UNSURE


def _seconds(handling: Handling) -> dict[str, float]:
    """Seconds by stage; "all" includes time that is in no other stage."""
    waited = max(handling.begun - handling.arrived, 0.0)  # the arrival may be timed by the database's clock
    stages = {stage: handling.took[stage] for stage in STAGES if stage in handling.took}
    return {"wait": waited, **stages, "all": max(time.time() - handling.arrived, 0.0)}


def _chat(handling: Handling, settings: Settings) -> str | None:
    chat = handling.updates[0].effective_chat
    return settings.named_in_logs(chat.id) if chat else None
