"""The one place where errors end up: logged with all details, told plainly, reported to the admins."""

import logging
import re
import time
from typing import cast

from telegram import Update
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import filters

from bot.context import Context
from bot.i18n import speech_of
from bot.inbox.handling import KilledTheBot, current
from bot.messages.answer_log import note_failed
from bot.messages.pictures import PICTURE
from bot.readers.pool import ReaderFailed
from bot.transport.retries import seconds_of
from model.reading.result import N_

NETWORK = N_("Telegram didn't answer me in time. Please send it again in a moment.")
UNEXPECTED = N_("Something went wrong on my side, and my admins have been told. Please try again in a moment.")

MAY_NOT = re.compile("not enough rights|CHAT_WRITE_FORBIDDEN|TOPIC_CLOSED", re.IGNORECASE)  # of groups
PATIENCE = 24 * 3600  # seconds from an update's arrival for which it is tried again: as long as Telegram keeps one
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds between two tries: as long as it has waited already

log = logging.getLogger(__name__)


async def on_error(update: object, context: Context) -> None:
    """Try again later what the network hindered; of everything else tell the person, the log and the admins."""
    error = cast("Exception", context.error)
    if isinstance(error, Forbidden) or (isinstance(error, BadRequest) and MAY_NOT.search(error.message)):
        log.info("Not answered, for the bot may not write there: %s", error)
        return
    if _try_again(error):
        log.info("Telegram: %s; it is tried again", error)
        return
    if isinstance(update, Update):
        if PICTURE.check_update(update):
            note_failed(error, context.bot_data.settings)
        await _tell(update, error)
    await report(error, f"Update {update.update_id if isinstance(update, Update) else update}", context)


async def report(error: Exception, what: str, context: Context) -> None:
    """Something failed, by a fault of ours: the log has the details, the admins a notice."""
    log.error("%s failed", what, exc_info=error)
    await context.bot_data.troubles.report(context.bot, error)


def _try_again(error: Exception) -> bool:
    """Whether the update stays in the inbox, to be handled once more in a while."""
    if not _out_of_reach(error):
        return False
    handling = current()
    waited = time.time() - handling.arrived
    if waited > PATIENCE:
        return False
    pause = min(max(waited, FIRST_PAUSE), LONGEST_PAUSE)
    handling.again_in = max(pause, seconds_of(error)) if isinstance(error, RetryAfter) else pause
    return True


async def _tell(update: Update, error: Exception) -> None:
    message = update.effective_message
    if message is None or not filters.ChatType.PRIVATE.check_update(update):
        return
    try:
        await message.reply_html(speech_of(update).gettext(sentence_of(error)), do_quote=True)
    except TelegramError as failure:
        log.warning("The person couldn't be told of it: %s", failure)
        _try_again(failure)


def sentence_of(error: Exception) -> str:
    """What a person is told of it."""
    if isinstance(error, ReaderFailed | KilledTheBot):
        return error.sentence
    return NETWORK if _out_of_reach(error) else UNEXPECTED


def _out_of_reach(error: Exception) -> bool:
    """Whether it was Telegram or the network, and not what was asked of it."""
    passing = isinstance(error, NetworkError | RetryAfter | InvalidToken)  # a new token may be on its way
    return passing and not isinstance(error, BadRequest)  # a NetworkError, oddly
