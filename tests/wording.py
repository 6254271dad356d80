"""What holds for everything that the bot says, in any language."""

import re
import unicodedata

# Names, formats and units that are the same in every language; and what is written in capitals.
SAME = {
    "digitbot",
    "Telegram",
    "WebP",
    "TensorFlow",
    "Unix",
    "full",
    "id",
    "base",
    "pixels",
    "Digit",
    "demo",
    "bot",
    "BadRequest",
}
NOT_WORDS = re.compile(
    r"<code>.*?</code>|</?[a-z]+>"  # what is to be typed, and markup
    r"|\{\w+\}|/demo tour|/[a-z]+|@\w+|https?://\S+"  # placeholders, commands, names, addresses
    r"|\b[A-Z][A-Z_]*\b(=\S+)?"  # names of settings, formats
)
WORD = re.compile(r"[A-Za-z]{2,}")


ROW = 40  # letters side by side on a phone's buttons


def english_in(text: str) -> list[str]:
    """The words in Latin letters that aren't the same in every language."""
    return [word for word in WORD.findall(NOT_WORDS.sub(" ", text)) if word not in SAME]


def says_something(text: str) -> bool:
    """Not in signs alone: whoever can't see an emoji, or has it read out, understands it too."""
    return any(sign.isalnum() for sign in text)


def fits(label: str, side_by_side: int) -> bool:
    """Whether a button of so many in a row can show its name; a Chinese sign is as wide as two letters."""
    width = sum(2 if unicodedata.east_asian_width(letter) == "W" else 1 for letter in label)
    return width <= ROW / side_by_side
