"""Who sent a message, and their name: whatever it is, one line of letters that can be seen, and no markup or link."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.messages.people import NAME, in_html, readable
from bot.playground.entities import find_entities, parse_html

LINKS = ["@durov", "https://evil.example/x", "tg://user?id=1", "/forgetme", "#spam", "$USD", "t.me/evil", "a@b.example"]


@given(st.text(st.characters(), max_size=60))
@example("Ann\n2. Ben · 900")
@example("\ud83d")
@example("Ann\u202e\u2066\u200f\x00\x1b[31m")
@example("👩\u200d🏫" * 40)
@example("&" * 4096)
def test_a_name_is_one_short_line_of_what_can_be_seen(name: str) -> None:
    said = readable(name)
    assert 1 <= len(said) <= NAME
    assert len(said.splitlines()) == 1
    assert not any(unicodedata.category(sign) in ("Cc", "Cs") or "\u202a" <= sign <= "\u202e" for sign in said)
    said.encode()
    assert parse_html(in_html(said))[1] == []
    assert readable(said) == said


@pytest.mark.parametrize("name", ["Ann", "Anne-Marie O'Hara", "J. R.", "Анна", "علی\u200cرضا", "👩\u200d🏫", "李 明"])
def test_names_of_people_stay_as_they_are(name: str) -> None:
    assert in_html(readable(name)) == name


@pytest.mark.parametrize("name", ["", " \n\t", "\u200b\u200e\ufeff", "\u200d", "\x00"])
def test_who_is_called_nothing_has_a_sign_all_the_same(name: str) -> None:
    assert readable(name) == "?"


@pytest.mark.parametrize("link", LINKS)
def test_a_name_leads_nowhere(link: str) -> None:
    """A word joiner stands where a link would need letters: no entity is found, and nothing else has changed."""
    text, entities = parse_html(in_html(readable(link)))
    assert find_entities(text, entities) == []
    assert text.replace("\u2060", "") == link
    assert "." not in text or ".\u2060" in text
