"""Which group messages ask the bot: by command, by mention or in reply to it."""

from telegram import Message, MessageEntity
from telegram.ext import filters

from bot.messages.pictures import asked_about
from bot.storage.records import Mode

COMMAND = "digit"


def asks(message: Message, mode: Mode) -> bool:
    """Whether a message with a picture asks the bot to read it.

    Stickers don't: people also reply with them.
    """
    if _names_command(message):
        return True
    if mode is Mode.QUIET or message.sticker:
        return False
    return replies_to_me(message) or mentions_me(message)


def may_ask_about_another(message: Message) -> bool:
    """Whether a text may ask about the picture it replies to or quotes: /digit or a mention."""
    if asked_about(message) is None:
        return False
    named = message.parse_entities([MessageEntity.MENTION, MessageEntity.TEXT_MENTION])
    commands = message.parse_entities([MessageEntity.BOT_COMMAND]).values()
    return bool(named) or any(command.lower().partition("@")[0] == f"/{COMMAND}" for command in commands)


def replies_to_me(message: Message) -> bool:
    """Whether it replies to the bot; in a topic every message replies to the first one."""
    replied = message.reply_to_message
    if replied is None or replied.from_user is None or replied.forum_topic_created:
        return False
    return replied.from_user.id == message.get_bot().id


def mentions_me(message: Message) -> bool:
    """Whether a text or caption mentions the bot."""
    mine = message.get_bot()
    named = _words(message, MessageEntity.MENTION)
    return f"@{mine.username}".lower() in named or any(
        entity.user is not None and entity.user.id == mine.id
        for entity in (*message.entities, *message.caption_entities)
        if entity.type == MessageEntity.TEXT_MENTION
    )


def _names_command(message: Message) -> bool:
    """Whether the caption contains /digit; CommandHandler ignores captions."""
    mine = {f"/{COMMAND}", f"/{COMMAND}@{message.get_bot().username}".lower()}
    return bool(mine & _words(message, MessageEntity.BOT_COMMAND))


def _words(message: Message, kind: str) -> set[str]:
    """The entities of this kind in a text or a caption, in lower case."""
    found = (*message.parse_entities([kind]).values(), *message.parse_caption_entities([kind]).values())
    return {word.lower() for word in found}


class _MentionAtAPicture(filters.MessageFilter):
    """A text that mentions the bot in reply to a picture."""

    def filter(self, message: Message) -> bool:
        return may_ask_about_another(message) and mentions_me(message)


MENTION_AT_A_PICTURE = filters.TEXT & ~filters.COMMAND & _MentionAtAPicture()
