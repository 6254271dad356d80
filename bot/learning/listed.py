"""A version of the model as one of several, wherever they are kept."""

from dataclasses import dataclass
from typing import Any

from model.versions.registry import parent_of

UNKNOWN = "–"


@dataclass(frozen=True, slots=True)
class Listed:
    """A version as lists show it."""

    name: str
    card: dict[str, Any]
    serves: bool
    shipped: bool

    def accuracy(self, part: str) -> float | None:
        """The share of MNIST's digits that the network itself names right, in "test" or "validation"; if known."""
        try:
            return float(self.card[part]["likeliest"] / self.card[part]["digits"])
        except (KeyError, TypeError, ZeroDivisionError):
            return None

    @property
    def made(self) -> str:
        """The day, as 2026-11-24."""
        return str(self.card.get("date") or UNKNOWN)

    @property
    def parent(self) -> str:
        """The version that it was tuned from."""
        return parent_of(self.card) or UNKNOWN
