"""Inline keyboards: what Telegram takes as one, and which of its buttons somebody means.

https://core.telegram.org/bots/api#inlinekeyboardmarkup
"""

from typing import Any
from urllib.parse import urlsplit

from bot.playground.wire import BotApiError, Json, bad_request

DATA_BYTES = 64  # the most that a button carries
BUTTONS = 100  # the most in one keyboard
FIELDS = {"text", "callback_data", "url"}  # of a button; others are refused rather than passed over


def keyboard(markup: Json | None) -> Json | None:
    """The `reply_markup` that a message gets from a call's; None where there are no buttons. Raises BotApiError."""
    if markup is None:
        return None
    if unknown := markup.keys() - {"inline_keyboard"}:
        raise bad_request(f"the local Bot API server doesn't know {min(unknown)} of reply markups")
    rows = markup.get("inline_keyboard")
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" must be an Array of Arrays')
    buttons = [[_button(button) for button in row] for row in rows if row]
    if sum(len(row) for row in buttons) > BUTTONS:
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    return {"inline_keyboard": buttons} if buttons else None


def button_of(message: Json, wanted: str) -> Json | None:
    """The button of a message with this data, or else with this text."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    buttons: list[Json] = [button for row in rows for button in row]
    for name in ("callback_data", "text"):
        for button in buttons:
            if button.get(name) == wanted:
                return button
    return None


def _button(button: Any) -> Json:
    if not isinstance(button, dict):
        raise _unparsable("InlineKeyboardButton must be an Object")
    if unknown := button.keys() - FIELDS:
        raise bad_request(f"the local Bot API server doesn't know {min(unknown)} of buttons")
    if "text" not in button:
        raise _unparsable('Can\'t find field "text"')
    for name, value in button.items():
        if not isinstance(value, str):
            raise _unparsable(f'Field "{name}" must be of type String')
    if not button["text"].strip():
        raise bad_request("BUTTON_TEXT_INVALID")
    if "url" in button:
        _check_url(button["url"])
    elif "callback_data" not in button:
        raise _unparsable("Text buttons are unallowed in the inline keyboard")
    elif not is_data(button["callback_data"]):
        raise bad_request("BUTTON_DATA_INVALID")
    return button


def is_data(text: str) -> bool:
    """Whether a button can carry this."""
    return 1 <= len(text.encode("utf-8", "replace")) <= DATA_BYTES


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise _invalid(url, "Wrong HTTP URL") from None
    if parts.scheme not in {"", "http", "https", "tg"}:
        raise _invalid(url, "Unsupported URL protocol")
    if parts.scheme != "tg" and "." not in (parts.hostname or ""):
        raise _invalid(url, "Wrong HTTP URL")


def _unparsable(reason: str) -> BotApiError:
    return bad_request(f"can't parse inline keyboard button: {reason}")


def _invalid(url: str, reason: str) -> BotApiError:
    return bad_request(f"inline keyboard button URL '{url}' is invalid: {reason}")
