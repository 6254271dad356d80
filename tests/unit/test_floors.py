"""The floors of the house: imports go down only, and what reads a photo knows nothing of what trains.

An import counts wherever it stands: at a module's top, in a function, or for its types alone.
"""

import ast
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[2]
FLOORS = (  # from the top; packages of one floor may import each other, as long as no module does so in a circle
    ("bot.__main__",),
    ("bot.commands",),
    ("bot.app",),
    ("bot.handlers",),
    ("bot.context",),
    ("bot.game", "bot.learning", "bot.playground"),
    ("bot.messages", "bot.transport"),
    ("bot.readers", "bot.inbox"),
    ("bot.settings",),
    ("bot.storage",),
    ("bot.telemetry", "bot.i18n"),
    ("model.evaluation", "model.finder_training", "model.training"),
    ("model.synthesis",),
    ("model.data", "model.drawing"),
    ("model.reading",),
    ("model.versions",),
)
# What goes up: whoever answers updates needs the application, whose type names all its parts.
TO_MEND = (("bot.inbox.work", "bot.context"),)
OF_READING = {"model.versions.store"}  # what reading a photo needs of the rest of `model`: the version that serves
TRAINS = {"tensorflow", "keras"}


@cache
def modules() -> dict[str, set[str]]:
    """Each module of ours by its dotted name, and all that it imports."""
    files = {_name(file): file for folder in ("bot", "model") for file in (ROOT / folder).rglob("*.py")}
    return {name: set(_imports(file, files)) for name, file in files.items()}


def _name(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _imports(file: Path, ours: Collection[str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module, f"{file} imports by dots"
            named = [f"{node.module}.{each.name}" for each in node.names]
            yield from (each if each in ours else node.module for each in named)


def within() -> list[tuple[str, str]]:
    """Every import of one module of ours by another: who, and what."""
    return [(who, what) for who, imported in modules().items() for what in imported if what in modules()]


def floors_of(module: str) -> list[int]:
    """Where it stands, counted from the top."""
    return [n for n, rooms in enumerate(FLOORS) for room in rooms if f"{module}.".startswith(f"{room}.")]


def reached_from(beginnings: Iterable[str]) -> set[str]:
    """These modules of ours, what they import, and so on."""
    found: set[str] = set()
    coming = set(beginnings)
    while coming:
        found |= coming
        coming = {what for who, what in within() if who in coming} - found
    return found


def test_every_module_stands_on_a_floor() -> None:
    assert [name for name in modules() if name not in ("bot", "model") and len(floors_of(name)) != 1] == []


def test_imports_go_down_only() -> None:
    up = [(who, what) for who, what in within() if floors_of(what) < floors_of(who)]
    assert sorted(up) == sorted(TO_MEND)


def test_no_imports_go_in_a_circle() -> None:
    known = modules().keys()
    TopologicalSorter({who: imported & known for who, imported in modules().items()}).prepare()  # CycleError names it


def test_the_model_knows_nothing_of_the_bot() -> None:
    assert [(who, what) for who, what in within() if who.startswith("model") and what.startswith("bot")] == []


def test_nothing_that_serves_imports_what_trains() -> None:
    serving = reached_from(name for name in modules() if name.startswith("bot"))
    assert [who for who in sorted(serving) if TRAINS & {what.partition(".")[0] for what in modules()[who]}] == []


def test_reading_a_photo_needs_nothing_of_the_rest_of_the_model() -> None:
    reading = {name for name in modules() if name.startswith("model.reading")}
    assert {what for who, what in within() if who in reading and what not in reading} == OF_READING
