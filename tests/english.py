"""Finds English words in what the bot says in another language."""

import re

# Names, formats and units that are the same in every language; and what is written in capitals.
SAME = {"digitbot", "Telegram", "WebP", "TensorFlow", "Unix", "full", "id", "base", "pixels", "Digit", "demo", "bot", "BadRequest"}
NOT_WORDS = re.compile(
    r"<code>.*?</code>|</?[a-z]+>"  # what is to be typed, and markup
    r"|\{\w+\}|/[a-z]+|@\w+|https?://\S+"  # placeholders, commands, names, addresses
    r"|\b[A-Z][A-Z_]*\b(=\S+)?"  # names of settings, formats
)
WORD = re.compile(r"[A-Za-z]{2,}")


def english_in(text: str) -> list[str]:
    """The words in Latin letters that aren't the same in every language."""
    return [word for word in WORD.findall(NOT_WORDS.sub(" ", text)) if word not in SAME]
