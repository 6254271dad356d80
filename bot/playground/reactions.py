"""Reactions to messages: which there are, and where the bot's own is kept.

https://core.telegram.org/bots/api#setmessagereaction
"""

from typing import Any

from bot.playground.chat import Chat
from bot.playground.group_chat import is_service
from bot.playground.wire import Json, bad_request

LISTED = (  # as ReactionTypeEmoji has them: without variation selectors
    "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 "
    "🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 "
    "🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡"
)
EMOJI = frozenset(LISTED.split())


def emoji_of(reaction: Json) -> str:
    """The emoji of a ReactionTypeEmoji. Raises BotApiError for other types: nothing here has them."""
    if reaction.get("type") != "emoji":
        raise bad_request("REACTION_INVALID")
    emoji: Any = reaction.get("emoji")
    if not isinstance(emoji, str):
        raise bad_request("can't parse ReactionType: Can't find field \"emoji\"")
    return emoji


def react(chat: Chat, message_id: int, emoji: list[str], who: int) -> None:
    """Put the bot's reaction under a message in place of its last one; none takes it away. Raises BotApiError.

    An album's is on its first message. A message keeps it as `reactions`, for those who look on.
    """
    message = chat.find(message_id)
    if message is None:
        raise bad_request("message to react not found")
    if len(emoji) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    allowed = EMOJI if chat.reactions is None else EMOJI.intersection(chat.reactions)
    if is_service(message) or not allowed.issuperset(emoji):
        raise bad_request("REACTION_INVALID")
    first = _first_of_album(chat, message)
    reactions = [{"emoji": each, "from": who} for each in emoji]
    if first.get("reactions", []) != reactions:
        chat.edit(first["message_id"], {"reactions": reactions or None})


def _first_of_album(chat: Chat, message: Json) -> Json:
    album = message.get("media_group_id")
    if album is None:
        return message
    return next(one for one in chat.messages.values() if one.get("media_group_id") == album)
