"""What Telegram makes of pictures: upright JPEGs in sizes, thumbnails; and what it takes for no photo."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bot.playground.pictures import Measures, NotAPhoto, Picture, TooLongAPhoto, measure, photo_sizes, thumbnail
from tests.hostile import jpeg_of_scans_apart, tiff_of_one_tile
from tests.playground import encoded, gif, picture


def sides(sizes: list[Picture]) -> list[tuple[int, int]]:
    return [(size.width, size.height) for size in sizes]


def opened(size: Picture) -> Image.Image:
    return Image.open(io.BytesIO(size.jpeg))


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((4000, 3000), [(90, 68), (320, 240), (800, 600), (1280, 960)]),
        ((960, 1280), [(68, 90), (240, 320), (600, 800), (960, 1280)]),
        ((500, 400), [(90, 72), (320, 256), (500, 400)]),
        ((90, 90), [(90, 90)]),
        ((28, 28), [(28, 28)]),
        ((1, 20), [(1, 20)]),
    ],
)
def test_a_photo_comes_in_sizes_of_at_most_90_320_800_and_1280(size: tuple[int, int], expected: list[Any]) -> None:
    sizes = photo_sizes(picture(*size))

    assert sides(sizes) == expected
    assert [opened(each).size for each in sizes] == expected
    assert {opened(each).format for each in sizes} == {"JPEG"}


def test_a_photo_is_turned_as_its_camera_says() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right by 90 degrees
    image = Image.new("RGB", (400, 200), "white")
    image.paste("black", (0, 0, 400, 20))  # the top edge, which becomes the right one

    upright = opened(photo_sizes(encoded(image, "JPEG", exif=exif))[-1]).convert("L")

    assert upright.size == (200, 400)
    assert np.asarray(upright)[:, 195].max() < 50
    assert np.asarray(upright)[:, 5].min() > 200


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_all_common_formats_become_photos(form: str) -> None:
    assert sides(photo_sizes(picture(100, 50, form))) == [(90, 45), (100, 50)]


@pytest.mark.parametrize(
    ("image", "form"),
    [
        (Image.new("RGBA", (50, 50), (0, 0, 0, 0)), "PNG"),
        (Image.new("LA", (50, 50), (0, 0)), "PNG"),
        (Image.new("1", (50, 50), 1), "PNG"),
        (Image.new("CMYK", (50, 50), (0, 0, 0, 0)), "JPEG"),
        (Image.new("L", (50, 50), 255), "TIFF"),
    ],
    ids=["transparent", "transparent grey", "1 bit", "CMYK", "grey"],
)
def test_transparency_and_other_kinds_of_pixels_become_what_is_seen(image: Image.Image, form: str) -> None:
    (size,) = photo_sizes(encoded(image, form))

    assert opened(size).mode == "RGB"
    assert np.asarray(opened(size)).min() >= 250


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text",
        picture()[:400],
        picture(form="PNG")[:100],
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        encoded(Image.new("L", (9, 9)), "PPM"),
    ],
    ids=["empty", "text", "cut JPEG", "cut PNG", "no PNG", "another format"],
)
def test_what_is_no_picture_is_no_photo(data: bytes) -> None:
    with pytest.raises(NotAPhoto):
        photo_sizes(data)
    assert thumbnail(data) is None


def test_of_sixteen_bits_the_upper_ones_are_seen() -> None:
    deep = np.zeros((50, 50), np.uint16)
    deep[:, 25:] = 65535
    grey = np.asarray(opened(photo_sizes(encoded(Image.fromarray(deep), "PNG"))[-1]).convert("L"))

    assert grey[:, :20].max() < 10
    assert grey[:, 30:].min() > 245


@pytest.mark.parametrize("data", [jpeg_of_scans_apart(6_320, 6_320, 3), tiff_of_one_tile(16_000)])
def test_what_takes_too_much_memory_to_decode_is_no_photo(data: bytes) -> None:
    with pytest.raises(NotAPhoto):
        photo_sizes(data)
    assert measure(data) is None


def test_a_bomb_is_no_photo() -> None:
    with pytest.raises(NotAPhoto):
        photo_sizes(encoded(Image.new("1", (20_000, 20_000)), "PNG"))


def test_a_strip_is_no_photo() -> None:
    with pytest.raises(TooLongAPhoto):
        photo_sizes(picture(2100, 100))


def test_a_thumbnail_is_at_most_320_pixels_long() -> None:
    large, small = thumbnail(picture(1000, 500)), thumbnail(picture(30, 20))

    assert large is not None
    assert small is not None
    assert sides([large, small]) == [(320, 160), (30, 20)]


def test_a_picture_file_is_measured() -> None:
    assert measure(picture(30, 20, "WEBP")) == Measures("WEBP", 30, 20, animated=False)
    assert measure(gif(1)) == Measures("GIF", 32, 32, animated=False)
    assert measure(gif(3)) == Measures("GIF", 32, 32, animated=True)
    assert measure(b"text") is None
