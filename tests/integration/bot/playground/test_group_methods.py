"""What the bot asks and does in groups, through the library that the product uses, over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeChatAdministrators,
    BotCommandScopeChatMember,
    InputMediaPhoto,
    Message,
    ReactionTypeCustomEmoji,
    ReactionTypeEmoji,
    Update,
)
from telegram.constants import ReactionEmoji
from telegram.error import BadRequest, Forbidden, RetryAfter

from bot.playground import reactions
from bot.playground.groups import Group
from bot.playground.person import NotSent, Person
from bot.playground.server import LocalServer
from tests.playground import TOKEN, picture


@dataclass(frozen=True, slots=True)
class Class:
    """A server, the library on it, and a group that Ann created and Ben is in."""

    server: LocalServer
    bot: Bot
    group: Group
    ann: Person
    ben: Person

    async def updates(self) -> list[Update]:
        """All that the bot was told."""
        return list(await self.bot.get_updates())

    async def heard(self) -> Message:
        """The latest message that the bot was told of."""
        message = (await self.updates())[-1].message
        assert message is not None
        return message


@asynccontextmanager
async def school(privacy: bool = True, **kind: Any) -> AsyncIterator[Class]:
    """The bot in a group of this kind."""
    async with LocalServer(TOKEN, privacy=privacy) as server:
        ann, ben = server.world.person("Ann"), server.world.person("Ben")
        group = server.world.group("Class 4b", ann, ben, **kind)
        async with Bot(TOKEN, base_url=f"{server.url}/bot") as bot:
            yield Class(server, bot, group, ann, ben)


@pytest.mark.parametrize(("supergroup", "kind"), [(False, "group"), (True, "supergroup")])
async def test_a_groups_chat(supergroup: bool, kind: str) -> None:
    async with school(supergroup=supergroup) as it:
        chat = await it.bot.get_chat(it.group.id)

    assert (chat.type, chat.title, chat.is_forum, chat.available_reactions) == (kind, "Class 4b", None, ())
    assert chat.permissions is not None
    assert chat.permissions.can_send_photos


async def test_a_private_chat_is_a_chat_too() -> None:
    async with school() as it:
        it.ann.send_text("/start")
        chat = await it.bot.get_chat(it.ann.id)
        member = await it.bot.get_chat_member(it.ann.id, it.ann.id)

        assert (chat.type, chat.first_name, member.status) == ("private", "Ann", "member")
        assert (await it.bot.get_chat_member(it.ann.id, it.ben.id)).status == "left"
        assert await it.bot.get_chat_member_count(it.ann.id) == 2
        with pytest.raises(BadRequest, match="no administrators in the private chat"):
            await it.bot.get_chat_administrators(it.ann.id)
        with pytest.raises(BadRequest, match="private chats"):
            await it.bot.leave_chat(it.ann.id)


async def test_who_is_what_in_a_group() -> None:
    async with school() as it:
        zoe = it.server.world.person("Zoe")
        before = await it.bot.get_chat_member_count(it.group.id)
        it.group.add(zoe, by=it.ben)
        it.group.promote(it.ben)
        it.group.remove(zoe)

        async def status(person_id: int) -> str:
            return str((await it.bot.get_chat_member(it.group.id, person_id)).status)

        assert [await status(person.id) for person in (it.ann, it.ben, zoe)] == ["creator", "administrator", "left"]
        assert await status(it.bot.id) == "member"
        assert await status(it.server.world.person("Cem").id) == "left"
        assert await status(1087968824) == "left"  # of the bot that anonymous admins go by nobody is an admin
        with pytest.raises(BadRequest, match="user_id"):
            await it.bot.get_chat_member(it.group.id, 7)
        assert await it.bot.get_chat_member_count(it.group.id) == before == 3
        it.group.demote(it.ben)
        assert await status(it.ben.id) == "member"


async def test_a_groups_admins() -> None:
    async with school() as it:

        async def admins() -> list[int]:
            return [admin.user.id for admin in await it.bot.get_chat_administrators(it.group.id)]

        assert await admins() == [it.ann.id]
        it.group.promote_bot()
        it.group.promote(it.ben)
        assert await admins() == [it.ann.id, it.ben.id, it.bot.id]


async def test_an_admin_bot_that_asks_for_it_is_told_what_becomes_of_people() -> None:
    async with school(bot="administrator") as it:
        await it.bot.get_updates(allowed_updates=["chat_member"])
        it.group.promote(it.ben)
        it.group.demote_bot()
        it.group.demote(it.ben)
        told = [update.chat_member for update in await it.updates() if update.chat_member]

    assert [(each.old_chat_member.status, each.new_chat_member.status) for each in told] == [
        ("member", "administrator")
    ]
    assert told[0].new_chat_member.user.id == it.ben.id


async def test_the_bot_leaves() -> None:
    async with school() as it:
        assert await it.bot.leave_chat(it.group.id)
        with pytest.raises(Forbidden, match="not a member of the group chat"):
            await it.bot.send_message(it.group.id, "7")
        change = (await it.updates())[-1].my_chat_member

    assert change is not None
    assert (change.new_chat_member.status, change.from_user.id) == ("left", it.bot.id)
    assert it.group.member(it.ann).messages()[-1]["left_chat_member"] == it.server.world.bot


async def test_the_library_tells_the_privacy_mode() -> None:
    for privacy in (True, False):
        async with school(privacy) as it:
            assert (await it.bot.get_me()).can_read_all_group_messages is not privacy


async def test_an_admin_bot_deletes_what_others_sent() -> None:
    async with school(bot="administrator") as it:
        sent = it.group.member(it.ben).send_text("7")

        assert await it.bot.delete_message(it.group.id, sent["message_id"])


def test_the_emoji_are_those_that_the_library_knows() -> None:
    assert {emoji.value.replace("\ufe0f", "") for emoji in ReactionEmoji} == reactions.EMOJI


async def test_a_reaction_is_seen_by_people_and_isnt_told_to_the_bot() -> None:
    async with school() as it:
        there = it.group.member(it.ann)
        photo = there.send_photo(picture())
        with there.chat.events.listen() as events:
            assert await it.bot.set_message_reaction(it.group.id, photo["message_id"], "👍")
            assert await it.bot.set_message_reaction(it.group.id, photo["message_id"], "🤔")
            assert await it.bot.set_message_reaction(it.group.id, photo["message_id"], "🤔")
            seen = [events.get_nowait() for _ in range(events.qsize())]
        shown = there.chat.messages[photo["message_id"]]
        there.send_text("/digit", photo["message_id"])
        quoted = (await it.heard()).reply_to_message
        await it.bot.set_message_reaction(it.group.id, photo["message_id"])

    assert shown["reactions"] == [{"emoji": "🤔", "from": it.bot.id}]
    assert "edit_date" not in shown
    assert [event["type"] for event in seen if event] == ["edited", "edited"]
    assert quoted is not None
    assert not quoted.api_kwargs
    assert "reactions" not in there.chat.messages[photo["message_id"]]


async def test_a_reaction_to_an_album_is_on_its_first_message() -> None:
    async with school() as it:
        there = it.group.member(it.ann)
        album = [message["message_id"] for message in there.send_album([picture(), picture(9, 9), picture(8, 8)])]
        await it.bot.set_message_reaction(it.group.id, album[2], "👍")
        there.delete(album[0])
        await it.bot.set_message_reaction(it.group.id, album[2], "👏")

    assert [message.get("reactions") for message in there.messages()[-2:]] == [
        [{"emoji": "👏", "from": it.bot.id}],
        None,
    ]


@pytest.mark.parametrize(
    ("allowed", "reaction", "complaint"),
    [
        (["❤"], "👍", "Reaction_invalid"),
        ([], "👍", "Reaction_invalid"),
        (None, "7️⃣", "Reaction_invalid"),
        (None, "❤\ufe0f", "Reaction_invalid"),
        (None, ReactionTypeCustomEmoji("5"), "Reaction_invalid"),
        (None, ["👍", "❤"], "Reactions_too_many"),
    ],
)
async def test_a_reaction_that_cant_be_is_refused(allowed: list[str] | None, reaction: Any, complaint: str) -> None:
    async with school() as it:
        it.group.allow_reactions(allowed)
        sent = it.group.member(it.ann).send_text("/digit")
        chat = await it.bot.get_chat(it.group.id)
        with pytest.raises(BadRequest, match=complaint):
            await it.bot.set_message_reaction(it.group.id, sent["message_id"], reaction)

    assert chat.available_reactions == tuple(ReactionTypeEmoji(each) for each in allowed or [])


async def test_only_a_message_that_people_sent_and_that_is_there_gets_a_reaction() -> None:
    async with school() as it:
        with pytest.raises(BadRequest, match="Message to react not found"):
            await it.bot.set_message_reaction(it.group.id, 99, "👍")
        with pytest.raises(BadRequest, match="Reaction_invalid"):  # somebody came
            await it.bot.set_message_reaction(it.group.id, 1, "👍")


async def test_what_is_sent_to_a_topic_is_there() -> None:
    async with school(privacy=False, forum=True) as it:
        topic, other = it.group.topic("Maths"), it.group.topic("Art")
        there = it.group.member(it.ann)
        there.send_text("a 7", thread=topic)
        asked = await it.heard()
        chat = await it.bot.get_chat(it.group.id)
        answer = await it.bot.send_message(it.group.id, "7", message_thread_id=topic)
        quoting = await asked.reply_text("7", do_quote=True)
        photo = await it.bot.send_photo(it.group.id, picture(), message_thread_id=other)
        reply = there.send_photo(picture(), reply_to=photo.message_id)
        general = await it.bot.send_message(it.group.id, "7")
        first = there.send_text("hello")

    assert chat.is_forum
    assert asked.is_topic_message
    assert asked.reply_to_message is not None  # as it isn't an answer to anything else
    assert asked.reply_to_message.forum_topic_created is not None
    assert asked.reply_to_message.forum_topic_created.name == "Maths"
    assert [message.message_thread_id for message in (asked, answer, quoting, photo)] == [topic, topic, topic, other]
    assert quoting.reply_to_message is not None
    assert quoting.reply_to_message.message_id == asked.message_id
    assert (reply["message_thread_id"], reply["reply_to_message"]["message_id"]) == (other, photo.message_id)
    assert general.message_thread_id is None
    assert "message_thread_id" not in first


async def test_a_topic_that_isnt_there_is_refused() -> None:
    async with school(forum=True) as it:
        topic = it.group.topic("Maths")
        quoted = it.group.member(it.ann).send_text("/digit")["message_id"]
        for thread in (1, 99):  # 1 is "General"
            with pytest.raises(BadRequest, match="Message thread not found"):
                await it.bot.send_message(it.group.id, "7", message_thread_id=thread)
        with pytest.raises(BadRequest, match="across topics"):
            await it.bot.send_message(it.group.id, "7", message_thread_id=topic, reply_to_message_id=quoted)
        with pytest.raises(NotSent, match="no such topic"):
            it.group.member(it.ann).send_text("7", thread=99)
        assert await it.bot.send_chat_action(it.group.id, "typing", message_thread_id=1)
        assert await it.bot.send_chat_action(it.group.id, "typing", message_thread_id=topic)
        with pytest.raises(BadRequest, match="Message thread not found"):
            await it.bot.send_chat_action(it.group.id, "typing", message_thread_id=99)


async def test_a_chain_of_replies_in_a_supergroup_is_a_thread_that_cant_be_sent_to() -> None:
    async with school(supergroup=True) as it:
        first = await it.bot.send_message(it.group.id, "Draw a 7!")
        it.group.member(it.ann).send_photo(picture(), reply_to=first.message_id)
        photo = await it.heard()
        answer = await photo.reply_text("7", do_quote=True)
        with pytest.raises(BadRequest, match="Message thread not found"):
            await it.bot.send_message(it.group.id, "7", message_thread_id=photo.message_thread_id)

    assert (photo.message_thread_id, photo.is_topic_message) == (first.message_id, None)
    assert answer.message_thread_id == first.message_id


async def test_only_forums_have_topics() -> None:
    async with school(supergroup=True) as it:
        with pytest.raises(NotSent):
            it.group.topic("Maths")


async def test_an_anonymous_admin_is_the_group_until_they_press_a_button() -> None:
    async with school(supergroup=True) as it:
        hidden = it.group.member(it.ann).anonymous()
        hidden.send_text("/settings")
        message = await it.heard()
        markup: Any = {"inline_keyboard": [[{"text": "All photos", "callback_data": "all"}]]}
        asked = await it.bot.send_message(it.group.id, "When?", reply_markup=markup)
        hidden.press(hidden.chat.messages[asked.message_id], "All photos")
        query = (await it.updates())[-1].callback_query
        member = await it.bot.get_chat_member(it.group.id, it.ann.id)

    assert message.from_user is not None
    assert (message.from_user.id, message.from_user.username) == (1087968824, "GroupAnonymousBot")
    assert message.sender_chat is not None
    assert message.sender_chat.id == it.group.id
    assert query is not None
    assert query.from_user.id == it.ann.id
    assert member.to_dict()["is_anonymous"]


async def test_a_channel_writes_in_a_group() -> None:
    async with school(supergroup=True) as it:
        it.group.member(it.ann).as_channel("Sevens").send_text("/settings")
        message = await it.heard()

    assert message.sender_chat is not None
    assert (message.sender_chat.type, message.sender_chat.title) == ("channel", "Sevens")
    assert message.from_user is not None
    assert message.from_user.username == "Channel_Bot"


async def test_only_admins_of_supergroups_can_be_anonymous() -> None:
    async with school() as group, school(supergroup=True) as supergroup:
        for it, person in ((group, group.ann), (supergroup, supergroup.ben)):
            with pytest.raises(NotSent, match="Only admins"):
                it.group.member(person).anonymous()
        with pytest.raises(NotSent):
            supergroup.ann.anonymous()


async def test_people_delete_their_own_messages_and_admins_everybodys() -> None:
    async with school() as it:
        ann, ben = it.group.member(it.ann), it.group.member(it.ben)
        first, second = (ann.send_text("7")["message_id"] for _ in range(2))
        with pytest.raises(NotSent, match="Only its sender"):
            ben.delete(first)
        ann.delete(first)
        it.group.promote(it.ben)
        ben.delete(second)

    assert "text" not in ann.messages()[-1]


async def test_an_album_is_sent_in_one_call() -> None:
    async with school() as it:
        first = InputMediaPhoto(BytesIO(picture()), caption="<b>two</b>", parse_mode="HTML")
        album = await it.bot.send_media_group(it.group.id, [first, InputMediaPhoto(BytesIO(picture(90, 90)))])
        with pytest.raises(BadRequest, match="2 to 10"):
            await it.bot.send_media_group(it.group.id, [first])
        ten = [InputMediaPhoto(BytesIO(picture(9, 9)))] * 10
        await it.bot.send_media_group(it.group.id, ten)
        with pytest.raises(RetryAfter):
            await it.bot.send_media_group(it.group.id, ten)

    assert len({message.media_group_id for message in album}) == 1
    assert [message.caption for message in album] == ["two", None]
    assert [message.photo[-1].width for message in album] == [640, 90]
    assert len(it.group.member(it.ann).messages()) == 2 + 2 + 10


def menu(name: str) -> list[BotCommand]:
    return [BotCommand(name, f"What {name} does")]


async def test_each_sees_the_menu_of_the_narrowest_scope() -> None:
    async with school() as it:
        cem = it.server.world.person("Cem")
        it.group.add(cem)
        it.ann.send_text("/start")
        group = it.group.id

        def shown() -> list[str]:
            chats = [it.ann, *(it.group.member(person) for person in (it.ann, it.ben, cem))]
            menus = [it.server.world.shown_to(person)["commands"] for person in chats]
            return [" ".join(command["command"] for command in each) for each in menus]

        before = shown()
        seen = []
        for name, scope in (
            ("start", None),
            ("private", BotCommandScopeAllPrivateChats()),
            ("group", BotCommandScopeAllGroupChats()),
            ("admins", BotCommandScopeAllChatAdministrators()),
            ("here", BotCommandScopeChat(group)),
            ("chiefs", BotCommandScopeChatAdministrators(group)),
            ("cem", BotCommandScopeChatMember(group, cem.id)),
            ("ann", BotCommandScopeChat(it.ann.id)),
        ):
            await it.bot.set_my_commands(menu(name), scope)
            seen.append(shown())

        assert before == ["", "", "", ""]
        assert seen == [
            ["start", "start", "start", "start"],
            ["private", "start", "start", "start"],
            ["private", "group", "group", "group"],
            ["private", "admins", "group", "group"],
            ["private", "here", "here", "here"],
            ["private", "chiefs", "here", "here"],
            ["private", "chiefs", "here", "cem"],
            ["ann", "chiefs", "here", "cem"],
        ]
        assert list(await it.bot.get_my_commands(BotCommandScopeAllGroupChats())) == menu("group")


async def test_a_scope_that_a_private_chat_hasnt_is_refused() -> None:
    async with school() as it:
        it.ann.send_text("/start")
        for scope in (BotCommandScopeChatAdministrators(it.ann.id), BotCommandScopeChatMember(it.ann.id, it.ann.id)):
            with pytest.raises(BadRequest, match="private chats"):
                await it.bot.set_my_commands(menu("a"), scope)


async def test_languages_have_two_letters() -> None:
    async with school() as it:
        with pytest.raises(BadRequest, match="language code"):
            await it.bot.set_my_commands(menu("a"), language_code="zh-Hans")


async def test_the_pages_of_a_group_are_told_that_menus_may_have_changed() -> None:
    async with school() as it:
        with it.group.chat.events.listen() as events:
            await it.bot.set_my_commands(menu("a"))
            assert events.get_nowait() == {"type": "menu"}
