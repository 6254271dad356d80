"""What is counted and measured of the bot at work, for Prometheus: all metrics, and a function for each event.

Labels have few values, all of them known here or by their source: nothing of a person or a chat.
"""

from collections.abc import Mapping
from enum import StrEnum
from math import nan

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Counter, Gauge, Histogram, generate_latest

__all__ = ["CONTENT_TYPE_LATEST", "Read"]

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Read(StrEnum):
    """What came of a picture."""

    DIGITS = "digits"
    UNSURE = "unsure"  # digits, one of them at least not sure
    NONE = "none"  # no digit in it
    REFUSED = "refused"  # it can't be read as a picture, or is too large
    FAILED = "failed"  # a fault of ours, or Telegram's for a day


_updates = Counter("digitbot_updates", "Updates that arrived and were written down, by kind.", ["kind"])
_turned_away = Counter("digitbot_updates_turned_away", "Updates that arrived while too much was waiting.")
_readings = Counter("digitbot_readings", "Pictures that were answered, by what came of them.", ["outcome"])
_stages = Histogram(
    "digitbot_answer_seconds",
    "Seconds until a picture or an album was answered: waiting in the inbox, fetching, reading, sending, and in all.",
    ["stage"],
    buckets=SECONDS,
)
_waiting = Gauge("digitbot_inbox_updates", "Updates in the inbox that aren't answered.")
_oldest = Gauge("digitbot_inbox_oldest_seconds", "How long ago the oldest of them arrived; 0 where there is none.")
_corrections = Counter("digitbot_corrections", "Digits that people named, by whether they had been read so.", ["read"])
_trainings = Counter("digitbot_trainings", "Trainings that ended, by how.", ["outcome"])
_version = Gauge("digitbot_model_info", "1 for the version of the model that reads.", ["version"])
_telegram = Counter("digitbot_telegram_errors", "Calls to Telegram that failed, by how; each try is one.", ["kind"])
_readers = Counter("digitbot_readers_restarted", "Reader processes that died or hung and were replaced.")

for _outcome in Read:
    _readings.labels(_outcome)  # all are there from the start, so that a rate can be told of the first
for _kind in ("429", "4xx", "5xx", "network"):
    _telegram.labels(_kind)


def arrived(kind: str) -> None:
    """An update was written down."""
    _updates.labels(kind).inc()


def turned_away() -> None:
    """An update was not, for too much is waiting."""
    _turned_away.inc()


def read(outcome: Read) -> None:
    """A picture was answered."""
    _readings.labels(outcome).inc()


def answered(seconds: Mapping[str, float]) -> None:
    """A picture or an album was answered; `seconds` by stage."""
    for stage, taken in seconds.items():
        _stages.labels(stage).observe(taken)


def named(*, right: int, wrong: int) -> None:
    """A person said of so many digits what they are."""
    _corrections.labels("right").inc(right)
    _corrections.labels("wrong").inc(wrong)


def training_ended(outcome: str) -> None:
    """A training ended."""
    _trainings.labels(outcome).inc()


def call_failed(status: int | None) -> None:
    """A call to Telegram was answered with this HTTP status, or with nothing."""
    kind = "network" if status is None else "429" if status == 429 else "5xx" if status >= 500 else "4xx"
    _telegram.labels(kind).inc()


def reader_restarted() -> None:
    """A reader died, or was ended because it hung."""
    _readers.inc()


def inbox_is(waiting: float = nan, oldest: float = nan) -> None:
    """So many updates wait, the oldest for so many seconds; NaN where the database doesn't say."""
    _waiting.set(waiting)
    _oldest.set(oldest)


def version_is(name: str) -> None:
    """This version reads."""
    _version.clear()
    _version.labels(name).set(1)


def page() -> bytes:
    """Everything, as Prometheus reads it."""
    return generate_latest(REGISTRY)
