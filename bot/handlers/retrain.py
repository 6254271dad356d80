"""/retrain: an admin trains the network on accepted corrections and watches it."""

import logging
import re

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.ext import CallbackQueryHandler, CommandHandler

from bot.context import Context, message_of
from bot.handlers.basics import NEW_IN_PRIVATE
from bot.handlers.review import NOT_AN_ADMIN
from bot.i18n import Gettext, language_of, speech_of
from bot.learning.training_words import Progress, cancel_button
from bot.learning.trainings import Watcher
from bot.messages.callback_queries import answered_with
from model.reading.result import N_

LEAST = 10  # accepted corrections
BUTTON = r"^retrain:"
PRESS = re.compile(r"retrain:(watch|cancel):(\d{1,18})", re.ASCII)
OVER = N_("This training is over.")

log = logging.getLogger(__name__)


async def retrain(update: Update, context: Context) -> None:
    """Start a training (from scratch with /retrain full), or say why not."""
    message = message_of(update)
    _ = speech_of(update).gettext
    admin, settings = message.chat.id, context.bot_data.settings
    if admin not in settings.admin_ids:
        log.warning("Somebody who isn't an admin asked to /retrain", extra={"chat": settings.named_in_logs(admin)})
        await message.reply_html(_(NOT_AN_ADMIN))
        return
    retraining = context.bot_data.retraining
    accepted, waiting = await retraining.trainings.counts()
    if accepted < LEAST:
        await message.reply_html(_too_few(accepted, waiting, _))
        return
    full = context.args == ["full"]

    async def show(training: int) -> Watcher:
        sent = await message.reply_html(Progress(full=full).words(_), reply_markup=cancel_button(training, _))
        return Watcher(admin, sent.message_id, language_of(update))

    if not await retraining.begin(admin, show, full=full):
        await _offer_to_watch(message, context, _)


def _too_few(accepted: int, waiting: int, _: Gettext) -> str:
    words = _("I need at least {least} accepted corrections to learn from. So far: {accepted}.")
    more = _("Waiting in /review: {waiting}.") if waiting else _("Each ✗ under one of my answers adds one.")
    return words.format(least=LEAST, accepted=accepted) + "\n" + more.format(waiting=waiting)


async def _offer_to_watch(message: Message, context: Context, _: Gettext) -> None:
    running = await context.bot_data.retraining.trainings.running()
    if running is None:  # it has just ended
        await message.reply_html(_("A training has just ended. Please try again."))
        return
    watch = InlineKeyboardButton(_("Watch it"), callback_data=f"retrain:watch:{running.id}")
    words = _("A training is already running. Do you want to watch it?")
    await message.reply_html(words, reply_markup=InlineKeyboardMarkup([[watch]]))


async def pressed(query: CallbackQuery, context: Context, _: Gettext) -> str | None:
    """Handle the buttons: watch the running training, or cancel it."""
    person, settings = query.from_user.id, context.bot_data.settings
    if person not in settings.admin_ids:
        name = settings.named_in_logs(person)
        log.warning("Somebody who isn't an admin pressed a button of /retrain", extra={"chat": name})
        return _(NOT_AN_ADMIN)
    found = PRESS.fullmatch(query.data or "")
    if found is None or not isinstance(query.message, Message):
        return _(OVER)
    trainings, training = context.bot_data.retraining.trainings, int(found[2])
    if found[1] == "cancel":
        if not await trainings.cancel(training):
            return _(OVER)
        log.info("Admin %s cancelled training %d", person, training)
        return _("I'm stopping it.")
    running = await trainings.running()
    if running is None or running.id != training:
        return _(OVER)
    message, language = query.message, language_of(Update(0, callback_query=query))
    await trainings.watch(training, Watcher(message.chat.id, message.message_id, language))
    return None


HANDLERS = [CommandHandler("retrain", retrain, NEW_IN_PRIVATE), CallbackQueryHandler(answered_with(pressed), BUTTON)]
