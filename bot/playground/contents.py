"""What a bot puts into a message: text, caption, photo or file, checked as Telegram does and refused in its words."""

from typing import Any

from bot.playground.entities import find_entities, is_entity, parse_html, trimmed
from bot.playground.person import CAPTION_LIMIT, TEXT_LIMIT
from bot.playground.pictures import NotAPhoto, Picture, TooLongAPhoto
from bot.playground.wire import InputFile, Json, bad_request, read
from bot.playground.world import World

PHOTO_BYTES = 10 * 1024 * 1024  # the largest that sendPhoto takes
PHOTO_SIDES_SUM = 10_000  # px, width and height together
MEDIA_FIELDS = {"type", "media", "caption", "parse_mode", "caption_entities"}  # of those of an InputMediaPhoto


def text_content(text: str, parse_mode: str, entities: list[Json] | None) -> Json:
    """A message's `text` with its entities. Raises BotApiError."""
    text, entities = _formatted(text, parse_mode, entities)
    if not text:
        raise bad_request("message text is empty")
    if len(text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    return {"text": text} | ({"entities": entities} if entities else {})


def caption_content(text: str, parse_mode: str, entities: list[Json] | None) -> Json:
    """The `caption` of a photo or file with its entities, nothing where it is empty. Raises BotApiError."""
    text, entities = _formatted(text, parse_mode, entities)
    if len(text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    return ({"caption": text} if text else {}) | ({"caption_entities": entities} if entities else {})


async def photo_content(world: World, photo: Any) -> Json:
    """A message's `photo`, in the sizes that Telegram makes of a file. Raises BotApiError."""
    file = _file("photo", photo)
    if file.size > PHOTO_BYTES:
        raise bad_request(
            f"file of size {file.size} bytes is too big for a photo; the maximum size is {PHOTO_BYTES} bytes"
        )
    sizes = await _sizes(world, file.data)
    return {"photo": [world.files.add_picture(size) for size in sizes]}


async def input_media(world: World, media: Json) -> Json:
    """The content of an InputMediaPhoto: photo and caption. Raises BotApiError."""
    if media.get("type") != "photo":
        raise bad_request("the local Bot API server takes no media but photos")
    if unknown := media.keys() - MEDIA_FIELDS:
        raise bad_request(f"the local Bot API server doesn't know {min(unknown)} of media")
    caption = caption_content(
        read("caption", media.get("caption", ""), str),
        read("parse_mode", media.get("parse_mode", ""), str),
        read("caption_entities", media.get("caption_entities", []), list[Json] | None),
    )
    return caption | await photo_content(world, media.get("media"))


async def document_content(world: World, document: Any) -> Json:
    """A message's `document`, with a thumbnail where it is a picture. Raises BotApiError."""
    file = _file("document", document)
    if not file.data:
        raise bad_request("file must be non-empty")
    preview = await world.pictures.thumbnail(file.data)
    stored = world.files.add(file.data, "documents", file.mime_type, file.file_name)
    content: Json = {**stored.fields, "file_name": file.file_name, "mime_type": file.mime_type}
    if preview is not None:
        content["thumbnail"] = world.files.add_picture(preview, "thumbnails")
    return {"document": content}


def _formatted(text: str, parse_mode: str, entities: list[Json] | None) -> tuple[str, list[Json]]:
    if parse_mode.lower() == "html":
        text, entities = parse_html(text)
    elif parse_mode:
        raise bad_request("unsupported parse_mode")
    elif not all(is_entity(entity) for entity in entities or []):
        raise bad_request("can't parse MessageEntity")
    text, entities = trimmed(text, entities or [])
    return text, find_entities(text, entities)


def _file(kind: str, given: Any) -> InputFile:
    if given is None:
        raise bad_request(f"there is no {kind} in the request")
    if not isinstance(given, InputFile):
        raise bad_request("wrong file identifier/HTTP URL specified")
    return given


async def _sizes(world: World, data: bytes) -> list[Picture]:
    measures = await world.pictures.measure(data)
    if measures and measures.width + measures.height > PHOTO_SIDES_SUM:
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    try:
        return await world.pictures.photo_sizes(data)
    except TooLongAPhoto:
        raise bad_request("PHOTO_INVALID_DIMENSIONS") from None
    except NotAPhoto:
        raise bad_request("IMAGE_PROCESS_FAILED") from None
