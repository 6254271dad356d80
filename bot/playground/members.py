"""Who is what in a chat, as the Bot API tells it: ChatMember objects, and the changes from one to another.

https://core.telegram.org/bots/api#chatmember
"""

import time
from dataclasses import dataclass

from bot.playground.wire import Json

CREATOR, ADMINISTRATOR, MEMBER, LEFT, KICKED = "creator", "administrator", "member", "left", "kicked"
GROUP_ANONYMOUS_BOT: Json = {  # whom the Bot API names instead of who hides behind a group; likewise a channel
    "id": 1087968824,
    "is_bot": True,
    "first_name": "Group",
    "username": "GroupAnonymousBot",
}
CHANNEL_BOT: Json = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
RIGHTS: Json = {  # of every administrator here; those for channels alone are left out
    "can_be_edited": False,
    "can_manage_chat": True,
    "can_delete_messages": True,
    "can_manage_video_chats": True,
    "can_restrict_members": True,
    "can_promote_members": False,
    "can_change_info": True,
    "can_invite_users": True,
    "can_post_stories": False,
    "can_edit_stories": False,
    "can_delete_stories": False,
    "can_pin_messages": True,
}


@dataclass(frozen=True, slots=True)
class Membership:
    """What a User is in a chat; an administrator may hide behind the group's name."""

    user: Json
    status: str
    anonymous: bool = False

    @property
    def is_in(self) -> bool:
        """Whether they are in the chat."""
        return self.status not in {LEFT, KICKED}

    @property
    def is_admin(self) -> bool:
        """Whether the chat is theirs to run."""
        return self.status in {CREATOR, ADMINISTRATOR}

    def as_json(self) -> Json:
        """The ChatMember."""
        member: Json = {"status": self.status, "user": self.user}
        if self.is_admin:
            member["is_anonymous"] = self.anonymous
        if self.status == ADMINISTRATOR:
            member |= RIGHTS
        if self.status == KICKED:
            member["until_date"] = 0  # for ever
        return member


def change(chat: Json, by: Json, before: Membership, after: Membership) -> Json:
    """A ChatMemberUpdated: somebody made another member of a chat something else."""
    return {
        "chat": chat,
        "from": by,
        "date": int(time.time()),
        "old_chat_member": before.as_json(),
        "new_chat_member": after.as_json(),
    }
