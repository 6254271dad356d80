"""Every sentence that a person reads is in the catalogues, and each person gets their language's."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from bot.i18n import LOCALES, catalogues, speech

ROOT = Path(__file__).parents[2]
UPDATE = (
    "pybabel extract -k N_ -o messages.pot bot model && pybabel update -i messages.pot -l {0} -o bot/locales/{0}.po"
)
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}


def messages_in_the_code() -> set[str | tuple[str, ...]]:
    """All messages that `bot` and `model` mark as such; with a plural, both."""
    found = [extract_from_dir(ROOT / folder, [("**.py", "python")], keywords=KEYWORDS) for folder in ("bot", "model")]
    return {message for files in found for _, _, message, *_ in files}


def placeholders(text: str) -> set[str]:
    """The names in braces."""
    return set(re.findall(r"{(\w*)}", text))


def catalogue(file: Path) -> Catalog:
    with file.open("rb") as po:
        return read_po(po, locale=file.stem, abort_invalid=True)


@pytest.mark.parametrize("file", sorted(LOCALES.glob("*.po")), ids=lambda file: file.stem)
def test_a_catalogue_holds_every_message_and_no_other(file: Path) -> None:
    held = {message.id for message in catalogue(file) if message.id}
    assert held == messages_in_the_code(), UPDATE.format(file.stem)


def test_no_message_hides_in_an_f_string_where_it_would_not_be_found() -> None:
    hidden = re.compile(r"""\{(?:N?_|gettext)\(['"]""")
    assert not [file for file in (ROOT / "bot").rglob("*.py") if hidden.search(file.read_text("utf-8"))]


@pytest.mark.parametrize("file", sorted(LOCALES.glob("*.po")), ids=lambda file: file.stem)
def test_translations_keep_the_placeholders(file: Path) -> None:
    for message in catalogue(file):
        for translated in filter(None, message.string if message.pluralizable else [message.string]):
            english = message.id[0] if message.pluralizable else message.id
            assert placeholders(translated) == placeholders(english)


@pytest.mark.parametrize("code", ["en", "en-GB", "xx", "", None])
def test_people_without_a_catalogue_of_their_own_read_english(code: str | None) -> None:
    assert speech(code) is catalogues()["en"]


def test_english_has_its_plurals() -> None:
    one, many = "{count} error since my last notice: {kind}. The log has the details.", "many"
    assert speech("en").ngettext(one, many, 1).startswith("{count} error ")
    assert speech("en").ngettext(one, many, 2).startswith("{count} errors ")
