"""The `digitbot` command. Each part of it imports only what it needs, so that `read` starts in a moment."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

WELL, FAILED, MISUSED, INTERRUPTED, UNHEARD = 0, 1, 2, 130, 141  # exit statuses


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; gives the exit status."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # who reads the output has enough of it, such as `head -1`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the rest, which Python writes at its end
        return UNHEARD


def run(_: argparse.Namespace) -> int:
    """The bot on Telegram."""
    from bot import app
    from bot.settings import Settings, WrongSettings
    from bot.telemetry import logs
    from bot.transport.polling import Refused

    _trust_no_working_directory()
    try:
        settings = Settings.load()
        logs.set_up(settings.log_level, settings.secrets, settings.log_format)
        _until_signal(app.run(settings))
    except WrongSettings as error:
        return _say(error, MISUSED)
    except (app.StartFailed, Refused) as error:
        return _say(error, FAILED)
    return WELL


def demo(options: argparse.Namespace) -> int:
    """The bot on the local Bot API server."""
    from bot.app import StartFailed
    from bot.commands.demo import demo
    from bot.settings import WrongSettings

    _trust_no_working_directory()
    try:
        _until_signal(demo(options.host, options.port, browser=not options.no_browser))
    except WrongSettings as error:
        return _say(error, MISUSED)
    except StartFailed as error:
        return _say(error, FAILED)
    return WELL


def read(options: argparse.Namespace) -> int:
    """Pictures on the command line."""
    _take_from_dotenv("DATA_DIR")
    from bot.commands.read_command import NotSaved, read_pictures
    from model.versions.version import VersionError

    try:
        all_read = read_pictures(options.photo, options.model, options.save, as_json=options.json)
    except VersionError as error:
        return _say(error, MISUSED)
    except NotSaved as error:
        return _say(error, FAILED)
    return WELL if all_read else MISUSED


def models(options: argparse.Namespace) -> int:
    """The versions of the model."""
    _take_from_dotenv("DATA_DIR", "DATABASE_URL")
    from bot.commands import models_command
    from bot.storage.database import Database, DatabaseError, DatabaseUnavailable
    from model.versions.version import VersionError

    database = Database(os.environ.get("DATABASE_URL", ""))
    try:
        if options.action == "promote":
            models_command.promote(database, options.version)
        elif options.action == "rollback":
            models_command.roll_back(database)
        else:
            models_command.list_versions(database)
    except VersionError as error:
        return _say(error, MISUSED)
    except (DatabaseError, DatabaseUnavailable) as error:
        return _say(error, FAILED)
    return WELL


def doctor(_: argparse.Namespace) -> int:
    """What the bot needs."""
    from bot.commands.doctor import doctor
    from bot.settings import Settings, WrongSettings
    from bot.telemetry import logs

    _trust_no_working_directory()
    try:
        settings = Settings.load()
    except WrongSettings as error:
        return _say(error, MISUSED)
    logs.set_up("ERROR", settings.secrets)
    return WELL if doctor(settings) else FAILED


def backup(options: argparse.Namespace) -> int:
    """A copy of what the bot keeps."""
    from bot.commands.backup import back_up

    return _with_what_is_kept(lambda settings: back_up(settings, options.file))


def restore(options: argparse.Namespace) -> int:
    """What the bot keeps, from a copy."""
    from bot.commands.backup import restore

    return _with_what_is_kept(lambda settings: restore(settings, options.file, replace=options.replace))


def _with_what_is_kept(action: Callable[[Any], str]) -> int:
    from bot.commands.backup import BackupError
    from bot.settings import Settings, WrongSettings
    from bot.storage.database import DatabaseError

    try:
        sys.stdout.write(f"{action(Settings.load())}\n")
    except WrongSettings as error:
        return _say(error, MISUSED)
    except (BackupError, DatabaseError) as error:
        return _say(error, FAILED)
    return WELL


def _trust_no_working_directory() -> None:
    """Readers and trainings import nothing that happens to lie where the bot was started."""
    os.environ["PYTHONSAFEPATH"] = "1"


def _until_signal(work: Coroutine[Any, Any, None]) -> None:
    """Run `work` until it ends, or Ctrl-C or SIGTERM asks it to."""

    async def watched() -> None:
        task = asyncio.ensure_future(work)
        with suppress(NotImplementedError):  # Windows has no SIGTERM to handle
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        await task

    with suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(watched())


def _take_from_dotenv(*names: str) -> None:
    from dotenv import dotenv_values

    try:
        written = dotenv_values(".env")
    except OSError as error:
        from bot.settings import WrongSettings, unreadable

        raise SystemExit(_say(WrongSettings(unreadable(error)), MISUSED)) from error
    for name in names:
        if not os.environ.get(name) and (value := written.get(name)):
            os.environ[name] = value


def _say(error: Exception, status: int) -> int:
    sys.stderr.write(f"digitbot: {error}\n")
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="digitbot", description="A Telegram bot that reads handwritten digits.")
    parser.add_argument("--version", action="version", version=f"digitbot {version('digitbot')}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, action: Callable[[argparse.Namespace], int], summary: str, details: str) -> Any:
        added = commands.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}. {details}")
        added.set_defaults(command=action)
        return added

    command(
        "run",
        run,
        "run the bot on Telegram",
        "Gets messages by long polling, or through a webhook (WEBHOOK_URL), and answers them until "
        "Ctrl-C. Settings come from the environment and from .env; .env.example names them all.",
    )

    added = command(
        "demo",
        demo,
        "chat with the bot in your browser, without Telegram",
        "Starts the bot on a local Bot API server with a chat page. Needs no token and no network.",
    )
    added.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s, this machine)")
    added.add_argument("--port", type=int, help="port to listen on (default: the first free one from 8080 up)")
    added.add_argument("--no-browser", action="store_true", help="don't open the chat page")

    added = command(
        "read",
        read,
        "read pictures on the command line",
        "Prints a line for each picture. The exit status is 2 if one of them couldn't be read.",
    )
    added.add_argument("photo", nargs="+", type=Path, metavar="PHOTO", help="a picture file")
    added.add_argument("--json", action="store_true", help="print one JSON object per line, nothing else")
    added.add_argument("--save", type=Path, metavar="DIR", help="save pictures: the photo with boxes, the crops")
    added.add_argument("--model", metavar="V", help="a version's name or folder (default: the one in use)")

    added = command(
        "models",
        models,
        "list the versions of the model, and choose the one in use",
        "Lists them if no action is given. A running bot switches to a promoted version within a second.",
    )
    actions = added.add_subparsers(dest="action", metavar="ACTION")
    actions.add_parser("list", help="list the versions")
    promoting = actions.add_parser("promote", help="put a version into use")
    promoting.add_argument("version", metavar="V", help="its name, as listed, or its folder")
    actions.add_parser("rollback", help="undo the last promotion")

    command(
        "doctor",
        doctor,
        "check what the bot needs",
        "Checks the token, the webhook, the clock, admins, permissions, the disk, the database, the model and more, "
        "one line each, with the fix. The exit status is 1 if something is wrong.",
    )

    added = command(
        "backup",
        backup,
        "back up all data to one file, while the bot runs",
        "The file contains the database and the versions of the model at one moment, but no settings. Replaces an "
        "existing backup of that name. With PostgreSQL, use pg_dump.",
    )
    added.add_argument("file", type=Path, metavar="FILE", help="the file to write, such as digitbot.zip")

    added = command(
        "restore",
        restore,
        "restore a backup",
        "Atomic, and only while no bot runs on the same data. With PostgreSQL, use pg_restore.",
    )
    added.add_argument("file", type=Path, metavar="FILE", help="a file that `digitbot backup` wrote")
    added.add_argument("--replace", action="store_true", help="replace existing data, which are moved aside")
    return parser


if __name__ == "__main__":
    sys.exit(main())
