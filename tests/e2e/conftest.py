"""What every end-to-end test may ask of the log."""

from collections.abc import Iterator

import pytest


@pytest.fixture
def no_errors(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The test is none to the bot: it logs no error, and calls no admin."""
    yield
    assert [record.getMessage() for record in caplog.get_records("call") if record.levelname == "ERROR"] == []
