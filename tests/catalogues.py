"""Brings the message catalogues up to date with the code: `make messages`, with LANGUAGE=uk also for another language.

Messages that are new come empty, those that are gone go, and what is translated stays.
"""

import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from bot.i18n import ENGLISH, LOCALES

ROOT = Path(__file__).parents[1]
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
COMMENT = "Translators:"


def messages_in_the_code() -> Catalog:
    """All messages that `bot` and `model` mark as such, file by file."""
    found = Catalog()
    for folder in ("bot", "model"):
        for name, _, message, comments, _ in sorted(
            extract_from_dir(ROOT / folder, [("**.py", "python")], keywords=KEYWORDS, comment_tags=[COMMENT])
        ):
            found.add(message, locations=[(f"{folder}/{name}", 0)], auto_comments=comments)
    return found


def catalogue(language: str) -> Catalog:
    """What the file says; an empty one where there is none."""
    try:
        with (LOCALES / f"{language}.po").open("rb") as po:
            return read_po(po, locale=language, abort_invalid=True)
    except FileNotFoundError:
        return Catalog(language)


def is_translated(message: Message) -> bool:
    """Whether all of it is, the plurals too."""
    return all(message.string or ()) if message.pluralizable else bool(message.string)


def bring_up_to_date(language: str) -> None:
    """Write the language's file anew."""
    known = catalogue(language)
    known.update(messages_in_the_code(), no_fuzzy_matching=True)
    left = [message for message in known if message.id and not is_translated(message)]
    head = [
        f"# {known.locale.get_display_name('en')}." if known.locale else "",
        'msgid ""',
        'msgstr ""',
        f'"Language: {language}\\n"',
        f'"Plural-Forms: {known.plural_forms}\\n"',
        '"Content-Type: text/plain; charset=utf-8\\n"',
        '"Content-Transfer-Encoding: 8bit\\n"',
    ]
    with (LOCALES / f"{language}.po").open("wb") as po:
        po.write("\n".join([*head, "", ""]).encode())
        write_po(po, known, width=0, omit_header=True, ignore_obsolete=True, include_lineno=False)
    if language != ENGLISH:
        sys.stdout.write(f"{language}: {len(left)} of {len(known)} messages to be translated\n")


if __name__ == "__main__":
    for each in sorted({*(file.stem for file in LOCALES.glob("*.po")), *sys.argv[1:]}):
        bring_up_to_date(each)
