"""The HTTP interface of the chat page: the page's own files, and what people do in their chats, as JSON and events."""

import asyncio
import json
import mimetypes
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.playground import page_view
from bot.playground.groups import Group
from bot.playground.person import NotSent, Person
from bot.playground.pictures import Measures, NotAPhoto, Picture, TooLongAPhoto
from bot.playground.wire import Json, JsonAnswer, number_in
from bot.playground.world import World

PAGE = Path(__file__).parent / "page"
FILE_BYTES = 21 * 1024 * 1024  # a little more than a bot can download, so that a bot meets files it can't
ALBUM = 10  # photos
STICKER_BYTES = 512 * 1024  # Telegram makes a sticker of a WebP file up to this
STICKER_SIDE = 512  # px
HEARTBEAT_SECONDS = 15
SPINNER_SECONDS = 15  # how long a pressed button shows that it waits
SHOWN = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "video/mp4", "audio/ogg"})
FILE_HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, max-age=86400, immutable",
}

mimetypes.add_type("text/javascript", ".js")  # some systems' own tables say otherwise


class ChatPage:
    """Lets browsers be people in this world."""

    def __init__(self, world: World) -> None:
        self.casts: dict[int, list[Person]] = {}  # whom else a page can be whose person has this id
        self._invited: dict[str, str] = {}  # the page's own part of its address, by what leads there once
        self._world = world

    def invitation(self, part: str) -> str:
        """A path that leads to the page with this part behind its #, to whoever takes it first."""
        ticket = secrets.token_urlsafe(16)
        self._invited[ticket] = part
        return f"/in/{ticket}"

    def routes(self) -> list[BaseRoute]:
        """Where it is served."""
        return [
            Route("/", self._index),
            Route("/in/{ticket}", self._let_in),
            Mount("/page", StaticFiles(directory=PAGE, check_dir=False)),
            Route("/chat/people", self._join, methods=["POST"]),
            Route("/chat/cast", self._cast, methods=["POST"]),
            Route("/chat/state", self._state),
            Route("/chat/events", self._events),
            Route("/chat/send", self._send, methods=["POST"]),
            Route("/chat/press", self._press, methods=["POST"]),
            Route("/chat/file/{file_id}", self._file),
        ]

    async def _index(self, request: Request) -> Response:
        return FileResponse(PAGE / "index.html")

    async def _let_in(self, request: Request) -> Response:
        """To the page, by an invitation; one that was taken leads there as nobody's."""
        part = self._invited.pop(request.path_params["ticket"], None)
        return RedirectResponse(f"/#{part}" if part else "/", status_code=303, headers={"Cache-Control": "no-store"})

    async def _join(self, request: Request) -> Response:
        """A new person; whoever knows a group's id can be in it."""
        body = await _body(request)
        name, language = map(_clean, _values(body, "A person", "first_name", "language_code"))
        group = self._group(body["group"]) if "group" in body else None
        person = self._world.person(name[:64] or "You", language[:35] or "en")
        if group:
            try:
                group.add(person, by=person)
            except NotSent as error:
                raise HTTPException(400, str(error)) from None
        return JsonAnswer(person.user)

    async def _cast(self, request: Request) -> Response:
        """Whom else the page can be. They speak the language of whoever plays them."""
        people = self.casts.get(self._person(request).id, [])
        (language,) = map(_clean, _values(await _body(request), "A page", "language_code"))
        for person in people:
            person.user["language_code"] = language[:35] or "en"
        return JsonAnswer({"people": [person.user for person in people]})

    async def _state(self, request: Request) -> Response:
        """All that a page shows when it opens."""
        return JsonAnswer(page_view.state(self._world, self._person(request)))

    async def _events(self, request: Request) -> Response:
        """What happens from now on. Who asks for the state once this has opened misses nothing."""
        return StreamingResponse(
            self._stream(self._person(request)), headers={"Cache-Control": "no-store"}, media_type="text/event-stream"
        )

    async def _send(self, request: Request) -> Response:
        """A text, a photo, an album or a file from a person."""
        person = self._there(request)
        async with request.form(max_files=ALBUM, max_fields=ALBUM) as form:
            try:
                messages = await self._sent(person, form)
            except NotSent as error:
                raise HTTPException(400, str(error)) from None
        return JsonAnswer({"messages": page_view.masked(messages, person.id)})

    async def _press(self, request: Request) -> Response:
        """A press of a button: answered once the bot answers, or when apps would no longer show that they wait."""
        person = self._there(request)
        number, data = _values(await _body(request), "A press", "message_id", "data")
        try:
            press = person.press_raw({"message_id": number_in(number) or 0, "chat": person.chat.info}, data)
            answer = await press.answered(SPINNER_SECONDS)
        except NotSent as error:
            raise HTTPException(400, str(error)) from None
        except TimeoutError:
            raise HTTPException(504, "The bot hasn't answered yet. Is it running?") from None
        return JsonAnswer({"text": answer.text, "alert": answer.alert})

    async def _file(self, request: Request) -> Response:
        """A file of a message; whoever knows its id may see it."""
        file = self._world.files.get(request.path_params["file_id"])
        if file is None:
            raise HTTPException(404, "This file is no longer kept.")
        headers = dict(FILE_HEADERS)
        if file.path.startswith("documents/") or file.mime_type not in SHOWN:
            headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name or 'file')}"
        shown = file.mime_type in SHOWN
        return Response(file.data, headers=headers, media_type=file.mime_type if shown else "application/octet-stream")

    def _person(self, request: Request) -> Person:
        number = number_in(request.query_params.get("as", ""))
        person = self._world.find(number) if number is not None else None
        if person is None:
            raise HTTPException(404, "Nobody here has this number: the server was started anew.")
        return person

    def _there(self, request: Request) -> Person:
        """Who asks, in the chat that they ask about."""
        there = page_view.at(self._world, self._person(request), request.query_params.get("chat", ""))
        if there is None:
            raise HTTPException(403, "You are not in this group.")
        return there

    def _group(self, key: object) -> Group:
        number = number_in(str(key))
        group = self._world.groups.find(number) if number is not None else None
        if group is None:
            raise HTTPException(404, "There is no such group here: the server was started anew.")
        return group

    async def _sent(self, person: Person, form: FormData) -> list[Json]:
        caption, reply_to = _field(form, "caption"), _reply_to(form)
        photos = [await _bytes_of(upload) for upload in form.getlist("photo") if isinstance(upload, UploadFile)]
        if len(photos) > 1:
            sizes = [await self._photo_sizes(photo) for photo in photos]
            return person.send_album_sizes(sizes, caption, reply_to)
        if photos:
            return [person.send_photo_sizes(await self._photo_sizes(photos[0]), caption, reply_to)]
        document = form.get("document")
        if isinstance(document, UploadFile):
            return [await self._sent_file(person, document, caption, reply_to)]
        return [person.send_text(_field(form, "text") or "", reply_to)]

    async def _sent_file(self, person: Person, upload: UploadFile, caption: str | None, reply_to: int | None) -> Json:
        """A file, which Telegram shows as a sticker or an animation where it is one."""
        data, name = await _bytes_of(upload), upload.filename or "file"
        mime_type = mimetypes.guess_type(name)[0] or upload.content_type or "application/octet-stream"
        measures = await self._world.pictures.measure(data)
        if measures and _is_sticker(measures, len(data)):
            return person.send_measured_sticker(data, (measures.width, measures.height), reply_to=reply_to)
        if measures and measures.format == "GIF" and measures.animated:
            return person.send_measured_animation(data, (measures.width, measures.height), name, caption, reply_to)
        preview = await self._world.pictures.thumbnail(data) if measures else None
        return person.send_file(data, name, mime_type, preview, caption, reply_to)

    async def _stream(self, person: Person) -> AsyncIterator[str]:
        with page_view.listening(self._world, person) as events:
            yield ": open\n\n"
            while True:
                try:
                    event = await asyncio.wait_for(events.get(), HEARTBEAT_SECONDS)
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                if event is None:
                    return
                yield f"data: {json.dumps(page_view.event_for(self._world, person, event))}\n\n"

    async def _photo_sizes(self, data: bytes) -> list[Picture]:
        try:
            return await self._world.pictures.photo_sizes(data)
        except TooLongAPhoto:
            raise NotSent("This picture is too long and narrow for a photo. Please send it as a file.") from None
        except NotAPhoto:
            raise NotSent("This can't be opened as a picture. Please send it as a file.") from None


def _is_sticker(measures: Measures, size: int) -> bool:
    still = measures.format == "WEBP" and not measures.animated
    return still and size <= STICKER_BYTES and max(measures.width, measures.height) <= STICKER_SIDE


async def _body(request: Request) -> Json:
    """A body in JSON; an empty one where it isn't such."""
    try:
        body = json.loads(await request.body())
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _values(body: Json, what: str, *names: str) -> list[str]:
    """Values of a body. Raises HTTPException."""
    if not body.keys() >= set(names):
        raise HTTPException(400, f"{what} needs a {' and a '.join(names)}.")
    return [str(body[name]) for name in names]


async def _bytes_of(upload: UploadFile) -> bytes:
    if (upload.size or 0) > FILE_BYTES:
        raise NotSent(f"{upload.filename} is too large: a file has at most {FILE_BYTES // 1024 // 1024} MB here.")
    data = await upload.read()
    if not data:
        raise NotSent(f"{upload.filename} is empty.")
    return data


def _clean(text: object) -> str:
    """Text without white space around it and without half surrogate pairs."""
    return str(text).encode("utf-8", "replace").decode().strip()


def _field(form: FormData, name: str) -> str | None:
    value = form.get(name)
    return value if isinstance(value, str) else None


def _reply_to(form: FormData) -> int | None:
    value = _field(form, "reply_to")
    if not value:
        return None
    number = number_in(value)
    return 0 if number is None else number  # there is no message 0
