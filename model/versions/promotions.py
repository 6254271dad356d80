"""What the names of versions tell: which one serves, which may go, how the next is called."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from model.versions.version import Version, shipped_name

NAME = re.compile(r"[0-9]{4}\.[0-9]{2}-[0-9]{1,6}")  # 2026.11-1: the first of November 2026
REMEMBERED = 50  # promotions that can be rolled back


@dataclass(frozen=True, slots=True)
class Promotions:
    """The names that were promoted, the latest last, and the versions that are there and whole."""

    names: Sequence[str]
    versions: Mapping[str, Version]  # by name: the shipped one, then from the oldest to the newest

    @property
    def serving(self) -> str:
        """The version promoted last of those that are there; without any the shipped one."""
        return next((name for name in reversed(self.names) if name in self.versions), shipped_name())

    def with_promoted(self, name: str) -> "Promotions":
        """The same with `name` serving."""
        return self if name == self.serving else replace(self, names=[*self.names, name][-REMEMBERED:])

    def rolled_back(self) -> "Promotions | None":
        """The same without the latest, so that another version serves; None where none served before."""
        left = self
        while left.names and left.serving == self.serving:
            left = replace(left, names=left.names[:-1])
        return left if left.serving != self.serving else None

    def expendable(self, keep: int) -> list[str]:
        """The versions beyond the newest `keep` that nobody needs.

        Needed are the one that serves, its parent, what a rollback leads to, and the shipped one.
        """
        needed = {shipped_name(), self.serving, self.versions[self.serving].parent, *list(self.versions)[-keep:]}
        if before := self.rolled_back():
            needed.add(before.serving)
        return [name for name in self.versions if name not in needed]


def age(name: str) -> list[int]:
    """By what names are put in order, the oldest first: year, month, number."""
    return [int(part) for part in re.split("[.-]", name)]


def next_name(taken: Iterable[str]) -> str:
    """The next name of this month."""
    month = f"{datetime.now(UTC):%Y.%m}"
    numbers = [age(name)[-1] for name in taken if NAME.fullmatch(name) and name.startswith(f"{month}-")]
    return f"{month}-{max(numbers, default=0) + 1}"
