"""Bot API methods that change what the bot has sent. Without a new `reply_markup` an edit takes the buttons away."""

from bot.playground.chat import told
from bot.playground.contents import caption_content, input_media, text_content
from bot.playground.keyboards import keyboard
from bot.playground.registry import method
from bot.playground.wire import ChatId, Json, bad_request
from bot.playground.world import World

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
NO_CAPTION: Json = {"caption": None, "caption_entities": None}
NO_TEXT: Json = {"text": None, "entities": None, "link_preview_options": None}


@method
async def edit_message_text(
    world: World,
    chat_id: ChatId = "",
    message_id: int = 0,
    text: str = "",
    parse_mode: str = "",
    entities: list[Json] | None = None,
    link_preview_options: Json | None = None,
    reply_markup: Json | None = None,
) -> Json:
    message = _own_message(world, chat_id, message_id)
    content = text_content(text, parse_mode, entities) | {"link_preview_options": link_preview_options}
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    return _edit(world, message, NO_TEXT | content, reply_markup)


@method
async def edit_message_caption(
    world: World,
    chat_id: ChatId = "",
    message_id: int = 0,
    caption: str = "",
    parse_mode: str = "",
    caption_entities: list[Json] | None = None,
    reply_markup: Json | None = None,
) -> Json:
    message = _own_message(world, chat_id, message_id)
    content = caption_content(caption, parse_mode, caption_entities)
    if "text" in message:
        raise bad_request("there is no caption in the message to edit")
    return _edit(world, message, NO_CAPTION | content, reply_markup)


@method
async def edit_message_media(
    world: World,
    chat_id: ChatId = "",
    message_id: int = 0,
    media: Json | None = None,
    reply_markup: Json | None = None,
) -> Json:
    """Any message of the bot's becomes a photo."""
    _own_message(world, chat_id, message_id)
    content = await input_media(world, media or {})
    message = _own_message(world, chat_id, message_id)  # which may have gone while the photo's sizes were made
    return _edit(world, message, NO_TEXT | NO_CAPTION | {"document": None} | content, reply_markup)


@method
async def edit_message_reply_markup(
    world: World, chat_id: ChatId = "", message_id: int = 0, reply_markup: Json | None = None
) -> Json:
    return _edit(world, _own_message(world, chat_id, message_id), {}, reply_markup)


def _own_message(world: World, chat_id: ChatId, message_id: int) -> Json:
    message = world.chat(chat_id).find(message_id)
    if message is None:
        raise bad_request("message to edit not found")
    if message["from"]["id"] != world.bot["id"]:
        raise bad_request("message can't be edited")
    return message


def _edit(world: World, message: Json, content: Json, reply_markup: Json | None) -> Json:
    content = content | {"reply_markup": keyboard(reply_markup)}
    if all(message.get(name) == value for name, value in content.items()):
        raise bad_request(NOT_MODIFIED)
    return told(world.chat(message["chat"]["id"]).edit(message["message_id"], content))
