"""A person in a chat: what they do becomes a message there, and an update for the bot where the bot hears it."""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Sequence

from bot.playground import attachments
from bot.playground.chat import Chat, new_album, told
from bot.playground.entities import find_entities
from bot.playground.files import Files
from bot.playground.keyboards import button_of, is_data
from bot.playground.members import CHANNEL_BOT, GROUP_ANONYMOUS_BOT, KICKED, MEMBER, Membership, change
from bot.playground.pictures import Picture, measure, photo_sizes, thumbnail
from bot.playground.presses import Press, Presses
from bot.playground.updates import Updates
from bot.playground.wire import Json

TEXT_LIMIT = 4096  # characters
CAPTION_LIMIT = 1024


class NotSent(Exception):
    """What Telegram's own app doesn't let a person send. The text is a sentence for them."""


class Person:
    """Somebody who writes to the bot, in private (World.person() makes them) or in a group (Group.member()).

    What is sent of a picture's bytes alone is decoded at once, where it is called: for pictures of one's own.
    """

    def __init__(self, user: Json, bot: Json, chat: Chat, files: Files, updates: Updates, presses: Presses) -> None:
        self.user = user
        self.id: int = user["id"]
        self.chat = chat
        self._bot = bot
        self._files = files
        self._updates = updates
        self._presses = presses
        self._sends_as: Json | None = None  # the Chat that they hide behind

    def at(self, chat: Chat) -> "Person":
        """This person in another chat."""
        return Person(self.user, self._bot, chat, self._files, self._updates, self._presses)

    def anonymous(self) -> "Person":
        """This admin of a supergroup, hidden behind it: only a button that they press tells who they are.

        Raises NotSent where they can't be.
        """
        if not self.chat.hide(self.id):
            raise NotSent("Only admins of a supergroup can be anonymous.")
        return self._behind(self.chat.info)

    def as_channel(self, title: str) -> "Person":
        """This person, writing in the name of a channel of theirs."""
        return self._behind({"id": -(10**12 + 1 + self.id % 10**12), "type": "channel", "title": title})

    @property
    def actions(self) -> deque[str]:
        """The chat actions that the bot sent, latest last."""
        return self.chat.actions

    def messages(self) -> list[Json]:
        """All messages of the chat, in order, as they are now."""
        return list(self.chat.messages.values())

    async def wait_for(self, predicate: Callable[[Json], bool], timeout: float = 10) -> Json:  # noqa: ASYNC109
        """The first message from the bot that satisfies `predicate`, there already or within `timeout` seconds.

        Raises TimeoutError.
        """
        with self.chat.events.listen() as events:
            for message in self.messages():
                if self._is_from_bot(message) and predicate(message):
                    return message
            async with asyncio.timeout(timeout):
                while event := await events.get():
                    changed: Json = event.get("message", {})
                    if changed and self._is_from_bot(changed) and predicate(changed):
                        return changed
        raise TimeoutError("the playground has closed")

    def send_text(
        self, text: str, reply_to: int | None = None, thread: int | None = None, quoting: Json | None = None
    ) -> Json:
        """A text message; `/commands` in it become entities. `thread` is a forum's topic, as in all that is sent.

        `quoting` is a message of another chat, which this one answers.
        """
        text = text.strip()
        if not text:
            raise NotSent("There is no text to send.")
        content = _with_entities("text", text, TEXT_LIMIT) | (attachments.quoted(quoting) if quoting else {})
        return self._send(content, reply_to, thread)

    def send_photo(
        self,
        data: bytes,
        caption: str | None = None,
        reply_to: int | None = None,
        media_group_id: str | None = None,
        thread: int | None = None,
    ) -> Json:
        """A photo, in the sizes that Telegram makes of it. Raises NotAPhoto."""
        return self.send_photo_sizes(photo_sizes(data), caption, reply_to, media_group_id, thread)

    def send_album(
        self,
        photos: Sequence[bytes],
        caption: str | None = None,
        reply_to: int | None = None,
        thread: int | None = None,
    ) -> list[Json]:
        """Several photos that belong together; the first has the caption. Raises NotAPhoto."""
        return self.send_album_sizes([photo_sizes(data) for data in photos], caption, reply_to, thread)

    def send_photo_sizes(
        self,
        sizes: list[Picture],
        caption: str | None = None,
        reply_to: int | None = None,
        media_group_id: str | None = None,
        thread: int | None = None,
    ) -> Json:
        """A photo whose sizes are made already: they can be sent again and again, and are kept once."""
        content: Json = {"photo": [self._files.add_picture(size) for size in sizes], **_caption(caption)}
        if media_group_id is not None:
            content["media_group_id"] = media_group_id
        return self._send(content, reply_to, thread)

    def send_album_sizes(
        self,
        photos: list[list[Picture]],
        caption: str | None = None,
        reply_to: int | None = None,
        thread: int | None = None,
    ) -> list[Json]:
        """An album whose photos' sizes are made already."""
        group = new_album()
        captions = [caption] + [None] * len(photos)
        return [self.send_photo_sizes(*each, reply_to, group, thread) for each in zip(photos, captions, strict=False)]

    def send_document(
        self,
        data: bytes,
        file_name: str,
        mime_type: str | None = None,
        caption: str | None = None,
        reply_to: int | None = None,
        thread: int | None = None,
    ) -> Json:
        """A file as it is; a picture gets a thumbnail."""
        return self.send_file(data, file_name, mime_type, thumbnail(data), caption, reply_to, thread)

    def send_file(
        self,
        data: bytes,
        file_name: str,
        mime_type: str | None,
        preview: Picture | None,
        caption: str | None = None,
        reply_to: int | None = None,
        thread: int | None = None,
    ) -> Json:
        """A file whose thumbnail is made already, if it has one."""
        content = attachments.document(self._files, data, file_name, mime_type, preview)
        return self._send({**content, **_caption(caption)}, reply_to, thread)

    def send_sticker(
        self, webp: bytes, animated: bool = False, reply_to: int | None = None, thread: int | None = None
    ) -> Json:
        """A sticker: a WebP picture, or an animated one (whose bytes may be anything)."""
        size = (512, 512) if animated else _size(webp, (512, 512))
        return self.send_measured_sticker(webp, size, animated, reply_to, thread)

    def send_measured_sticker(
        self,
        webp: bytes,
        size: tuple[int, int],
        animated: bool = False,
        reply_to: int | None = None,
        thread: int | None = None,
    ) -> Json:
        """A sticker whose width and height are known."""
        return self._send(attachments.sticker(self._files, webp, size, animated), reply_to, thread)

    def send_animation(
        self,
        data: bytes,
        file_name: str = "animation.gif",
        caption: str | None = None,
        reply_to: int | None = None,
        thread: int | None = None,
    ) -> Json:
        """A GIF, which arrives as an animation and as a document too."""
        return self.send_measured_animation(data, _size(data, (320, 240)), file_name, caption, reply_to, thread)

    def send_measured_animation(
        self,
        data: bytes,
        size: tuple[int, int],
        file_name: str,
        caption: str | None = None,
        reply_to: int | None = None,
        thread: int | None = None,
    ) -> Json:
        """A GIF whose width and height are known."""
        content = attachments.animation(self._files, data, size, file_name)
        return self._send({**content, **_caption(caption)}, reply_to, thread)

    def send_voice(self, data: bytes) -> Json:
        """A voice message."""
        return self._send(attachments.voice(self._files, data))

    def send_video(self, data: bytes) -> Json:
        """A video."""
        return self._send(attachments.video(self._files, data))

    def press(self, message: Json, button: str) -> Press:
        """Press the button that has this data or text in the message as it is now. `Press.answered()` waits.

        Of a message that was deleted meanwhile, the button as it was given can still be pressed.
        """
        found = button_of(self.chat.messages.get(message["message_id"], message), button)
        if found is None or "callback_data" not in found:
            raise NotSent("The message has no such button.")
        return self.press_raw(message, found["callback_data"])

    def press_raw(self, message: Json, data: str) -> Press:
        """A press of a button that the message may not have: an app of one's own can send any data."""
        message_id: int = message["message_id"]
        if message["chat"]["id"] != self.chat.id or not self.chat.knew(message_id):
            raise NotSent("There is no such message in this chat.")
        if not is_data(data):
            raise NotSent("A button has 1 to 64 bytes of data.")
        self._check_that_they_may()
        gone = {"chat": self.chat.info, "message_id": message_id, "date": 0}  # an InaccessibleMessage
        press = self._presses.add(
            {
                "id": str(secrets.randbits(63)),
                "from": self.user,
                "message": told(self.chat.messages.get(message_id, gone)),
                "chat_instance": self.chat.instance,
                "data": data,
            }
        )
        self._updates.put("callback_query", press.query)
        return press

    def edit_photo(self, message_id: int, data: bytes, caption: str | None = None) -> Json:
        """Put another photo in the place of one sent. Raises NotAPhoto."""
        sizes = photo_sizes(data)
        return self._edit(message_id, {"photo": [self._files.add_picture(size) for size in sizes]}, caption)

    def edit_caption(self, message_id: int, caption: str | None) -> Json:
        """Put other words, or none, under a picture that was sent."""
        return self._edit(message_id, {}, caption)

    def delete(self, message_id: int) -> None:
        """Take a message away, for all. The bot isn't told: it learns it when it replies to the message."""
        message = self.chat.messages.get(message_id)
        if message is None:
            raise NotSent("The message to delete no longer exists.")
        if not (self.chat.info["type"] == "private" or self.chat.is_admin(self.id) or message["from"] == self.user):
            raise NotSent("Only its sender and admins can delete this message.")
        self.chat.delete(message_id)

    def block(self) -> None:
        """Want no more of the bot: its calls for this chat fail with 403."""
        self._make_of_bot(KICKED)

    def unblock(self) -> None:
        """Let the bot write again."""
        self._make_of_bot(MEMBER)

    def _make_of_bot(self, status: str) -> None:
        """A change of what the bot is in this private chat, of which it gets an update."""
        if self.chat.info["type"] != "private":
            raise NotSent("A bot is blocked in its private chat, and removed from a group.")
        before, self.chat.bot = self.chat.bot, Membership(self._bot, status)
        self._updates.put("my_chat_member", change(self.chat.info, self.user, before, self.chat.bot))

    def _send(self, content: Json, reply_to: int | None = None, thread: int | None = None) -> Json:
        self._check_that_they_may()
        if reply_to is not None and reply_to not in self.chat.messages:
            raise NotSent("The message that this answers no longer exists.")
        if thread is not None and not self.chat.has_topic(thread):
            raise NotSent("There is no such topic here.")
        message = self._post(content, reply_to, thread)
        self._tell("message", message)
        return message

    def _edit(self, message_id: int, content: Json, caption: str | None) -> Json:
        self._check_that_they_may()
        no_caption = {"caption": None, "caption_entities": None}
        message = self.chat.edit(message_id, {**no_caption, **content, **_caption(caption)})
        self._tell("edited_message", message)
        return message

    def _post(self, content: Json, reply_to: int | None, thread: int | None) -> Json:
        if self._sends_as is None:
            return self.chat.post(self.user, content, reply_to, thread)
        mask = GROUP_ANONYMOUS_BOT if self._sends_as["id"] == self.chat.id else CHANNEL_BOT
        return self.chat.post(mask, {"sender_chat": self._sends_as, **content}, reply_to, thread)

    def _behind(self, chat: Json) -> "Person":
        hidden = self.at(self.chat)
        hidden._sends_as = chat
        return hidden

    def _tell(self, kind: str, message: Json) -> None:
        if self.chat.hears(message):
            self._updates.put(kind, told(message))

    def _check_that_they_may(self) -> None:
        if refusal := self.chat.refusal(self.id):
            raise NotSent(refusal)
        if self._updates.full:
            raise NotSent("The bot isn't reading its messages. Is it running?")

    def _is_from_bot(self, message: Json) -> bool:
        return bool(message["from"]["id"] == self._bot["id"])


def _size(data: bytes, otherwise: tuple[int, int]) -> tuple[int, int]:
    measures = measure(data)
    return (measures.width, measures.height) if measures else otherwise


def _caption(caption: str | None) -> Json:
    caption = (caption or "").strip()
    return _with_entities("caption", caption, CAPTION_LIMIT) if caption else {}


def _with_entities(name: str, text: str, limit: int) -> Json:
    if len(text) > limit:
        raise NotSent(f"This is {len(text):,} characters long; a {name} has at most {limit:,}.")
    entities = find_entities(text, [])
    entities_name = "entities" if name == "text" else "caption_entities"
    return {name: text} | ({entities_name: entities} if entities else {})
