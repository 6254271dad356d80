"""What the bot calls: only what the local server serves, only as the Bot API has it, and nothing without need."""

from bot.playground.person import Person
from bot.playground.registry import METHODS
from bot.playground.server import LocalServer
from tests.botapi_schema import needs_schema, problems_of_calls
from tests.pictures import photo
from tests.running import TOKEN, Running, answer_from_bot, answer_to, running_bot, running_on
from tests.waiting import until


async def everything_once(running: Running) -> None:
    """One of everything that makes the bot call a method."""
    ann = running.person()
    ann.send_text("/start")
    await answer_from_bot(ann)
    for message in (ann.send_photo(photo("7")), ann.send_photo(photo("42")), ann.send_document(b"", "x.png", None)):
        await answer_to(ann, message)
    group = running.server.world.group("Class 4b", ann, forum=True)
    there = group.member(ann)
    drawn = there.send_photo(photo("4"), thread=group.topic("Maths"))
    there.send_text("/digit", reply_to=drawn["message_id"])
    assert (await answer_to(there, drawn))["message_thread_id"] == drawn["message_thread_id"]
    await answer_to(there, there.send_text("/settings"))


async def test_every_method_that_the_bot_calls_is_served() -> None:
    async with running_bot() as running:
        await everything_once(running)
        called = {name for name, _ in running.server.world.calls}
    assert {"getMe", "getUpdates", "getFile", "sendMessage", "sendPhoto"} <= called
    assert called <= {method.name for method in METHODS.values()}


@needs_schema
async def test_what_the_bot_sends_is_as_the_bot_api_has_it() -> None:
    async with running_bot() as running:
        await everything_once(running)
        assert problems_of_calls(running.server.world.calls) == []


async def test_menu_and_descriptions_are_set_only_when_they_differ() -> None:
    async with LocalServer(token=TOKEN) as server:
        told = []
        for _ in range(2):
            async with running_on(server):
                pass
            told.append({name for name, _ in server.world.calls if name.startswith("setMy")})
            server.world.calls.clear()
    assert told == [{"setMyCommands", "setMyDescription", "setMyShortDescription"}, set()]


async def test_a_bot_whose_menu_cannot_be_set_works_all_the_same() -> None:
    async with LocalServer(token=TOKEN) as server:
        server.world.fail_next("setMyCommands", 400, "Bad Request: no menu today")
        async with running_on(server):
            ann = server.world.person()
            assert (await answer_to(ann, ann.send_photo(photo("7"))))["text"].startswith("7")


async def test_an_admin_who_presses_start_has_a_menu_of_their_own() -> None:
    async with LocalServer(token=TOKEN) as server:
        ann, admin = server.world.person("Ann"), server.world.person("Ada")

        def menu(person: Person) -> set[str]:
            return {command["command"] for command in server.world.profile.shown_to(person.user)["commands"]}

        async with running_on(server, admin_ids=str(admin.id)):
            for person in (ann, admin):  # in this order: Ann's menu is what it is once the admin has theirs
                person.send_text("/start")
                await answer_from_bot(person)
            await until(lambda: menu(admin) > menu(ann))
            assert menu(admin) - menu(ann) == {"review", "retrain", "models"}
