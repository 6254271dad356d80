"""A private chat: a person, the bot and their messages in order, as Bot API Message objects.

A message is never changed in place: an edit puts another in its place.
"""

import time
from collections import deque

from bot.playground.events import Events
from bot.playground.wire import Json

MESSAGES_KEPT = 2_000
ACTIONS_KEPT = 100


class Chat:
    """Messages, by an id that counts up in this chat; the newest 2,000 are kept."""

    def __init__(self, user: Json) -> None:
        self.id: int = user["id"]
        self.info: Json = {"id": self.id, "type": "private", "first_name": user["first_name"]}
        self.messages: dict[int, Json] = {}
        self.actions: deque[str] = deque(maxlen=ACTIONS_KEPT)  # what the bot was seen doing
        self.events = Events()
        self.started = False  # the person wrote: only then may the bot
        self.blocked = False  # the person wants no more of the bot
        self._last_id = 0

    def post(self, sender: Json, content: Json, reply_to: int | None = None) -> Json:
        """Add a message; `reply_to` is the id of one that exists. Gives the message."""
        self._last_id += 1
        message = {"message_id": self._last_id, "from": sender, "chat": self.info, "date": int(time.time()), **content}
        if reply_to is not None:
            quoted = self.messages[reply_to]
            message["reply_to_message"] = {k: v for k, v in quoted.items() if k != "reply_to_message"}
        self.messages[self._last_id] = message
        while len(self.messages) > MESSAGES_KEPT:
            del self.messages[next(iter(self.messages))]
        self.events.publish({"type": "message", "message": message})
        return message

    def edit(self, message_id: int, content: Json) -> Json:
        """Change fields of a message (None removes one). Gives the message as it is now."""
        merged = {**self.messages[message_id], **content, "edit_date": int(time.time())}
        message = {name: value for name, value in merged.items() if value is not None}
        self.messages[message_id] = message
        self.events.publish({"type": "edited", "message": message})
        return message

    def act(self, action: str) -> None:
        """Show what the bot is doing ("typing"): for 5 seconds, or up to its next message."""
        self.actions.append(action)
        self.events.publish({"type": "action", "action": action})
