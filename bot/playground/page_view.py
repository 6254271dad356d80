"""What one person's chat page is told: their own chats alone, and nobody else's number, which is the key to theirs."""

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from hashlib import blake2b
from typing import Any

from bot.playground.groups import Group
from bot.playground.members import Membership
from bot.playground.person import Person
from bot.playground.wire import Json, number_in
from bot.playground.world import World

SECRET = secrets.token_bytes(32)
ALIAS_BYTES = 6  # what JavaScript's numbers hold exactly


def at(world: World, person: Person, chat: str) -> Person | None:
    """The person in a group of theirs, by its number, or with "" in their private chat. None where it isn't theirs."""
    if not chat:
        return person
    number = number_in(chat)
    group = world.groups.find(number) if number is not None else None
    return group.member(person) if group and _is_in(group, person) else None


def state(world: World, person: Person) -> Json:
    """All that a page shows when it opens."""
    private = {**world.shown_to(person), "chat": person.chat.info, "messages": person.messages()}
    groups = [_group(world, group, person) for group in _groups_of(world, person)]
    return {"me": person.user, **masked(private, person.id), "groups": masked(groups, person.id)}


@contextmanager
def listening(world: World, person: Person) -> Iterator[asyncio.Queue[Json | None]]:
    """What happens in all of a person's chats; of a group's events `chat` says which."""
    with ExitStack() as chats:
        queue = chats.enter_context(person.chat.events.listen())
        for group in _groups_of(world, person):
            chats.enter_context(group.chat.events.listen(queue, chat=group.id))
        yield queue


def event_for(world: World, person: Person, event: Json) -> Json:
    """An event as the person's page is told of it: "left" where the group isn't theirs any more."""
    if "chat" not in event:
        return event
    there = at(world, person, str(event["chat"]))
    if there is None:
        return {"type": "left", "chat": event["chat"]}
    if event["type"] == "menu":
        event = {**event, "type": "bot", **world.shown_to(there)}
    seen: Json = masked(event, person.id)
    return seen


def masked(value: Any, person: int) -> Any:
    """The same JSON with another number in place of that of everybody else: always the same for the same."""
    if isinstance(value, list):
        return [masked(each, person) for each in value]
    if not isinstance(value, dict):
        return value
    shown = {name: masked(each, person) for name, each in value.items()}
    if _is_somebody(value) and value["id"] != person:
        shown["id"] = _alias(value["id"])
    return shown


def _is_somebody(value: Json) -> bool:
    """A person's User, or a Chat that is somebody's channel and named after them."""
    return "id" in value and (value.get("is_bot") is False or value.get("type") == "channel")


def _alias(number: int) -> int:
    return int.from_bytes(blake2b(str(number).encode(), key=SECRET, digest_size=ALIAS_BYTES).digest())


def _group(world: World, group: Group, person: Person) -> Json:
    there = group.member(person)
    people = sum(one.is_in for one in group.chat.members.values())
    shown = {"commands": world.shown_to(there)["commands"], "people": people}
    return {"chat": group.chat.info, **shown, "messages": there.messages()}


def _groups_of(world: World, person: Person) -> list[Group]:
    return [group for group in world.groups.all() if _is_in(group, person)]


def _is_in(group: Group, person: Person) -> bool:
    member: Membership | None = group.chat.members.get(person.id)
    return member is not None and member.is_in
