"""Formats shares and probabilities for people."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the command line needs no catalogues
    from bot.i18n import Gettext


def percent(probability: float, _: "Gettext", decimals: int = 0) -> str:
    """Format a probability (0 to 1) as a percentage, never rounded up to 100 %.

    0.9996 with one decimal is "99.9 %".
    """
    return share(min(probability, 1 - 10 ** -(decimals + 2)), _, decimals)


def share(part: float, _: "Gettext", decimals: int = 0) -> str:
    """Format a share (0 to 1) as a percentage, as the language writes it."""
    whole, _point, rest = f"{100 * part:.{decimals}f}".partition(".")
    written = _("{whole}.{rest} %") if rest else _("{whole} %")
    return written.format(whole=whole, rest=rest)
