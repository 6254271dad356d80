"""What people attach to a message, as its fields: files, stickers, animations, voice and video."""

from bot.playground.files import Files
from bot.playground.pictures import Picture
from bot.playground.wire import Json

QUOTED = ("photo", "document", "animation", "sticker", "voice", "video")  # what a reply from elsewhere shows


def document(files: Files, data: bytes, file_name: str, mime_type: str | None, preview: Picture | None) -> Json:
    """A file as it is, with a thumbnail where there is a preview."""
    file = files.add(data, "documents", mime_type or "application/octet-stream", file_name)
    content: Json = {**file.fields, "file_name": file_name}
    if mime_type is not None:
        content["mime_type"] = mime_type
    if preview is not None:
        content["thumbnail"] = files.add_picture(preview, "thumbnails")
    return {"document": content}


def sticker(files: Files, webp: bytes, size: tuple[int, int], animated: bool) -> Json:
    """A WebP picture as a sticker, or an animated sticker (whose bytes may be anything)."""
    width, height = size
    file = files.add(webp, "stickers", "application/x-tgsticker" if animated else "image/webp")
    content = {**file.fields, "type": "regular", "width": width, "height": height}
    return {"sticker": {**content, "is_animated": animated, "is_video": False}}


def animation(files: Files, gif: bytes, size: tuple[int, int], file_name: str) -> Json:
    """A GIF, which is an animation and a document too."""
    width, height = size
    file = files.add(gif, "animations", "image/gif", file_name)
    content: Json = {**file.fields, "file_name": file_name, "mime_type": "image/gif"}
    return {"animation": {**content, "width": width, "height": height, "duration": 1}, "document": content}


def quoted(message: Json) -> Json:
    """A message of another chat, as a reply to it tells of it."""
    hidden = message.get("sender_chat")
    sender = {"type": "chat", "sender_chat": hidden} if hidden else {"type": "user", "sender_user": message["from"]}
    reply: Json = {"origin": {**sender, "date": message["date"]}}
    if message["chat"]["type"] in {"supergroup", "channel"}:
        reply |= {name: message[name] for name in ("chat", "message_id")}
    return {"external_reply": reply | {name: message[name] for name in QUOTED if name in message}}


def voice(files: Files, ogg: bytes) -> Json:
    """A voice message."""
    file = files.add(ogg, "voice", "audio/ogg")
    return {"voice": {**file.fields, "duration": 1, "mime_type": "audio/ogg"}}


def video(files: Files, mp4: bytes) -> Json:
    """A video."""
    file = files.add(mp4, "videos", "video/mp4")
    return {"video": {**file.fields, "width": 320, "height": 240, "duration": 1, "mime_type": "video/mp4"}}
