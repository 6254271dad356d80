"""The files that people and the bot sent, in memory: the same file only once, the least used forgotten when full."""

import mimetypes
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field

from bot.playground.pictures import Picture
from bot.playground.wire import Json

FILES_BYTES = 256 * 1024 * 1024

mimetypes.add_type("image/webp", ".webp")  # Python knows it from 3.13 on


Content = tuple[bytes, str, str, str | None]  # what makes two files the same: bytes, folder, MIME type, name


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file, under the names that Telegram gives it."""

    file_id: str
    file_unique_id: str
    path: str  # getFile's file_path
    mime_type: str
    name: str | None  # what its sender called it; None for what Telegram made
    data: bytes = field(repr=False)

    @property
    def fields(self) -> Json:
        """What every Bot API object about a file begins with."""
        return {"file_id": self.file_id, "file_unique_id": self.file_unique_id, "file_size": len(self.data)}


class Files:
    """All files by file_id and by path, at most `limit` bytes together. What is sent again keeps its file_id."""

    def __init__(self, limit: int = FILES_BYTES) -> None:
        self._limit = limit
        self._bytes = 0
        self._count = 0
        self._by_id: OrderedDict[str, StoredFile] = OrderedDict()
        self._id_by_path: dict[str, str] = {}
        self._id_by_content: dict[Content, str] = {}

    def add(self, data: bytes, folder: str, mime_type: str, name: str | None = None) -> StoredFile:
        """Keep a file; `folder` is the first part of its path ("photos", "documents")."""
        content = (data, folder, mime_type, name)
        if known := self.get(self._id_by_content.get(content, "")):
            return known
        path = f"{folder}/file_{self._count}{mimetypes.guess_extension(mime_type) or ''}"
        file = StoredFile(secrets.token_urlsafe(36), secrets.token_urlsafe(11), path, mime_type, name, data)
        self._count += 1
        self._bytes += len(data)
        self._by_id[file.file_id] = file
        self._id_by_path[path] = file.file_id
        self._id_by_content[content] = file.file_id
        while self._bytes > self._limit and len(self._by_id) > 1:
            self._forget_least_used()
        return file

    def add_picture(self, picture: Picture, folder: str = "photos") -> Json:
        """Keep a picture; gives its PhotoSize."""
        file = self.add(picture.jpeg, folder, "image/jpeg")
        return {**file.fields, "width": picture.width, "height": picture.height}

    def get(self, file_id: str) -> StoredFile | None:
        """The file of this file_id, unless it never was or is forgotten."""
        file = self._by_id.get(file_id)
        if file is not None:
            self._by_id.move_to_end(file_id)
        return file

    def at(self, path: str) -> StoredFile | None:
        """The file at a path that getFile gave."""
        return self.get(self._id_by_path.get(path, ""))

    def _forget_least_used(self) -> None:
        _, file = self._by_id.popitem(last=False)
        del self._id_by_path[file.path]
        del self._id_by_content[file.data, file.path.partition("/")[0], file.mime_type, file.name]
        self._bytes -= len(file.data)
