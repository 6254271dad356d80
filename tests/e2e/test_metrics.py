"""Each event is counted once, where it happens, and a line in the log says what an answer was without saying whose."""

import logging
import os
import signal
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from bot.readers.pool import Readers
from bot.settings import Settings
from bot.telemetry import metrics
from model.versions.version import PRETRAINED
from tests.pictures import photo
from tests.reader_process import needs_proc, reader_pids
from tests.running import TOKEN, answer_to, press, running_bot


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


@needs_proc
async def test_a_reader_that_died_is_counted_once() -> None:
    before = counted("digitbot_readers_restarted_total")
    async with Readers(1, PRETRAINED) as readers:
        await readers.read(photo("7"))
        assert counted("digitbot_readers_restarted_total") == before
        (reader,) = reader_pids()
        os.kill(reader, signal.SIGKILL)
        await readers.read(photo("7"))
    assert counted("digitbot_readers_restarted_total") == before + 1


@pytest.mark.parametrize(
    ("status", "kind"), [(None, "network"), (429, "429"), (400, "4xx"), (403, "4xx"), (500, "5xx"), (502, "5xx")]
)
def test_failed_calls_are_counted_by_what_failed(status: int | None, kind: str) -> None:
    before = {each: counted("digitbot_telegram_errors_total", kind=each) for each in ("network", "429", "4xx", "5xx")}
    metrics.call_failed(status)
    after = {each: counted("digitbot_telegram_errors_total", kind=each) for each in before}
    assert after == before | {kind: before[kind] + 1}


def test_one_version_reads_at_a_time() -> None:
    metrics.version_is("2026.11-1")
    metrics.version_is("2026.11-2")
    assert counted("digitbot_model_info", version="2026.11-2") == 1
    assert REGISTRY.get_sample_value("digitbot_model_info", {"version": "2026.11-1"}) is None


def test_a_chat_has_one_name_in_the_log_that_depends_on_the_token(tmp_path: Path) -> None:
    one, other = (
        Settings.load(_env_file=None, telegram_bot_token=token, data_dir=tmp_path) for token in (TOKEN, f"{TOKEN}y")
    )
    names = {one.named_in_logs(-100), one.named_in_logs(100), other.named_in_logs(100)}
    assert len(names) == 3
    assert one.named_in_logs(100) == one.named_in_logs(100)


async def test_an_answer_is_one_line_with_figures_and_a_judgement_is_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    async with running_bot() as running:
        ann = running.person(first_name="Ann-Sofie")
        await running.bot.bot_data.store.agree(ann.id)
        read = counted("digitbot_readings_total", outcome="digits")
        right = counted("digitbot_corrections_total", read="right")
        answer = await answer_to(ann, ann.send_photo(photo("7")))
        await answer_to(ann, ann.send_album([photo("7"), photo("3")])[0])
        await press(ann, answer, "✓ Right")
        name = running.bot.bot_data.settings.named_in_logs(ann.id)
        version = counted("digitbot_model_info", version=(await running.bot.bot_data.versions.serving()).name)
    lines = [vars(record) for record in caplog.records if record.name == "bot.messages.answer_log"]
    assert [(line["chat"], line["photos"], line["digits"]) for line in lines] == [(name, 1, 1), (name, 2, 2)]
    assert counted("digitbot_readings_total", outcome="digits") == read + 3
    assert counted("digitbot_corrections_total", read="right") == right + 1
    assert version == 1
    assert "Ann-Sofie" not in caplog.text
    assert str(ann.id) not in "".join(record.getMessage() for record in caplog.records)
