"""The benches of the bot under load and under kills run, and print what they promise."""

import re

import pytest

from benchmarks.serving import crash
from benchmarks.serving.crowd import Crowd, Question
from benchmarks.serving.watched_server import Sent
from tests.benches import rows, run
from tests.commands import needs_tensorflow
from tests.postgres import cluster


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("bench", "faults"),
    [("serving.crash", "kills"), pytest.param("serving.outages", "outages", marks=pytest.mark.slow)],
)
def test_a_bench_of_faults_finds_every_photo_answered_in_order(bench: str, faults: str, database: str) -> None:
    several = [] if database == "sqlite" else ["--database", "postgres", "--replicas", "2"]
    if several:
        cluster()  # or it is skipped
    done = run(bench, "--quick", *several)
    table = rows(done.stdout)
    assert table["photos sent"][0] == "20", done.stderr
    assert (table[faults][0], table["lost"][0], table["out of order"][0]) == ("2", "0", "0")


def test_the_crash_bench_counts_what_a_kill_did(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", [crash.__file__])

    def answers(message: int, *ended: float, by: str = "killed", text: str = "7 · 99 %") -> list[Sent]:
        return [Sent(by, moment - 0.01, moment, chat=1, quoted=message, text=text) for moment in ended]

    photos = [
        Question(1, 1, "7", sent=0.0, answers=answers(1, 9.99, 12)),  # in flight at the kill
        Question(1, 2, "7", sent=0.0, answers=answers(2, 9.0, 12)),  # not in flight
        Question(1, 3, "7", sent=0.0),  # lost
        Question(1, 4, "7", sent=0.0, answers=answers(4, 13, by="next")),
        Question(1, 5, "7", sent=0.0, answers=answers(5, 12.5, by="next", text="I can't read this.")),
    ]
    crowd = Crowd(0, ())
    crowd.questions, crowd.sends = photos, [sent for photo in photos for sent in photo.answers]
    assert crash.report(crowd, [crash.Kill("killed", at=10.0, polling=True)]) == 1
    table = {name: int(row[0]) for name, row in rows(capsys.readouterr().out).items()}
    assert table == {
        "kills": 1,
        "photos sent": 5,
        "lost": 1,
        "answered again": 2,
        "  though not in flight": 1,
        "out of order": 2,
        "answered without a digit": 1,
    }


@pytest.mark.slow
def test_the_load_bench_puts_the_bot_beside_one_that_says_ok() -> None:
    bench = run("serving.load", "--quick")
    assert bench.returncode == 0, bench.stderr
    at_a_rate, at_most = bench.stdout.split("as many as it can")
    assert rows(at_a_rate)["digitbot  "][1:4] == ["30", "0", "0"]
    assert rows(at_a_rate)['"ok"'][1:4] == ["6", "0", "0"]
    assert "memory of digitbot and its readers" in at_a_rate
    assert all(float(rates[0]) > 0 for rates in rows(at_most).values())
    assert rows(at_most).keys() == {"digitbot, no limits", "no limits, nothing read", '"ok"'}
    assert rows(at_most)['"ok"'][1] == "100.0%"


@pytest.mark.slow
def test_the_load_bench_puts_replicas_side_by_side() -> None:
    cluster()  # or it is skipped
    bench = run("serving.load", "--quick", "--replicas", "1,2", "--chats", "10")
    assert bench.returncode == 0, bench.stderr
    table = [line.split() for line in bench.stdout.splitlines()[-2:]]
    assert [row[0] for row in table] == ["1", "2"]
    assert all(float(rate) > 0 and int(claims) > 0 for _, rate, *_, claims in table)


@pytest.mark.slow
def test_the_fairness_bench_compares_with_quiet_times() -> None:
    bench = run("serving.fairness", "--quick")
    table = rows(bench.stdout)
    assert "a flood of 30 photos" in bench.stdout, bench.stderr
    assert all(float(cell) > 0 for name in ("for photos", "for /help") for cell in table[name][:7])


@pytest.mark.slow
def test_the_show_bench_counts_reactions_messages_and_seconds_to_the_sheet() -> None:
    bench = run("serving.show", "--quick", "--groups", "2")
    table = [line.split() for line in bench.stdout.splitlines() if line.lstrip()[:1].isdigit()]
    assert [row[:3] for row in table] == [["1", "3", "3"], ["2", "3", "3"]], bench.stderr
    assert all(0 < int(messages) <= 20 and float(seconds) > 0 for *_, messages, _, seconds in table)


@pytest.mark.slow
def test_the_soak_bench_sees_what_stays_and_that_nothing_is_lost() -> None:
    bench = run("serving.soak", "--quick")
    table = {line.split()[0]: line.split() for line in bench.stdout.splitlines() if "promised: at most" in line}
    assert table.keys() == {"bot", "readers", "descriptors", "rows", "file"}, bench.stderr
    assert all(float(row[1]) > 0 for row in table.values())
    assert "lost 0, out of order 0, photos without a digit 0" in bench.stdout


@pytest.mark.slow
def test_the_bench_of_large_files_counts_what_they_take() -> None:
    bench = run("serving.large_files", "--quick")
    assert bench.returncode == 0, bench.stdout + bench.stderr
    assert "files 3, answered 3" in bench.stdout


@needs_tensorflow
@pytest.mark.slow
def test_the_startup_bench_puts_the_program_beside_an_import_of_tensorflow() -> None:
    bench = run("serving.startup", "--quick")
    assert bench.returncode == 0, bench.stderr
    for side in ("digitbot read one.jpg", "digitbot demo until it is ready"):
        assert re.search(rf"^{side} +[\d.]+ .* [\d.]+%$", bench.stdout, re.MULTILINE)
    assert "resident memory of the bot" in bench.stdout
