"""Bot API methods about the bot itself: its updates, files, commands and descriptions.

Methods of messages are in message_methods.py and edit_methods.py. A method arrives with its first caller.
"""

import re

import httpx

from bot.playground.registry import method
from bot.playground.webhook import DEFAULT_CONNECTIONS, MAX_CONNECTIONS, Address
from bot.playground.wire import BotApiError, Json, bad_request
from bot.playground.world import World

DOWNLOAD_BYTES = 20 * 1024 * 1024  # the largest file that getFile gives
COMMANDS = 100
COMMAND = re.compile(r"[a-z0-9_]{1,32}")
LANGUAGE = re.compile(r"([a-z]{2})?")
SCOPES = {"default", "all_private_chats", "all_group_chats", "all_chat_administrators"}
CHAT_SCOPES = {"chat", "chat_administrators", "chat_member"}
SECRET_TOKEN = re.compile(r"[A-Za-z0-9_-]*")
SECRET_TOKEN_LENGTH = 256
INVALID_URL = "invalid webhook URL specified"
WEBHOOK_IS_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
WEBHOOK_WAS_SET = "Conflict: terminated by setWebhook request"


@method
async def get_me(world: World) -> Json:
    return {
        **world.bot,
        "can_join_groups": True,
        "can_read_all_group_messages": not world.profile.privacy,
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
    if world.webhook.active:
        raise BotApiError(409, WEBHOOK_IS_ACTIVE)
    return await world.updates.get(offset, limit, timeout, allowed_updates)


@method
async def set_webhook(
    world: World,
    url: str = "",
    max_connections: int = DEFAULT_CONNECTIONS,
    allowed_updates: list[str] | None = None,
    drop_pending_updates: bool = False,
    secret_token: str = "",
) -> bool:
    if url:
        _check_webhook(url, secret_token)
    if drop_pending_updates or not url:
        await delete_webhook(world, drop_pending_updates)
    world.updates.choose(allowed_updates)
    if url:
        world.updates.end_poll(WEBHOOK_WAS_SET)
        await world.webhook.set(Address(url, secret_token, min(max(1, max_connections), MAX_CONNECTIONS)))
    return True


@method
async def delete_webhook(world: World, drop_pending_updates: bool = False) -> bool:
    await world.webhook.remove()
    if drop_pending_updates:
        world.updates.clear()
    return True


@method
async def get_webhook_info(world: World) -> Json:
    info = {**world.webhook.info(), "has_custom_certificate": False, "pending_update_count": len(world.updates)}
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
    if not LANGUAGE.fullmatch(language_code):
        raise bad_request("invalid language code specified")
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


def _check_webhook(url: str, secret_token: str) -> None:
    """An http address will do, as on every Bot API server of one's own."""
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        raise bad_request(INVALID_URL) from None
    if parts.scheme not in {"http", "https"} or not parts.host:
        raise bad_request(INVALID_URL)
    if len(secret_token) > SECRET_TOKEN_LENGTH:
        raise bad_request("secret token is too long")
    if not SECRET_TOKEN.fullmatch(secret_token):
        raise bad_request("secret token contains unallowed characters")


def _check_scope(world: World, scope: Json | None) -> None:
    """https://core.telegram.org/bots/api#botcommandscope"""
    kind = (scope or {}).get("type", "default")
    if kind not in SCOPES | CHAT_SCOPES:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    if scope is None or kind in SCOPES:
        return
    chat = world.chat(scope.get("chat_id", ""))
    if kind != "chat" and chat.info["type"] == "private":
        raise bad_request("can't use specified scope in private chats")
    if kind == "chat_member" and not isinstance(scope.get("user_id"), int):
        raise bad_request("invalid user_id specified")


def _check_length(what: str, text: str, limit: int) -> None:
    if len(text) > limit:
        raise bad_request(f"{what} is too long")
