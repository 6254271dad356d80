"""A date's slashes are told from 1s, and numbers are left as they are."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.reading.dates import slashes


def without_slashes(row: str) -> str:
    signs = slashes(row)
    assert all(row[i] == "1" for i in signs)
    return "".join(each for i, each in enumerate(row) if i not in signs)


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y"]))
def test_a_day_loses_its_slashes_and_nothing_else(day: date, form: str) -> None:
    written = day.strftime(form)
    assert without_slashes(written.replace("/", "1")) == written.replace("/", "")


@pytest.mark.parametrize(
    ("read", "date"),
    [("511212026", "5122026"), ("513/2026".replace("/", "1"), "532026"), ("121052026", "12052026")],
    ids=["a day without its 0", "a month too", "one slash was missed"],
)
def test_some_is_known_of_how_people_write_dates(read: str, date: str) -> None:
    assert without_slashes(read) == date


@pytest.mark.parametrize("row", ["", "1", "1111", "12052026", "3211012026", "1311312026", "1210511826", "121126", "77"])
def test_what_is_no_day_keeps_its_1s(row: str) -> None:
    assert slashes(row) == []


def test_next_to_no_number_is_taken_for_a_date() -> None:
    mistaken = sum(bool(slashes(f"{number:010d}")) for number in range(0, 10**10, 99_991))
    assert mistaken / (10**10 / 99_991) < 1e-4
