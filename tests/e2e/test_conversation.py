"""What is said beside readings: greetings, help, friendly words to everything that is no picture."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.playground.person import Person
from tests.running import Running, answer_from_bot

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("command", ["/start", "/start hello", "/help"])
async def test_start_and_help_say_in_three_lines_what_it_does(running: Running, command: str) -> None:
    ann = running.person()
    ann.send_text(command)
    does, how, what_not = (await answer_from_bot(ann))["text"].splitlines()[:3]
    assert "photo" in does
    assert "plain paper" in how
    assert "letters" in what_not


async def test_start_shows_your_id_while_there_is_no_admin(running: Running) -> None:
    ann = running.person()
    ann.send_text("/start")
    assert str(ann.id) in (await answer_from_bot(ann))["text"]


@pytest.mark.parametrize(
    ("send", "word"),
    [
        (lambda ann: ann.send_text("what is <b>this</b> & that?"), "chat"),
        (lambda ann: ann.send_text("/unknown"), "chat"),
        (lambda ann: ann.send_animation(b"GIF89a"), "Moving"),
        (lambda ann: ann.send_sticker(b"\x1f\x8b", animated=True), "Moving"),
        (lambda ann: ann.send_video(b"\0"), "Moving"),
        (lambda ann: ann.send_voice(b"OggS"), "ears"),
    ],
)
async def test_what_is_no_picture_gets_a_friendly_word(
    running: Running, send: Callable[[Person], Any], word: str
) -> None:
    ann = running.person()
    send(ann)
    text = (await answer_from_bot(ann))["text"]
    assert word in text
    assert "Please send me a photo" in text
