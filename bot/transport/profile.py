"""What Telegram shows of the bot beside its messages: command menus and descriptions, set only when they differ."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

from telegram import (
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeChat,
    BotCommandScopeDefault,
)
from telegram.error import BadRequest, TelegramError
from telegram.ext import ExtBot

from bot.i18n import ENGLISH, Gettext, catalogues, speech

Menu = tuple[BotCommand, ...]

log = logging.getLogger(__name__)


async def introduce(bot: ExtBot[Any], admins: Iterable[int]) -> None:
    """Bring menus and descriptions up to date; a bot that can't is only worth a warning."""
    await asyncio.gather(*(_introduce(bot, language) for language in catalogues()))
    for admin in admins:
        await introduce_to_admin(bot, admin)


async def _introduce(bot: ExtBot[Any], language: str) -> None:
    _, code = speech(language).gettext, _code(language)
    short = _("I read handwritten digits in photos, and say when I'm not sure.")
    description = _("Send me a photo of a handwritten digit, and I'll tell you which one it is and how sure I am.")
    try:
        for scope, commands in _menus(_):
            await _set_menu(bot, scope, code, commands)
        if (await bot.get_my_short_description(code)).short_description != short:
            await bot.set_my_short_description(short, code)
        if (await bot.get_my_description(code)).description != description:
            await bot.set_my_description(description, code)
    except TelegramError as error:
        log.warning("Command menus and descriptions in %s stay as they are: %s", language, error)


async def introduce_to_admin(bot: ExtBot[Any], admin: int) -> None:
    """Bring an admin's own menu up to date; until they have pressed Start, Telegram doesn't know their chat."""
    try:
        for language in catalogues():
            _ = speech(language).gettext
            commands = (
                *_in_private(_),
                BotCommand("review", _("Review corrections")),
                BotCommand("retrain", _("Train me on corrections")),
                BotCommand("models", _("Versions of my network")),
            )
            await _set_menu(bot, BotCommandScopeChat(admin), _code(language), commands)
    except BadRequest as error:
        log.info("Admin %s has no menu of their own yet: %s", admin, error)
    except TelegramError as error:
        log.warning("The menu of admin %s stays as it is: %s", admin, error)


async def _set_menu(bot: ExtBot[Any], scope: BotCommandScope, code: str | None, commands: Menu) -> None:
    if await bot.get_my_commands(scope, code) != commands:
        await bot.set_my_commands(commands, scope, code)


def _code(language: str) -> str | None:
    """What Telegram calls a language; English is for everybody whose language isn't spoken."""
    return None if language == ENGLISH else language


def _menus(_: Gettext) -> list[tuple[BotCommandScope, Menu]]:
    """What people are offered where; a bot admin's own chat is narrower than all of these."""
    return [
        (BotCommandScopeDefault(), _in_private(_)),
        (BotCommandScopeAllGroupChats(), _in_groups(_)),
        (
            BotCommandScopeAllChatAdministrators(),
            (
                *_in_groups(_),
                BotCommand("settings", _("Language and other settings")),
                BotCommand("demo", _("Play a round: you draw, I read")),
                BotCommand("stop", _("End the round")),
            ),
        ),
    ]


def _in_private(_: Gettext) -> Menu:
    return (
        BotCommand("start", _("What I can do")),
        BotCommand("help", _("How to get a good reading")),
        BotCommand("demo", _("Play a round: you draw, I read")),
        BotCommand("stats", _("How often I'm right")),
        BotCommand("settings", _("Language and other settings")),
        BotCommand("privacy", _("What I store about you")),
        BotCommand("mydata", _("Everything I store about you, as a file")),
        BotCommand("forgetme", _("Delete everything I store about you")),
        BotCommand("about", _("Version, model and its accuracy")),
    )


def _in_groups(_: Gettext) -> Menu:
    return (
        BotCommand("digit", _("Read the photo you reply to")),
        BotCommand("help", _("How to get a good reading")),
        BotCommand("about", _("Version, model and its accuracy")),
    )
