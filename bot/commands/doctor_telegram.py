"""The checks of `digitbot doctor` that ask Telegram: token, webhook, clock, admins, groups."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
from telegram.error import BadRequest, Forbidden, InvalidToken, TelegramError

from bot.app import is_this_machine, telegram
from bot.commands.checks import Told, Wrong
from bot.settings import Settings
from bot.transport.limits import Limits, MemoryAllowances
from bot.transport.polling import PollingBot

TIME_LIMIT = 20  # seconds for Telegram's answer
CLOCK = 60  # seconds by which the clock may be off

T = TypeVar("T")


def token(settings: Settings) -> str:
    """Check that the Bot API server knows the token."""
    if settings.telegram_bot_token is None:
        raise Wrong("token: none is set. Get one from @BotFather and put it into .env; `digitbot demo` needs none")

    async def name(bot: PollingBot) -> str:
        return bot.username

    try:
        return f"token: belongs to @{_asked(settings, name)}"
    except InvalidToken:
        raise Wrong("token: Telegram doesn't know it. Copy it again from @BotFather (/mybots, API Token)") from None
    except (TelegramError, TimeoutError):
        raise Wrong(
            f"token: {settings.bot_api_name} can't be reached. Check the network, BOT_API_URL and PROXY_URL"
        ) from None


def webhook(settings: Settings) -> str:
    """Check that Telegram delivers messages as the settings say."""
    try:
        info = _asked(settings, PollingBot.get_webhook_info)
    except (TelegramError, TimeoutError) as error:
        raise Wrong(f"webhook: Telegram can't be asked for it: {error}") from error
    host = urlsplit(info.url).hostname  # the rest of the address may be secret
    if info.url != (settings.webhook_url or ""):
        way = "sets WEBHOOK_URL" if settings.webhook_url else "asks for messages itself"
        return f"webhook: {f'the one at {host}' if host else 'none'} for now; the bot {way} when it starts"
    if host is None:
        return "webhook: none, the bot asks for messages itself"
    if info.pending_update_count and info.last_error_message:
        raise Wrong(
            f"webhook: messages wait ({info.pending_update_count}), and the last delivery to {host} failed:"
            f" {info.last_error_message}. See whether the bot runs, and WEBHOOK_URL leads to {settings.listen}"
        )
    return f"webhook: Telegram delivers to {host}"


def clock(settings: Settings) -> str:
    """Check this machine's clock against Telegram's; rounds and deletions depend on it."""
    here = is_this_machine(urlsplit(settings.bot_api_url).hostname)
    proxy = settings.proxy_url.get_secret_value() if settings.proxy_url else None
    try:
        answer = httpx.get(settings.bot_api_url, proxy=proxy, timeout=TIME_LIMIT, trust_env=not here)
        theirs = parsedate_to_datetime(answer.headers["date"]).timestamp()
    except (httpx.HTTPError, KeyError, ValueError):
        raise Told(f"clock: {settings.bot_api_name} doesn't say what time it is") from None
    ahead = time.time() - theirs
    if abs(ahead) > CLOCK:
        way = "ahead of" if ahead > 0 else "behind"
        raise Wrong(f"clock: {abs(ahead):.0f} s {way} Telegram's. Turn on automatic time (NTP)")
    return "clock: agrees with Telegram's"


def admins(settings: Settings) -> str:
    """Check that there is an admin, to be told of errors and to train."""
    if not settings.admin_ids:
        raise Told("admins: none; send the bot /start to learn your id for ADMIN_IDS")

    async def unreached(bot: PollingBot) -> list[int]:
        return [admin for admin in sorted(settings.admin_ids) if not await _knows(bot, admin)]

    try:
        missing = _asked(settings, unreached)
    except (TelegramError, TimeoutError) as error:
        raise Wrong(f"admins: Telegram can't be asked for them: {error}") from error
    if missing:
        raise Wrong(
            f"admins: the bot may not write to {', '.join(map(str, missing))}. Ask them to press Start in its chat, or"
            " mend ADMIN_IDS"
        )
    return f"admins: {len(settings.admin_ids)}, and the bot may write to all"


async def _knows(bot: PollingBot, person: int) -> bool:
    try:
        await bot.get_chat(person)
    except (BadRequest, Forbidden):
        return False
    return True


def groups(settings: Settings) -> str:
    """Say what Telegram shows the bot in groups, which is neither right nor wrong."""

    async def hears_all(bot: PollingBot) -> bool:
        return bool(bot.bot.can_read_all_group_messages)

    try:
        all_ = _asked(settings, hears_all)
    except (TelegramError, TimeoutError) as error:
        raise Wrong(f"groups: Telegram can't be asked for them: {error}") from error
    if all_:
        raise Told("groups: privacy mode is off: the bot sees all messages of a group (@BotFather, /setprivacy)")
    raise Told(
        "groups: privacy mode is on: unless it is an admin, the bot sees only commands and replies to it"
        " (@BotFather, /setprivacy)"
    )


def _asked(settings: Settings, question: Callable[[PollingBot], Awaitable[T]]) -> T:
    async def asked() -> T:
        bot = telegram(settings, Limits(MemoryAllowances()))
        async with asyncio.timeout(TIME_LIMIT), bot:
            return await question(bot)

    return asyncio.run(asked())
