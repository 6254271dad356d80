"""Membership in groups: introduces the bot, follows to supergroups, forgets on removal."""

import logging
import time

from telegram import ChatMember, ChatMemberRestricted, ChatMemberUpdated, Update
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import BadRequest
from telegram.ext import ChatMemberHandler, CommandHandler, MessageHandler, filters

from bot.context import Context, message_of
from bot.handlers.basics import HOW_TO_WRITE, WHAT_IS_READ
from bot.handlers.groups import IN_GROUPS, mode_in
from bot.handlers.privacy import take_back_sheets
from bot.i18n import Gettext, speech_of
from bot.messages.privacy_mode import Access, access, usage
from bot.storage.records import Mode

# A new supergroup looks like a group that the bot was added to, until the migration messages are handled.
SETTLED = 2.0  # seconds

log = logging.getLogger(__name__)


async def membership(update: Update, context: Context) -> None:
    """Handle the bot being added to a group, removed, blocked or unblocked."""
    change = update.my_chat_member
    if change is None or change.chat.type == ChatType.CHANNEL:
        return
    was, is_ = _is_in(change.old_chat_member), _is_in(change.new_chat_member)
    if change.chat.type == ChatType.PRIVATE:
        if is_ and not was:
            await take_back_sheets(context)  # where it was an admin who had blocked it
    elif was and not is_:
        await _forget(change.chat.id, context)
    elif is_ and not was:
        if change.chat.type == ChatType.SUPERGROUP and time.time() < context.handling.arrived + SETTLED:
            context.handling.again_in = SETTLED
            return
        await _introduce(change, context, speech_of(update).gettext)


def _is_in(member: ChatMember) -> bool:
    if isinstance(member, ChatMemberRestricted):
        return member.is_member
    return member.status not in (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED)


async def _forget(chat: int, context: Context) -> None:
    store = context.bot_data.store
    await store.groups.forget(chat)
    await store.sweep()


async def _introduce(change: ChatMemberUpdated, context: Context, _: Gettext) -> None:
    """Introduce the bot in two lines; not to a supergroup that was a known group."""
    chat, groups = change.chat.id, context.bot_data.store.groups
    open_now = bool((await context.bot.get_me()).can_read_all_group_messages)
    if not await groups.joined(chat, hears_all=open_now):
        return
    is_admin = change.new_chat_member.status == ChatMemberStatus.ADMINISTRATOR
    found = access(await groups.find(chat), admin=is_admin, open_now=open_now)
    try:
        await context.bot.send_message(chat, introduction(await mode_in(chat, context), found, context.bot.name, _))
    except BadRequest as error:
        log.info("Not introduced, for the bot may not write there: %s", error)


def introduction(mode: Mode, access: Access, name: str, _: Gettext) -> str:
    """Two lines: who the bot is and how to ask it; what else works in this group."""
    who = "👋 " + _("I read handwritten digits.")
    if mode is Mode.QUIET:
        more = _("Admins choose in /settings when I answer.")
    elif not access.all:
        more = _("I can't see other photos here; /settings tells admins how to change that.")
    elif mode is Mode.ALL:
        more = _("I also read every other photo with digits; admins can turn that off in /settings.")
    else:
        more = _(
            "A photo with {name} or /digit in its caption works too; admins can have me read all photos in /settings."
        )
    return f"{who} {usage(mode, _)}\n{more.format(name=name)}"


async def moved(update: Update, context: Context) -> None:
    """Handle a group's move to a supergroup; both chats report it."""
    message = message_of(update)
    if message.migrate_to_chat_id:
        await context.bot_data.store.groups.move(message.chat.id, message.migrate_to_chat_id)
    elif message.migrate_from_chat_id:
        await context.bot_data.store.groups.move(message.migrate_from_chat_id, message.chat.id)


async def help_(update: Update, context: Context) -> None:
    """Say how to ask and what is read. A /start with an argument is a link's: ignore it.

    The introduction has already said the same.
    """
    message = message_of(update)
    if context.args:
        return
    _ = speech_of(update).gettext
    how = "📷 " + usage(await mode_in(message.chat.id, context), _)
    await message.reply_html("\n".join((how, _(HOW_TO_WRITE), _(WHAT_IS_READ))), do_quote=True)


HANDLERS = [
    ChatMemberHandler(membership, ChatMemberHandler.MY_CHAT_MEMBER),
    MessageHandler(IN_GROUPS & filters.StatusUpdate.MIGRATE, moved),
    CommandHandler(["start", "help"], help_, IN_GROUPS),
]
