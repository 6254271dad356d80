"""The pages say what is so: links lead somewhere, and the map of the code is that of the tree."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
MAP = (ROOT / "docs" / "developing.md").read_text("utf-8")
LINK = re.compile(r"\]\(([^)\s#]+)(?:#[^)\s]*)?\)|(?:src|srcset)=\"([^\"]+)\"")
CODE = re.compile(r"`([\w./]+)`")
FOLDERS = (
    "bot",
    "model",
    "bot/commands",
    "bot/learning",
    "bot/game",
    "bot/readers",
    "bot/messages",
    "bot/transport",
    "bot/storage",
    "bot/telemetry",
    "bot/handlers",
    "model/data",
    "model/drawing",
    "model/evaluation",
    "model/finder_training",
    "model/reading",
    "model/synthesis",
    "model/synthesis/scenes",
    "model/training",
    "model/versions",
)


def named_in_the_map() -> Iterator[str]:
    """Each path in the map's first column; there `a/b.py`, `c.py` is two files of one folder."""
    for row in MAP.split("## The map")[1].splitlines():
        if not row.startswith("| `"):
            continue
        folder = ""
        for path in CODE.findall(row.split(" | ")[0]):
            inside = folder if "/" not in path.rstrip("/") else ""
            folder = path.rpartition("/")[0] + "/" if "/" in path.rstrip("/") else folder
            yield inside + path


def test_every_module_is_in_the_map_once() -> None:
    modules = {
        file.relative_to(ROOT).as_posix()
        for folder in FOLDERS
        for file in ROOT.joinpath(folder).glob("*.py")
        if file.name != "__init__.py"
    }
    parts = {
        f"{part.relative_to(ROOT).as_posix()}/"
        for folder in FOLDERS
        for part in ROOT.joinpath(folder).iterdir()
        if part.is_dir() and part.name != "__pycache__" and f"{folder}/{part.name}" not in FOLDERS
    }
    named = list(named_in_the_map())
    assert sorted(path for path in named if path.startswith(("bot/", "model/"))) == sorted(modules | parts)
    assert all((ROOT / path).exists() for path in named)


def test_whatever_else_a_developer_is_sent_to_exists() -> None:
    paths = {path for path in CODE.findall(MAP.split("## The map")[0]) if re.match("[a-z]+/", path) and path.islower()}
    assert paths
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = [one or other for one, other in LINK.findall(page.read_text("utf-8"))]
    here = [target for target in targets if not re.match(r"\w+:", target)]
    assert [target for target in here if not page.parent.joinpath(target).exists()] == []


def test_every_picture_is_shown_somewhere() -> None:
    shown = {Path(one or other).name for page in PAGES for one, other in LINK.findall(page.read_text("utf-8"))}
    pictures = {
        file.name for file in ROOT.joinpath("docs").iterdir() if file.suffix in {".png", ".jpg", ".gif", ".webp"}
    }
    assert pictures - shown == set()
