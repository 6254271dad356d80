"""Which Bot API methods are served: each a function named as at Telegram (in snake_case) with the method's parameters.

What a function doesn't list is refused rather than passed over: a bot that uses more than is served shall notice.
"""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.playground.wire import Json, bad_request, read
from bot.playground.world import World

Function = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Method:
    """A served method: its name as Telegram writes it, its parameters with their annotations, what it does."""

    name: str
    parameters: dict[str, Any]
    function: Function

    async def call(self, world: World, values: Json) -> Any:
        """Answer a call. Raises BotApiError."""
        if unknown := values.keys() - self.parameters.keys():
            raise bad_request(f"the local Bot API server doesn't know the parameter {min(unknown)} of {self.name}")
        arguments = {name: read(name, value, self.parameters[name]) for name, value in values.items()}
        return await self.function(world, **arguments)


METHODS: dict[str, Method] = {}  # by name in lower case; filled by the modules called …_methods


def method(function: Function) -> Function:
    """Serve a function as the Bot API method of its name."""
    first, *rest = function.__name__.split("_")
    name = first + "".join(word.capitalize() for word in rest)
    _, *parameters = inspect.signature(function).parameters.values()
    METHODS[name.lower()] = Method(name, {p.name: p.annotation for p in parameters}, function)
    return function
