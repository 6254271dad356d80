"""Privacy mode: what Telegram shows the bot in a group, and how to change that.

https://core.telegram.org/bots/features#privacy-mode
"""

from dataclasses import dataclass
from typing import Any

from telegram.constants import ChatMemberStatus
from telegram.error import BadRequest
from telegram.ext import ExtBot

from bot.i18n import Gettext
from bot.storage.groups import Group
from bot.storage.records import Mode

ADMINS = (ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class Access:
    """Whether the bot receives all messages of a group, and why."""

    admin: bool  # an admin receives all
    open_now: bool  # privacy mode is off now
    open_here: bool  # and was off when the bot was added, which is what counts

    @property
    def all(self) -> bool:
        """Whether it receives every photo; else only commands and replies to it."""
        return self.admin or self.open_here

    def mend(self, _: Gettext) -> str:
        """Say what to change so that it receives everything."""
        if self.open_now:
            return _("Make me an admin here, or remove me from the group and add me again.")
        return _(
            "Make me an admin here. Or ask my operator to turn privacy mode off (@BotFather, /setprivacy), then"
            " remove me from the group and add me again."
        )


async def is_group_admin(bot: ExtBot[Any], chat: int, person: int) -> bool:
    """Whether a person is an admin of a group, by their own id."""
    try:
        return (await bot.get_chat_member(chat, person)).status in ADMINS
    except BadRequest:  # Telegram knows no such person
        return False


async def access_in(bot: ExtBot[Any], chat: int, group: Group) -> Access:
    """What the bot gets in a group now."""
    me = await bot.get_me()
    status = (await bot.get_chat_member(chat, me.id)).status
    return access(group, admin=status == ChatMemberStatus.ADMINISTRATOR, open_now=bool(me.can_read_all_group_messages))


def access(group: Group, *, admin: bool, open_now: bool) -> Access:
    """The same, without asking Telegram."""
    return Access(admin, open_now, open_now if group.hears_all is None else group.hears_all)


def usage(mode: Mode, _: Gettext) -> str:
    """The ways to ask that work in every group, in one line."""
    if mode is Mode.QUIET:
        return _("Reply to a photo with /digit, and I'll read it.")
    return _("Reply to a photo with /digit, or to one of my messages with a photo.")
