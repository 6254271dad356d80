"""The sender of a message, and their name made harmless for display."""

import re
import unicodedata
from html import escape

from telegram import Message

NAME = 24  # letters of a name
NAMELESS = "?"
JOINS = "\u200c\u200d"  # joiners that are legitimate in Persian, for example, and in emoji
UNSEEN = ("Cc", "Cf", "Cs")  # controls, direction marks, surrogates
LINKS = re.compile(r"[@/#$.:](?=[\w/])")  # what Telegram turns into links, mentions and commands
WORD_JOINER = "\u2060"  # invisible, and breaks a link


def person_in(message: Message) -> int:
    """The id of the sender; of somebody who writes as a chat, the chat's.

    So an anonymous admin isn't anybody's admin.
    """
    if message.sender_chat:
        return message.sender_chat.id
    return message.from_user.id if message.from_user else message.chat.id


def name_in(message: Message) -> str:
    """The sender's name: one line of at most NAME visible letters."""
    if message.sender_chat:
        return readable(message.sender_chat.effective_name or "")
    return readable(message.from_user.first_name if message.from_user else "")


def readable(name: str) -> str:
    """Shorten a name to one line without invisible characters."""
    seen = "".join(sign for sign in " ".join(name.split()) if sign in JOINS or unicodedata.category(sign) not in UNSEEN)
    short = seen if len(seen) <= NAME else seen[: NAME - 1] + "…"
    return short.strip(JOINS + " ") or NAMELESS


def in_html(name: str) -> str:
    """Escape a name for Telegram's HTML, so that it contains no markup and no links."""
    return escape(LINKS.sub(rf"\g<0>{WORD_JOINER}", name), quote=False)
