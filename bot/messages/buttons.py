"""The buttons under an answer, and their callback data.

The data are `v1:<action>:<reading>:<n>`, at most 64 bytes, and hold nothing secret: permission is checked at the press.
A button works for as long as its reading is kept, also after a restart.
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
PICKED = 40  # digits with a button each; for more, people reply with the whole number


class Action(StrEnum):
    """What a button asks for."""

    RIGHT = "right"  # everything was read right
    WRONG = "wrong"  # something was misread: which digit, and what is it?
    PICK = "pick"  # the nth digit was misread
    LABEL = "label"  # the nth digit is this one
    AGREE = "agree"  # consent, and keep this label for the nth digit
    TYPED = "typed"  # consent, and keep the number in the message that this one replies to
    DECLINE = "decline"  # keep nothing
    UNDO = "undo"  # undo my correction
    BACK = "back"  # show the first buttons again
    SAW = "saw"  # show how it was read


@dataclass(frozen=True, slots=True)
class Press:
    """A button press: the parsed callback data."""

    action: Action
    reading: int
    n: int = 0
    label: int | None = None  # a digit or NOT_A_DIGIT; None: everything was right

    def __str__(self) -> str:
        label = "" if self.label is None else self.label
        return f"{VERSION}:{self.action}{label}:{self.reading}:{self.n}"

    @classmethod
    def parse(cls, data: str | None) -> "Press | None":
        """Parse callback data; None if they aren't ours or of another version."""
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
    """Under an answer without digits: only what I saw."""
    return _keyboard([_button(_("What I saw"), Press(Action.SAW, reading))])


def picker(reading: KeptReading, said: Mapping[int, int], _: Gettext) -> InlineKeyboardMarkup:
    """Ask which digit is wrong: a button for each, with its box and its label.

    The label is the one in `said`, else the digit read. For an album, "What I saw" shows the boxes.
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
    """A label as one character."""
    return "·" if label == NOT_A_DIGIT else str(label)


def box_names(reading: KeptReading) -> list[str]:
    """Name each digit's box as on the drawing: its number, in an album 2.1."""
    return [
        _box_name(reading, photo, box) for photo, seen in enumerate(reading.photos) for box in range(len(seen.digits))
    ]


def _box_name(reading: KeptReading, photo: int, box: int) -> str:
    if not reading.is_album:
        return str(box + 1)
    alone = len(reading.photos[photo].digits) == 1  # the drawing doesn't number it
    return str(photo + 1) if alone else f"{photo + 1}.{box + 1}"


def pad(reading: KeptReading, n: int, said: Mapping[int, int], _: Gettext) -> InlineKeyboardMarkup:
    """Ask what the nth digit is: 0 to 9 or not a digit; a single one can be undone."""
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
    """Ask whether the correction may be kept."""
    return _keyboard(
        [
            _button(_("Yes, keep it"), Press(Action.AGREE, press.reading, press.n, press.label)),
            _button(_("No"), Press(Action.DECLINE, press.reading)),
        ]
    )


def consent_to_typed(reading: int, _: Gettext) -> InlineKeyboardMarkup:
    """Ask the same about a typed number."""
    return _keyboard([_button(_("Yes, keep it"), Press(Action.TYPED, reading))])


def under_thanks(reading: int, _: Gettext) -> InlineKeyboardMarkup:
    """Under a corrected answer: one button that leads to change or undo."""
    return _keyboard([_button(_("✎ Change"), Press(Action.WRONG, reading))])


def _button(text: str, press: Press) -> InlineKeyboardButton:
    return InlineKeyboardButton(text, callback_data=str(press))


def _rows(buttons: list[InlineKeyboardButton], most: int = ROW) -> list[list[InlineKeyboardButton]]:
    """Split into as few rows as possible, of similar length."""
    length = ceil(len(buttons) / ceil(len(buttons) / most))
    return [buttons[i : i + length] for i in range(0, len(buttons), length)]


def _keyboard(*rows: list[InlineKeyboardButton]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(rows)
