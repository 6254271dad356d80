"""What the names of versions tell: which one serves, which may go, how the next is called.

`promoted` are the names that were promoted, the latest last; `there` says whether a version is there and whole.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

NAME = re.compile(r"[0-9]{4}\.[0-9]{2}-[0-9]{1,6}")  # 2026.11-1: the first of November 2026
REMEMBERED = 50  # promotions that can be rolled back


def serving(promoted: Sequence[str], there: Callable[[str], bool], shipped: str) -> str:
    """The version promoted last of those that are there; without any the shipped one."""
    return next((name for name in reversed(promoted) if there(name)), shipped)


def with_promoted(promoted: Sequence[str], name: str, there: Callable[[str], bool], shipped: str) -> list[str]:
    """The names once `name` is promoted; the same where it serves already."""
    if name == serving(promoted, there, shipped):
        return list(promoted)
    return [*promoted, name][-REMEMBERED:]


def rolled_back(promoted: Sequence[str], there: Callable[[str], bool], shipped: str) -> list[str] | None:
    """The names without the latest promotions, so that another version serves; None where there is none before."""
    now, left = serving(promoted, there, shipped), list(promoted)
    while left:
        left.pop()
        if serving(left, there, shipped) != now:
            return left
    return None


def expendable(parents: Mapping[str, str | None], promoted: Sequence[str], shipped: str, keep: int) -> list[str]:
    """The versions beyond the newest `keep` that nobody needs. `parents`: each one's parent, from the oldest on.

    Needed are the one that serves, its parent, what a rollback leads to, and the shipped one.
    """

    def there(name: str) -> bool:
        return name in parents or name == shipped

    now, before = serving(promoted, there, shipped), rolled_back(promoted, there, shipped)
    needed = {shipped, now, parents.get(now), serving(before or [], there, shipped), *list(parents)[-keep:]}
    return [name for name in parents if name not in needed]


def age(name: str) -> list[int]:
    """By what names are put in order, the oldest first: year, month, number."""
    return [int(part) for part in re.split("[.-]", name)]


def next_name(taken: Iterable[str]) -> str:
    """The next name of this month."""
    month = f"{datetime.now(UTC):%Y.%m}"
    numbers = [age(name)[-1] for name in taken if NAME.fullmatch(name) and name.startswith(f"{month}-")]
    return f"{month}-{max(numbers, default=0) + 1}"
