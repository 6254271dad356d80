"""Logging to standard error, with every secret cut out: the first thing that a command sets up."""

import logging
from collections.abc import Iterable

LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"
QUIET = ("httpx", "httpcore", "telegram", "uvicorn.access", "asyncio", "alembic")  # their INFO is of no use to people


class Redacting(logging.Formatter):
    """Writes "[secret]" wherever a secret stands: in messages, arguments and tracebacks alike."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__(LINE)
        self._secrets = tuple(secrets)

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for secret in self._secrets:
            line = line.replace(secret, "[secret]")
        return line


def set_up(level: str, secrets: Iterable[str]) -> None:
    """Log to standard error from `level` on; libraries that name every request from WARNING on."""
    handler = logging.StreamHandler()
    handler.setFormatter(Redacting(secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))
