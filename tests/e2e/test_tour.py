"""/demo tour: five messages with real pictures, of the photo at hand."""

import io

import numpy as np
import pytest
from PIL import Image

from bot.handlers.tour import STEPS
from bot.playground.person import Person
from bot.playground.wire import Json
from tests.pictures import as_png, photo
from tests.running import Running, answer_to
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")


def steps(person: Person) -> list[Json]:
    """The messages of tours, so far."""
    return [each for each in person.messages() if " of 5 · " in each.get("caption", "")]


async def toured(person: Person, count: int = len(STEPS)) -> list[Json]:
    await until(lambda: len(steps(person)) == count)
    return steps(person)


async def test_who_sent_nothing_sees_how_the_example_is_read(running: Running) -> None:
    person = running.person()
    person.send_text("/demo tour")

    told = await toured(person)

    assert [each["caption"][0] for each in told] == ["1", "2", "3", "4", "5"]
    assert "the digit 5. " in told[0]["caption"]
    assert "result is 5, 9" in told[-1]["caption"]
    for each in told:
        largest = max(each["photo"], key=lambda size: size["width"])
        stored = running.server.world.files.get(largest["file_id"])
        assert stored is not None
        picture = Image.open(io.BytesIO(stored.data)).convert("L")
        assert picture.width > 200
        assert np.ptp(np.asarray(picture)) > 100  # something is on it


async def test_it_is_of_the_photo_that_was_sent_last_or_is_replied_to(running: Running) -> None:
    person = running.person()
    first = person.send_photo(photo("3", seed=2))
    await answer_to(person, first)
    await answer_to(person, person.send_photo(photo("8", seed=2)))

    person.send_text("/demo tour")
    assert "the digit 8. " in (await toured(person))[0]["caption"]
    person.send_text("/demo tour", reply_to=first["message_id"])
    assert "the digit 3. " in (await toured(person, 10))[5]["caption"]


async def test_a_reply_to_what_holds_no_digit_shows_the_example(running: Running) -> None:
    person = running.person()
    blank = person.send_document(as_png(photo()), "blank.png", "image/png")

    person.send_text("/demo tour", reply_to=blank["message_id"])

    first = (await toured(person))[0]["caption"]
    assert "the digit 5. " in first
    assert first.endswith("This is an example. Send me a photo of a digit first, and I'll use yours.")


async def test_in_a_group_its_admins_show_it(running: Running) -> None:
    ann, ben = running.person(), running.person()
    group = running.server.world.group("Class 4b", ann, ben)
    admin, member = group.member(ann), group.member(ben)

    refused = await answer_to(member, member.send_text("/demo tour"))
    admin.send_text("/demo tour")

    assert "can start or stop a round" in refused["text"]
    assert len(await toured(admin)) == 5
