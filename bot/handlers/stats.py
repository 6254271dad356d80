"""/stats: how many photos were answered, how often people marked them right, and the hardest digits."""

from telegram import Update
from telegram.ext import CommandHandler

from bot.context import Context, message_of
from bot.handlers.basics import NEW_IN_PRIVATE
from bot.handlers.review import NOT_AN_ADMIN
from bot.i18n import Gettext, speech_of
from bot.messages.percent import share
from bot.storage.records import Statistics
from model.reading.result import NOT_A_DIGIT

ALL = "all"
HARDEST = 3  # digits named as hardest


async def stats(update: Update, context: Context) -> None:
    """Send the sender's own figures, or for admins with "all" everybody's."""
    message = message_of(update)
    _ = speech_of(update).gettext
    everybody = (context.args or [""])[0].lower() == ALL
    if everybody and message.chat.id not in context.bot_data.settings.admin_ids:
        await message.reply_html(_(NOT_AN_ADMIN))
        return
    figures = await context.bot_data.store.statistics(None if everybody else message.chat.id)
    words = in_words(figures, _)
    if not figures.labels:
        await message.reply_html(words)
        return
    chart = await context.bot_data.readers.chart(figures.labels)
    await message.reply_photo(chart, words)


def in_words(figures: Statistics, _: Gettext) -> str:
    """The figures as text, one per line."""
    lines = [_("Answers so far: {count}.").format(count=figures.read)]
    judged = figures.right + figures.wrong
    if not judged:
        return lines[0] + "\n" + _("Press ✓ or ✗ under my answers, and I'll count how often I'm right.")
    right = _("Marked as right: {right} of {judged}, {share}.")
    lines.append(right.format(right=figures.right, judged=judged, share=share(figures.right / judged, _)))
    wrong = {digit: badly for digit, (_well, badly) in figures.labels.items() if badly and digit != NOT_A_DIGIT}
    if wrong:
        hardest = sorted(wrong, key=lambda digit: (-wrong[digit], digit))[:HARDEST]
        lines.append(_("Hardest for me: {digits}.").format(digits=", ".join(map(str, hardest))))
    return "\n".join(lines)


HANDLERS = [CommandHandler("stats", stats, NEW_IN_PRIVATE)]
