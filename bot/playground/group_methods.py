"""Bot API methods about chats: what one is and allows, who is in it, reactions, and how the bot leaves."""

from bot.playground.chat import Chat
from bot.playground.group_chat import GroupChat
from bot.playground.members import CHANNEL_BOT, GROUP_ANONYMOUS_BOT, LEFT, MEMBER, Membership
from bot.playground.reactions import emoji_of, react
from bot.playground.registry import method
from bot.playground.wire import ChatId, Json, bad_request
from bot.playground.world import World

REACTIONS_OF_A_MESSAGE = 11  # the most of different ones
NO_GIFTS = dict.fromkeys(
    ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
)
PERMITTED = (  # to members who aren't admins
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_invite_users",
)
NOT_PERMITTED = ("can_edit_tag", "can_change_info", "can_pin_messages", "can_manage_topics")
STRANGERS = {each["id"]: each for each in (GROUP_ANONYMOUS_BOT, CHANNEL_BOT)}


@method
async def get_chat(world: World, chat_id: ChatId = "") -> Json:
    chat = world.chat(chat_id)
    about: Json = {"accent_color_id": abs(chat.id) % 7, "max_reaction_count": REACTIONS_OF_A_MESSAGE}
    if isinstance(chat, GroupChat):
        about["permissions"] = dict.fromkeys(PERMITTED, True) | dict.fromkeys(NOT_PERMITTED, False)
        if chat.reactions is not None:
            about["available_reactions"] = [{"type": "emoji", "emoji": emoji} for emoji in chat.reactions]
    return {**chat.info, **about, "accepted_gift_types": NO_GIFTS}


@method
async def get_chat_member(world: World, chat_id: ChatId = "", user_id: int = 0) -> Json:
    return _member(world, world.chat(chat_id), user_id).as_json()


@method
async def get_chat_administrators(world: World, chat_id: ChatId = "", return_bots: bool = False) -> list[Json]:
    """The people, and the bot itself where it is one; there are no other bots."""
    chat = world.chat(chat_id)
    if not isinstance(chat, GroupChat):
        raise bad_request("there are no administrators in the private chat")
    return [admin.as_json() for admin in chat.admins]


@method
async def get_chat_member_count(world: World, chat_id: ChatId = "") -> int:
    chat = world.chat(chat_id)
    return sum(one.is_in for one in (*chat.members.values(), chat.bot)) if isinstance(chat, GroupChat) else 2


@method
async def leave_chat(world: World, chat_id: ChatId = "") -> bool:
    group = world.groups.find(world.chat(chat_id).id)
    if group is None:
        raise bad_request("chat member status can't be changed in private chats")
    group.bot_leaves()
    return True


@method
async def set_message_reaction(
    world: World, chat_id: ChatId = "", message_id: int = 0, reaction: list[Json] | None = None, is_big: bool = False
) -> bool:
    emoji = [emoji_of(each) for each in reaction or []]
    react(world.chat(chat_id), message_id, emoji, world.bot["id"])
    return True


def _member(world: World, chat: Chat, user_id: int) -> Membership:
    """What somebody is in a chat: a known one who never was in it has "left"."""
    if user_id == world.bot["id"]:
        return chat.bot
    if isinstance(chat, GroupChat) and (member := chat.members.get(user_id)):
        return member
    person = world.find(user_id)
    if person is None and user_id not in STRANGERS:
        raise bad_request("invalid user_id specified")
    user = person.user if person else STRANGERS[user_id]
    return Membership(user, MEMBER if user_id == chat.id else LEFT)
