"""What a bot says about itself: its user, its commands and its descriptions, in several languages."""

import json

from bot.playground.wire import Json

DEFAULT_SCOPE: Json = {"type": "default"}


class Profile:
    """The bot's own user and texts. Languages are two-letter codes, "" is for everybody else."""

    def __init__(self, bot_id: int, privacy: bool = True) -> None:
        self.privacy = privacy  # in groups that it is added to from now on it hears only what is meant for it
        self.user: Json = {"id": bot_id, "is_bot": True, "first_name": "Digit bot", "username": "digit_demo_bot"}
        self.descriptions: dict[str, str] = {}
        self.short_descriptions: dict[str, str] = {}
        self._commands: dict[tuple[str, str], list[Json]] = {}

    def commands(self, scope: Json | None, language: str) -> list[Json]:
        """The commands set for exactly this scope and language."""
        return self._commands.get(_key(scope, language), [])

    def set_commands(self, scope: Json | None, language: str, commands: list[Json]) -> None:
        """Set them, or with an empty list remove them."""
        if commands:
            self._commands[_key(scope, language)] = commands
        else:
            self._commands.pop(_key(scope, language), None)

    def shown_to(self, user: Json) -> Json:
        """What the chat page of a person shows: the narrowest scope and their language come first."""
        language = user.get("language_code", "")[:2]
        return {
            "bot": self.user,
            "commands": self._commands_for(user["id"], language),
            "description": self.descriptions.get(language) or self.descriptions.get("", ""),
            "short_description": self.short_descriptions.get(language) or self.short_descriptions.get("", ""),
        }

    def _commands_for(self, chat_id: int, language: str) -> list[Json]:
        for scope in ({"type": "chat", "chat_id": chat_id}, {"type": "all_private_chats"}, DEFAULT_SCOPE):
            for code in (language, ""):
                if commands := self.commands(scope, code):
                    return commands
        return []


def _key(scope: Json | None, language: str) -> tuple[str, str]:
    return json.dumps(scope or DEFAULT_SCOPE, sort_keys=True), language
