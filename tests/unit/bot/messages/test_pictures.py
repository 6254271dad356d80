"""Which of a photo's sizes is read."""

import pytest
from telegram import PhotoSize

from bot.messages.pictures import best_size


def sizes(*long_sides: int) -> list[PhotoSize]:
    return [PhotoSize(f"file{side}", f"id{side}", side * 3 // 4, side) for side in long_sides]


@pytest.mark.parametrize(
    ("offered", "taken"),
    [((90, 320, 800, 1280), 1280), ((90, 320), 320), ((1280, 90, 2560), 1280), ((2560, 1600), 1600)],
)
def test_the_size_of_about_1280_pixels_is_taken(offered: tuple[int, ...], taken: int) -> None:
    assert best_size(sizes(*offered)).height == taken
