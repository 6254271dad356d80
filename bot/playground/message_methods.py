"""Bot API methods of messages: send, delete, show what the bot is doing, answer a press. edit_methods.py changes them.

A method arrives with its first caller.
"""

from bot.playground.chat import Chat, new_album
from bot.playground.contents import caption_content, document_content, input_media, photo_content, text_content
from bot.playground.keyboards import keyboard
from bot.playground.presses import Answer
from bot.playground.registry import method
from bot.playground.wire import ChatId, Json, Upload, bad_request, read
from bot.playground.world import World

ALBUM = range(2, 11)  # messages
GENERAL = 1  # the topic of a forum whose number only chat actions take
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


@method
async def send_message(
    world: World,
    chat_id: ChatId = "",
    message_thread_id: int = 0,
    text: str = "",
    parse_mode: str = "",
    entities: list[Json] | None = None,
    link_preview_options: Json | None = None,
    disable_notification: bool = False,
    protect_content: bool = False,
    reply_parameters: Json | None = None,
    reply_markup: Json | None = None,
) -> Json:
    chat = world.chat(chat_id)
    content = text_content(text, parse_mode, entities)
    if link_preview_options is not None:
        content["link_preview_options"] = link_preview_options
    return _post(world, chat, content, protect_content, message_thread_id, reply_parameters, reply_markup)


@method
async def send_photo(
    world: World,
    chat_id: ChatId = "",
    message_thread_id: int = 0,
    photo: Upload | None = None,
    caption: str = "",
    parse_mode: str = "",
    caption_entities: list[Json] | None = None,
    disable_notification: bool = False,
    protect_content: bool = False,
    reply_parameters: Json | None = None,
    reply_markup: Json | None = None,
) -> Json:
    chat = world.chat(chat_id)
    content = caption_content(caption, parse_mode, caption_entities)
    content |= await photo_content(world, photo)
    return _post(world, chat, content, protect_content, message_thread_id, reply_parameters, reply_markup)


@method
async def send_document(
    world: World,
    chat_id: ChatId = "",
    message_thread_id: int = 0,
    document: Upload | None = None,
    caption: str = "",
    parse_mode: str = "",
    caption_entities: list[Json] | None = None,
    disable_notification: bool = False,
    protect_content: bool = False,
    reply_parameters: Json | None = None,
    reply_markup: Json | None = None,
) -> Json:
    chat = world.chat(chat_id)
    content = caption_content(caption, parse_mode, caption_entities)
    content |= await document_content(world, document)
    return _post(world, chat, content, protect_content, message_thread_id, reply_parameters, reply_markup)


@method
async def send_media_group(
    world: World,
    chat_id: ChatId = "",
    message_thread_id: int = 0,
    media: list[Json] | None = None,
    disable_notification: bool = False,
    protect_content: bool = False,
    reply_parameters: Json | None = None,
) -> list[Json]:
    """Photos alone."""
    chat = world.chat(chat_id)
    if not media or len(media) not in ALBUM:
        raise bad_request("the local Bot API server sends albums of 2 to 10")
    album = {"media_group_id": new_album()}
    contents = [album | await input_media(world, each) for each in media]
    reply_to, thread = _place(chat, reply_parameters, message_thread_id)
    if world.sending is not None:
        world.sending.take(chat.id, len(contents))
    return [chat.post(world.bot, each | _protection(protect_content), reply_to, thread) for each in contents]


@method
async def send_chat_action(world: World, chat_id: ChatId = "", message_thread_id: int = 0, action: str = "") -> bool:
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat = world.chat(chat_id)
    if message_thread_id != GENERAL:
        _check_topic(chat, message_thread_id)
    chat.act(action)
    return True


@method
async def delete_message(world: World, chat_id: ChatId = "", message_id: int = 0) -> bool:
    chat = world.chat(chat_id)
    message = chat.find(message_id)
    if message is None:
        raise bad_request("message to delete not found")
    may_any = chat.info["type"] == "private" or chat.bot.is_admin
    if message["from"]["id"] != world.bot["id"] and not may_any:
        raise bad_request("message can't be deleted")
    chat.delete(message_id)
    return True


@method
async def answer_callback_query(
    world: World, callback_query_id: str = "", text: str = "", show_alert: bool = False
) -> bool:
    world.presses.answer(callback_query_id, Answer(text.strip(), show_alert))
    return True


def _post(
    world: World,
    chat: Chat,
    content: Json,
    protect_content: bool,
    message_thread_id: int,
    reply_parameters: Json | None,
    reply_markup: Json | None,
) -> Json:
    reply_to, thread = _place(chat, reply_parameters, message_thread_id)
    buttons = keyboard(reply_markup)
    if world.sending is not None:
        world.sending.take(chat.id)
    content = content | _protection(protect_content) | ({"reply_markup": buttons} if buttons else {})
    return chat.post(world.bot, content, reply_to, thread)


def _protection(protect_content: bool) -> Json:
    return {"has_protected_content": True} if protect_content else {}


def _place(chat: Chat, parameters: Json | None, message_thread_id: int) -> tuple[int | None, int | None]:
    """The message that another answers and the topic that it goes to, each where there is one. Raises BotApiError."""
    _check_topic(chat, message_thread_id)
    reply_to = _reply_to(chat, parameters)
    if reply_to and message_thread_id not in {0, chat.messages[reply_to].get("message_thread_id")}:
        raise bad_request("the local Bot API server knows no replies across topics")
    return reply_to, message_thread_id or None


def _check_topic(chat: Chat, message_thread_id: int) -> None:
    """Only a forum's topics are threads that can be sent to: a chain of replies isn't, nor has "General" a number."""
    if message_thread_id and not chat.has_topic(message_thread_id):
        raise bad_request("message thread not found")


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
