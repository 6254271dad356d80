"""Texts and their entities as Telegram sees them: HTML parsed, commands and links found, offsets in UTF-16 units."""

import re
from dataclasses import dataclass
from typing import NoReturn

from bot.playground.wire import BotApiError, Json, bad_request

# Tags that need nothing else, and what they mean; the others are in _entity_of.
SIMPLE_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "tg-spoiler": "spoiler",
}
TAGS = SIMPLE_TAGS.keys() | {"a", "span", "blockquote"}
CHARACTERS = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}

_ATTRIBUTE = r"""\s+([\w.-]+)(?:\s*=\s*("[^"]*"|'[^']*'|[\w.-]+))?"""
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_MARKUP = re.compile(
    rf"""&(?P<character>lt|gt|amp|quot|\#\d+|\#x[0-9a-fA-F]+);?
    |</(?P<end>[^<>]*)>
    |<(?P<start>[^\s<>/]+)(?P<attributes>(?:{_ATTRIBUTE})*)\s*>
    |(?P<broken></?[^\s>]*)""",
    re.VERBOSE,
)
_FOUND = re.compile(
    r"(?P<bot_command>(?<![\w/])/\w{1,64}(?:@\w{3,32})?\b(?!/))"
    r"|(?P<url>\bhttps?://[^\s<>\"]*[^\s<>\".,;:!?)])"
    r"|(?P<mention>(?<!\w)@[A-Za-z]\w{3,31}\b)"
    r"|(?P<hashtag>(?<!\w)\#(?=\w*[^\W\d])\w{1,256})",
    re.ASCII,
)
# Inside these nothing is found: they are taken literally, or lead somewhere themselves.
_CLOSED = {"code", "pre", "text_link"}


def utf16_length(text: str) -> int:
    """How many UTF-16 code units a text takes: the unit of all offsets and lengths."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def parse_html(source: str) -> tuple[str, list[Json]]:
    """`parse_mode=HTML`: the text without markup, and its entities. Raises Telegram's 400 "can't parse entities"."""
    parser = _HtmlParser()
    position = 0
    for markup in _MARKUP.finditer(source):
        parser.add_text(source[position : markup.start()])
        position = markup.end()
        place = f"at byte offset {len(source[: markup.start()].encode())}"
        if markup["character"] is not None:
            parser.add_text(_character(markup))
        elif markup["start"] is not None:
            parser.open(markup["start"].lower(), _attributes(markup["attributes"]), place)
        elif markup["end"] is not None:
            parser.close(markup["end"].strip().lower(), place)
        else:
            parser.fail(markup["broken"].lower(), position == len(source), place)
    parser.add_text(source[position:])
    return parser.finish()


@dataclass(slots=True)
class _OpenTag:
    name: str
    attributes: dict[str, str]
    begin: int  # UTF-16 units
    pieces_before: int


class _HtmlParser:
    """What of a text has been parsed so far: its pieces, what is open, what is done."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0  # UTF-16 units
        self._open: list[_OpenTag] = []
        self._entities: list[Json] = []

    def add_text(self, piece: str) -> None:
        self._pieces.append(piece)
        self._length += utf16_length(piece)

    def open(self, name: str, attributes: dict[str, str], place: str) -> None:
        if name not in TAGS:
            raise _unparsable(f'Unsupported start tag "{name}" {place}')
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise _unparsable(f'Tag "span" must have class "tg-spoiler" {place}')
        self._open.append(_OpenTag(name, attributes, self._length, len(self._pieces)))

    def close(self, name: str, place: str) -> None:
        if not self._open:
            raise _unparsable(f"Unexpected end tag {place}")
        tag = self._open.pop()
        if name not in {tag.name, ""}:
            raise _unparsable(f'Unmatched end tag {place}, expected "</{tag.name}>", found "</{name}>"')
        entity = _entity_of(tag, "".join(self._pieces[tag.pieces_before :]))
        if entity is not None and self._length > tag.begin:
            self._entities.append({**entity, "offset": tag.begin, "length": self._length - tag.begin})

    def fail(self, tag: str, at_the_end: bool, place: str) -> NoReturn:
        if tag.startswith("</"):
            raise _unparsable(f"Unclosed end tag {place}" if self._open else f"Unexpected end tag {place}")
        if at_the_end or tag[1:] in TAGS:
            raise _unparsable(f"Unclosed start tag {place}")
        raise _unparsable(f'Unsupported start tag "{tag[1:]}" {place}')

    def finish(self) -> tuple[str, list[Json]]:
        if self._open:
            raise _unparsable(f'Can\'t find end tag corresponding to start tag "{self._open[-1].name}"')
        return "".join(self._pieces), _sorted(_with_languages(self._entities))


def find_entities(text: str, known: list[Json]) -> list[Json]:
    """`known` entities and those that Telegram finds by itself: commands, links, mentions, hashtags."""
    found = []
    for match in _FOUND.finditer(text):
        entity = {
            "type": match.lastgroup,
            "offset": utf16_length(text[: match.start()]),
            "length": utf16_length(match[0]),
        }
        if not any(_overlap(entity, other) for other in known if other["type"] in {*_CLOSED, entity["type"]}):
            found.append(entity)
    return _sorted([*known, *found])


def trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """A text without white space around it, as Telegram keeps it, and its entities moved along."""
    begin = utf16_length(text) - utf16_length(text.lstrip())
    text = text.strip()
    end = utf16_length(text)
    kept = []
    for entity in entities:
        first = max(0, entity["offset"] - begin)
        last = min(end, entity["offset"] - begin + entity["length"])
        if last > first:
            kept.append({**entity, "offset": first, "length": last - first})
    return text, kept


def is_entity(value: Json) -> bool:
    """Whether this is a MessageEntity at all."""
    numbers = (value.get("offset"), value.get("length"))
    return isinstance(value.get("type"), str) and all(isinstance(number, int) for number in numbers)


def _overlap(one: Json, other: Json) -> bool:
    return bool(one["offset"] < other["offset"] + other["length"] and other["offset"] < one["offset"] + one["length"])


def _unparsable(reason: str) -> BotApiError:
    return bad_request(f"can't parse entities: {reason}")


def _character(markup: re.Match[str]) -> str:
    name: str = markup["character"]
    if name in CHARACTERS:
        return CHARACTERS[name]
    code = int(name[2:], 16) if name[1] == "x" else int(name[1:])
    return chr(code) if 0 < code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else markup[0]


def _attributes(source: str) -> dict[str, str]:
    return {name.lower(): _unquoted(value) for name, value in _ATTRIBUTES.findall(source)}


def _unquoted(value: str) -> str:
    value = value[1:-1] if value[:1] in {'"', "'"} else value
    return _MARKUP.sub(lambda markup: markup[0] if markup["character"] is None else _character(markup), value)


def _entity_of(tag: _OpenTag, text: str) -> Json | None:
    if tag.name == "a":
        url = tag.attributes.get("href") or text
        return {"type": "text_link", "url": url} if "." in url or "://" in url else None
    if tag.name == "blockquote":
        return {"type": "expandable_blockquote" if "expandable" in tag.attributes else "blockquote"}
    if tag.name == "span":
        return {"type": "spoiler"}
    language = tag.attributes.get("class", "").removeprefix("language-") if tag.name == "code" else ""
    return {"type": SIMPLE_TAGS[tag.name]} | ({"language": language} if language else {})


def _with_languages(entities: list[Json]) -> list[Json]:
    """`<pre><code class="language-x">` is one entity, a pre with a language; a code alone has none."""
    codes = {(e["offset"], e["length"]): e for e in entities if e["type"] == "code"}
    merged = []
    for entity in entities:
        place = (entity["offset"], entity["length"])
        if entity["type"] == "pre" and place in codes:
            merged.append({**entity, **{k: v for k, v in codes.pop(place).items() if k == "language"}})
        elif entity["type"] != "code":
            merged.append(entity)
    return merged + [{k: v for k, v in code.items() if k != "language"} for code in codes.values()]


def _sorted(entities: list[Json]) -> list[Json]:
    return sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))
