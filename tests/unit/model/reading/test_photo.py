"""A photo is decoded whatever it is made of, and what can't be decoded says so in one sentence."""

import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from model.reading.photo import LONG_SIDE, decode
from model.reading.result import BrokenPicture, HeicPicture, NotAPicture, PhotoError, TooManyPixels, TooNarrow
from tests.hostile import jpeg_of_scans_apart, mpo, png_that_claims, tiff_of_one_strip, tiff_of_one_tile
from tests.pictures import saved

DARK, LIGHT = 60, 190  # tones left and right of the test picture


def two_tones(width: int = 64, height: int = 40) -> NDArray[np.uint8]:
    """Dark on its left half, light on its right."""
    picture = np.full((height, width), LIGHT, np.uint8)
    picture[:, : width // 2] = DARK
    return picture


def tones(grey: NDArray[np.uint8]) -> tuple[int, int]:
    """The mean tone of the left half and of the right, without what lies near the edge between them."""
    width = grey.shape[1]
    return int(grey[:, : 3 * width // 8].mean()), int(grey[:, 5 * width // 8 :].mean())


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_every_format_gives_its_grey_picture(file_format: str) -> None:
    photo = decode(saved(Image.fromarray(two_tones()), file_format))

    assert photo.size == (64, 40)
    assert photo.grey.dtype == np.uint8
    assert tones(photo.grey) == pytest.approx((DARK, LIGHT), abs=4)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr", "I", "I;16", "F", "LA", "RGBA"])
def test_every_kind_of_pixel_is_read(mode: str) -> None:
    grey = Image.fromarray(two_tones())
    deep = Image.fromarray(two_tones().astype(np.uint16) * 257)
    image = deep if mode == "I;16" else grey.convert(mode)
    photo = decode(saved(image, "TIFF"))

    left, right = tones(photo.grey)
    assert left < right - 50


def test_a_sixteen_bit_png_keeps_its_contrast() -> None:
    photo = decode(saved(Image.fromarray(two_tones().astype(np.uint16) * 257), "PNG"))

    left, right = tones(photo.grey)
    assert left < right - 50


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_rotated_photo_is_read_upright(orientation: int) -> None:
    upright = np.arange(24, dtype=np.uint8).reshape(4, 6) * 10
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.T,
        6: np.rot90(upright),
        7: upright[::-1, ::-1].T,
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    large = np.kron(stored, np.ones((16, 16), np.uint8))

    photo = decode(saved(Image.fromarray(large), "PNG", exif=exif))

    assert photo.size == (96, 64)
    assert np.array_equal(photo.grey[8::16, 8::16], upright)


@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (255, 0)])
def test_transparency_becomes_paper_on_which_the_ink_is_seen(ink: int, paper: int) -> None:
    rgba = np.zeros((40, 40, 4), np.uint8)
    rgba[10:30, 15:25] = (ink, ink, ink, 255)

    photo = decode(saved(Image.fromarray(rgba), "PNG"))

    assert photo.grey[20, 20] == ink
    assert photo.grey[2, 2] == paper


def test_of_an_animation_the_first_frame_is_read() -> None:
    frames = [Image.fromarray(two_tones()), Image.fromarray(two_tones()[:, ::-1].copy())]
    photo = decode(saved(frames[0], "GIF", save_all=True, append_images=frames[1:]))

    left, right = tones(photo.grey)
    assert left < right


@pytest.mark.parametrize("file_format", ["JPEG", "PNG"])
def test_a_large_photo_is_scaled_down_and_keeps_its_size_in_mind(file_format: str) -> None:
    photo = decode(saved(Image.fromarray(two_tones(4000, 3000)), file_format))

    assert photo.size == (4000, 3000)
    assert max(photo.grey.shape) == LONG_SIDE
    assert tones(photo.grey) == pytest.approx((DARK, LIGHT), abs=4)


def test_nonsense_in_exif_does_no_harm() -> None:
    picture = saved(Image.fromarray(two_tones()), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xffnonsense")

    assert decode(picture).size == (64, 40)


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_a_truncated_picture_is_refused_with_a_sentence(file_format: str, kept: float) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (60, 60), np.uint8)
    whole = saved(Image.fromarray(noise), file_format)

    with pytest.raises((BrokenPicture, NotAPicture)):
        decode(whole[: int(len(whole) * kept)])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        b"hello, world\n" * 99,
        b"%PDF-1.7\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%!PS-Adobe-3.0",
    ],
    ids=["empty", "one byte", "text", "pdf", "svg", "postscript"],
)
def test_what_is_no_picture_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(NotAPicture, match=r"JPEG, PNG"):
        decode(data)


def test_a_heic_file_is_told_how_to_be_sent_instead() -> None:
    with pytest.raises(HeicPicture, match="as a photo"):
        decode(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")


@pytest.mark.parametrize("size", [(8000, 8000), (30000, 30000), (60000, 60000)])
def test_too_many_pixels_are_refused_before_they_are_decoded(size: tuple[int, int]) -> None:
    with pytest.raises(TooManyPixels, match="as a photo, not as a file"):
        decode(png_that_claims(*size))


def test_a_baseline_jpeg_may_have_twice_as_many_pixels() -> None:
    large = Image.new("L", (10_000, 9_000), 200)

    assert decode(saved(large, "JPEG", quality=30)).size == (10_000, 9_000)
    with pytest.raises(TooManyPixels):
        decode(saved(large, "JPEG", quality=30, progressive=True))


@pytest.mark.parametrize(
    "data",
    [
        jpeg_of_scans_apart(6_320, 6_320, 3),  # 240 MB of coefficients
        jpeg_of_scans_apart(6_320, 6_320, 3, progressive=True),
        b"\xff\xd8\xff\xfe\0\4\xff\xc0" + jpeg_of_scans_apart(6_320, 6_320, 3)[2:],  # a comment like a frame
        tiff_of_one_tile(16_000),
        tiff_of_one_strip(6_000),
        saved(Image.new("RGB", (3_740, 3_740)), "WEBP", quality=1, method=0),
    ],
    ids=["scans apart", "progressive", "behind a comment", "one tile", "one strip", "webp"],
)
def test_what_a_decoder_would_take_too_much_memory_for_is_refused_before_it_starts(data: bytes) -> None:
    before = _most_memory()
    with pytest.raises(TooManyPixels):
        decode(data)
    assert _most_memory() < before + 20_000_000


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (jpeg_of_scans_apart(3_000, 2_000, 3), (3_000, 2_000)),
        (jpeg_of_scans_apart(3_000, 2_000, 4, progressive=True), (3_000, 2_000)),
        (saved(Image.new("RGB", (2_000, 1_500), "white"), "TIFF", compression="tiff_lzw"), (2_000, 1_500)),
        (saved(Image.new("RGB", (2_000, 1_500), "white"), "TIFF", compression="jpeg"), (2_000, 1_500)),
    ],
    ids=["scans apart", "progressive", "tiff", "jpeg in tiff"],
)
def test_what_takes_less_is_decoded(data: bytes, size: tuple[int, int]) -> None:
    assert decode(data).size == size


def _most_memory() -> int:
    """Bytes that this process has had at once."""
    resource = pytest.importorskip("resource")
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * (1 if sys.platform == "darwin" else 1024)


def test_of_several_jpegs_in_one_file_the_first_is_read() -> None:
    whole = mpo(8_000, 6_250)  # more pixels than are decoded but of a JPEG

    assert decode(whole).size == (8_000, 6_250)
    assert decode(whole).grey.mean() == pytest.approx(200, abs=2)
    assert decode(whole.replace(b"MPF\0", b"MPF\1")).size == (8_000, 6_250)


@pytest.mark.parametrize("orientation", [3, 6])
@pytest.mark.parametrize("compression", [None, "tiff_lzw"])
def test_a_tiff_is_turned_once(orientation: int, compression: str | None) -> None:
    lying = np.asarray({3: two_tones()[::-1, ::-1], 6: np.rot90(two_tones())}[orientation])
    photo = decode(saved(Image.fromarray(lying.copy()), "TIFF", tiffinfo={274: orientation}, compression=compression))

    assert photo.size == (64, 40)
    assert tones(photo.grey) == pytest.approx((DARK, LIGHT), abs=4)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits a process's memory so")
@pytest.mark.parametrize("mode", ["RGBA", "I;16"])
def test_a_large_picture_is_read_in_a_readers_memory(mode: str) -> None:
    large = Image.new(mode, (6300, 6300), (200, 200, 200, 255) if mode == "RGBA" else 40_000)
    script = (
        "import resource, sys; from model.reading.photo import decode; "
        "resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000,) * 2); print(decode(sys.stdin.buffer.read()).size)"
    )

    run = subprocess.run([sys.executable, "-c", script], input=saved(large, "PNG"), capture_output=True, check=False)

    assert run.stdout.decode().strip() == "(6300, 6300)", run.stderr.decode()


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16", "F"])
def test_a_large_picture_is_shrunk_in_bands_as_it_would_be_whole(mode: str) -> None:
    small, large = two_tones(), Image.fromarray(two_tones(2600, 1301))
    deep = Image.fromarray(two_tones(2600, 1301).astype(np.uint16) * 257)
    photo = decode(saved(deep if mode == "I;16" else large.convert(mode), "TIFF"))

    assert photo.size == (2600, 1301)
    assert max(photo.grey.shape) == LONG_SIDE
    expected = tones(decode(saved(Image.fromarray(small).convert(mode) if mode != "I;16" else deep, "TIFF")).grey)
    assert tones(photo.grey) == pytest.approx(expected, abs=4)


@pytest.mark.parametrize("size", [(20_000, 1), (1, 20_000), (4, 3)])
def test_a_strip_is_refused_with_a_sentence(size: tuple[int, int]) -> None:
    with pytest.raises(TooNarrow):
        decode(saved(Image.new("L", size, 200), "PNG"))


def test_every_error_is_one_sentence_that_says_what_to_do() -> None:
    kinds: list[type[PhotoError]] = [PhotoError, *PhotoError.__subclasses__()]
    for kind in kinds:
        sentence = str(kind())
        assert "lease " in sentence
        assert sentence.endswith(".")
