"""Handles all errors: logs the details, tells the person plainly, notifies the admins."""

import logging
import re
import time
from typing import cast

from telegram import Update
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import filters

from bot.context import Context
from bot.i18n import speech_of
from bot.inbox import LONGEST_WAIT
from bot.inbox.handling import Handling, KilledTheBot
from bot.messages.answer_log import note_failed
from bot.messages.pictures import PICTURE
from bot.readers.pool import ReaderFailed, TooSlow
from bot.storage.database import DatabaseUnavailable
from bot.transport.calls import NotTaken
from bot.transport.retries import seconds_of
from model.reading.result import N_

NETWORK = N_("Telegram didn't answer me in time. Please send it again in a moment.")
UNEXPECTED = N_("Something went wrong on my side. Please try again in a moment.")
UNEXPECTED_AND_TOLD = N_("Something went wrong on my side, and my admins have been told. Please try again in a moment.")

MAY_NOT = re.compile("not enough rights|CHAT_WRITE_FORBIDDEN|TOPIC_CLOSED", re.IGNORECASE)  # of groups
PATIENCE = 24 * 3600  # seconds for which an update is retried: as long as Telegram would keep it
FIRST_PAUSE = 1.0  # seconds between retries: as long as it has waited so far, LONGEST_WAIT at most
DATABASE_PAUSE = 5.0  # seconds at most where the database was away: it has to be there to hear of the pause

log = logging.getLogger(__name__)


async def on_error(update: object, context: Context) -> None:
    """Retry network failures later; report everything else to person, log and admins."""
    error = cast("Exception", context.error)
    if isinstance(error, Forbidden) or (isinstance(error, BadRequest) and MAY_NOT.search(error.message)):
        log.info("Not answered, for the bot may not write there: %s", error)
        return
    if _try_again(error, context.handling):
        whose, level = ("The database", logging.WARNING) if _no_database(error) else ("Telegram", logging.INFO)
        log.log(level, "%s: %s; the update is tried again", whose, error)
        return
    if isinstance(update, Update):
        if PICTURE.check_update(update):
            note_failed(error, context.handling, context.bot_data.settings)
        await _tell(update, error, context)
    what = f"Update {update.update_id if isinstance(update, Update) else update}"
    if isinstance(error, TooSlow):  # which a hostile file brings about; nothing of ours has failed
        log.warning("%s was given up: %s", what, error)
        return
    await report(error, what, context)


async def report(error: Exception, what: str, context: Context) -> None:
    """Log a failure of ours with its details, and notify the admins."""
    log.error("%s failed", what, exc_info=error)
    await context.bot_data.troubles.report(context.bot, error)


def _try_again(error: Exception, handling: Handling) -> bool:
    """Keep the update in the inbox for a retry, if that makes sense; returns whether."""
    if not (_out_of_reach(error) or _no_database(error)):
        return False
    waited = time.time() - handling.arrived
    if waited > PATIENCE:
        return False
    pause = min(max(waited, FIRST_PAUSE), DATABASE_PAUSE if _no_database(error) else LONGEST_WAIT)
    handling.again_in = max(pause, seconds_of(error)) if isinstance(error, RetryAfter) else pause
    return True


async def _tell(update: Update, error: Exception, context: Context) -> None:
    message = update.effective_message
    if message is None or not filters.ChatType.PRIVATE.check_update(update):
        return
    try:
        await message.reply_html(speech_of(update).gettext(sentence_of(error, context)), do_quote=True)
    except TelegramError as failure:
        log.warning("The person couldn't be told of it: %s", failure)
        _try_again(failure, context.handling)


def sentence_of(error: Exception, context: Context) -> str:
    """The sentence that tells a person about an error."""
    if isinstance(error, ReaderFailed | KilledTheBot | NotTaken):
        return error.sentence
    if _out_of_reach(error):
        return NETWORK
    return UNEXPECTED_AND_TOLD if context.bot_data.settings.admin_ids else UNEXPECTED


def _no_database(error: Exception) -> bool:
    """Whether the bot's own database was locked, full or away."""
    return isinstance(error, DatabaseUnavailable)


def _out_of_reach(error: Exception) -> bool:
    """Whether Telegram or the network failed, not the request."""
    passing = isinstance(error, NetworkError | RetryAfter | InvalidToken)  # the token may be about to be replaced
    return passing and not isinstance(error, BadRequest)  # which is a NetworkError in this library
