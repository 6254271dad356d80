"""A group's chat: who is in it, its topics, and which of its messages Telegram tells the bot of.

https://core.telegram.org/bots/features#privacy-mode
"""

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
KINDS = {"group": "group chat", "supergroup": "supergroup chat"}


class GroupChat(Chat):
    """A group's or supergroup's chat. `bot` is the bot's User."""

    def __init__(self, info: Json, bot: Json, history: History) -> None:
        super().__init__(info, Membership(bot, LEFT), history)
        self.members: dict[int, Membership] = {}  # people: those in it, and those who were
        self.privacy = True  # the bot's mode when it was added
        self.reactions: list[str] | None = None  # the emoji that may be used; None: all

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
