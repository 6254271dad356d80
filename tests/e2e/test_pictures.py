"""Pictures of every kind go in, over real HTTP to the real bot with a real reader, and the right answer comes out."""

import pytest

from tests.pictures import as_png, as_webp, photo
from tests.running import Running, answer_to, quotes

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("digit", range(10))
async def test_a_photo_of_a_digit_is_answered_with_it_and_the_confidence(running: Running, digit: int) -> None:
    ann = running.person()
    answer = await answer_to(ann, ann.send_photo(photo(str(digit), seed=digit)))
    assert answer["text"].startswith(f"{digit} · ")
    assert answer["text"].endswith(" %")
    assert answer["entities"] == [{"type": "bold", "offset": 0, "length": 1}]


async def test_several_digits_come_back_as_a_photo_with_boxes(running: Running) -> None:
    ann = running.person()
    answer = await answer_to(ann, ann.send_photo(photo("42", "17")))
    assert answer["photo"]
    assert answer["caption"].splitlines()[:2] == ["42", "17"]
    assert answer["caption"].splitlines()[2].startswith("Least sure of: ")


async def test_a_blank_page_is_answered_with_no_digit_and_advice(running: Running) -> None:
    ann = running.person()
    answer = await answer_to(ann, ann.send_photo(photo()))
    first, advice = answer["text"].splitlines()
    assert first == "I see no digit here."
    assert advice


async def test_an_album_is_answered_once_with_a_line_for_each_photo(running: Running) -> None:
    ann = running.person()
    album = ann.send_album([photo("3", seed=3), photo(), photo("42")])
    lines = (await answer_to(ann, album[0]))["text"].splitlines()
    assert [line[:5] for line in lines] == ["1. 3 ", "2. I ", "3. 42"]
    await answer_to(ann, ann.send_photo(photo("5", seed=5)))
    assert not any(quotes(answer, each) for answer in ann.messages() for each in album[1:])


async def test_two_chats_at_once_each_get_their_own_answers(running: Running) -> None:
    ann, ben = running.person(first_name="Ann"), running.person(first_name="Ben")
    asked = [(who, digit, who.send_photo(photo(digit))) for digit in "3571" for who in (ann, ben)]
    for who, digit, message in asked:
        assert (await answer_to(who, message))["text"].startswith(digit)


@pytest.mark.parametrize("mime_type", ["image/png", "application/octet-stream", None])
async def test_a_picture_sent_as_a_file_is_read(running: Running, mime_type: str | None) -> None:
    ann = running.person()
    answer = await answer_to(ann, ann.send_document(as_png(photo("4")), "4.png", mime_type))
    assert answer["text"].startswith("4")


async def test_a_static_sticker_is_read(running: Running) -> None:
    ann = running.person()
    answer = await answer_to(ann, ann.send_sticker(as_webp(photo("2"))))
    assert answer["text"].startswith("2")


async def test_a_text_file_named_jpg_is_refused_with_what_to_do(running: Running) -> None:
    ann = running.person()
    answer = await answer_to(ann, ann.send_document(b"Dear diary, today I drew a 7.", "7.jpg", "image/jpeg"))
    assert "isn't a picture" in answer["text"]
    assert "Please send" in answer["text"]


async def test_half_a_picture_is_refused_with_what_to_do(running: Running) -> None:
    ann = running.person()
    png = as_png(photo("7"))
    answer = await answer_to(ann, ann.send_document(png[: len(png) // 2], "7.png", "image/png"))
    assert "Please send it again" in answer["text"]


async def test_a_file_that_is_no_picture_is_told_apart(running: Running) -> None:
    ann = running.person()
    ann.send_document(b"%PDF-1.7", "thesis.pdf", "application/pdf")
    answer = await ann.wait_for(lambda message: "kind of file" in message["text"])
    assert "photo of a handwritten digit" in answer["text"]


@pytest.mark.parametrize("surplus", [1, 5_000_000])
async def test_a_file_above_20_megabytes_is_refused_with_what_to_do(running: Running, surplus: int) -> None:
    ann = running.person()
    answer = await answer_to(ann, ann.send_document(bytes(20 * 1024**2 + surplus), "poster.png", "image/png"))
    assert "larger than 20 MB" in answer["text"]


async def test_a_file_that_telegram_finds_too_big_is_refused_with_what_to_do(running: Running) -> None:
    ann = running.person()
    running.server.world.fail_next("getFile", 400, "Bad Request: file is too big")
    answer = await answer_to(ann, ann.send_document(as_png(photo("7")), "7.png", "image/png"))
    assert "larger than 20 MB" in answer["text"]
