"""Shows "typing" or "sending a photo" while work takes noticeably long."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from telegram import Chat
from telegram.constants import ChatAction
from telegram.error import TelegramError

NOTICED = 0.7  # seconds after which a wait is noticed
RENEWED = 4  # seconds; Telegram removes the action after five

log = logging.getLogger(__name__)


@asynccontextmanager
async def showing(chat: Chat, action: ChatAction) -> AsyncIterator[None]:
    """Show `action` in `chat` for as long as the block runs."""
    sign = asyncio.create_task(_keep_showing(chat, action))
    try:
        yield
    finally:
        sign.cancel()


async def _keep_showing(chat: Chat, action: ChatAction) -> None:
    await asyncio.sleep(NOTICED)
    try:
        while True:
            await chat.send_action(action)
            await asyncio.sleep(RENEWED)
    except TelegramError as error:  # the answer matters, not the action
        log.info("No chat action: %s", error)
