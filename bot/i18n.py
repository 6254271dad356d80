"""The languages that the bot speaks: `locales/<language>.po`, read at start; English is the text in the code itself."""

import io
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from telegram import Update

from model.reading.result import N_

LOCALES = Path(__file__).parent / "locales"
ENGLISH = "en"

Gettext = Callable[[str], str]

_CHOSEN: ContextVar[str | None] = ContextVar("chosen language", default=None)


def speech(language_code: str | None) -> GNUTranslations:
    """The catalogue for a person's `language_code` (IETF tag as Telegram gives it, "pt-br"); English for others."""
    return catalogues()[_spoken(language_code or ENGLISH)]


def speech_of(update: Update) -> GNUTranslations:
    """The catalogue for whoever sent the update."""
    return speech(language_of(update))


def language_of(update: Update) -> str:
    """The language that was chosen for the update in work, else Telegram's of whoever sent it, of those spoken here."""
    theirs = update.effective_user.language_code if update.effective_user else None
    return _spoken(_CHOSEN.get() or theirs or ENGLISH)


def set_chosen(language: str | None) -> None:
    """The update that is in work in this task is answered in this language; None: in Telegram's."""
    _CHOSEN.set(language)


def own_names() -> dict[str, str]:
    """Each language that is spoken, and what its speakers call it."""
    # Translators: the name of your language in itself, for a button
    name = N_("English")
    return {code: catalogue.gettext(name) for code, catalogue in catalogues().items()}


@cache
def catalogues() -> Mapping[str, GNUTranslations]:
    """Every catalogue by its language; raises ValueError for a file that is no catalogue."""
    return {file.stem: _compiled(file) for file in sorted(LOCALES.glob("*.po"))}


def _spoken(tag: str) -> str:
    """The language of the catalogue for a tag: whatever an app of one's own says, one that there is."""
    candidates = (tag.lower(), tag.lower().partition("-")[0])
    return next((each for each in candidates if each in catalogues()), ENGLISH)


def _compiled(file: Path) -> GNUTranslations:
    with file.open("rb") as po:
        catalogue = read_po(po, locale=file.stem, abort_invalid=True)
    mo = io.BytesIO()
    write_mo(mo, catalogue)
    mo.seek(0)
    return GNUTranslations(mo)
