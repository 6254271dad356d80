"""A private chat: a person, the bot and their messages in order, as Bot API Message objects.

A message is never changed in place: an edit puts another in its place.
"""

import secrets
import time
from collections import deque

from bot.playground.events import Events
from bot.playground.wire import Json

MESSAGES_KEPT = 10_000  # of all chats together
ACTIONS_KEPT = 100


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


class Chat:
    """Messages, by an id that counts up in this chat."""

    def __init__(self, user: Json, history: History) -> None:
        self.id: int = user["id"]
        self.instance = str(secrets.randbits(63))  # what a press names the chat by, besides its message
        self.info: Json = {"id": self.id, "type": "private", "first_name": user["first_name"]}
        self.messages: dict[int, Json] = {}
        self.actions: deque[str] = deque(maxlen=ACTIONS_KEPT)  # what the bot was seen doing
        self.events = Events()
        self.started = False  # the person wrote: only then may the bot
        self.blocked = False  # the person wants no more of the bot
        self._name: str = user["first_name"]
        self._history = history
        self._last_id = 0
        self._left_behind = 0  # the last message of the group that this supergroup was

    def find(self, message_id: int) -> Json | None:
        """The message that the bot means, where there is one."""
        return self.messages.get(message_id) if message_id > self._left_behind else None

    def knew(self, message_id: int) -> bool:
        """Whether there is or was such a message."""
        return 1 <= message_id <= self._last_id

    def post(self, sender: Json, content: Json, reply_to: int | None = None) -> Json:
        """Add a message; `reply_to` is the id of one that exists. Gives the message."""
        self._last_id += 1
        message = {"message_id": self._last_id, "from": sender, "chat": self.info, "date": int(time.time()), **content}
        if reply_to is not None:
            quoted = self.messages[reply_to]
            message["reply_to_message"] = {k: v for k, v in quoted.items() if k != "reply_to_message"}
        self.messages[self._last_id] = message
        self._history.add(self.messages, self._last_id)
        self.events.publish({"type": "message", "message": message})
        return message

    def edit(self, message_id: int, content: Json) -> Json:
        """Change fields of a message (None removes one). Gives the message as it is now.

        New buttons alone aren't counted as an edit: apps call no message edited for them.
        """
        before = self.messages[message_id]
        merged = {**before, **content}
        if any(before.get(name) != value for name, value in content.items() if name != "reply_markup"):
            merged["edit_date"] = int(time.time())
        message = {name: value for name, value in merged.items() if value is not None}
        self.messages[message_id] = message
        self.events.publish({"type": "edited", "message": message})
        return message

    def delete(self, message_id: int) -> None:
        """Take a message away, for all who see it."""
        del self.messages[message_id]
        self.events.publish({"type": "deleted", "message_id": message_id})

    def migrate(self, supergroup: int) -> None:
        """Become this supergroup, where the bot can't refer to any message from before."""
        self.id = supergroup
        self.info = {"id": supergroup, "type": "supergroup", "title": self._name}
        self._left_behind = self._last_id

    def act(self, action: str) -> None:
        """Show what the bot is doing ("typing"): for 5 seconds, or up to its next message."""
        self.actions.append(action)
        self.events.publish({"type": "action", "action": action})
