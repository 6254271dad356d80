"""What a bot says about itself: its user, its commands and its descriptions, in several languages."""

import json

from bot.playground.wire import Json

DEFAULT_SCOPE: Json = {"type": "default"}
LISTS_KEPT = 2_000  # of commands


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
            if len(self._commands) > LISTS_KEPT:
                del self._commands[next(iter(self._commands))]
        else:
            self._commands.pop(_key(scope, language), None)

    def shown_to(self, user: Json, group: int | None = None, is_admin: bool = False) -> Json:
        """What somebody's chat page shows in private, or in a group with this id: the commands that are set for them.

        The narrowest scope and their language come first.
        """
        language = user.get("language_code", "")[:2]
        scopes = _private_scopes(user["id"]) if group is None else _group_scopes(group, user["id"], is_admin)
        return {
            "bot": self.user,
            "commands": self._first_of(scopes, language),
            "description": self.descriptions.get(language) or self.descriptions.get("", ""),
            "short_description": self.short_descriptions.get(language) or self.short_descriptions.get("", ""),
        }

    def _first_of(self, scopes: list[Json], language: str) -> list[Json]:
        for scope in scopes:
            for code in (language, ""):
                if commands := self.commands(scope, code):
                    return commands
        return []


def _private_scopes(person: int) -> list[Json]:
    return [{"type": "chat", "chat_id": person}, {"type": "all_private_chats"}, DEFAULT_SCOPE]


def _group_scopes(group: int, person: int, is_admin: bool) -> list[Json]:
    scopes: list[Json] = [
        {"type": "chat_member", "chat_id": group, "user_id": person},
        {"type": "chat_administrators", "chat_id": group},
        {"type": "chat", "chat_id": group},
        {"type": "all_chat_administrators"},
        {"type": "all_group_chats"},
        DEFAULT_SCOPE,
    ]
    return [scope for scope in scopes if is_admin or not scope["type"].endswith("administrators")]


def _key(scope: Json | None, language: str) -> tuple[str, str]:
    return json.dumps(scope or DEFAULT_SCOPE, sort_keys=True), language
