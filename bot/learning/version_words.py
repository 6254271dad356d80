"""What lists say of a version of the model."""

from typing import TYPE_CHECKING

from bot.messages.percent import percent
from model.versions.version import Version

if TYPE_CHECKING:  # the command line needs no catalogues
    from bot.i18n import Gettext

UNKNOWN = "–"


def figures(version: Version, _: "Gettext") -> dict[str, str]:
    """When it was made, how many of MNIST's test and validation digits its network names right, and its parent."""
    accuracies = {part: accuracy(version, part, _) for part in ("test", "validation")}
    return {"date": version.card.get("date") or UNKNOWN, **accuracies, "parent": version.parent or UNKNOWN}


def accuracy(version: Version, part: str, _: "Gettext") -> str:
    """The share of MNIST's digits that its network names right, in "test" or "validation"."""
    try:
        return percent(version.card[part]["likeliest"] / version.card[part]["digits"], _, 2)
    except (KeyError, TypeError, ZeroDivisionError):
        return UNKNOWN
