"""What Telegram shows of the bot beside its messages: command menu and descriptions, set only when they differ."""

import logging
from collections.abc import Iterable

from telegram import BotCommand, BotCommandScopeChat
from telegram.error import BadRequest, TelegramError
from telegram.ext import ExtBot

from bot.i18n import speech

log = logging.getLogger(__name__)


async def introduce(bot: ExtBot[None], admins: Iterable[int]) -> None:
    """Bring menu and descriptions up to date; a bot that can't is only worth a warning."""
    _ = speech(None).gettext
    commands = (
        BotCommand("start", _("What I do")),
        BotCommand("help", _("How to get a good reading")),
        BotCommand("stats", _("How often I was right")),
        BotCommand("privacy", _("What I keep of you")),
        BotCommand("mydata", _("All that I keep of you, as a file")),
        BotCommand("forgetme", _("Delete all that I keep of you")),
    )
    for_admins = (
        *commands,
        BotCommand("review", _("Corrections that wait for you")),
        BotCommand("retrain", _("Have me learn from corrections")),
        BotCommand("models", _("Versions of my network")),
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
        for admin in admins:
            await _set_menu_of(bot, admin, for_admins)
    except TelegramError as error:
        log.warning("Command menu and descriptions stay as they are: %s", error)


async def _set_menu_of(bot: ExtBot[None], admin: int, commands: tuple[BotCommand, ...]) -> None:
    """An admin's own menu; until they have pressed Start, Telegram doesn't know their chat."""
    scope = BotCommandScopeChat(admin)
    try:
        if await bot.get_my_commands(scope) != commands:
            await bot.set_my_commands(commands, scope)
    except BadRequest as error:
        log.info("Admin %s has no menu of their own yet: %s", admin, error)
