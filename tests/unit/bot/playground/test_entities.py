"""HTML as Telegram parses it, and what it finds in plain text; offsets in UTF-16 units."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.entities import find_entities, parse_html, trimmed, utf16_length
from bot.playground.wire import BotApiError


def entity(kind: str, offset: int, length: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "offset": offset, "length": length, **more}


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("plain", "plain", []),
        ("<b>7</b> · 99.8 %", "7 · 99.8 %", [entity("bold", 0, 1)]),
        ("<strong>7</strong><em>1</em>", "71", [entity("bold", 0, 1), entity("italic", 1, 1)]),
        ("<b>one <i>two</i></b>", "one two", [entity("bold", 0, 7), entity("italic", 4, 3)]),
        ("🏟<B>7</B >", "🏟7", [entity("bold", 2, 1)]),
        ("&lt;b&gt; &amp; &quot;&#55;&#x37;&quot;", '<b> & "77"', []),
        ("&nbsp;&laquo;&#12345678;&#xD800;", "&nbsp;&laquo;&#12345678;&#xD800;", []),
        ("<b></b>x", "x", []),
        ("<b>x</>", "x", [entity("bold", 0, 1)]),
        ("<u>a</u><ins>b</ins>", "ab", [entity("underline", 0, 1), entity("underline", 1, 1)]),
        ("<s>a</s><del>b</del>", "ab", [entity("strikethrough", 0, 1), entity("strikethrough", 1, 1)]),
        ("<code>a</code>", "a", [entity("code", 0, 1)]),
        ("<pre>a</pre>", "a", [entity("pre", 0, 1)]),
        ('<pre><code class="language-python">a</code></pre>', "a", [entity("pre", 0, 1, language="python")]),
        ('<code class="language-python">a</code>', "a", [entity("code", 0, 1)]),
        ('<a href="https://a.org/?x=1&amp;y=2">a</a>', "a", [entity("text_link", 0, 1, url="https://a.org/?x=1&y=2")]),
        ("<a href='https://a.org'>a</a>", "a", [entity("text_link", 0, 1, url="https://a.org")]),
        ("<a>nothing</a>", "nothing", []),
        ('<span class="tg-spoiler">a</span>', "a", [entity("spoiler", 0, 1)]),
        ("<tg-spoiler>a</tg-spoiler>", "a", [entity("spoiler", 0, 1)]),
        ("<blockquote>a</blockquote>", "a", [entity("blockquote", 0, 1)]),
        ("<blockquote expandable>a</blockquote>", "a", [entity("expandable_blockquote", 0, 1)]),
    ],
)
def test_html_becomes_text_and_entities(source: str, text: str, entities: list[Any]) -> None:
    assert parse_html(source) == (text, entities)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("🏟 🏟&lt;<abac>", 'Unsupported start tag "abac" at byte offset 13'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("<br/>", 'Unsupported start tag "br/" at byte offset 0'),
        ("🏟 🏟&lt;<abacaba", "Unclosed start tag at byte offset 13"),
        ('<a href="x>y</a>', "Unclosed start tag at byte offset 0"),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("🏟 🏟&lt;</", "Unexpected end tag at byte offset 13"),
        ("🏟 🏟&lt;<i>a</i   ", "Unclosed end tag at byte offset 17"),
        ("🏟 🏟&lt;<i>a</em   >", 'Unmatched end tag at byte offset 17, expected "</i>", found "</em>"'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_malformed_html_is_refused_in_telegrams_words(source: str, reason: str) -> None:
    with pytest.raises(BotApiError) as refused:
        parse_html(source)

    assert (refused.value.code, refused.value.description) == (400, f"Bad Request: can't parse entities: {reason}")


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("/start", [entity("bot_command", 0, 6)]),
        ("🏟 /help@digit_demo_bot!", [entity("bot_command", 3, 20)]),
        ("and/or 7/10 http://a.org/start", [entity("url", 12, 18)]),
        ("see https://a.org/b.", [entity("url", 4, 15)]),
        ("@BotFather ann@example.org", [entity("mention", 0, 10)]),
        ("#seven #7", [entity("hashtag", 0, 6)]),
        ("", []),
    ],
)
def test_commands_links_mentions_and_hashtags_are_found(text: str, entities: list[Any]) -> None:
    assert find_entities(text, []) == entities


def test_nothing_is_found_in_code_and_links() -> None:
    known = [entity("code", 0, 6), entity("text_link", 7, 5, url="https://a.org")]

    assert find_entities("/start /help /stop", known) == [*known, entity("bot_command", 13, 5)]


def test_white_space_around_a_text_goes_and_entities_move_along() -> None:
    moved = [entity("bold", 0, 1), entity("italic", 0, 3)]

    assert trimmed("  7 🏟\n", [entity("bold", 1, 2), entity("code", 0, 2), entity("italic", 2, 3)]) == ("7 🏟", moved)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_escaped_text_comes_back_as_it_was(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    assert parse_html(f"<b>{escaped}</b>!") == (f"{text}!", [entity("bold", 0, utf16_length(text))] if text else [])


@given(st.text(alphabet="<>/&;#ab =\"'\n🏟i", max_size=40))
def test_whatever_comes_is_refused_or_gives_entities_within_the_text(source: str) -> None:
    try:
        text, entities = parse_html(source)
    except BotApiError:
        return

    assert all(0 <= each["offset"] < each["offset"] + each["length"] <= utf16_length(text) for each in entities)
