"""Slashes of dates, which look like 1s: 12/05/2026 is read as 1210512026.

A row that makes a day of the calendar if some of its 1s are slashes was meant as a date: of numbers as long, one in a
thousand or fewer does by chance.
"""

import re

# With four digits for the year one slash may have been missed; with two digits, or a day without its 0, none.
DAY = r"0[1-9]|[12]\d|3[01]"  # or a month, which may come first
FORMS = tuple(
    re.compile(form)
    for form in (
        rf"({DAY})(1?)({DAY})(1?)(?:19|20)\d\d",
        rf"({DAY}|[1-9])(1)({DAY}|[1-9])(1)(?:19|20)\d\d",
        rf"({DAY})(1)({DAY})(1)\d\d",
    )
)
MONTHS = 12


def slashes(row: str) -> list[int]:
    """Where in the digits of a row the 1s are that are slashes of a date; nowhere if it isn't one."""
    for form in FORMS:
        date = form.fullmatch(row)
        if date and min(int(date[1]), int(date[3])) <= MONTHS:
            return [date.start(i) for i in (2, 4) if date[i]]
    return []
