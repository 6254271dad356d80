"""Logs have all details and no secret."""

import logging
from collections.abc import Iterator

import pytest

from bot import logs


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    """Leave the root logger as it was."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    yield
    root.handlers[:], level = before
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def test_no_secret_is_logged_in_message_arguments_or_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("INFO", ["canary"])
    try:
        raise ConnectionError("https://api.telegram.org/bot123:canary/getMe")
    except ConnectionError:
        logging.getLogger("somewhere").exception("failed with %s", {"token": "123:canary"})
    logged = capsys.readouterr().err
    assert "canary" not in logged
    assert "failed with {'token': '123:[secret]'}" in logged
    assert "ConnectionError: https://api.telegram.org/bot123:[secret]/getMe" in logged


@pytest.mark.parametrize("level", ["DEBUG", "INFO"])
def test_requests_are_not_logged_one_by_one(capsys: pytest.CaptureFixture[str], level: str) -> None:
    logs.set_up(level, [])
    logging.getLogger("httpx").info("HTTP Request: POST …")
    logging.getLogger("telegram.Bot").debug("Entering: …")
    logging.getLogger("bot.app").info("ready")
    assert [line.rpartition(" ")[2] for line in capsys.readouterr().err.splitlines()] == ["ready"]
