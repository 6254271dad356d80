"""The messages of a round of /demo: HTML, in the language of the person who started it."""

from collections.abc import Sequence
from gettext import GNUTranslations

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.game.rounds import CALLS, Entry, Game, Round, funniest, numbers, ranking, read_as_called
from bot.i18n import Gettext
from bot.messages.people import in_html
from bot.messages.percent import percent, share
from model.reading.result import N_

CHOOSE, MINE = "show:", "show:mine:"  # prefixes of the buttons' callback data
AS_CALLED, NOT_AS_CALLED = "👍", "🤔"  # reactions allowed in every group by default
MEDALS = "🥇🥈🥉"
LEADERS = 10  # on the scoreboard
LATEST = 5  # readings on it
CAPTION = 1024  # the limit of Telegram's captions, in characters
WHICH = N_(
    "Which game? I call out three digits; you draw each one and send me a photo.\n"
    "✏️ <b>Clear hand</b>: draw digits that I can read.\n"
    "😈 <b>Fool me</b>: draw digits that people can read and I can't.\n"
    "/demo tour shows how I read."
)
TITLES = {Game.READ: N_("Clear hand"), Game.FOOL: N_("Fool me")}
AN = 8  # English says "an 8"
SIGNS = {Game.READ: "✏️", Game.FOOL: "😈"}


def games(_: Gettext) -> InlineKeyboardMarkup:
    """The buttons to choose a game."""
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(f"{SIGNS[game]} {_(TITLES[game])}", callback_data=f"{CHOOSE}{game}") for game in Game]]
    )


def called(this: Round, n: int, entries: Sequence[Entry], speech: GNUTranslations) -> str:
    """The message that calls the nth digit; alone also the last reading."""
    _ = speech.gettext
    digit = this.digits[n]
    task = f"{SIGNS[this.game]} {_(_task(this.game, digit)).format(digit=f'<b>{digit}</b>')} ({n + 1}/{CALLS})"
    lines = [_("I read {read}").format(read=_read(this, entries[-1]))] if this.is_private and entries else []
    return "\n".join([*lines, task, *filter(None, [_how(this, n, _)])])


def _task(game: Game, digit: int) -> str:
    if game is Game.READ:
        return N_("Draw an {digit} that I can read!") if digit == AN else N_("Draw a {digit} that I can read!")
    if digit == AN:
        return N_("Fool me: draw an {digit} that people can read and I can't.")
    return N_("Fool me: draw a {digit} that people can read and I can't.")


def _how(this: Round, n: int, _: Gettext) -> str:
    if this.is_private:
        return "" if n else _("Send me a photo of it. /stop ends the round.")
    if n:
        return _("Reply to this message with a photo of it.")
    return _("Reply to this message with a photo of it. There's a new digit every minute; /stop ends the round.")


def scoreboard(this: Round, entries: Sequence[Entry], speech: GNUTranslations) -> str:
    """The scoreboard: the leaders and the latest readings."""
    _, ngettext = speech.gettext, speech.ngettext
    photos = ngettext("{count} photo", "{count} photos", len(entries)).format(count=len(entries))
    players = ranking(this, entries)
    lines = [f"📊 <b>{_(TITLES[this.game])}</b> · {photos}"]
    lines += [f"{place}. {in_html(player.name)} · {player.points}" for place, player in enumerate(players[:LEADERS], 1)]
    if len(players) > LEADERS:
        lines.append("…")
    if not entries:
        return lines[0]
    latest = ", ".join(f"{in_html(entry.name)} {_read(this, entry)}" for entry in entries[-LATEST:])
    lines.append(_("Latest: {reads}").format(reads=latest))
    return "\n".join(lines)


def _read(this: Round, entry: Entry) -> str:
    """A reading, followed by the digit called if they differ, as on the closing sheet."""
    if read_as_called(this, entry):
        return f"{entry.text} {AS_CALLED}"
    return f"{entry.text or '–'} ({this.digits[entry.call]}) {NOT_AS_CALLED}"


def nobody_came(_: Gettext) -> str:
    """The end of a round without photos."""
    return "🏁 " + _("The round is over, and nobody sent a photo. /demo starts another.")


def closing(this: Round, entries: Sequence[Entry], speech: GNUTranslations) -> str:
    """The caption of the closing sheet: medals and figures, within Telegram's limit."""
    _, ngettext = speech.gettext, speech.ngettext
    found = numbers(this, entries)
    photos = ngettext("{count} photo", "{count} photos", found.photos).format(count=found.photos)
    players = ngettext("{count} player", "{count} players", found.players).format(count=found.players)
    first = _("<b>The round is over:</b> {photos}, {players}").format(photos=photos, players=players)
    lines = [f"🏁 {first}", _medals(this, entries)]
    as_called = _("I read the digit I called: {right} of {all}, {share}.")
    counts = {"right": found.as_called, "all": found.photos, "share": share(found.as_called / found.photos, _)}
    lines.append("🎯 " + as_called.format(**counts))
    if found.fastest:
        entry, seconds = found.fastest
        words = _("Fastest: {name}, {seconds} s")
        lines.append("⚡ " + words.format(name=in_html(entry.name), seconds=round(seconds)))
    if found.hardest:
        digit, wrong, of = found.hardest
        lines.append(
            "🧗 " + _("Hardest digit: {digit}, {wrong} of {all} misread").format(digit=digit, wrong=wrong, all=of)
        )
    if this.game is Game.FOOL:
        lines.append("👀 " + _("Could a person read them? They are all on the sheet: you be the judges."))
    for number, entry in enumerate(funniest(this, entries), 1):
        words = _("{name}'s {called}: I read {said}, {share} sure")
        what = {"called": this.digits[entry.call], "said": entry.text, "share": percent(entry.confidence, _)}
        lines.append(f"{'①②③'[number - 1]} " + words.format(name=in_html(entry.name), **what))
    return _within(lines, CAPTION)


def _medals(this: Round, entries: Sequence[Entry]) -> str:
    winners = [player for player in ranking(this, entries) if player.points]
    return " · ".join(
        f"{medal} {in_html(player.name)} {player.points}" for medal, player in zip(MEDALS, winners, strict=False)
    )


def _within(lines: Sequence[str], most: int) -> str:
    """As many whole, non-empty lines as fit. Markup counts too, so it stays below the limit."""
    text = ""
    for line in filter(None, lines):
        if len(text) + 1 + len(line) > most:
            break
        text += f"\n{line}" if text else line
    return text


def correct_mine(round_: int, _: Gettext) -> InlineKeyboardMarkup:
    """The button under the closing sheet."""
    return InlineKeyboardMarkup([[InlineKeyboardButton(_("✗ Correct my digits"), callback_data=f"{MINE}{round_}")]])
