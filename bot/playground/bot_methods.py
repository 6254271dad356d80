"""Bot API methods about the bot itself: its updates, files, commands and descriptions.

Methods of messages are in message_methods.py. A method arrives with its first caller.
"""

import re

from bot.playground.registry import method
from bot.playground.wire import Json, bad_request
from bot.playground.world import World

DOWNLOAD_BYTES = 20 * 1024 * 1024  # the largest file that getFile gives
COMMANDS = 100
COMMAND = re.compile(r"[a-z0-9_]{1,32}")


@method
async def get_me(world: World) -> Json:
    return {
        **world.bot,
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


@method
async def get_updates(
    world: World,
    offset: int = 0,
    limit: int = 100,
    timeout: int = 0,  # noqa: ASYNC109 (Telegram's name)
    allowed_updates: list[str] | None = None,
) -> list[Json]:
    return await world.updates.get(offset, limit, timeout, allowed_updates)


@method
async def delete_webhook(world: World, drop_pending_updates: bool = False) -> bool:
    if drop_pending_updates:
        world.updates.clear()
    return True


@method
async def get_webhook_info(world: World) -> Json:
    info: Json = {"url": "", "has_custom_certificate": False, "pending_update_count": len(world.updates)}
    return info | ({"allowed_updates": world.updates.types} if world.updates.types else {})


@method
async def get_file(world: World, file_id: str = "") -> Json:
    file = world.files.get(file_id)
    if file is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if len(file.data) > DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return {**file.fields, "file_path": file.path}


@method
async def set_my_commands(
    world: World, commands: list[Json] | None = None, scope: Json | None = None, language_code: str = ""
) -> bool:
    commands = commands or []
    if len(commands) > COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    if not all(COMMAND.fullmatch(str(command.get("command", ""))) for command in commands):
        raise bad_request("BOT_COMMAND_INVALID")
    if not all(1 <= len(str(command.get("description", ""))) <= 256 for command in commands):
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    _check_scope(world, scope)
    world.profile.set_commands(scope, language_code, commands)
    world.profile_changed()
    return True


@method
async def get_my_commands(world: World, scope: Json | None = None, language_code: str = "") -> list[Json]:
    _check_scope(world, scope)
    return world.profile.commands(scope, language_code)


@method
async def delete_my_commands(world: World, scope: Json | None = None, language_code: str = "") -> bool:
    return bool(await set_my_commands(world, [], scope, language_code))


@method
async def set_my_description(world: World, description: str = "", language_code: str = "") -> bool:
    _check_length("description", description, 512)
    world.profile.descriptions[language_code] = description
    world.profile_changed()
    return True


@method
async def get_my_description(world: World, language_code: str = "") -> Json:
    return {"description": world.profile.descriptions.get(language_code, "")}


@method
async def set_my_short_description(world: World, short_description: str = "", language_code: str = "") -> bool:
    _check_length("short description", short_description, 120)
    world.profile.short_descriptions[language_code] = short_description
    world.profile_changed()
    return True


@method
async def get_my_short_description(world: World, language_code: str = "") -> Json:
    return {"short_description": world.profile.short_descriptions.get(language_code, "")}


def _check_scope(world: World, scope: Json | None) -> None:
    if scope is not None and "chat_id" in scope:
        world.chat(scope["chat_id"])


def _check_length(what: str, text: str, limit: int) -> None:
    if len(text) > limit:
        raise bad_request(f"{what} is too long")
