"""Readings as messages: HTML for Telegram, in the person's language."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.i18n import Gettext
from bot.messages.people import in_html
from bot.messages.percent import percent
from bot.readers.pool import Outcome
from model.reading.result import N_, Digit, Hint, Reading

CAPTION_DIGITS = 900  # Telegram's captions hold 1,024 characters
LINE_DIGITS = 300  # ten lines are one message: Telegram's hold 4,096 characters

ADVICE = {
    Hint.DARK: N_("The photo is rather dark: try again with more light."),
    Hint.BLURRED: N_("The photo is blurred: hold the phone still and let it focus on the paper."),
    Hint.SMALL: N_("The writing is very small: move closer."),
    Hint.CUT_OFF: N_("Something is cut off at the edge: leave some paper around the digit."),
    Hint.GLARE: N_("There's a reflection: change the angle a little."),
}
NO_DIGIT = N_("I see no digit here.")
USUAL_ADVICE = N_("Write it large with a dark pen on plain paper, and photograph it from above in good light.")


@dataclass(frozen=True, slots=True)
class Reply:
    """One message of the bot: HTML text, or a picture with that text as its caption."""

    text: str
    picture: bytes | None = None


def reply_to(outcome: Outcome, _: Gettext) -> Reply:
    """The answer to a photo that was read."""
    reading = outcome.reading
    if not reading.digits:
        advice = ADVICE[reading.hint] if reading.hint else USUAL_ADVICE
        return Reply(f"{_(NO_DIGIT)}\n{_(advice)}")
    unsure = f"\n{_(ADVICE[reading.hint])}" if reading.hint else ""
    if len(reading.digits) == 1:
        return Reply(_one(reading.digits[0], _) + unsure)
    return Reply(_several(reading, _) + unsure, outcome.drawing)


def reply_to_several(found: Sequence[tuple[str, Outcome | str]], _: Gettext) -> Reply:
    """The answer to several photos that belong together: a line for each, in order.

    `found` has each photo's name, and its outcome or the sentence why it couldn't be read.
    """
    return Reply("\n".join(f"{in_html(name)} {_line(each, _)}" for name, each in found))


def _line(found: Outcome | str, _: Gettext) -> str:
    if isinstance(found, str):
        return _(found)
    digits = found.reading.digits
    if not digits:
        return _(NO_DIGIT)
    if len(digits) == 1:
        return _one(digits[0], _)
    text = found.reading.text.replace("\n", " ")[:LINE_DIGITS]
    return f"<b>{text}</b> · {percent(min(digit.confidence for digit in digits), _, 1)}"


def _one(digit: Digit, _: Gettext) -> str:
    if digit.sure:
        return f"<b>{digit.digit}</b> · {percent(digit.confidence, _, 1)}"
    other = digit.runner_up
    question = _("{digit} or {other}?").format(digit=f"<b>{digit.digit}</b>", other=f"<b>{other}</b>")
    return f"{question} {percent(digit.confidence, _)} / {percent(digit.probabilities[other], _)}"


def _several(reading: Reading, _: Gettext) -> str:
    weakest = min(reading.digits, key=lambda digit: digit.confidence)
    least = _("Least sure of: {digit}").format(digit=_one(weakest, _))
    return f"<b>{reading.text[:CAPTION_DIGITS]}</b>\n{least}"
