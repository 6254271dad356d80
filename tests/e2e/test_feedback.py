"""People say what was on their photo, with buttons or by replying: kept only where they agreed, changed at will."""

import asyncio
from pathlib import Path
from typing import Any, cast

import pytest

from bot.context import Context
from bot.handlers import feedback
from bot.messages.buttons import Press
from bot.playground.faults import DOWNLOAD, SERVER_ERROR, Fault
from bot.playground.person import Person
from bot.playground.server import LocalServer
from bot.playground.wire import Json
from tests.browser import chat
from tests.kept import of_person
from tests.pictures import photo
from tests.running import (
    TOKEN,
    Running,
    answer_to,
    buttons,
    now,
    press,
    press_data,
    running_bot,
    running_on,
    text_of,
)
from tests.versions import a_twin
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.asyncio(loop_scope="module")
ADMIN = 2**41
NARROW = chat.picture(size=(7, 4))


async def agreed(running: Running, *lines: str) -> tuple[Person, Json]:
    """Somebody who has agreed, and the answer to a photo of theirs."""
    ann = running.person()
    await running.bot.bot_data.store.agree(ann.id)
    return ann, await answer_to(ann, ann.send_photo(photo(*(lines or ("7",)))))


async def kept_of(running: Running, person: Person) -> list[tuple[int, int, int]]:
    """What is kept of a person's corrections: which digit, what was read, what it is."""
    rows = (await of_person(running.bot.bot_data.store, person.id))["corrections"]
    assert all(len(row["pixels"]) == 28 * 28 and max(row["pixels"]) > 100 for row in rows)
    return sorted((row["n"], row["said"], row["label"]) for row in rows)


async def test_pressing_twice_does_it_once_and_both_presses_are_answered() -> None:
    async with running_bot(admin_ids=str(ADMIN)) as running:
        admin, ann = running.person(person_id=ADMIN), running.person()
        answer = await answer_to(ann, ann.send_photo(photo("7")))
        await press(ann, answer, "✓ Right")
        for each in [ann.press(now(ann, answer), "Yes, keep it") for _ in range(2)]:
            await each.answered(PATIENCE)
        assert await kept_of(running, ann) == [(0, 7, 7)]
        ann.send_text("/forgetme")
        question = await ann.wait_for(lambda message: "Delete everything" in text_of(message), timeout=PATIENCE)
        for each in [ann.press(question, "Keep it") for _ in range(2)]:
            await each.answered(PATIENCE)
        assert "deleted nothing" in text_of(now(ann, question))
        assert not any("error" in text_of(each) for each in [*admin.messages(), *ann.messages()])


async def test_a_wrong_digit_is_corrected_with_consent_and_taken_back(database: str) -> None:
    async with running_bot(database_url=database) as running:
        ann = running.person()
        answer = await answer_to(ann, ann.send_photo(photo("7")))
        assert buttons(answer) == ["✓ Right", "✗ Wrong", "What I saw"]
        await press(ann, answer, "✗ Wrong")
        assert buttons(now(ann, answer)) == [*"0123456789", "Not a digit", "↩ Back"]
        await press(ann, answer, "1")
        assert "keep the cropped digits" in text_of(now(ann, answer))
        assert await kept_of(running, ann) == []
        await press(ann, answer, "Yes, keep it")
        assert text_of(now(ann, answer)).endswith("Thanks: that was 1.")
        assert await kept_of(running, ann) == [(0, 7, 1)]
        await press(ann, answer, "✎ Change")
        await press(ann, answer, "Not a digit")  # no question again
        assert text_of(now(ann, answer)).endswith("Thanks: that wasn't a digit.")
        assert await kept_of(running, ann) == [(0, 7, 10)]
        assert buttons(now(ann, answer)) == ["✎ Change"]
        await press(ann, answer, "✎ Change")
        assert buttons(now(ann, answer))[-4:] == ["Not a digit", "↩ Back", "✕ Undo", "What I saw"]
        await press(ann, answer, "✕ Undo")
        assert await kept_of(running, ann) == []
        assert buttons(now(ann, answer)) == ["✓ Right", "✗ Wrong", "What I saw"]
        assert text_of(now(ann, answer)) == text_of(answer)


async def test_who_declines_leaves_nothing(running: Running) -> None:
    ann = running.person()
    answer = await answer_to(ann, ann.send_photo(photo("7")))
    await press(ann, answer, "✓ Right")
    assert await press(ann, answer, "No") == "All right, I won't keep anything."
    assert await kept_of(running, ann) == []
    assert text_of(now(ann, answer)) == text_of(answer)


async def test_right_is_a_label_of_every_digit(running: Running) -> None:
    ann, answer = await agreed(running, "42")
    await press(ann, answer, "✓ Right")
    assert text_of(now(ann, answer)).endswith("Thanks, good to know.")
    assert await kept_of(running, ann) == [(0, 4, 4), (1, 2, 2)]


async def test_of_several_digits_the_wrong_one_is_picked(running: Running) -> None:
    ann, answer = await agreed(running, "42")
    await press(ann, answer, "✗ Wrong")
    assert "Which one is wrong?" in text_of(now(ann, answer))
    assert buttons(now(ann, answer)) == ["1: 4", "2: 2", "↩ Back"]
    await press(ann, answer, "2: 2")
    assert text_of(now(ann, answer)).endswith("Which digit is in box 2?")
    await press(ann, answer, "7")
    assert text_of(now(ann, answer)).endswith("Thanks: box 2 is 7.")
    await press(ann, answer, "✎ Change")
    assert buttons(now(ann, answer)) == ["1: 4", "2: 7", "↩ Back", "✕ Undo", "What I saw"]
    await press(ann, answer, "↩ Back")
    assert buttons(now(ann, answer)) == ["✎ Change"]
    assert await kept_of(running, ann) == [(1, 2, 7)]


async def test_the_right_number_can_be_written_as_a_reply(running: Running) -> None:
    ann, answer = await agreed(running, "42")
    thanks = await answer_to(ann, ann.send_text("4 7", reply_to=answer["message_id"]))
    assert thanks["text"] == "Thanks: that was 47."
    assert await kept_of(running, ann) == [(0, 4, 4), (1, 2, 7)]
    more = await answer_to(ann, ann.send_text("427", reply_to=answer["message_id"]))
    assert "I found 2 digits there, but you wrote 3." in more["text"]
    less = await answer_to(ann, ann.send_text("4", reply_to=answer["message_id"]))
    assert "I found 2 digits there, but you wrote 1." in less["text"]
    assert await kept_of(running, ann) == [(0, 4, 4), (1, 2, 7)]


async def test_a_written_number_asks_for_consent_too(running: Running) -> None:
    ann = running.person()
    answer = await answer_to(ann, ann.send_photo(photo("42")))
    question = await answer_to(ann, ann.send_text("47", reply_to=answer["message_id"]))
    assert "keep the cropped digits" in question["text"]
    assert await kept_of(running, ann) == []
    await press(ann, question, "Yes, keep it")
    assert text_of(now(ann, question)) == "Thanks: that was 47."
    assert await kept_of(running, ann) == [(0, 4, 4), (1, 2, 7)]


async def test_what_i_saw_is_one_picture_with_words(running: Running) -> None:
    ann, answer = await agreed(running, "42")
    await press(ann, answer, "What I saw")
    shown = await answer_to(ann, answer)
    assert "28×28" in shown["caption"]
    assert shown["photo"][-1]["height"] >= 500


async def test_what_i_saw_is_what_was_answered_though_another_version_reads_by_now(tmp_path: Path) -> None:
    async with running_bot() as running:
        ann, answer = await agreed(running, "42")
        versions = running.bot.bot_data.versions
        before = (await versions.serving()).name
        blind = await versions.add(a_twin(tmp_path / "blind", temperature=-1.0))  # it says the contrary of what it sees
        await versions.promote(blind)
        await until(lambda: running.bot.bot_data.readers.model.name == blind)
        unread = await answer_to(ann, ann.send_photo(photo("42")))
        assert text_of(unread).startswith("I see no digit here")

        for each in (answer, unread):
            await press(ann, each, "What I saw")
        seen, nothing = await answer_to(ann, answer), await answer_to(ann, unread)
        assert text_of(seen).endswith(
            f"Version {before} read it. The probabilities come from {blind}, the version in use now."
        )
        assert text_of(nothing) == "I found nothing that looks like a digit."
        assert seen["photo"][-1]["height"] > nothing["photo"][-1]["height"]  # by the digits below the photo


async def test_buttons_work_after_a_restart_and_are_cut_anew(tmp_path: Path) -> None:
    async with LocalServer(token=TOKEN) as server:
        ann = server.world.person()
        async with running_on(server, data_dir=tmp_path):
            answer = await answer_to(ann, ann.send_photo(photo("7")))
        async with running_on(server, data_dir=tmp_path) as bot:
            await press(ann, answer, "✓ Right")
            await press(ann, answer, "Yes, keep it")
            assert await kept_of(Running(server, bot), ann) == [(0, 7, 7)]


async def test_a_photo_that_telegram_no_longer_has_is_told(running: Running) -> None:
    ann, answer = await agreed(running)
    running.server.world.fail_next("getFile", 400, "Bad Request: wrong file_id", times=2)
    for button in ("✓ Right", "What I saw"):
        assert "Telegram no longer has this photo" in await press(ann, answer, button)
    assert await kept_of(running, ann) == []


async def test_pressing_at_once_late_or_what_nobody_gave_is_harmless(running: Running) -> None:
    ann, answer = await agreed(running)
    both = [ann.press(answer, "✓ Right") for _ in range(2)]
    await asyncio.gather(*(each.answered(PATIENCE) for each in both))
    assert await kept_of(running, ann) == [(0, 7, 7)]
    for data in ("v2:right:1:0", "v1:label77:1:0", "v1:label5:1:9", "v1:nonsense:1:0", "x", "v1:right:999999:0"):
        said = await press_data(ann, answer, data)
        assert said.startswith(("This button is out of date", "I no longer have"))
    assert await kept_of(running, ann) == [(0, 7, 7)]


async def test_nobody_corrects_another_persons_reading(running: Running) -> None:
    ann, answer = await agreed(running)
    ben, other = await agreed(running)
    data = now(ann, answer)["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    said = await press_data(ben, other, data)
    assert said.startswith("I no longer have")
    assert await kept_of(running, ann) == await kept_of(running, ben) == []


async def test_of_an_album_any_digit_can_be_corrected(running: Running) -> None:
    ann = running.person()
    await running.bot.bot_data.store.agree(ann.id)
    album = ann.send_album([photo("3", seed=3), photo(), photo("42")])
    answer = await answer_to(ann, album[0])
    assert [line[:2] for line in text_of(answer).splitlines()] == ["1.", "2.", "3."]
    await press(ann, answer, "✗ Wrong")
    assert "2.1 means photo 2, box 1" in text_of(now(ann, answer))
    assert buttons(now(ann, answer)) == ["1: 3", "3.1: 4", "3.2: 2", "↩ Back", "What I saw"]
    await press(ann, answer, "3.2: 2")
    await press(ann, answer, "7")
    assert text_of(now(ann, answer)).endswith("Thanks: box 3.2 is 7.")
    assert await kept_of(running, ann) == [(2, 2, 7)]


async def test_photos_of_an_album_that_cannot_be_read_are_counted_too(running: Running) -> None:
    ann = running.person()
    album = ann.send_album([photo("3", seed=3), NARROW, photo("42")])
    answer = await answer_to(ann, album[0])
    assert "too narrow" in text_of(answer).splitlines()[1]
    await press(ann, answer, "✗ Wrong")
    assert buttons(now(ann, answer))[:3] == ["1: 3", "3.1: 4", "3.2: 2"]
    await press(ann, answer, "What I saw")
    for number in (1, 3):
        await ann.wait_for(lambda m, of=f"Photo {number}.\n": text_of(m).startswith(of), PATIENCE)  # type: ignore[misc]
    assert not any(text_of(each).startswith("Photo 2.") for each in ann.messages())


async def forgetting(person: Person) -> Json:
    """The question whether all is to be deleted."""
    sent = person.send_text("/forgetme")["message_id"]
    return await person.wait_for(lambda m: m["message_id"] > sent and "Delete everything" in text_of(m), PATIENCE)


async def test_privacy_my_data_and_forget_me(database: str) -> None:
    async with running_bot(database_url=database) as running:
        ann, answer = await agreed(running)
        ben, other = await agreed(running)
        for who, their in ((ann, answer), (ben, other)):
            await press(who, their, "✓ Right")
        ann.send_text("/privacy")
        assert "400 days" in (await ann.wait_for(lambda m: "/forgetme" in m.get("text", "")))["text"]
        ann.send_text("/mydata")
        sent = await ann.wait_for(lambda m: "document" in m)
        file = running.server.world.files.get(sent["document"]["file_id"])
        assert file is not None
        assert all(word in file.data.decode() for word in ("readings", "corrections", "pixels", '"label": 7'))
        question = await forgetting(ann)
        await press(ann, question, "Keep it")
        assert text_of(now(ann, question)) == "All right, I've deleted nothing."
        assert await kept_of(running, ann) == [(0, 7, 7)]
        question = await forgetting(ann)
        assert text_of(question).startswith("Delete everything I store about you, for good?")
        await press(ann, question, "Delete it")
        assert text_of(now(ann, question)) == (
            "Deleted for good:\n· 1 reading\n· 1 correction\n· your consent\n"
            "Versions of my network already trained on them stay; they contain no pictures."
        )
        assert not any((await of_person(running.bot.bot_data.store, ann.id)).values())
        assert await kept_of(running, ben) == [(0, 7, 7)]
        assert "I no longer have" in await press(ann, answer, "✎ Change")


async def waiting(running: Running) -> int:
    return len(await running.bot.bot_data.store.waiting(1000))


async def reviewing(running: Running) -> tuple[Person, Json]:
    """An admin, and the sheet that they are shown."""
    admin = running.person(person_id=ADMIN)
    admin.send_text("/review")
    return admin, await admin.wait_for(lambda m: "to review" in text_of(m), PATIENCE)


async def test_admins_review_what_others_say() -> None:
    async with running_bot(admin_ids=str(ADMIN)) as running:
        ann, answer = await agreed(running, "42")
        await press(ann, answer, "✗ Wrong")
        await press(ann, answer, "1: 4")
        await press(ann, answer, "9")
        ben, other = await agreed(running)
        await press(ben, other, "✓ Right")
        assert await waiting(running) == 2
        admin, sheet = await reviewing(running)
        assert buttons(sheet) == ["1", "2", "✓ Accept the others", "✗ Reject all"]
        await press(admin, sheet, "1")  # the doubtful one comes first
        assert buttons(now(admin, sheet))[0] == "✗ 1"
        assert await press(admin, sheet, "✓ Accept the others") == "1 accepted, 1 rejected."
        assert await waiting(running) == 0
        (correction,) = (await of_person(running.bot.bot_data.store, ann.id))["corrections"]
        assert (correction["status"], correction["decided_by"]) == ("rejected", ADMIN)
        await admin.wait_for(lambda m: "There's nothing to review" in text_of(m), PATIENCE)
        ann.send_text("/review")
        await ann.wait_for(lambda m: "Only my admins" in text_of(m), PATIENCE)


async def test_an_admin_accepts_what_they_saw_and_nothing_that_was_changed_since(database: str) -> None:
    async with running_bot(admin_ids=str(ADMIN), database_url=database) as running:
        ann, answer = await agreed(running)
        ben, other = await agreed(running)
        for who, their in ((ann, answer), (ben, other)):
            await press(who, their, "✓ Right")
        admin, sheet = await reviewing(running)
        for pressed in ("✎ Change", "1"):
            await press(ann, answer, pressed)
        assert await press(admin, sheet, "✓ Accept the others") == (
            "1 accepted, 0 rejected.\n1 was changed after you saw it and needs another review."
        )
        kept = [(await of_person(running.bot.bot_data.store, who.id))["corrections"][0] for who in (ann, ben)]
        assert [(each["label"], each["status"]) for each in kept] == [(1, "waiting"), (7, "accepted")]
        following = await admin.wait_for(lambda m: m["message_id"] > sheet["message_id"], PATIENCE)
        assert await press(admin, following, "✓ Accept the others") == "1 accepted, 0 rejected."


async def test_what_admins_say_counts_at_once() -> None:
    async with running_bot(admin_ids=str(ADMIN)) as running:
        admin = running.person(person_id=ADMIN)
        await running.bot.bot_data.store.agree(ADMIN)
        answer = await answer_to(admin, admin.send_photo(photo("7")))
        await press(admin, answer, "✓ Right")
        (correction,) = (await of_person(running.bot.bot_data.store, ADMIN))["corrections"]
        assert correction["status"] == "accepted"


async def test_stats_say_how_often_it_was_right() -> None:
    async with running_bot(admin_ids=str(ADMIN)) as running:
        ann, answer = await agreed(running)
        ann.send_text("/stats")
        await ann.wait_for(lambda m: "Press ✓ or ✗" in text_of(m), PATIENCE)
        await press(ann, answer, "✓ Right")
        ann.send_text("/stats")
        shown = await ann.wait_for(lambda m: "photo" in m and "Answers so far" in text_of(m), PATIENCE)
        assert "Marked as right: 1 of 1, 100 %." in text_of(shown)
        ann.send_text("/stats all")
        await ann.wait_for(lambda m: "Only my admins" in text_of(m), PATIENCE)
        admin = running.person(person_id=ADMIN)
        admin.send_text("/stats all")
        await admin.wait_for(lambda m: "Answers so far: 1." in text_of(m), PATIENCE)


async def test_two_hundred_labels_7_of_one_person_are_stopped_at_forty(running: Running) -> None:
    ann, answer = await agreed(running, "372")
    store = running.bot.bot_data.store
    context = Context(cast(Any, running.bot))  # the library's type takes no subclass of its bot
    button = Press.parse(answer["reply_markup"]["inline_keyboard"][0][0]["callback_data"])
    first = await store.reading(button.reading) if button else None
    assert first is not None
    for _ in range(200 // 3):  # the same picture again and again, by what buttons and replies are handled with
        again = await store.reading(await store.add_reading(first.chat, ann.id, first.photos, first.model))
        assert again is not None
        await feedback.keep(again, {0: 7, 1: 7, 2: 7}, ann.id, context, str)
    assert len(await kept_of(running, ann)) == 39  # three more would be too many
    for pressed in ("✗ Wrong", "1: 3", "7"):
        await press(ann, answer, pressed)
    assert len(await kept_of(running, ann)) == 40
    told = await answer_to(ann, ann.send_text("777", reply_to=answer["message_id"]))
    assert "I already have enough of these from you" in told["text"]
    assert [label for _, _, label in await kept_of(running, ann)] == [7] * 40


async def test_forget_me_takes_back_what_admins_were_shown() -> None:
    async with running_bot(admin_ids=str(ADMIN)) as running:
        ann, answer = await agreed(running)
        await press(ann, answer, "✓ Right")
        admin, sheet = await reviewing(running)
        question = await forgetting(ann)
        await press(ann, question, "Delete it")
        assert "1 sheet shown to admins" in text_of(now(ann, question))
        assert sheet["message_id"] not in admin.chat.messages


async def test_an_admin_who_blocked_the_bot_keeps_nobody_from_being_forgotten() -> None:
    async with running_bot(admin_ids=str(ADMIN)) as running:
        ann, answer = await agreed(running)
        await press(ann, answer, "✓ Right")
        admin, sheet = await reviewing(running)
        admin.block()
        question = await forgetting(ann)
        await press(ann, question, "Delete it")
        deleted = text_of(now(ann, question))
        assert deleted.startswith("Deleted for good:\n· 1 reading\n· 1 correction\n· your consent\n")
        assert "1 sheet is in the chat of an admin who blocked me" in deleted
        assert not any((await of_person(running.bot.bot_data.store, ann.id)).values())
        admin.unblock()
        await until(lambda: sheet["message_id"] not in admin.chat.messages)


async def agreed_in_a_group(running: Running) -> tuple[Person, Person, Json]:
    """Somebody who agreed, the same in a group, and the bot's first message there."""
    ann = running.person()
    await running.bot.bot_data.store.agree(ann.id)
    there = running.server.world.group("Class 4b", ann, supergroup=True).member(ann)
    return ann, there, await there.wait_for(lambda _: True, PATIENCE)


async def test_a_correction_in_flight_does_not_outlive_being_forgotten(database: str) -> None:
    async with running_bot(database_url=database) as running:
        ann, there, hello = await agreed_in_a_group(running)
        answer = await answer_to(there, there.send_photo(photo("7"), reply_to=hello["message_id"]))
        question = await forgetting(ann)
        await press(there, answer, "✗ Wrong")
        running.server.world.faults.add(Fault(delay=2), DOWNLOAD, times=1)
        fetched = sum(name == "getFile" for name, _ in running.server.world.calls)
        pressed = there.press(now(there, answer), "1")
        await until(lambda: sum(name == "getFile" for name, _ in running.server.world.calls) > fetched)
        await press(ann, question, "Delete it")
        assert "Deleted for good" in text_of(now(ann, question))
        assert "I no longer have that reading" in (await pressed.answered(PATIENCE)).text
        assert not any((await of_person(running.bot.bot_data.store, ann.id)).values())


async def test_a_photo_in_flight_leaves_nothing_of_who_was_forgotten(database: str) -> None:
    async with running_bot(database_url=database) as running:
        ann, there, hello = await agreed_in_a_group(running)
        question = await forgetting(ann)
        running.server.world.faults.add(SERVER_ERROR, DOWNLOAD)
        sent = there.send_photo(photo("7"), reply_to=hello["message_id"])
        await until(lambda: bool(running.server.world.faults.made))
        await press(ann, question, "Delete it")
        assert "Deleted for good" in text_of(now(ann, question))
        running.server.world.faults.clear()
        answer = await answer_to(there, sent)
        assert not any((await of_person(running.bot.bot_data.store, ann.id)).values())
        assert "I no longer have that reading" in await press(there, answer, "✓ Right")
        await answer_to(there, there.send_photo(photo("7"), reply_to=hello["message_id"]))
        assert len((await of_person(running.bot.bot_data.store, ann.id))["readings"]) == 1  # what they send from now on
