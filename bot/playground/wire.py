"""How a Bot API call looks on the wire: its parameters, however a client encodes them, and its errors.

bot_api.py reads calls with this; the methods declare what they take with the types from here.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse

Json = dict[str, Any]

FIELDS = 200  # parameters or files in one call
FIELD_BYTES = 1024 * 1024  # a parameter that isn't a file


def encoded(content: Any) -> bytes:
    """JSON in ASCII: half a surrogate pair in somebody's text is no reason to fail."""
    return json.dumps(content, separators=(",", ":")).encode("ascii")


class JsonAnswer(JSONResponse):
    """An answer that is `encoded`."""

    def render(self, content: Any) -> bytes:
        return encoded(content)


class BotApiError(Exception):
    """A call that fails: Telegram's `error_code` (also the HTTP status), `description`, and what helps to do better.

    That is seconds to wait (`retry_after`), or the id of the supergroup that a group has become (`migrate_to_chat_id`).
    """

    def __init__(
        self, code: int, description: str, retry_after: int | None = None, migrate_to_chat_id: int | None = None
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after
        self.migrate_to_chat_id = migrate_to_chat_id

    def answer(self) -> Json:
        """The JSON body that a client gets."""
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        parameters = {"retry_after": self.retry_after, "migrate_to_chat_id": self.migrate_to_chat_id}
        given = {name: value for name, value in parameters.items() if value is not None}
        return body | ({"parameters": given} if given else {})


def bad_request(reason: str) -> BotApiError:
    """The commonest failure: something is wrong with the call itself."""
    return BotApiError(400, f"Bad Request: {reason}")


def too_many_requests(seconds: int) -> BotApiError:
    """The bot has to wait so many seconds before it calls again."""
    return BotApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that came with a call."""

    file_name: str
    mime_type: str
    size: int  # bytes
    data: bytes = field(repr=False)


ChatId = int | str
Upload = InputFile | str  # a str: a file_id or an address


def number_in(text: str) -> int | None:
    """The id that a text is, None where it is none. A group's is negative."""
    return int(text) if text.removeprefix("-").isdecimal() and len(text) < 20 else None


async def parameters_of(request: Request) -> Json:
    """What a call was given: from the query and a body of JSON, form or multipart, files by their own name or `attach://`.

    A value is a str (undecoded), an InputFile, or what JSON gave; `media` (an InputMedia or a list of them) is decoded,
    with its files in it. Raises BotApiError.
    """
    values: Json = dict(request.query_params)
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == "application/json":
        values |= _object(await request.body())
    elif content_type in {"multipart/form-data", "application/x-www-form-urlencoded"}:
        async with request.form(max_files=FIELDS, max_fields=FIELDS, max_part_size=FIELD_BYTES) as form:
            for name, value in form.multi_items():
                values[name] = await _file(value) if isinstance(value, UploadFile) else value
    return _attached(values)


def _object(body: bytes) -> Json:
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise bad_request("can't parse request parameters: JSON object expected")
    return value


async def _file(upload: UploadFile) -> InputFile:
    data = await upload.read()
    return InputFile(upload.filename or "file", upload.content_type or "application/octet-stream", len(data), data)


def _attached(values: Json) -> Json:
    """Put files where parameters point at them with `attach://<name>`; `media` points from within."""
    used: set[str] = set()

    def resolved(value: Any) -> Any:
        if not isinstance(value, str) or not value.startswith("attach://"):
            return value
        name = value.removeprefix("attach://")
        if name not in values:
            raise bad_request(f"attached file {name} is missing")
        used.add(name)
        return values[name]

    attached = {name: resolved(value) for name, value in values.items()}
    if "media" in values:
        attached["media"] = _filled(_decoded(values["media"]), resolved)
    return {name: value for name, value in attached.items() if name not in used}


def _filled(media: Any, resolved: Callable[[Any], Any]) -> Any:
    """An InputMedia, or each of a list of them, with its files; anything else as it is, for its method to refuse."""
    if isinstance(media, list):
        return [_filled(each, resolved) for each in media]
    return {name: resolved(value) for name, value in media.items()} if isinstance(media, dict) else media


def _decoded(value: Any) -> Any:
    """What JSON in a text says; anything else as it is."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _integer(value: Any) -> int:
    return int(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    value.encode()  # half a surrogate pair is a ValueError
    return value


def _flag(value: Any) -> bool:
    return value is True or str(value).lower() in {"true", "yes", "1"}


def _given(value: Any) -> Any:
    return value


def _object_of(value: Any) -> Json:
    value = json.loads(value) if isinstance(value, str) else value
    if not isinstance(value, dict):
        raise TypeError
    return value


def _list_of(kind: type) -> Callable[[Any], list[Any]]:
    def decode(value: Any) -> list[Any]:
        value = json.loads(value) if isinstance(value, str) else value
        if not isinstance(value, list) or not all(isinstance(item, kind) for item in value):
            raise TypeError
        return value

    return decode


# How a parameter is read, by the annotation that a method gives it.
READERS: dict[Any, Callable[[Any], Any]] = {
    int: _integer,
    str: _text,
    bool: _flag,
    ChatId: _given,
    Upload | None: _given,
    Json | None: _object_of,
    list[Json] | None: _list_of(dict),
    list[str] | None: _list_of(str),
}


def read(name: str, value: Any, annotation: Any) -> Any:
    """One parameter as a method wants it. Raises BotApiError where the value can't be that."""
    try:
        return READERS[annotation](value)
    except (TypeError, ValueError, OverflowError):
        raise bad_request(f"can't parse {name}") from None
