"""What generated pages are written on: light paper and dark boards, printed lines where they belong, desks around."""

import numpy as np
from numpy.typing import NDArray

from model.synthesis import paper
from model.synthesis.layout import Layout, Mark
from model.synthesis.paper import PAPERS, Paper, Picture
from model.synthesis.view import View

SIZE = (640, 480)
HEIGHT = 40  # pixels of a digit


def view(edges: NDArray[np.float32] | None = None) -> View:
    """The page seen straight from above, (0, 0) in the middle of the photo."""
    matrix = np.array([[HEIGHT, 0, SIZE[0] / 2], [0, HEIGHT, SIZE[1] / 2], [0, 0, 1.0]])
    return View(matrix, HEIGHT, SIZE, edges)


def layout(cells: list[NDArray[np.float32]] | None = None) -> Layout:
    """A 1 in the middle."""
    one = Mark([np.array([[0, 0], [0, -1]], np.float32)], 1)
    return Layout(((one,),), pitch=1.5, cells=cells or [])


def smooth(tone: float) -> Paper:
    return Paper((tone, tone), (0, 0), (0, 0))


def printed(seed: int) -> Picture:
    """Smooth white paper, printed on at random."""
    rng = np.random.default_rng(seed)
    page = paper.blank(smooth(240), SIZE, rng)
    paper.print_on(page, smooth(240), layout(), view(), rng)
    return page


def test_paper_is_light_and_a_blackboard_dark() -> None:
    for kind in PAPERS:
        tone = paper.blank(kind, SIZE, np.random.default_rng(1)).mean()

        assert kind.tones[0] - 3 < tone < kind.tones[1] + 3
        assert kind.is_dark == (tone < 100)


def test_rough_paper_is_rougher_than_smooth_paper() -> None:
    rough, even = (
        paper.blank(Paper((200, 200), (much, much), (0, 0)), SIZE, np.random.default_rng(1)).std() for much in (4, 0)
    )

    assert even == 0
    assert 3 < rough < 5


def test_a_cell_is_drawn_where_it_stands_and_nothing_else_is() -> None:
    page = paper.blank(smooth(240), SIZE, np.random.default_rng(1))
    line = np.array([[-2, 1], [2, 1]], np.float32)

    paper.print_on(page, smooth(240), layout([line]), view(), np.random.default_rng(1))

    rows, columns = np.nonzero(page < 239)
    assert abs(rows - (SIZE[1] / 2 + HEIGHT)).max() <= 2
    assert columns.min() > SIZE[0] / 2 - 2 * HEIGHT - 4
    assert columns.max() < SIZE[0] / 2 + 2 * HEIGHT + 4


def test_paper_is_blank_or_ruled_or_squared() -> None:
    levels, uprights = set(), set()
    for seed in range(40):
        lines = printed(seed) < 239
        levels.add(bool((lines.mean(axis=1) > 0.9).any()))
        uprights.add(bool((lines.mean(axis=0) > 0.9).any()))

    assert levels == uprights == {True, False}


def test_printed_lines_leave_room_between_them() -> None:
    for seed in range(40):
        assert (printed(seed) < 239).mean() < 0.5


def test_nothing_is_printed_on_a_board() -> None:
    board = Paper((230, 230), (0, 0), (0, 0), is_board=True)
    for seed in range(20):
        page = paper.blank(board, SIZE, np.random.default_rng(seed))
        paper.print_on(page, board, layout(), view(), np.random.default_rng(seed))

        assert page.min() == page.max() == 230


def test_around_a_page_lies_a_desk_and_the_page_stays_as_it_is() -> None:
    page = paper.blank(smooth(250), SIZE, np.random.default_rng(1))
    edges = np.array([[100, 80], [540, 80], [540, 400], [100, 400]], np.float32)

    photo = paper.laid_on_desk(page, view(edges), np.random.default_rng(1))

    assert (photo[90:390, 110:530] == 250).all()
    assert photo[:70].max() < 250
    assert photo[:, :90].max() < 250


def test_a_page_that_fills_the_photo_has_no_desk() -> None:
    page = paper.blank(smooth(250), SIZE, np.random.default_rng(1))

    assert paper.laid_on_desk(page, view(), np.random.default_rng(1)) is page


def test_a_finger_hides_no_writing_and_sometimes_there_is_one() -> None:
    writing = np.array([[x, 240] for x in range(200, 440, 5)], np.float32)
    fingers = 0
    for seed in range(100):
        photo = np.full((SIZE[1], SIZE[0]), 250, np.uint8)
        paper.hold(photo, writing, np.random.default_rng(seed))

        fingers += int((photo < 250).any())
        assert (photo[230:250, 200:440] == 250).all()
    assert fingers
