"""Every sentence that a person reads is in the catalogues, whole and sound, and each person gets their language's."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog, Message
from telegram import InlineKeyboardMarkup

from bot.i18n import ENGLISH, LOCALES, catalogues, own_names, speech
from bot.messages import buttons
from bot.messages.buttons import Action, Press
from bot.messages.percent import percent, share
from bot.storage.records import KeptReading, SeenDigit, SeenPhoto
from tests.catalogues import ROOT, catalogue, is_translated, messages_in_the_code
from tests.wording import english_in, fits, says_something

LANGUAGES = sorted(file.stem for file in LOCALES.glob("*.po"))
OTHERS = [language for language in LANGUAGES if language != ENGLISH]
IN_THE_CODE = messages_in_the_code()


def messages(language: str) -> Iterator[tuple[str, str]]:
    """Each message that is translated: in English, and in the language; of a plural every form."""
    for message in _without_head(catalogue(language)):
        first, *others = _forms(message)
        one, many = (message.id,) * 2 if isinstance(message.id, str) else message.id
        yield one, first
        yield from ((many, form) for form in others)


def _without_head(known: Catalog) -> list[Message]:
    return [message for message in known if message.id]


def placeholders(text: str) -> Counter[str]:
    return Counter(re.findall(r"{\w*}", text))


def tags(text: str) -> list[str]:
    return re.findall(r"</?[a-z]+>", text)


def to_be_typed(text: str) -> list[str]:
    """Commands, code, names of settings: sorted, for languages order them as they like."""
    return sorted(re.findall(r"(?<![\w<])/[a-z]+|<code>.*?</code>|\b[A-Z]+_[A-Z]+\b", text))


def sign_before(text: str) -> str:
    """The emoji or sign that a message begins with."""
    return "" if text[0].isalnum() or text[0] in "<{/" else text.split(" ")[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_holds_every_message_and_no_other(language: str) -> None:
    known = {message.id for message in _without_head(catalogue(language))}
    assert known == {message.id for message in _without_head(IN_THE_CODE)}, "make messages brings it up to date"


def test_no_message_hides_in_an_f_string_where_it_would_not_be_found() -> None:
    hidden = re.compile(r"""\{(?:N?_|gettext)\(['"]""")
    assert not [file for file in (ROOT / "bot").rglob("*.py") if hidden.search(file.read_text("utf-8"))]


@pytest.mark.parametrize("language", OTHERS)
def test_everything_is_translated_and_nothing_doubtful(language: str) -> None:
    known = _without_head(catalogue(language))
    assert not [message.id for message in known if not is_translated(message)]
    assert not [message.id for message in known if message.fuzzy]
    assert not [(message.id, english) for message in known for english in english_in(" ".join(_forms(message)))]


def _forms(message: Message) -> tuple[str, ...]:
    translated = message.string or ""
    return (translated,) if isinstance(translated, str) else tuple(translated)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_plural_has_as_many_forms_as_the_language(language: str) -> None:
    known = catalogue(language)
    expected = Catalog(language)
    assert (known.num_plurals, known.plural_expr) == (expected.num_plurals, expected.plural_expr)
    assert all(len(_forms(message)) == known.num_plurals for message in known if message.pluralizable)


@pytest.mark.parametrize("same", [placeholders, tags, to_be_typed, sign_before, lambda text: text.count("\n")])
@pytest.mark.parametrize("language", OTHERS)
def test_translations_keep_what_the_program_needs(language: str, same: object) -> None:
    assert callable(same)
    assert not [(source, said) for source, said in messages(language) if same(source) != same(said)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_markup_is_closed_and_no_white_space_is_around(language: str) -> None:
    for source, said in messages(language):
        text = said or source
        assert text == text.strip()
        opened, closed = re.findall(r"<([a-z]+)>", text), re.findall(r"</([a-z]+)>", text)
        assert opened == closed
        assert not set(opened) - {"b", "code"}


@pytest.mark.parametrize("language", OTHERS)
def test_a_button_that_is_named_in_a_sentence_is_named_as_it_is(language: str) -> None:
    labels = dict(messages(language))
    for source, said in messages(language):
        for label in re.findall("“(.+?)”", source):
            assert labels.get(label, "") in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_emoji_says_anything_alone(language: str) -> None:
    for source, said in messages(language):
        text = re.sub(r"{\w*}", "", said or source)
        if any(unicodedata.category(sign) == "So" for sign in text):
            assert says_something(text), text


READING = KeptReading(
    1, 2, 3, 4, (SeenPhoto(5, "file", (9, 9), tuple(SeenDigit(n, 0.9, (n, 0, 1, 1)) for n in range(9))),), "2026.11-1"
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_buttons_side_by_side_have_short_names(language: str) -> None:
    _ = speech(language).gettext
    keyboards: list[InlineKeyboardMarkup] = [
        buttons.under_answer(1, _),
        buttons.under_blank(1, _),
        buttons.under_thanks(1, _),
        buttons.picker(READING, {}, _),
        buttons.consent(Press(Action.RIGHT, 1), _),
        buttons.consent_to_typed(1, _),
    ]
    for keyboard in keyboards:
        for row in keyboard.inline_keyboard:
            assert all(fits(button.text, len(row)) for button in row), row


@pytest.mark.parametrize("code", ["en", "en-GB", "xx", "", None])
def test_people_without_a_catalogue_of_their_own_read_english(code: str | None) -> None:
    assert speech(code) is catalogues()["en"]


@pytest.mark.parametrize(
    ("code", "language"), [("ru", "ru"), ("ru-RU", "ru"), ("zh", "zh"), ("zh-hans", "zh"), ("zh-CN", "zh")]
)
def test_telegrams_tags_lead_to_the_language(code: str, language: str) -> None:
    assert speech(code) is catalogues()[language]


def test_chinese_in_other_signs_is_nearer_than_english() -> None:
    assert speech("zh-hant") is speech("zh-tw") is catalogues()["zh"]


def test_languages_are_offered_by_their_own_names() -> None:
    assert own_names() == {"en": "English", "ru": "Русский", "zh": "简体中文"}


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        *[("en", 1, "1 player"), ("en", 2, "2 players"), ("en", 0, "0 players"), ("en", 21, "21 players")],
        *[("ru", 1, "1 игрок"), ("ru", 2, "2 игрока"), ("ru", 5, "5 игроков"), ("ru", 0, "0 игроков")],
        *[("ru", 11, "11 игроков"), ("ru", 21, "21 игрок"), ("ru", 22, "22 игрока"), ("ru", 111, "111 игроков")],
        *[("zh", 1, "1 位玩家"), ("zh", 21, "21 位玩家")],
    ],
)
def test_each_count_has_its_form(language: str, count: int, said: str) -> None:
    assert speech(language).ngettext("{count} player", "{count} players", count).format(count=count) == said


@pytest.mark.parametrize(("language", "said"), [("en", "99.8 %"), ("ru", "99,8 %"), ("zh", "99.8%")])
def test_shares_are_written_as_the_language_does(language: str, said: str) -> None:
    _ = speech(language).gettext
    assert percent(0.998, _, 1) == said
    assert share(1, _) == said.replace("99.8", "100").replace("99,8", "100")
