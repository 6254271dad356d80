"""The one place where errors end up: logged with all details, told plainly, reported to the admins."""

import logging
from typing import cast

from telegram import Update
from telegram.error import BadRequest, Forbidden, NetworkError, TelegramError
from telegram.ext import filters

from bot.context import Context
from bot.i18n import speech_of
from bot.reading import ReaderFailed
from model.reading import N_

NETWORK = N_("Telegram didn't answer me in time. Please send it again in a moment.")
UNEXPECTED = N_("Something went wrong on my side, and it is noted. Please try again in a moment.")

log = logging.getLogger(__name__)


async def on_error(update: object, context: Context) -> None:
    """Log the error of a handler, tell the person one sentence, and let the admins know."""
    error = cast("Exception", context.error)
    if isinstance(error, Forbidden):
        log.info("Not answered, for the bot may not write there: %s", error)
        return
    log.error("Update %s failed", update.update_id if isinstance(update, Update) else update, exc_info=error)
    if isinstance(update, Update):
        await _tell(update, error)
    await context.bot_data.troubles.report(context.bot, error)


async def _tell(update: Update, error: Exception) -> None:
    message = update.effective_message
    if message is None or not filters.ChatType.PRIVATE.check_update(update):
        return
    try:
        await message.reply_html(speech_of(update).gettext(_sentence(error)), do_quote=True)
    except TelegramError as failure:
        log.warning("The person couldn't be told of it: %s", failure)


def _sentence(error: Exception) -> str:
    if isinstance(error, ReaderFailed):
        return error.sentence
    out_of_reach = isinstance(error, NetworkError) and not isinstance(error, BadRequest)  # its subclass, oddly
    return NETWORK if out_of_reach else UNEXPECTED
