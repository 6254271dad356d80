"""People who say of every digit what it isn't, through the chat: so much of it is kept, and none of it teaches.

40 labels of a kind: test_feedback.py; the gate by itself: tests/unit/model/training/test_promotion_gate.py; labels by
chance: test_retrain.py.
"""

from pathlib import Path

import numpy as np
import pytest

from bot.handlers.feedback import OF_ONE_PERSON
from bot.handlers.review import SHEET
from bot.learning.trainings import Trainings
from bot.playground.person import Person
from bot.playground.wire import Json
from bot.storage.records import Status
from model.data.mnist import Examples
from model.training import promotion_gate
from model.training.promotion_gate import ONE_DOUBTED_OF, SIGNIFICANT, at_least
from model.versions.version import PRETRAINED, open_version, shipped_name
from tests.commands import needs_tensorflow, small_mnist
from tests.e2e.forging import ADMIN
from tests.kept import of_person
from tests.pictures import photo
from tests.running import Running, answer_to, now, press, running_bot, text_of
from tests.waiting import PATIENCE

LONG = 300  # seconds for a training on a busy machine


async def lied_to(running: Running) -> tuple[Person, Person]:
    """Mallory, who says of as many digits as are kept of one person what they aren't; and Ben, who tells the truth."""
    mallory, ben = running.person(first_name="Mallory"), running.person(first_name="Ben")
    for each in (mallory, ben):
        await running.bot.bot_data.store.agree(each.id)
    honest = await answer_to(ben, ben.send_photo(photo("0123", "456789")))
    await press(ben, honest, "✓ Right")
    pages = [photo("0123456789", "9876543210", "5432109876", seed=seed) for seed in range(10)]
    answer = await answer_to(mallory, mallory.send_album(pages)[0])
    await mallory.press_raw(answer, "-").answered(PATIENCE)  # by now it is known which message the answer is
    reading = await running.bot.bot_data.store.reading_of(mallory.id, answer["message_id"])
    assert reading is not None
    lies = "".join(str((each.digit + 3) % 10) for each in reading.digits)
    thanks = await answer_to(mallory, mallory.send_text(lies, reply_to=answer["message_id"]))
    assert text_of(thanks) == f"Thanks: that was {lies}."
    for _ in range(OF_ONE_PERSON - len(lies)):  # digits that weren't seen on the pages
        assert "Thanks: that was 0." in text_of(await lied_about_a_7(mallory))
    return mallory, ben


async def lied_about_a_7(person: Person) -> Json:
    """Somebody sends a 7 and says that it is a 0. The answer, as it stands then."""
    answer = await answer_to(person, person.send_photo(photo("7")))
    for button in ("✗ Wrong", "0"):
        await press(person, answer, button)
    return now(person, answer)


async def accept_sheets(admin: Person, most: int) -> None:
    """An admin accepts so many sheets, and looks at none."""
    sheet = await next_of(admin, admin.send_text("/review"))
    for _ in range(most):
        if "to review" not in text_of(sheet):
            break
        await press(admin, sheet, "✓ Accept the others")
        sheet = await next_of(admin, sheet)


async def next_of(person: Person, message: Json) -> Json:
    """The bot's next message."""
    return await person.wait_for(lambda each: each["message_id"] > message["message_id"], PATIENCE)


async def corrections_of(running: Running, person: Person) -> dict[int, str]:
    """Which are kept of a person, and what became of them."""
    rows = (await of_person(running.bot.bot_data.store, person.id))["corrections"]
    return {row["id"]: row["status"] for row in rows}


async def test_of_who_lies_300_labels_are_kept_and_the_gate_lets_none_of_them_teach() -> None:
    """What the gate says of them once they are accepted, and learnt; a whole training is below."""
    async with running_bot(admin_ids=str(ADMIN)) as running:
        mallory, ben = await lied_to(running)
        more = await lied_about_a_7(mallory)
        typed = await answer_to(mallory, mallory.send_text("0", reply_to=more["message_id"]))
        for each in (more, typed):
            assert "I already have enough of these from you" in text_of(each)
        assert len(await corrections_of(running, mallory)) == OF_ONE_PERSON

        await accept_sheets(running.person(person_id=ADMIN), 2)
        accepted = await Trainings(running.bot.bot_data.store.engine).accepted()
        assert len(accepted) == 2 * SHEET
        truths = await corrections_of(running, ben)  # the oldest: looked at in their order, all would be among these
        assert list(truths.values()).count(Status.WAITING) > len(truths) / 2  # two labels for one hand
    pictures = np.stack([np.frombuffer(each.pixels, np.uint8).reshape(28, 28) for each in accepted])
    said = Examples(pictures, np.array([each.label for each in accepted], np.uint8))
    doubted = promotion_gate.doubts(promotion_gate.reader_of(open_version(PRETRAINED)), said)
    assert at_least(int(doubted.sum()), len(said), ONE_DOUBTED_OF) < SIGNIFICANT


@pytest.mark.slow
@needs_tensorflow
async def test_an_admin_who_accepts_every_lie_and_has_it_learnt_changes_nothing(tmp_path: Path) -> None:
    async with running_bot(admin_ids=str(ADMIN), mnist_path=small_mnist(tmp_path / "own.npz")) as running:
        await lied_to(running)
        admin = running.person(person_id=ADMIN)
        await accept_sheets(admin, OF_ONE_PERSON)
        assert len(await Trainings(running.bot.bot_data.store.engine).accepted()) == OF_ONE_PERSON + 10
        admin.send_text("/retrain")
        report = await admin.wait_for(lambda message: "Correct, before → after" in text_of(message), LONG)
        assert "is trained but not in use; " in text_of(report)
        assert "too many of the corrections look wrong" in text_of(report)
        assert f"{shipped_name()} stays" in text_of(report)
        assert (await running.bot.bot_data.versions.serving()).name == shipped_name()
