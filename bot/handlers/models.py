"""/models: admins see the versions of the model, promote one or roll back."""

import logging
import re
from collections.abc import Sequence
from contextlib import suppress

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.constants import ParseMode
from telegram.error import BadRequest
from telegram.ext import CallbackQueryHandler, CommandHandler

from bot.context import Context, message_of
from bot.handlers.basics import NEW_IN_PRIVATE
from bot.handlers.review import NOT_AN_ADMIN
from bot.i18n import Gettext, speech_of
from bot.learning.version_words import figures
from bot.messages.callback_queries import answered_with
from model.versions.promotions import NAME, age
from model.versions.store import NOTHING_BEFORE
from model.versions.version import Version, VersionError

SHOWN = 10  # versions
ROW = 2
BUTTON = r"^models:"
PRESS = re.compile(rf"models:(promote|rollback):({NAME.pattern})", re.ASCII)  # a rollback names the version it undoes

log = logging.getLogger(__name__)


async def models(update: Update, context: Context) -> None:
    """Show the versions."""
    message = message_of(update)
    _ = speech_of(update).gettext
    if message.chat.id not in context.bot_data.settings.admin_ids:
        await message.reply_html(_(NOT_AN_ADMIN))
        return
    text, keyboard = _page(await context.bot_data.versions.listed(), _)
    await message.reply_html(text, reply_markup=keyboard)


async def pressed(query: CallbackQuery, context: Context, _: Gettext) -> str:
    """Promote or roll back, then update the list."""
    if query.from_user.id not in context.bot_data.settings.admin_ids:
        return _(NOT_AN_ADMIN)
    found = PRESS.fullmatch(query.data or "")
    if found is None:
        return _("This button is out of date. /models shows new ones.")
    action, name = found.groups()
    versions = context.bot_data.versions
    try:
        if action == "promote":
            await versions.promote(name)
        else:
            name = await versions.roll_back(expected=name)
        said = _("{name} is now in use.").format(name=name)
        log.info("Admin %s had %s serve (%s)", query.from_user.id, name, action)
    except VersionError as error:
        log.warning("/models, %s %s: %s", action, name, error)
        said = _(
            "I can't do that: the version is missing or damaged, or another one is now in use. /models shows how"
            " things are."
        )
        if str(error) == NOTHING_BEFORE:
            said = _("There's nothing to roll back to: no other version has been in use.")
    if isinstance(query.message, Message):
        text, keyboard = _page(await versions.listed(), _)
        with suppress(BadRequest):  # unchanged, or the message is gone
            await query.message.edit_text(text, parse_mode=ParseMode.HTML, reply_markup=keyboard)
    return said


def _page(versions: Sequence[Version], _: Gettext) -> tuple[str, InlineKeyboardMarkup | None]:
    """The list: the newest versions, and always the one in use and the shipped one."""
    shown = sorted(versions, key=lambda each: (each.serves or each.shipped, age(each.name)))[-SHOWN:]
    shown.sort(key=lambda each: age(each.name), reverse=True)
    text = "\n\n".join([_("Versions of my network, newest first:"), *(_lines(each, _) for each in shown)])
    return text, _keyboard(shown, _)


def _lines(version: Version, _: Gettext) -> str:
    first = [f"<b>{version.name}</b>", *[_("in use")] * version.serves, *[_("shipped")] * version.shipped]
    line = _("MNIST {test}, validation {validation}, made {date}")
    if version.parent:
        line = _("MNIST {test}, validation {validation}, made {date} from {parent}")
    return f"{' · '.join(first)}\n{line.format(**figures(version, _))}"


def _keyboard(shown: Sequence[Version], _: Gettext) -> InlineKeyboardMarkup | None:
    if len(shown) == 1:
        return None
    buttons = [
        InlineKeyboardButton(_("Promote {name}").format(name=each.name), callback_data=f"models:promote:{each.name}")
        for each in shown
        if not each.serves
    ]
    rows = [buttons[i : i + ROW] for i in range(0, len(buttons), ROW)]
    serving = next(each.name for each in shown if each.serves)
    back = InlineKeyboardButton(_("↩ Roll back"), callback_data=f"models:rollback:{serving}")
    return InlineKeyboardMarkup([*rows, [back]])


HANDLERS = [CommandHandler("models", models, NEW_IN_PRIVATE), CallbackQueryHandler(answered_with(pressed), BUTTON)]
