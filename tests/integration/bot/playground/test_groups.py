"""Groups: who is in them, what the bot is told of that, and what becomes of a group that moves to a supergroup."""

from typing import Any

import pytest

from bot.playground import groups, world
from bot.playground.person import NotSent
from bot.playground.world import World
from tests.playground import Playground, playground


async def updates_of(somewhere: World) -> list[Any]:
    return await somewhere.updates.get(0, 100, 0, None)


async def kinds_of_updates(somewhere: World) -> list[str]:
    return [name for update in await updates_of(somewhere) for name in update if name != "update_id"]


def statuses(change: dict[str, Any]) -> tuple[str, str]:
    return change["old_chat_member"]["status"], change["new_chat_member"]["status"]


async def test_the_bot_is_told_by_whom_and_where_it_was_added() -> None:
    somewhere = World()
    ann = somewhere.person("Ann")

    group = somewhere.group("Class 4b", ann, somewhere.person("Ben"))

    changed, told = await updates_of(somewhere)
    assert statuses(changed["my_chat_member"]) == ("left", "member")
    assert changed["my_chat_member"]["from"] == told["message"]["from"] == ann.user
    assert changed["my_chat_member"]["chat"] == told["message"]["chat"] == group.chat.info
    assert group.chat.info == {"id": group.id, "type": "group", "title": "Class 4b"}
    assert -(10**12) < group.id < 0
    assert told["message"]["new_chat_members"] == [somewhere.bot]


async def test_members_write_into_one_chat_and_not_into_their_private_ones() -> None:
    somewhere = World()
    ann, ben = somewhere.person("Ann"), somewhere.person("Ben")
    group = somewhere.group("Class 4b", ann, ben, supergroup=True)

    sent = [group.member(each).send_text("/digit") for each in (ann, ben)]

    assert group.member(ann).messages()[-2:] == group.member(ben).messages()[-2:] == sent
    assert [message["from"] for message in sent] == [ann.user, ben.user]
    assert {message["chat"]["id"] for message in sent} == {group.id}
    assert group.id < -(10**12)
    assert ann.messages() == ben.messages() == []


async def test_who_isnt_in_a_group_sends_nothing_to_it() -> None:
    somewhere = World()
    ann, ben, zoe = (somewhere.person() for _ in range(3))
    group = somewhere.group("Class 4b", ann, ben)
    group.remove(ben)
    before = group.member(ann).messages()

    for stranger in (ben, zoe):
        with pytest.raises(NotSent, match="not in this group"):
            group.member(stranger).send_text("/digit")
    with pytest.raises(NotSent):
        group.member(ann).block()
    assert group.member(ann).messages() == before


async def test_the_bot_removed_may_do_nothing_until_it_is_added_again() -> None:
    async with playground() as bot:
        ann = bot.world.person()
        group = bot.world.group("Class 4b", ann)
        group.remove_bot(by=ann)
        group.member(ann).send_text("/digit")
        gone = await bot.failure("sendMessage", chat_id=group.id, text="7")
        group.add_bot(by=ann, status="administrator")
        sent = await bot.call("sendMessage", chat_id=group.id, text="7")
        updates = [update for update in await bot.call("getUpdates") if "my_chat_member" in update]

    assert gone == (403, "Forbidden: bot was kicked from the group chat")
    assert sent["chat"]["id"] == group.id
    assert [statuses(update["my_chat_member"]) for update in updates] == [
        ("left", "member"),
        ("member", "kicked"),
        ("kicked", "administrator"),
    ]


@pytest.mark.parametrize(("supergroup", "told"), [(False, ["message", "my_chat_member"]), (True, ["my_chat_member"])])
async def test_removed_from_a_supergroup_the_bot_reads_nothing_more_there(supergroup: bool, told: list[str]) -> None:
    somewhere = World()
    group = somewhere.group("Class 4b", somewhere.person(), supergroup=supergroup)
    before = len(await updates_of(somewhere))

    group.remove_bot()

    assert sorted((await kinds_of_updates(somewhere))[before:]) == told


async def test_a_bot_that_never_was_in_a_group_doesnt_know_it() -> None:
    async with playground() as bot:
        group = bot.world.group("Class 4b", bot.world.person(), bot="left")
        refused = await bot.failure("sendMessage", chat_id=group.id, text="7")

        assert refused == (400, "Bad Request: chat not found")
        assert await bot.call("getUpdates") == []


async def moved_group(bot: Playground) -> tuple[int, int]:
    """A group's ids before and after it became a supergroup; its members wrote in it."""
    ann = bot.world.person()
    group = bot.world.group("Class 4b", ann)
    before = group.id
    group.member(ann).send_text("/digit")
    return before, group.migrate()


async def test_a_group_that_became_a_supergroup_is_reached_by_its_new_id() -> None:
    async with playground() as bot:
        before, after = await moved_group(bot)
        refused = (await bot.ask("sendMessage", chat_id=before, text="7")).json()
        sent = await bot.call("sendMessage", chat_id=after, text="7")
        updates = await bot.call("getUpdates")

    assert refused == {
        "ok": False,
        "error_code": 400,
        "description": "Bad Request: group chat was upgraded to a supergroup chat",
        "parameters": {"migrate_to_chat_id": after},
    }
    assert sent["chat"] == {"id": after, "type": "supergroup", "title": "Class 4b"}
    joined = updates[-3]["my_chat_member"]  # as if it were any supergroup
    assert (joined["chat"], statuses(joined)) == (sent["chat"], ("left", "member"))
    leaving, arriving = (update["message"] for update in updates[-2:])
    assert (leaving["chat"]["id"], leaving["migrate_to_chat_id"]) == (before, after)
    assert (arriving["chat"]["id"], arriving["migrate_from_chat_id"]) == (after, before)


def test_a_supergroup_cant_become_one() -> None:
    somewhere = World()
    group = somewhere.group("Class 4b", somewhere.person(), supergroup=True)

    with pytest.raises(NotSent, match="already"):
        group.migrate()


async def test_a_supergroup_counts_its_messages_anew() -> None:
    async with playground() as bot:
        _, after = await moved_group(bot)
        sent = await bot.call("sendMessage", chat_id=after, text="7")
        unquotable = await bot.failure("sendMessage", chat_id=after, text="7", reply_parameters={"message_id": 3})

    assert sent["message_id"] == 2  # after migrate_from_chat_id
    assert unquotable == (400, "Bad Request: message to be replied not found")


async def test_somebody_who_waits_in_a_group_sees_the_answer_in_the_supergroup() -> None:
    async with playground() as bot:
        ann = bot.world.person()
        group = bot.world.group("Class 4b", ann)
        there = group.member(ann)
        with there.chat.events.listen() as events:
            after = group.migrate()
            await bot.call("sendMessage", chat_id=after, text="7")
            seen = [events.get_nowait() for _ in range(3)]

    assert [event["message"]["chat"]["id"] for event in seen if event][1:] == [after, after]
    assert there.send_text("/digit")["chat"]["id"] == after


async def test_the_longest_idle_group_is_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "GROUPS_KEPT", 2)
    async with playground() as bot:
        ann = bot.world.person()
        idle, active = (bot.world.group(name, ann) for name in ("idle", "active"))
        old = idle.id
        idle.migrate()
        await bot.call("sendMessage", chat_id=active.id, text="7")
        bot.world.group("new", ann)

        for forgotten in (old, idle.id):
            assert (await bot.failure("sendMessage", chat_id=forgotten, text="7"))[1] == "Bad Request: chat not found"
        assert await bot.call("sendMessage", chat_id=active.id, text="7")


def test_a_group_has_a_bound_of_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "MEMBERS", 2)
    somewhere = World()
    group = somewhere.group("Class 4b", somewhere.person(), somewhere.person())

    with pytest.raises(NotSent, match="at most 2"):
        group.add(somewhere.person())


async def test_a_persons_memberships_outlive_that_they_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world, "PEOPLE_KEPT", 1)
    async with playground() as bot:
        ann = bot.world.person("Ann")
        group = bot.world.group("Class 4b", ann)
        bot.world.person("Ben")

        member = await bot.call("getChatMember", chat_id=group.id, user_id=ann.id)
    assert (member["status"], member["user"]) == ("creator", ann.user)
