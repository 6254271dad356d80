"""Where the digits are: on lined paper, on a sheet that lies on a table."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from model.reading.reader import DigitReader
from tests.handwriting import page


def grey_page(*lines: str, seed: int) -> NDArray[np.uint8]:
    photo = page(list(lines), np.random.default_rng(seed), size=(900, 700))[0]
    return np.asarray(cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_GRAYSCALE), np.uint8)


def read(grey: NDArray[np.uint8]) -> str:
    return DigitReader().read(cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()).text


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("squared", [False, True], ids=["ruled", "squared"])
def test_lines_printed_on_the_paper_are_not_read_and_hide_no_digit(squared: bool, seed: int) -> None:
    paper = grey_page("4 7", "2 5", seed=seed)
    tone = np.uint8(np.median(paper) - 45)
    for y in range(25, paper.shape[0], 62):
        paper[y : y + 2] = np.minimum(paper[y : y + 2], tone)
    for x in range(31, paper.shape[1], 62) if squared else ():
        paper[:, x : x + 2] = np.minimum(paper[:, x : x + 2], tone)

    assert read(paper) == "47\n25"


@pytest.mark.parametrize("seed", range(4))
def test_a_sheet_on_a_dark_table_is_read(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sheet = grey_page("3", "86", seed=seed)
    table = cv2.GaussianBlur(np.clip(rng.normal(60, 8, (1100, 1400)), 0, 255), (0, 0), 1.0)
    height, width = sheet.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), float(rng.uniform(-10, 10)), 1)
    turn[:, 2] += ((1400 - width) / 2, (1100 - height) / 2)
    covered = cv2.warpAffine(np.ones_like(sheet), turn, (1400, 1100)) > 0
    photo = np.where(covered, cv2.warpAffine(sheet, turn, (1400, 1100)), table).astype(np.uint8)

    assert read(photo) == "3\n86"
