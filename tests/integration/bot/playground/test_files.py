"""Files: found by getFile, downloaded by path, forgotten when there are too many bytes."""

from bot.playground.files import FILES_BYTES, Files
from bot.playground.pictures import Picture, photo_sizes
from bot.playground.world import World
from tests.playground import TOKEN, picture, playground


async def test_a_file_is_downloaded_as_it_was_sent() -> None:
    async with playground() as bot:
        document = bot.world.person().send_document(b"seven", "7.txt", "text/plain")["document"]
        file = await bot.call("getFile", file_id=document["file_id"])
        download = await bot.http.get(f"/file/bot{TOKEN}/{file['file_path']}")

    assert document["file_name"] == "7.txt"
    assert document["mime_type"] == "text/plain"
    assert file == {
        "file_id": document["file_id"],
        "file_unique_id": document["file_unique_id"],
        "file_size": 5,
        "file_path": "documents/file_0.txt",
    }
    assert download.content == b"seven"


async def test_a_file_above_20_mb_is_too_big_for_a_bot() -> None:
    async with playground() as bot:
        ann = bot.world.person()
        just = ann.send_document(bytes(20 * 1024 * 1024), "a")["document"]
        large = ann.send_document(bytes(20 * 1024 * 1024 + 1), "b")["document"]

        assert (await bot.call("getFile", file_id=just["file_id"]))["file_size"] == 20 * 1024 * 1024
        assert await bot.failure("getFile", file_id=large["file_id"]) == (400, "Bad Request: file is too big")


async def test_the_path_of_a_file_tells_its_type() -> None:
    async with playground() as bot:
        ann = bot.world.person()
        photo, sticker = ann.send_photo(picture(90, 90))["photo"][0], ann.send_sticker(picture(form="WEBP"))["sticker"]
        paths = [(await bot.call("getFile", file_id=each["file_id"]))["file_path"] for each in (photo, sticker)]

    assert paths == ["photos/file_0.jpg", "stickers/file_1.webp"]


async def test_an_unknown_file_isnt_found() -> None:
    async with playground() as bot:
        download = await bot.http.get(f"/file/bot{TOKEN}/documents/file_9.txt")

        assert await bot.failure("getFile", file_id="nothing") == (
            400,
            "Bad Request: wrong file_id or the file is temporarily unavailable",
        )
    assert (download.status_code, download.json()) == (
        404,
        {"ok": False, "error_code": 404, "description": "Not Found"},
    )


def test_the_least_used_files_are_forgotten_when_there_are_too_many_bytes() -> None:
    files = Files(limit=10)
    first, second = (files.add(data, "documents", "text/plain") for data in (b"1111", b"2222"))
    assert files.get(first.file_id) is first

    third = files.add(b"3333", "documents", "text/plain")

    assert files.get(second.file_id) is None
    assert files.at(second.path) is None
    assert files.at(first.path) is first
    assert files.at(third.path) is third
    assert files.add(b"2222", "documents", "text/plain").file_id != second.file_id


async def test_what_is_sent_again_is_kept_once() -> None:
    files = Files(limit=10)
    first = files.add(b"7777", "documents", "text/plain", "7.txt")

    assert all(files.add(b"7777", "documents", "text/plain", "7.txt") is first for _ in range(10))
    assert files.add(b"7777", "documents", "text/plain", "8.txt") is not first
    assert files.get(first.file_id) is first


def test_a_photo_sent_a_thousand_times_crowds_nothing_out() -> None:
    somewhere = World()
    rare = somewhere.person().send_document(b"rare", "rare.txt")["document"]
    sizes = photo_sizes(picture(1280, 960))
    bulk = Picture(1280, 960, bytes(FILES_BYTES // 500))
    people = [somewhere.person() for _ in range(10)]
    for number in range(1000):
        people[number % 10].send_photo_sizes([*sizes, bulk])

    assert somewhere.files.get(rare["file_id"]) is not None
