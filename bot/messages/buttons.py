"""The buttons under an answer, and what a press says: `v1:<action>:<reading>:<n>`, at most 64 bytes, nothing secret.

Who may press is decided when it is pressed. A button works as long as its reading is kept, also after a restart.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.i18n import Gettext
from bot.storage.records import KeptReading
from model.reading.result import NOT_A_DIGIT

VERSION = "v1"
PRESS = re.compile(r"v1:([a-z]{1,8})(\d{0,2}):(\d{1,18}):(\d{1,4})", re.ASCII)
ROW, ALBUM_ROW = 5, 4  # buttons side by side; those of an album have longer names
PICKED = 40  # digits that can be picked by a button; of more the whole number is typed


class Action(StrEnum):
    """What a button asks for."""

    RIGHT = "right"  # all was read right
    WRONG = "wrong"  # something wasn't: which, and what is it?
    PICK = "pick"  # the nth digit wasn't
    LABEL = "label"  # the nth digit is this one
    AGREE = "agree"  # keep what I say: first of all this label for the nth digit
    TYPED = "typed"  # keep what I wrote in the message that this one answers
    DECLINE = "decline"  # keep nothing
    UNDO = "undo"  # take back what I said
    BACK = "back"  # show the first buttons again
    SAW = "saw"  # show how it was read


@dataclass(frozen=True, slots=True)
class Press:
    """One press, as its button says it."""

    action: Action
    reading: int
    n: int = 0
    label: int | None = None  # a digit, NOT_A_DIGIT, or nothing: everything was right

    def __str__(self) -> str:
        label = "" if self.label is None else self.label
        return f"{VERSION}:{self.action}{label}:{self.reading}:{self.n}"

    @classmethod
    def parse(cls, data: str | None) -> "Press | None":
        """What a button's data says; None where it is none of ours, or of another version."""
        found = PRESS.fullmatch(data or "")
        if found is None or found[1] not in set(Action):
            return None
        label = int(found[2]) if found[2] else None
        if label is not None and label > NOT_A_DIGIT:
            return None
        return cls(Action(found[1]), int(found[3]), int(found[4]), label)


def under_answer(reading: int, _: Gettext) -> InlineKeyboardMarkup:
    """Under a fresh answer: right, wrong, what I saw."""
    return _keyboard(
        [
            _button(_("✓ Right"), Press(Action.RIGHT, reading)),
            _button(_("✗ Wrong"), Press(Action.WRONG, reading)),
            _button(_("What I saw"), Press(Action.SAW, reading)),
        ]
    )


def under_blank(reading: int, _: Gettext) -> InlineKeyboardMarkup:
    """Under an answer that no digit was seen."""
    return _keyboard([_button(_("What I saw"), Press(Action.SAW, reading))])


def picker(reading: KeptReading, said: Mapping[int, int], _: Gettext) -> InlineKeyboardMarkup:
    """Which of several digits is wrong: each with its box, and what was `said` of it or else read.

    An album's boxes have to be shown first.
    """
    named = list(zip(box_names(reading), reading.digits, strict=True))[:PICKED]
    buttons = [
        _button(f"{name}: {sign(said.get(n, digit.digit))}", Press(Action.PICK, reading.id, n))
        for n, (name, digit) in enumerate(named)
    ]
    last = [_button(_("↩ Back"), Press(Action.BACK, reading.id))]
    if said:
        last.append(_button(_("✕ Undo"), Press(Action.UNDO, reading.id)))
    if said or reading.is_album:
        last.append(_button(_("What I saw"), Press(Action.SAW, reading.id)))
    return _keyboard(*_rows(buttons, ALBUM_ROW if reading.is_album else ROW), last)


def sign(label: int) -> str:
    """A label in one sign."""
    return "·" if label == NOT_A_DIGIT else str(label)


def box_names(reading: KeptReading) -> list[str]:
    """What people are shown as each digit's box: the number on the drawing, in an album behind the photo's: 2.1."""
    return [
        _box_name(reading, photo, box) for photo, seen in enumerate(reading.photos) for box in range(len(seen.digits))
    ]


def _box_name(reading: KeptReading, photo: int, box: int) -> str:
    if not reading.is_album:
        return str(box + 1)
    alone = len(reading.photos[photo].digits) == 1  # has no number on the drawing
    return str(photo + 1) if alone else f"{photo + 1}.{box + 1}"


def pad(reading: KeptReading, n: int, said: Mapping[int, int], _: Gettext) -> InlineKeyboardMarkup:
    """What the nth digit is: 0 to 9, or none. Alone in its reading, what was `said` of it can be taken back."""
    digits = [_button(str(digit), Press(Action.LABEL, reading.id, n, digit)) for digit in range(10)]
    alone = len(reading.digits) == 1
    rows = [
        *_rows(digits),
        [
            _button(_("Not a digit"), Press(Action.LABEL, reading.id, n, NOT_A_DIGIT)),
            _button(_("↩ Back"), Press(Action.BACK if alone else Action.WRONG, reading.id)),
        ],
    ]
    if alone and said:
        undo = _button(_("✕ Undo"), Press(Action.UNDO, reading.id))
        rows.append([undo, _button(_("What I saw"), Press(Action.SAW, reading.id))])
    return _keyboard(*rows)


def consent(press: Press, _: Gettext) -> InlineKeyboardMarkup:
    """Whether what was just said may be kept."""
    return _keyboard(
        [
            _button(_("Yes, keep it"), Press(Action.AGREE, press.reading, press.n, press.label)),
            _button(_("No"), Press(Action.DECLINE, press.reading)),
        ]
    )


def consent_to_typed(reading: int, _: Gettext) -> InlineKeyboardMarkup:
    """The same, for a number that was written."""
    return _keyboard([_button(_("Yes, keep it"), Press(Action.TYPED, reading))])


def under_thanks(reading: int, _: Gettext) -> InlineKeyboardMarkup:
    """Under an answer that somebody has judged: one button, behind which it is changed or taken back."""
    return _keyboard([_button(_("✎ Change"), Press(Action.WRONG, reading))])


def _button(text: str, press: Press) -> InlineKeyboardButton:
    return InlineKeyboardButton(text, callback_data=str(press))


def _rows(buttons: list[InlineKeyboardButton], most: int = ROW) -> list[list[InlineKeyboardButton]]:
    """As few rows as hold them, about equally long."""
    length = ceil(len(buttons) / ceil(len(buttons) / most))
    return [buttons[i : i + length] for i in range(0, len(buttons), length)]


def _keyboard(*rows: list[InlineKeyboardButton]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(rows)
