"""What a chat page is told: its person's chats and no others, and no number that lets it be anybody else."""

import json
from typing import Any

import pytest

from bot.commands.demo import MATES, cast
from bot.playground.groups import Group
from bot.playground.person import Person
from tests.integration.bot.playground.test_chat_page import joined, sent, state, watching
from tests.playground import Playground, picture, playground


def a_class(bot: Playground) -> tuple[Group, Person, Person]:
    ann, ben = bot.world.person("Ann"), bot.world.person("Ben")
    return bot.world.group("Class 4b", ann, ben), ann, ben


async def send_there(bot: Playground, person: int, group: int, text: str) -> Any:
    where = {"as": person, "chat": group}
    return await bot.http.post("/chat/send", params=where, data={"text": text}, files={"none": (None, "")})


async def test_a_member_sees_the_group_with_the_commands_for_them() -> None:
    async with playground() as bot:
        group, ann, ben = a_class(bot)
        for scope, name in (("all_group_chats", "digit"), ("all_chat_administrators", "settings")):
            menu = [{"command": name, "description": "…"}]
            await bot.call("setMyCommands", commands=menu, scope={"type": scope})
        (anns,) = (await state(bot, ann.id))["groups"]
        (bens,) = (await state(bot, ben.id))["groups"]

    assert (anns["chat"], anns["people"]) == (group.chat.info, 2)
    assert [each["command"] for each in anns["commands"]] == ["settings"]
    assert [each["command"] for each in bens["commands"]] == ["digit"]
    assert [message["message_id"] for message in bens["messages"]] == [1, 2]


async def test_what_happens_in_the_group_is_told_with_its_number() -> None:
    async with playground() as bot:
        group, ann, ben = a_class(bot)
        async with watching(bot, ben.id) as seen:
            said = group.member(ann).send_photo(picture())
            await bot.call("sendChatAction", chat_id=group.id, action="typing")
            await bot.call(
                "setMessageReaction",
                chat_id=group.id,
                message_id=said["message_id"],
                reaction=[{"type": "emoji", "emoji": "👍"}],
            )
            await sent(bot, ben.id, text="in private")
            happened = [await anext(seen) for _ in range(4)]

    assert [event.get("chat") for event in happened] == [group.id, group.id, group.id, None]
    assert [event["type"] for event in happened] == ["message", "action", "edited", "message"]
    assert happened[2]["message"]["reactions"] == [{"emoji": "👍", "from": bot.world.bot["id"]}]


async def test_nobody_else_s_number_is_told_and_the_same_person_stays_the_same() -> None:
    async with playground() as bot:
        group, ann, ben = a_class(bot)
        asked = group.member(ann).send_text("who?")
        there = group.member(ben)
        async with watching(bot, ben.id) as seen:
            group.member(ann).send_text("again", reply_to=asked["message_id"])
            ann_channel = group.member(ann).as_channel("Ann's")
            ann_channel.send_text("as a channel")
            told = [await anext(seen), await anext(seen)]
        own = (await send_there(bot, ben.id, group.id, "me")).json()["messages"]
        everything = json.dumps([await state(bot, ben.id), told, own])
        numbers = {message["from"]["id"] for message in (told[0]["message"], told[0]["message"]["reply_to_message"])}

    assert str(ann.id) not in everything
    assert str(ann.id % 10**12) not in everything
    assert len(numbers) == 1
    assert own[0]["from"] == ben.user
    assert own[0]["message_id"] == there.messages()[-1]["message_id"]


async def test_a_stranger_gets_their_private_chat_alone() -> None:
    async with playground() as bot:
        group, ann, _ = a_class(bot)
        stranger = await joined(bot)
        async with watching(bot, stranger["id"]) as seen:
            group.member(ann).send_text("for us")
            await sent(bot, stranger["id"], text="hello")
            assert (await anext(seen))["message"]["text"] == "hello"
        refused = [await send_there(bot, stranger["id"], number, "let me in") for number in (group.id, 5, -5)]
        press = {"message_id": 1, "data": "x"}
        where = {"as": stranger["id"], "chat": group.id}
        refused.append(await bot.http.post("/chat/press", params=where, json=press))

        assert (await state(bot, stranger["id"]))["groups"] == []
    assert [(each.status_code, each.json()["error"]) for each in refused] == [(403, "You are not in this group.")] * 4
    assert [message.get("text") for message in group.chat.messages.values()][-1] == "for us"


async def test_who_knows_the_group_s_number_can_join_it() -> None:
    async with playground() as bot:
        group, ann, _ = a_class(bot)
        body = {"first_name": "Cem", "language_code": "tr", "group": str(group.id)}
        cem = (await bot.http.post("/chat/people", json=body)).json()
        (seen,) = (await state(bot, cem["id"]))["groups"]
        unknown = await bot.http.post("/chat/people", json=body | {"group": "-5"})

    assert seen["people"] == 3
    assert group.member(ann).messages()[-1]["new_chat_members"] == [cem]
    assert group.member(ann).messages()[-1]["from"] == cem
    assert (unknown.status_code, len(group.chat.members)) == (404, 3)
    assert "no such group" in unknown.json()["error"]


async def test_who_had_to_go_is_told_so_and_no_more() -> None:
    async with playground() as bot:
        group, ann, ben = a_class(bot)
        async with watching(bot, ben.id) as seen:
            group.remove(ben)
            group.member(ann).send_text("he is gone")
            happened = [await anext(seen) for _ in range(2)]

        assert happened == [{"type": "left", "chat": group.id}] * 2
        assert (await state(bot, ben.id))["groups"] == []


async def test_a_change_of_menus_is_told_to_each_as_it_is_for_them() -> None:
    async with playground() as bot:
        group, ann, ben = a_class(bot)
        menu = [{"command": "settings", "description": "…"}]
        async with watching(bot, ann.id) as anns, watching(bot, ben.id) as bens:
            await bot.call("setMyCommands", commands=menu, scope={"type": "all_chat_administrators"})
            told = {(event.get("chat"), len(event["commands"])) for event in [await anext(anns), await anext(anns)]}
            told_ben = {(event.get("chat"), len(event["commands"])) for event in [await anext(bens), await anext(bens)]}

    assert told == {(None, 0), (group.id, 1)}
    assert told_ben == {(None, 0), (group.id, 0)}


@pytest.mark.parametrize("language", ["de-DE", ""])
async def test_who_knows_the_admin_s_number_can_be_everybody_of_the_demo(language: str) -> None:
    async with playground() as bot:
        admin, _ = cast(bot.server)
        as_admin = {"as": admin.id}
        answer = await bot.http.post("/chat/cast", params=as_admin, json={"language_code": language})
        you, *others = answer.json()["people"]
        nobody = await bot.http.post("/chat/cast", params={"as": others[0]["id"]}, json={"language_code": "de"})
        wrong = await bot.http.post("/chat/cast", params=as_admin, json={})
        (group,) = (await state(bot, you["id"]))["groups"]

    assert [you["first_name"], *(one["first_name"] for one in others)] == ["You", *MATES]
    assert {one["language_code"] for one in [you, *others]} == {language or "en"}
    assert (group["chat"]["title"], group["people"]) == ("Class 4b", 5)
    assert nobody.json() == {"people": []}
    assert (wrong.status_code, wrong.json()["error"]) == (400, "A page needs a language_code.")
