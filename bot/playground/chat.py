"""A chat: its messages in order, as Bot API Message objects, and what the bot is in it. Groups are in group_chat.py.

A message is never changed in place: an edit puts another in its place.
"""

import secrets
import time
from abc import ABC, abstractmethod
from collections import deque

from bot.playground.events import Events
from bot.playground.members import KICKED, MEMBER, Membership
from bot.playground.wire import BotApiError, Json

MESSAGES_KEPT = 10_000  # of all chats together
ACTIONS_KEPT = 100
QUIETLY_CHANGED = {"reply_markup", "reactions"}  # apps call no message edited for these


class History:
    """What was posted in all chats, oldest first: the newest 10,000 messages are kept."""

    def __init__(self) -> None:
        self._posted: deque[tuple[dict[int, Json], int]] = deque()

    def add(self, messages: dict[int, Json], message_id: int) -> None:
        """The latest of a chat's messages; the oldest of all chats goes when there are too many."""
        self._posted.append((messages, message_id))
        if len(self._posted) > MESSAGES_KEPT:
            messages, message_id = self._posted.popleft()
            messages.pop(message_id, None)  # a deleted one is gone already


class Chat(ABC):
    """Messages, by an id that counts up in this chat."""

    def __init__(self, info: Json, bot: Membership, history: History) -> None:
        self.info = info  # the Chat object
        self.bot = bot
        self.met = False  # whether the bot knows this chat
        self.reactions: list[str] | None = None  # the emoji that may be used; None: all
        self.instance = str(secrets.randbits(63))  # what a press names the chat by, besides its message
        self.messages: dict[int, Json] = {}
        self.actions: deque[str] = deque(maxlen=ACTIONS_KEPT)  # what the bot was seen doing
        self.events = Events()
        self._history = history
        self._last_id = 0

    @property
    def id(self) -> int:
        """A person's own id, or a group's negative one."""
        return int(self.info["id"])

    @abstractmethod
    def hears(self, message: Json) -> bool:
        """Whether Telegram tells the bot of this message."""

    @abstractmethod
    def check_bot(self) -> None:
        """Raises BotApiError where the bot can do nothing in this chat any more."""

    @abstractmethod
    def refusal(self, person_id: int) -> str | None:
        """Why this person can't write here, as a sentence for them; None where they can."""

    def has_topic(self, thread: int) -> bool:
        """Whether messages can be sent to this topic."""
        return False

    def is_admin(self, person_id: int) -> bool:
        """Whether the chat is this person's to run."""
        return False

    def hide(self, person_id: int) -> bool:
        """Whether this person is from now on an anonymous admin."""
        return False

    def find(self, message_id: int) -> Json | None:
        """The message that the bot means, where there is one."""
        return self.messages.get(message_id)

    def knew(self, message_id: int) -> bool:
        """Whether there is or was such a message."""
        return 1 <= message_id <= self._last_id

    def post(self, sender: Json, content: Json, reply_to: int | None = None, thread: int | None = None) -> Json:
        """Add a message; `reply_to` is the id of one that exists, `thread` a topic's. Gives the message."""
        self._last_id += 1
        message = {"message_id": self._last_id, "from": sender, "chat": self.info, "date": int(time.time()), **content}
        if reply_to is not None:
            quoted = told(self.messages[reply_to])
            message["reply_to_message"] = {k: v for k, v in quoted.items() if k != "reply_to_message"}
        self.messages[self._last_id] = message
        self._history.add(self.messages, self._last_id)
        self.events.publish({"type": "message", "message": message})
        return message

    def edit(self, message_id: int, content: Json) -> Json:
        """Change fields of a message (None removes one). Gives the message as it is now."""
        before = self.messages[message_id]
        merged = {**before, **content}
        if any(before.get(name) != value for name, value in content.items() if name not in QUIETLY_CHANGED):
            merged["edit_date"] = int(time.time())
        message = {name: value for name, value in merged.items() if value is not None}
        self.messages[message_id] = message
        self.events.publish({"type": "edited", "message": message})
        return message

    def delete(self, message_id: int) -> None:
        """Take a message away, for all who see it."""
        del self.messages[message_id]
        self.events.publish({"type": "deleted", "message_id": message_id})

    def act(self, action: str) -> None:
        """Show what the bot is doing ("typing"): for 5 seconds, or up to its next message."""
        self.actions.append(action)
        self.events.publish({"type": "action", "action": action})


class PrivateChat(Chat):
    """A person and the bot, which hears everything, and may write once the person has written and until they block it.

    `user` is the person's User, `bot` the bot's.
    """

    def __init__(self, user: Json, bot: Json, history: History) -> None:
        info = {"id": user["id"], "type": "private", "first_name": user["first_name"]}
        super().__init__(info, Membership(bot, MEMBER), history)

    def post(self, sender: Json, content: Json, reply_to: int | None = None, thread: int | None = None) -> Json:
        """Add a message, as in every chat."""
        self.met = True
        return super().post(sender, content, reply_to)

    def hears(self, message: Json) -> bool:
        """Everything."""
        return True

    def check_bot(self) -> None:
        """Raises BotApiError where the person has blocked the bot."""
        if self.bot.status == KICKED:
            raise BotApiError(403, "Forbidden: bot was blocked by the user")

    def refusal(self, person_id: int) -> str | None:
        """Why the person can't write."""
        return "You have blocked this bot: unblock it to write to it." if self.bot.status == KICKED else None


def told(message: Json) -> Json:
    """A message as the Bot API tells of it: without its reactions, which are for those who look on."""
    return {name: value for name, value in message.items() if name != "reactions"}


def new_album() -> str:
    """A media_group_id."""
    return str(10**16 + secrets.randbelow(10**16))
