"""What Telegram shows of the bot beside its messages: command menu and descriptions, set only when they differ."""

import logging

from telegram import BotCommand
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.i18n import speech

log = logging.getLogger(__name__)


async def introduce(bot: ExtBot[None]) -> None:
    """Bring menu and descriptions up to date; a bot that can't is only worth a warning."""
    _ = speech(None).gettext
    commands = (
        BotCommand("start", _("What I do")),
        BotCommand("help", _("How to get a good reading")),
    )
    short = _("I read handwritten digits from photos, and say when I'm not sure.")
    description = _("Send me a photo of a handwritten digit: I tell you which one it is, and how sure I am.")
    try:
        if await bot.get_my_commands() != commands:
            await bot.set_my_commands(commands)
        if (await bot.get_my_short_description()).short_description != short:
            await bot.set_my_short_description(short)
        if (await bot.get_my_description()).description != description:
            await bot.set_my_description(description)
    except TelegramError as error:
        log.warning("Command menu and descriptions stay as they are: %s", error)
