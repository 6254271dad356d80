"""Updates delivered to the bot's own address, as Telegram does it: in order within a chat, again until it says 2xx.

A method call in the bot's answer isn't looked at.
"""

import asyncio
import time
from collections import deque
from dataclasses import dataclass

import httpx

from bot.playground.faults import WEBHOOK, Cut, Faults
from bot.playground.updates import Updates
from bot.playground.wire import Json, encoded

MAX_CONNECTIONS = 100
DEFAULT_CONNECTIONS = 40
FIRST_PAUSE = 0.2  # s, doubled each time; Telegram's own are longer
LONGEST_PAUSE = 30.0
ANSWER_SECONDS = 60  # how long the bot may take
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (a name)
REFUSED = "Connection refused"
TIMED_OUT = "Read timeout expired"
CLOSED = "Webhook connection closed"


@dataclass(frozen=True, slots=True)
class Address:
    """Where to deliver, with which secret, and to how many connections at once."""

    url: str
    secret_token: str = ""
    max_connections: int = DEFAULT_CONNECTIONS


class Webhook:
    """The bot's webhook, where it has set one."""

    def __init__(self, updates: Updates, faults: Faults) -> None:
        self._updates = updates
        self._faults = faults
        self._delivery: _Delivery | None = None

    @property
    def active(self) -> bool:
        """Whether there is one: then the bot can't poll."""
        return self._delivery is not None

    async def set(self, address: Address) -> None:
        """Deliver there from now on. The address that it has already changes nothing."""
        if self._delivery is None or self._delivery.address != address:
            await self.remove()
            self._delivery = _Delivery(address, self._updates, self._faults)

    async def remove(self) -> None:
        """Deliver no longer. What is on its way may have arrived, and waits nevertheless."""
        delivery, self._delivery = self._delivery, None
        if delivery is not None:
            await delivery.stop()

    def info(self) -> Json:
        """What a WebhookInfo says of it."""
        if self._delivery is None:
            return {"url": ""}
        address = self._delivery.address
        return {"url": address.url, "max_connections": address.max_connections, **self._delivery.last_error}


class _Delivery:
    """Brings what waits to one address, from now until it is stopped."""

    def __init__(self, address: Address, updates: Updates, faults: Faults) -> None:
        self.address = address
        self.last_error: Json = {}
        self._updates = updates
        self._faults = faults
        self._chats: dict[int, deque[Json]] = {}  # what waits in those that something waits in
        self._free = asyncio.Semaphore(address.max_connections)
        self._client = _client(address)
        self._running = asyncio.create_task(self._run(), name="webhook")

    async def stop(self) -> None:
        self._running.cancel()
        await asyncio.wait({self._running})

    async def _run(self) -> None:
        async with self._client, asyncio.TaskGroup() as chats:
            with self._updates.follow() as coming:
                while True:
                    update = await coming.get()
                    chat = _chat_of(update)
                    if chat in self._chats:
                        self._chats[chat].append(update)
                    else:
                        self._chats[chat] = deque([update])
                        chats.create_task(self._deliver_all_of(chat))

    async def _deliver_all_of(self, chat: int) -> None:
        updates, pause = self._chats[chat], FIRST_PAUSE
        while updates:
            async with self._free:
                error = await self._offer(updates[0], chat)
            if error is None:
                self._updates.confirm(updates.popleft()["update_id"])
                pause = FIRST_PAUSE
            else:
                self.last_error = {"last_error_date": int(time.time()), "last_error_message": error}
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
        del self._chats[chat]

    async def _offer(self, update: Json, chat: int) -> str | None:
        """Why the bot hasn't taken an update, None where it has."""
        fault = self._faults.strike(WEBHOOK, chat)
        await asyncio.sleep(fault.delay)
        if fault.error or fault.cut is Cut.BEFORE:
            return CLOSED
        error = await self._post(update)
        return CLOSED if fault.cut else error

    async def _post(self, update: Json) -> str | None:
        try:
            async with asyncio.timeout(ANSWER_SECONDS) as limit:
                with self._faults.connection(lambda: limit.reschedule(0)):
                    if not self._faults.network:
                        return TIMED_OUT
                    response = await self._client.post(self.address.url, content=encoded(update))
        except (TimeoutError, httpx.TimeoutException):
            return TIMED_OUT
        except httpx.ConnectError:
            return REFUSED
        except httpx.HTTPError:
            return CLOSED
        if response.is_success:
            return None
        return f"Wrong response from the webhook: {response.status_code} {response.reason_phrase}"


def _client(address: Address) -> httpx.AsyncClient:
    secret = {SECRET_HEADER: address.secret_token} if address.secret_token else {}
    return httpx.AsyncClient(
        headers={"Content-Type": "application/json", **secret},
        timeout=ANSWER_SECONDS,
        limits=httpx.Limits(max_connections=address.max_connections),
        verify=address.url.startswith("https"),  # what verifies takes its time to make
        trust_env=False,
    )


def _chat_of(update: Json) -> int:
    """Whose order an update keeps."""
    content = next(value for name, value in update.items() if name != "update_id")
    chat: int = content.get("message", content)["chat"]["id"]  # a press has its message's
    return chat
