"""Bot API methods about chats and their members: who is in one, what it allows, and how the bot leaves."""

from bot.playground.chat import Chat
from bot.playground.group_chat import GroupChat
from bot.playground.members import LEFT, MEMBER, Membership
from bot.playground.registry import method
from bot.playground.wire import ChatId, Json, bad_request
from bot.playground.world import World


@method
async def get_chat_member(world: World, chat_id: ChatId = "", user_id: int = 0) -> Json:
    return _member(world, world.chat(chat_id), user_id).as_json()


def _member(world: World, chat: Chat, user_id: int) -> Membership:
    """What somebody is in a chat: a known person who never was in it has "left"."""
    if user_id == world.bot["id"]:
        return chat.bot
    if isinstance(chat, GroupChat) and (member := chat.members.get(user_id)):
        return member
    person = world.find(user_id)
    if person is None:
        raise bad_request("invalid user_id specified")
    return Membership(person.user, MEMBER if person.chat is chat else LEFT)
