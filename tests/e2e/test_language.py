"""People and groups choose their language with /settings: from then on everything is said in it."""

import re

import pytest

from bot.inbox import Recorded
from bot.playground.person import Person
from bot.playground.wire import Json
from tests.pictures import photo
from tests.running import Running, answer_from_bot, answer_to, buttons, now, press, press_data, text_of
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.asyncio(loop_scope="module")
ALL = ["English", "Русский", "简体中文"]


async def settings_of(person: Person) -> Json:
    """The page that /settings shows in a private chat."""
    asked = person.send_text("/settings")
    return await person.wait_for(lambda message: message["message_id"] > asked["message_id"], timeout=PATIENCE)


async def test_somebody_chooses_and_is_spoken_to_in_it_at_once(running: Running) -> None:
    ann = running.person(language_code="en-GB")
    page = await settings_of(ann)
    assert text_of(page).startswith("🌐 Language: English")
    assert buttons(page) == [*ALL, "✓ As in Telegram"]

    assert "Русский" in await press(ann, page, "Русский")

    assert text_of(now(ann, page)).startswith("🌐 Язык: русский")
    assert buttons(now(ann, page))[:3] == ["English", "✓ Русский", "简体中文"]
    answer = await answer_to(ann, ann.send_photo(photo("7")))
    assert re.match(r"7 · 99,\d %$", text_of(answer))
    assert buttons(answer) == ["✓ Верно", "✗ Неверно", "Что я видел"]
    await press(ann, answer, "✓ Верно")
    assert buttons(now(ann, answer)) == ["Да, сохранить", "Нет"]

    await press(ann, page, "简体中文")
    await press(ann, page, buttons(now(ann, page))[-1])
    assert buttons(now(ann, page)) == [*ALL, "✓ As in Telegram"]


async def test_a_choice_is_in_my_data_and_forgotten_with_the_rest(running: Running) -> None:
    ann = running.person(language_code="ru")
    await press(ann, await settings_of(ann), "English")
    ann.send_text("/mydata")
    sent = await ann.wait_for(lambda message: "document" in message, timeout=PATIENCE)
    file = running.server.world.files.get(sent["document"]["file_id"])
    assert file is not None
    assert '"language": "en"' in file.data.decode()
    ann.send_text("/forgetme")
    question = await ann.wait_for(lambda message: "Delete everything" in text_of(message), timeout=PATIENCE)
    await press(ann, question, "Delete it")
    assert "· your choice of language" in text_of(now(ann, question))
    assert buttons(await settings_of(ann))[-1] == "✓ Как в Telegram"


async def test_a_groups_admins_choose_for_all_and_else_each_is_answered_in_their_own(running: Running) -> None:
    people = [running.person(first_name=name, language_code=code) for name, code in (("Ann", "en"), ("Ben", "ru"))]
    group = running.server.world.group("Class 4b", *people)
    ann, ben = (group.member(person) for person in people)
    await answer_from_bot(ann)
    assert "/digit" in text_of(await answer_to(ben, ben.send_text("/help")))
    assert "Ответьте" in text_of(await answer_to(ben, ben.send_text("/help")))
    page = await answer_to(ann, ann.send_text("/settings"))
    assert text_of(page).endswith("🌐 Language: each person's own.")
    assert buttons(page)[3:] == [*ALL, "✓ Each person's own"]

    assert "админ" in await press(ben, page, "English")  # he is none
    assert "简体中文" in await press(ann, page, "简体中文")

    assert "✓ 简体中文" in buttons(now(ann, page))
    for member in (ann, ben):
        sent = member.send_photo(photo("7"), reply_to=page["message_id"])
        assert buttons(await answer_to(member, sent))[0] == "✓ 对"
    assert "管理员" in await press(ben, page, "English")
    await press(ann, page, buttons(now(ann, page))[-1])
    assert "Language: each person's own" in text_of(now(ann, page))


@pytest.mark.parametrize("data", ["language:xx", "language:EN", "language:en;", "group:all:"])
async def test_a_button_that_nobody_was_given_changes_nothing(running: Running, data: str) -> None:
    ann = running.person()
    page = await settings_of(ann)
    assert "out of date" in await press_data(ann, page, data)
    assert await running.bot.bot_data.store.languages.chosen(ann.id) is None


async def test_a_round_and_its_end_are_in_the_language_that_was_chosen(running: Running) -> None:
    ann = running.person(language_code="en")
    await press(ann, await settings_of(ann), "Русский")
    ann.send_text("/demo read")
    await ann.wait_for(lambda message: "Нарисуйте" in text_of(message), timeout=PATIENCE)
    ann.send_text("/stop")
    await ann.wait_for(lambda message: "Раунд окончен" in text_of(message), timeout=PATIENCE)


async def test_in_a_group_that_chose_one_everybody_has_their_own_photos_in_their_own(running: Running) -> None:
    people = [running.person(first_name=name, language_code="en") for name in ("Ann", "Ben")]
    people[1].send_text("/start")
    await answer_from_bot(people[1])
    await press(people[1], await settings_of(people[1]), "Русский")
    group = running.server.world.group("Class 4b", *people)
    ann, ben = (group.member(person) for person in people)
    await press(ann, await answer_to(ann, ann.send_text("/settings")), "简体中文")
    ann.send_text("/demo read")
    call = await ann.wait_for(lambda message: "写一个我能认出来的" in text_of(message), timeout=PATIENCE)
    sent = ben.send_photo(photo("7"), reply_to=call["message_id"])
    await until(lambda: bool(now(ben, sent).get("reactions")))
    ann.send_text("/stop")
    closing = await ann.wait_for(lambda message: "这一局结束" in text_of(message), timeout=PATIENCE)
    assert "已经把你的识别结果发给你了" in await press(ben, closing, "✗ 更正我的数字")
    await people[1].wait_for(lambda message: buttons(message)[:1] == ["✓ Верно"], timeout=PATIENCE)


async def test_that_too_much_waits_and_what_fails_is_said_in_it_too(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = running.person(language_code="en")
    await press(ann, await settings_of(ann), "Русский")
    running.server.world.fail_next("getFile", 400, "Bad Request: the canary died")
    assert "что-то сломалось" in text_of(await answer_to(ann, ann.send_photo(photo("7"))))

    async def full(*_: object) -> Recorded:
        return Recorded.FULL

    monkeypatch.setattr(running.bot.bot_data.inbox, "record", full)
    told = await answer_to(ann, ann.send_photo(photo("7")))
    assert "через четверть часа" in text_of(told)


async def test_menus_and_descriptions_are_in_each_persons_language(running: Running) -> None:
    profile = running.server.world.profile

    def shown(code: str) -> str:
        seen = profile.shown_to(running.person(language_code=code).user)
        return " ".join([seen["description"], seen["short_description"], *(c["description"] for c in seen["commands"])])

    await until(lambda: "数字" in shown("zh-hans"))
    assert "数字" in shown("zh-hant")
    assert "цифр" in shown("ru")
    assert "handwritten" in shown("en")
    assert "handwritten" in shown("de")
