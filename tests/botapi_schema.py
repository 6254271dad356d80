"""Holds answers and calls against the Bot API's schema, for the contract test and for end-to-end tests.

The schema lies beside the checkout; tests that need it are skipped where it isn't there (`needs_schema`).
"""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.playground.wire import InputFile

SCHEMA = Path(__file__).resolve().parents[2] / "shared/telegram/bot-api-10.1.json"

needs_schema = pytest.mark.skipif(not SCHEMA.is_file(), reason="needs ../shared/telegram/bot-api-10.1.json")

PYTHON_TYPES: dict[str, type | tuple[type, ...]] = {
    "Integer": int,
    "Float": (int, float),
    "String": str,
    "Boolean": bool,
    "True": bool,
}


def problems_of_answer(method: str, result: Any) -> list[str]:
    """What is wrong with a method's result: missing or unknown fields, wrong types; each with its path."""
    return _problems(result, _schema()["methods"][method]["returns"], method)


def problems_of_type(name: str, value: Any) -> list[str]:
    """What is wrong with a value that should be of this type."""
    return _problems(value, [name], name)


def problems_of_calls(calls: Iterable[tuple[str, dict[str, Any]]]) -> list[str]:
    """What is wrong with a bot's calls (World.calls): unknown methods, unknown or missing parameters, wrong types."""
    return [problem for method, parameters in calls for problem in _problems_of_call(method, parameters)]


def fields_of_method(method: str) -> dict[str, dict[str, Any]]:
    """A method's parameters by name, each with `types` and `required`."""
    return {field["name"]: field for field in _schema()["methods"][method].get("fields", [])}


def knows_method(method: str) -> bool:
    """Whether there is such a method at all."""
    return method in _schema()["methods"]


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return schema


def _problems_of_call(method: str, parameters: dict[str, Any]) -> list[str]:
    if not knows_method(method):
        return [f"{method}: no such method"]
    fields = fields_of_method(method)
    values = {
        name: _decoded(value, fields[name]["types"]) if name in fields else value for name, value in parameters.items()
    }
    return _problems_of_fields(values, fields, method)


def _decoded(value: Any, types: list[str]) -> Any:
    """A parameter that came as text in a form, as what it stands for."""
    if not isinstance(value, str) or "String" in types:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _problems(value: Any, types: list[str], path: str) -> list[str]:
    """The problems under that one of the allowed types that fits best."""
    return min((_problems_of_one(value, name, path) for name in types), key=len)


def _problems_of_one(value: Any, name: str, path: str) -> list[str]:
    if name.startswith("Array of "):
        if not isinstance(value, list):
            return [f"{path}: {name} expected, not {value!r}"]
        item = name.removeprefix("Array of ")
        return [problem for i, each in enumerate(value) for problem in _problems(each, [item], f"{path}[{i}]")]
    if name == "String" and path.endswith(".media") and isinstance(value, InputFile):
        return []  # the file that an `attach://` named
    if name in PYTHON_TYPES:
        fits = isinstance(value, PYTHON_TYPES[name]) and isinstance(value, bool) == (name in {"Boolean", "True"})
        return [] if fits else [f"{path}: {name} expected, not {value!r}"]
    if name == "InputFile":
        return [] if isinstance(value, InputFile) else [f"{path}: a file expected, not {value!r}"]
    described = _schema()["types"][name]
    if "subtypes" in described:
        return _problems(value, described["subtypes"], path)
    if not isinstance(value, dict):
        return [f"{path}: {name} expected, not {value!r}"]
    return _problems_of_fields(value, {field["name"]: field for field in described.get("fields", [])}, path)


def _problems_of_fields(values: dict[str, Any], fields: dict[str, dict[str, Any]], path: str) -> list[str]:
    missing = [f"{path}.{n}: missing" for n, field in fields.items() if field["required"] and n not in values]
    unknown = [f"{path}.{n}: unknown" for n in values.keys() - fields.keys()]
    known = [(name, value) for name, value in values.items() if name in fields]
    return missing + unknown + [p for n, v in known for p in _problems(v, fields[n]["types"], f"{path}.{n}")]
