"""Ink is found at any light, on any paper, in dark and in light ink; and paper without any holds none."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from model.reading.ink import Ink, ink, looks_light_on_dark
from tests import handwriting

Grey = NDArray[np.uint8]  # (height, width), 0 black to 255 white
Mask = NDArray[np.bool_]

SIZE = (640, 480)  # width, height: what ink is looked for in without any scaling


def paper(tone: int = 220, roughness: float = 1.5) -> Grey:
    noise = np.random.default_rng(1).normal(tone, roughness, SIZE[::-1])
    return np.clip(cv2.GaussianBlur(noise, (0, 0), 0.7), 0, 255).astype(np.uint8)


def strokes() -> Mask:
    """Where a 5 is written in the middle of the page."""
    written = handwriting.ink(5, np.random.default_rng(5), height=80, pen=7) > 127
    mask = np.zeros(SIZE[::-1], bool)
    mask[200 : 200 + written.shape[0], 300 : 300 + written.shape[1]] = written
    return mask


def page(darkness: float = 0.7, **kind: float) -> Grey:
    """Paper with the 5 on it, `darkness` being how much light its ink takes away."""
    cover = cv2.GaussianBlur(strokes().astype(np.float32), (0, 0), 0.8)
    return np.asarray(paper(**kind) * (1 - darkness * cover), np.uint8)  # type: ignore[arg-type]


def found(grey: Grey, *, light_on_dark: bool = False) -> Mask:
    return ink(grey, light_on_dark=light_on_dark).mask


def is_the_five(mask: Mask) -> bool:
    """Whether nearly all of its strokes are ink and little else is."""
    return bool(mask[strokes()].mean() > 0.95 and (mask & ~around(strokes(), 4)).mean() < 0.002)


def around(mask: Mask, reach: int) -> Mask:
    """The mask and everything that is no further from it than so many pixels."""
    return np.asarray(cv2.dilate(mask.view(np.uint8), np.ones((2 * reach + 1,) * 2, np.uint8)) > 0)


@pytest.mark.parametrize("darkness", [0.12, 0.3, 0.9], ids=["pencil", "ballpoint", "marker"])
def test_faint_and_dark_ink_is_found(darkness: float) -> None:
    assert is_the_five(found(page(darkness)))


@pytest.mark.parametrize("tone", [80, 150, 250], ids=["dark", "grey", "white"])
def test_ink_is_found_on_paper_of_any_tone(tone: int) -> None:
    assert is_the_five(found(page(tone=tone)))


@pytest.mark.parametrize("light", [0.3, 0.6])
def test_strength_is_a_share_of_the_papers_brightness_so_an_even_shadow_changes_nothing(light: float) -> None:
    lit, shaded = (ink(np.asarray(page() * much, np.uint8)).strength.astype(int) for much in (1, light))

    assert np.abs(lit - shaded)[strokes()].mean() < 6
    assert np.abs(lit - shaded).mean() < 3


@pytest.mark.parametrize("edge", [328, 440], ids=["through the digit", "beside the digit"])
def test_a_shadow_with_a_hard_edge_hides_no_ink_and_is_none_but_for_a_thin_line(edge: int) -> None:
    grey = page(0.3)
    grey[:, edge:] //= 2  # stronger than the ink

    mask = found(grey)
    mask[:, edge - 8 : edge + 8] = strokes()[:, edge - 8 : edge + 8]

    assert is_the_five(mask)


@pytest.mark.parametrize("direction", [0, 1, 2.5])
def test_light_that_falls_off_is_no_ink(direction: float) -> None:
    y, x = np.mgrid[-0.5:0.5:480j, -0.5:0.5:640j]
    light = 0.65 + 0.45 * (x * np.cos(direction) + y * np.sin(direction))

    assert is_the_five(found(np.asarray(page(0.4) * light, np.uint8)))


def test_light_ink_on_dark_paper_is_the_same_turned_over() -> None:
    dark_on_light, light_on_dark = ink(page()), ink(255 - page(), light_on_dark=True)

    assert np.array_equal(dark_on_light.strength, light_on_dark.strength)
    assert np.array_equal(dark_on_light.mask, light_on_dark.mask)


def test_chalk_on_a_board_is_found() -> None:
    board = paper(tone=50, roughness=3)
    board[strokes()] = 190

    assert is_the_five(found(board, light_on_dark=True))


@pytest.mark.parametrize("darkness", [0.3, 0.8])
def test_it_is_told_which_of_ink_and_paper_is_lighter(darkness: float) -> None:
    assert not looks_light_on_dark(page(darkness))
    assert looks_light_on_dark(255 - page(darkness))


@pytest.mark.parametrize("side", [20, 64])
def test_that_is_told_of_a_picture_cut_close_to_its_ink_too(side: int) -> None:
    close = cv2.resize(page()[192:288, 286:382], (side, side), interpolation=cv2.INTER_AREA)

    assert not looks_light_on_dark(np.asarray(close, np.uint8))
    assert looks_light_on_dark(np.asarray(255 - close, np.uint8))


@pytest.mark.parametrize("roughness", [0, 2, 6], ids=["even", "smooth", "rough"])
def test_paper_without_writing_holds_next_to_no_ink(roughness: float) -> None:
    assert found(paper(roughness=roughness)).mean() < 0.002


def test_rough_paper_hides_no_dark_ink() -> None:
    assert is_the_five(found(page(0.8, roughness=6)))


@pytest.mark.parametrize("size", [(4, 8), (8, 8), (30, 30), (64, 64), (40, 1600), (1600, 40), (1200, 900)])
def test_a_picture_of_any_size_has_strength_and_mask_alike(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 255, size, np.uint8)
    for grey in (noise, *(np.full(size, tone, np.uint8) for tone in (1, 128, 255))):
        view = ink(grey)
        inside = np.array(view.mask.shape) - 2 * view.margin

        assert view.strength.shape == view.mask.shape
        assert view.strength.dtype == np.uint8
        assert inside[0] / inside[1] == pytest.approx(size[0] / size[1], rel=0.05)
        assert grey is noise or not view.mask.any()


def test_a_picture_cut_close_to_its_ink_gets_paper_around() -> None:
    close = handwriting.ink(3, np.random.default_rng(3), height=50, pen=8)

    view: Ink = ink(255 - close)

    edges = np.concatenate([view.mask[0], view.mask[-1], view.mask[:, 0], view.mask[:, -1]])
    assert view.margin > 0
    assert not edges.any()
    assert view.mask.mean() > 0.05
