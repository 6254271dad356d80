"""Logs have all details and no secret, as lines for people and as JSON for programs."""

import json
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bot.telemetry import logs
from bot.telemetry.logs import LogFormat


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    """Leave the root logger and Python's own notices as they were."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    hooks = sys.excepthook, threading.excepthook
    yield
    root.handlers[:], level = before
    root.setLevel(level)
    sys.excepthook, threading.excepthook = hooks
    logging.captureWarnings(capture=False)


@pytest.mark.parametrize("form", LogFormat)
@pytest.mark.parametrize("secret", ["canary", 'can"ary', "can%40ry", "cañ\\ary\t"])
def test_no_secret_is_logged_in_message_arguments_fields_or_traceback(
    capsys: pytest.CaptureFixture[str], form: LogFormat, secret: str
) -> None:
    logs.set_up("INFO", [secret], form)
    try:
        raise ConnectionError(f"https://api.telegram.org/bot123:{secret}/getMe")
    except ConnectionError:
        logging.getLogger("somewhere").exception(
            "failed with %s at %s", {"token": secret}, secret.replace("%40", "@"), extra={"field": secret}
        )
    logged = capsys.readouterr().err
    written = json.loads(logged) if form is LogFormat.JSON else logged
    assert secret not in logged
    assert secret not in str(written)
    assert "failed with {'token': '[secret]'} at [secret]" in logged
    assert "ConnectionError: https://api.telegram.org/bot123:[secret]/getMe" in logged


def test_a_line_for_people_says_when_how_grave_who_and_what(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("INFO", [])
    logging.getLogger("bot.somewhere").warning("It %s", "rains", extra={"chat": "abc", "version": None})
    time, line = capsys.readouterr().err.split(" ", 1)
    assert time.endswith("Z")
    assert line == "WARNING bot.somewhere: It rains chat=abc\n"


def test_a_line_for_programs_is_an_object(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("INFO", [], LogFormat.JSON)
    logging.getLogger("bot.somewhere").warning("It\n%s", "rains", extra={"chat": "abc", "photos": 2})
    line = json.loads(capsys.readouterr().err)
    assert line.pop("time").endswith("Z")
    expected = {"level": "warning", "logger": "bot.somewhere", "event": "It\nrains", "chat": "abc", "photos": 2}
    assert line == expected


@pytest.mark.parametrize("sign", ["\n", "\r", "\r\n", "\v", "\f", "\x1b", "\x85", "\u2028", "\u2029", "\0"])
def test_what_people_write_is_never_another_line(capsys: pytest.CaptureFixture[str], sign: str) -> None:
    forged = f"Ann{sign}2026-11-26T12:00:00.000Z INFO bot: forged"
    logs.set_up("INFO", [])
    try:
        raise ValueError(forged)
    except ValueError:
        logging.getLogger("bot").exception("failed for %s", forged, extra={"caption": forged})
    records = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("  ")]
    assert len(records) == 1
    assert sign not in records[0]


def test_a_line_that_cannot_be_written_is_told_without_its_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("INFO", ["canary"])
    logging.getLogger("somewhere").info("%d", "canary")
    logged = capsys.readouterr().err
    assert "test_logs.py:" in logged
    assert "canary" not in logged


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_log_on_a_full_disk_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with suppress(OSError), Path("/dev/full").open("w", buffering=1) as full:  # closing it tries once more
        monkeypatch.setattr("sys.stderr", full)
        logs.set_up("INFO", [])
        try:
            logging.getLogger("bot").warning("nobody reads this")
        except OSError as error:
            pytest.fail(f"logging raised {error}")
        finally:
            monkeypatch.undo()


def test_a_fault_that_nobody_catches_is_logged_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("INFO", ["canary"])

    def fault() -> None:
        raise ValueError("the canary died")

    thread = threading.Thread(target=fault)
    thread.start()
    thread.join()
    try:
        fault()
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)
    logged = capsys.readouterr().err
    assert logged.count("ValueError: the [secret] died") == 2
    assert "canary" not in logged
    assert "bot: Ended by a fault" in logged


@pytest.mark.parametrize("level", ["DEBUG", "INFO"])
def test_requests_are_not_logged_one_by_one(capsys: pytest.CaptureFixture[str], level: str) -> None:
    logs.set_up(level, [])
    logging.getLogger("httpx").info("HTTP Request: POST …")
    logging.getLogger("telegram.Bot").debug("Entering: …")
    logging.getLogger("bot.app").info("ready")
    assert [line.rpartition(" ")[2] for line in capsys.readouterr().err.splitlines()] == ["ready"]
