"""A group's chat: who is in it, its topics, and which of its messages Telegram tells the bot of.

https://core.telegram.org/bots/features#privacy-mode
"""

from dataclasses import replace

from bot.playground.chat import Chat, History
from bot.playground.members import KICKED, LEFT, Membership
from bot.playground.wire import BotApiError, Json

SERVICE = frozenset(  # what makes a message one of Telegram's own about the group
    {
        "new_chat_members",
        "left_chat_member",
        "migrate_to_chat_id",
        "migrate_from_chat_id",
        "forum_topic_created",
    }
)
ICON_COLOR = 0x6FB9F0  # of a topic, one of those that Telegram has
KINDS = {"group": "group chat", "supergroup": "supergroup chat"}


class GroupChat(Chat):
    """A group's or supergroup's chat. `bot` is the bot's User."""

    def __init__(self, info: Json, bot: Json, history: History) -> None:
        super().__init__(info, Membership(bot, LEFT), history)
        self.members: dict[int, Membership] = {}  # people: those in it, and those who were
        self.privacy = True  # the bot's mode when it was added
        self.topics: dict[int, str] = {}  # of a forum, by message_thread_id, which is the id of a topic's first message

    @property
    def admins(self) -> list[Membership]:
        """Who runs the group, the bot too where it does."""
        return [one for one in (*self.members.values(), self.bot) if one.is_admin]

    def hears(self, message: Json) -> bool:
        """Whether the bot is told: of everything as an admin or without privacy mode, else of what is meant for it.

        That is a command, a reply to a message of its own, and what Telegram itself says.
        """
        if not self.bot.is_in:
            return False
        return self.bot.is_admin or not self.privacy or is_service(message) or self._is_meant_for_bot(message)

    def check_bot(self) -> None:
        """Raises BotApiError where the bot is no longer in the group."""
        kind = KINDS[self.info["type"]]
        if self.bot.status == KICKED:
            raise BotApiError(403, f"Forbidden: bot was kicked from the {kind}")
        if self.bot.status == LEFT:
            raise BotApiError(403, f"Forbidden: bot is not a member of the {kind}")

    def refusal(self, person_id: int) -> str | None:
        """Why this person can't write here."""
        member = self.members.get(person_id)
        return None if member and member.is_in else "You are not in this group."

    def is_admin(self, person_id: int) -> bool:
        """Whether the group is this person's to run."""
        return person_id in self.members and self.members[person_id].is_admin

    def hide(self, person_id: int) -> bool:
        """Whether this person is from now on an anonymous admin: only supergroups have them."""
        if self.info["type"] != "supergroup" or not self.is_admin(person_id):
            return False
        self.members[person_id] = replace(self.members[person_id], anonymous=True)
        return True

    def has_topic(self, thread: int) -> bool:
        """Whether there is such a topic. Whatever has no topic is in "General", which has no number here."""
        return thread in self.topics

    def open_topic(self, by: Json, name: str) -> Json:
        """A new topic of a forum; gives its first message."""
        thread = self._last_id + 1
        self.topics[thread] = name
        content = {"forum_topic_created": {"name": name, "icon_color": ICON_COLOR}}
        return self.post(by, content, thread=thread)

    def post(self, sender: Json, content: Json, reply_to: int | None = None, thread: int | None = None) -> Json:
        """Add a message, in the topic or the chain of replies that it belongs to.

        What is sent to a topic and answers nothing else is a reply to the topic's first message.
        """
        chain = self.messages[reply_to].get("message_thread_id") if reply_to is not None else None
        if self.info.get("is_forum"):
            thread = thread or chain
            content = content | ({"message_thread_id": thread, "is_topic_message": True} if thread else {})
            if reply_to is None and thread in self.messages:
                reply_to = thread
        elif self.info["type"] == "supergroup" and reply_to is not None:
            content = content | {"message_thread_id": chain or reply_to}
        return super().post(sender, content, reply_to)

    def migrate(self, supergroup: int) -> None:
        """Become this supergroup, whose messages are counted anew: those from before stay behind."""
        self.info = {"id": supergroup, "type": "supergroup", "title": self.info["title"]}
        self.messages = {}
        self._last_id = 0

    def _is_meant_for_bot(self, message: Json) -> bool:
        quoted = message.get("reply_to_message", {})
        return bool(quoted.get("from", {}).get("id") == self.bot.user["id"]) or self._is_command(message)

    def _is_command(self, message: Json) -> bool:
        """A text, not a caption, that begins with a command for this bot, or for whom it may concern."""
        command: str = message.get("text", "").split(maxsplit=1)[0] if "text" in message else ""
        begins = any(one["type"] == "bot_command" and one["offset"] == 0 for one in message.get("entities", []))
        _, _, name = command.partition("@")
        return begins and name.lower() in {"", self.bot.user["username"].lower()}


def is_service(message: Json) -> bool:
    """Whether Telegram itself says this."""
    return not SERVICE.isdisjoint(message)
