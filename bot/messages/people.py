"""Who sent a message, and what they are called: names are theirs to choose, and harmless where they are said."""

import re
import unicodedata
from html import escape

from telegram import Message

NAME = 24  # letters of a name
NAMELESS = "?"
JOINS = "\u200c\u200d"  # between letters, in Persian for one, and within an emoji
UNSEEN = ("Cc", "Cf", "Cs")  # controls, what turns a line's direction, halves of characters
LINKS = re.compile(r"[@/#$.:](?=[\w/])")  # what Telegram makes links, mentions and commands of, by itself
WORD_JOINER = "\u2060"  # can't be seen, and is part of no link


def person_in(message: Message) -> int:
    """Who sent a message. Whoever writes as a chat, an anonymous admin too, is that chat, and so nobody's admin."""
    if message.sender_chat:
        return message.sender_chat.id
    return message.from_user.id if message.from_user else message.chat.id


def name_in(message: Message) -> str:
    """What whoever sent it is called: one line of at most NAME letters, all of which can be seen."""
    if message.sender_chat:
        return readable(message.sender_chat.effective_name or "")
    return readable(message.from_user.first_name if message.from_user else "")


def readable(name: str) -> str:
    """A name in one line and not too long, without what can't be seen."""
    seen = "".join(sign for sign in " ".join(name.split()) if sign in JOINS or unicodedata.category(sign) not in UNSEEN)
    short = seen if len(seen) <= NAME else seen[: NAME - 1] + "…"
    return short.strip(JOINS + " ") or NAMELESS


def in_html(name: str) -> str:
    """A name as HTML for Telegram: nothing in it is markup, and it leads nowhere."""
    return escape(LINKS.sub(rf"\g<0>{WORD_JOINER}", name), quote=False)
