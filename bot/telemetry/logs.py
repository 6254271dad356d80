"""Logging to standard error, as lines for people or as JSON, with every secret cut out: a command's first step.

Whoever logs uses the standard library's logging; what is given as `extra` becomes fields of the line.
"""

import json
import logging
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from enum import StrEnum
from textwrap import indent
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger

# What these say below WARNING is of no use to people; the last would tell what is written to the database.
QUIET = ("httpx", "httpcore", "telegram", "uvicorn.access", "asyncio", "alembic", "aiosqlite")
GONE = "[secret]"
# What would begin another line, or hide one, as Python writes it in a string.
ESCAPES = {sign: repr(chr(sign))[1:-1] for sign in (*range(32), *range(127, 160), 0x2028, 0x2029)}


class LogFormat(StrEnum):
    """What a line looks like."""

    PLAIN = "plain"  # for people
    JSON = "json"  # an object, for programs


def set_up(level: str, secrets: Iterable[str], form: LogFormat = LogFormat.PLAIN) -> None:
    """Log to standard error from `level` on; libraries that name every request from WARNING on."""
    handler = _Handler()
    handler.setFormatter(_formatter(form, secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))
    sys.excepthook = lambda *error: logging.getLogger("bot").critical("Ended by a fault", exc_info=error)
    threading.excepthook = lambda fault: logging.getLogger("bot").critical(
        "A thread ended by a fault", exc_info=fault.exc_value
    )


class _Handler(logging.StreamHandler[Any]):
    """The library's, which tells of a line that it can't write without its arguments: they may hold a secret."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (the library's name)
        kind = sys.exc_info()[0]
        with suppress(OSError):  # where the log's own disk is full, nothing else shall end
            self.stream.write(f"{record.pathname}:{record.lineno}: a line can't be written: {kind and kind.__name__}\n")


def _formatter(form: LogFormat, secrets: Iterable[str]) -> logging.Formatter:
    from structlog import processors, stdlib  # only where something is logged: it takes its time

    render: dict[LogFormat, Processor] = {
        LogFormat.PLAIN: _plain,
        LogFormat.JSON: processors.JSONRenderer(ensure_ascii=False, default=str),
    }
    return stdlib.ProcessorFormatter(
        foreign_pre_chain=[stdlib.ExtraAdder(), stdlib.add_logger_name, stdlib.add_log_level, _time],
        processors=[
            stdlib.ProcessorFormatter.remove_processors_meta,
            processors.format_exc_info,
            render[form],
            _Blotter(secrets),
        ],
    )


def _time(_: "WrappedLogger", __: str, event: "EventDict") -> "EventDict":
    record: logging.LogRecord = event["_record"]
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    return {"time": f"{at}.{int(record.msecs):03d}Z", **event}


def _plain(_: "WrappedLogger", __: str, event: "EventDict") -> str:
    head = f"{event.pop('time')} {event.pop('level').upper()} {event.pop('logger')}: {event.pop('event')}"
    more = [event.pop(name, None) for name in ("exception", "stack")]
    fields = "".join(f" {name}={value}" for name, value in event.items() if value is not None)
    below = "".join("\n" + indent(text, "  ") for text in more if text)  # no line of it looks like a record
    return (head + fields).translate(ESCAPES) + below


class _Blotter:
    """Writes "[secret]" wherever a secret stands, however it is written there: in messages, fields and tracebacks."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = {form for secret in secrets for form in _written(secret)}
        self._secrets = sorted(known, key=len, reverse=True)  # one may be part of another

    def __call__(self, _: "WrappedLogger", __: str, line: Any) -> str:
        for secret in self._secrets:
            line = line.replace(secret, GONE)
        return str(line)


def _written(secret: str) -> set[str]:
    """A secret as it may stand in a line: without an address's escapes, with those of Python, and all of it in JSON."""
    plain = {secret, unquote(secret)}
    shown = plain | {repr(each)[1:-1] for each in plain} | {each.translate(ESCAPES) for each in plain}
    return shown | {json.dumps(each, ensure_ascii=False)[1:-1] for each in shown}
