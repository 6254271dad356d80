"""`digitbot models`: which versions of the model there are, and which one reads."""

import sys

from model.registry import PRETRAINED, Registry


def list_versions() -> None:
    """Print a line for each version: its name, whether it serves, whether it is the shipped one."""
    registry = Registry()
    serving = registry.current() or PRETRAINED
    for version in registry.versions():
        notes = ["serves" if version.folder == serving else "", "shipped" if version.folder == PRETRAINED else ""]
        sys.stdout.write(f"{version.name:<14}{', '.join(filter(None, notes))}\n")


def promote(name: str) -> None:
    """Let `name` serve from the next start on. Raises VersionError."""
    Registry().promote(name)
    sys.stdout.write(f"{name} serves from the bot's next start on.\n")


def roll_back() -> None:
    """Undo the last promotion. Raises VersionError."""
    sys.stdout.write(f"{Registry().rollback()} serves from the bot's next start on.\n")
