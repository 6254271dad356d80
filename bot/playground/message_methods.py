"""Bot API methods of messages: send, edit, and show what the bot is doing. A method arrives with its first caller."""

import asyncio

from bot.playground.chat import Chat
from bot.playground.entities import find_entities, is_entity, parse_html, trimmed
from bot.playground.person import CAPTION_LIMIT, TEXT_LIMIT
from bot.playground.pictures import NotAPhoto, Picture, TooLongAPhoto, measure, photo_sizes
from bot.playground.registry import method
from bot.playground.wire import ChatId, InputFile, Json, Upload, bad_request, read
from bot.playground.world import World

PHOTO_BYTES = 10 * 1024 * 1024  # the largest that sendPhoto takes
PHOTO_SIDES_SUM = 10_000  # px, width and height together
ACTIONS = {
    "choose_sticker",
    "find_location",
    "record_video",
    "record_video_note",
    "record_voice",
    "typing",
    "upload_document",
    "upload_photo",
    "upload_video",
    "upload_video_note",
    "upload_voice",
}
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


@method
async def send_message(
    world: World,
    chat_id: ChatId = "",
    text: str = "",
    parse_mode: str = "",
    entities: list[Json] | None = None,
    link_preview_options: Json | None = None,
    disable_notification: bool = False,
    protect_content: bool = False,
    reply_parameters: Json | None = None,
) -> Json:
    chat = world.chat(chat_id)
    content = _text(text, parse_mode, entities)
    if link_preview_options is not None:
        content["link_preview_options"] = link_preview_options
    return _post(world, chat, content, protect_content, reply_parameters)


@method
async def send_photo(
    world: World,
    chat_id: ChatId = "",
    photo: Upload | None = None,
    caption: str = "",
    parse_mode: str = "",
    caption_entities: list[Json] | None = None,
    disable_notification: bool = False,
    protect_content: bool = False,
    reply_parameters: Json | None = None,
) -> Json:
    chat = world.chat(chat_id)
    content = _caption(caption, parse_mode, caption_entities)
    sizes = await asyncio.to_thread(_sizes, _photo_file(photo))
    content["photo"] = [world.files.add_picture(size) for size in sizes]
    return _post(world, chat, content, protect_content, reply_parameters)


@method
async def send_chat_action(world: World, chat_id: ChatId = "", action: str = "") -> bool:
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    world.chat(chat_id).act(action)
    return True


@method
async def edit_message_text(
    world: World,
    chat_id: ChatId = "",
    message_id: int = 0,
    text: str = "",
    parse_mode: str = "",
    entities: list[Json] | None = None,
    link_preview_options: Json | None = None,
) -> Json:
    chat = world.chat(chat_id)
    message = _own_message(world, chat, message_id)
    content = {"entities": None, "link_preview_options": link_preview_options, **_text(text, parse_mode, entities)}
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    return _edit(chat, message, content)


@method
async def edit_message_caption(
    world: World,
    chat_id: ChatId = "",
    message_id: int = 0,
    caption: str = "",
    parse_mode: str = "",
    caption_entities: list[Json] | None = None,
) -> Json:
    chat = world.chat(chat_id)
    message = _own_message(world, chat, message_id)
    content = {"caption": None, "caption_entities": None, **_caption(caption, parse_mode, caption_entities)}
    if "text" in message:
        raise bad_request("there is no caption in the message to edit")
    return _edit(chat, message, content)


def _post(world: World, chat: Chat, content: Json, protect_content: bool, reply_parameters: Json | None) -> Json:
    reply_to = _reply_to(chat, reply_parameters)
    if world.sending is not None:
        world.sending.take(chat.id)
    return chat.post(world.bot, content | ({"has_protected_content": True} if protect_content else {}), reply_to)


def _edit(chat: Chat, message: Json, content: Json) -> Json:
    if all(message.get(name) == value for name, value in content.items()):
        raise bad_request(NOT_MODIFIED)
    return chat.edit(message["message_id"], content)


def _own_message(world: World, chat: Chat, message_id: int) -> Json:
    message = chat.find(message_id)
    if message is None:
        raise bad_request("message to edit not found")
    if message["from"]["id"] != world.bot["id"]:
        raise bad_request("message can't be edited")
    return message


def _reply_to(chat: Chat, parameters: Json | None) -> int | None:
    if parameters is None:
        return None
    if unknown := parameters.keys() - {"message_id", "chat_id", "allow_sending_without_reply"}:
        raise bad_request(f"the local Bot API server doesn't know {min(unknown)} of reply parameters")
    message_id: int = read("message_id", parameters.get("message_id", 0), int)
    if chat.find(message_id) and str(parameters.get("chat_id", chat.id)) == str(chat.id):
        return message_id
    if parameters.get("allow_sending_without_reply"):
        return None
    raise bad_request("message to be replied not found")


def _text(text: str, parse_mode: str, entities: list[Json] | None) -> Json:
    text, entities = _formatted(text, parse_mode, entities)
    if not text:
        raise bad_request("message text is empty")
    if len(text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    return {"text": text} | ({"entities": entities} if entities else {})


def _caption(text: str, parse_mode: str, entities: list[Json] | None) -> Json:
    text, entities = _formatted(text, parse_mode, entities)
    if len(text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    return ({"caption": text} if text else {}) | ({"caption_entities": entities} if entities else {})


def _formatted(text: str, parse_mode: str, entities: list[Json] | None) -> tuple[str, list[Json]]:
    if parse_mode.lower() == "html":
        text, entities = parse_html(text)
    elif parse_mode:
        raise bad_request("unsupported parse_mode")
    elif not all(is_entity(entity) for entity in entities or []):
        raise bad_request("can't parse MessageEntity")
    text, entities = trimmed(text, entities or [])
    return text, find_entities(text, entities)


def _photo_file(photo: Upload | None) -> bytes:
    if photo is None:
        raise bad_request("there is no photo in the request")
    if not isinstance(photo, InputFile):
        raise bad_request("wrong file identifier/HTTP URL specified")
    if photo.size > PHOTO_BYTES:
        raise bad_request(
            f"file of size {photo.size} bytes is too big for a photo; the maximum size is {PHOTO_BYTES} bytes"
        )
    return photo.data


def _sizes(data: bytes) -> list[Picture]:
    measures = measure(data)
    if measures and measures.width + measures.height > PHOTO_SIDES_SUM:
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    try:
        return photo_sizes(data)
    except TooLongAPhoto:
        raise bad_request("PHOTO_INVALID_DIMENSIONS") from None
    except NotAPhoto:
        raise bad_request("IMAGE_PROCESS_FAILED") from None
