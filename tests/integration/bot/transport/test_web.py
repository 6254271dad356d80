"""The webhook and the health pages over real HTTP: only Telegram gets in, and it hears OK only for what was taken."""

import asyncio
import json
import logging
import math
import socket
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from telegram import Update
from telegram.error import NetworkError
from telegram.ext import ApplicationBuilder

from bot.app import inbox_in
from bot.inbox import Arrival, sqlite
from bot.playground.faults import Fault
from bot.playground.server import LocalServer
from bot.playground.wire import BotApiError
from bot.readers.pool import Readers
from bot.settings import Settings
from bot.transport import serving, web
from bot.transport.web import BODY_BYTES, SECRET_HEADER, Health, NotServed, health, webhook
from model.versions.version import PRETRAINED
from tests.waiting import PATIENCE, until
from tests.web import free_address

TOKEN = "4242:canary-token"
SECRET = "canary-canary-canary"
PATH = "/a%20b/{hook}"
MESSAGE = {"message_id": 1, "date": 1, "chat": {"id": 77, "type": "private", "first_name": "Ann"}, "text": "hello"}
UPDATE = {"update_id": 5, "message": MESSAGE}


def settings(**given: Any) -> Settings:
    return Settings.load(_env_file=None, **given)


class Queue(asyncio.Queue[object]):
    """An update queue that may be slow, or in trouble."""

    def __init__(self) -> None:
        super().__init__()
        self.error: Exception | None = None
        self.opened = asyncio.Event()  # nothing is taken while it is cleared
        self.opened.set()
        self.waiting = 0

    async def put(self, item: object) -> None:
        self.waiting += 1
        await self.opened.wait()
        self.waiting -= 1
        if self.error:
            raise self.error
        await super().put(item)

    def ids(self) -> list[int]:
        """Of all updates that were taken."""
        taken = [self.get_nowait() for _ in range(self.qsize())]
        return [update.update_id for update in taken if isinstance(update, Update)]


@dataclass(frozen=True, slots=True)
class Hooked:
    """A bot behind a webhook, and who knocks there."""

    queue: Queue
    known: Settings
    server: LocalServer
    http: httpx.AsyncClient

    async def post(self, content: Any, path: str = PATH, secret: str | bytes | None = SECRET) -> int:
        """The status that a delivery is answered with."""
        known = secret.encode() if isinstance(secret, str) else secret
        headers = {} if known is None else {SECRET_HEADER.encode(): known}
        return (await self.http.post(path, content=content, headers=headers)).status_code

    async def status_of(self, *parts: bytes) -> int:
        """The status of the answer to these bytes, which may be no whole request."""
        reader, writer = await self.connect()
        for part in parts:
            writer.write(part)
        status = await status_in(reader)
        writer.close()
        return status

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, _, port = self.known.listen.partition(":")
        return await asyncio.open_connection(host, int(port))


def is_served(address: str) -> bool:
    host, _, port = address.partition(":")
    with socket.socket() as knocking:
        return knocking.connect_ex((host, int(port))) == 0


async def status_in(reader: asyncio.StreamReader) -> int:
    async with asyncio.timeout(PATIENCE):
        return int((await reader.readline()).split()[1])


def head(*fields: str) -> bytes:
    """The head of a delivery, with fields of its own."""
    return "\r\n".join([f"POST {PATH} HTTP/1.1", "Host: bot", f"{SECRET_HEADER}: {SECRET}", *fields, "", ""]).encode()


def update(**changed: Any) -> bytes:
    return json.dumps(UPDATE | changed).encode()


@asynccontextmanager
async def hooked(**given: Any) -> AsyncIterator[Hooked]:
    """The webhook of a bot that does nothing with what arrives."""
    address = free_address()
    async with LocalServer(TOKEN) as server, httpx.AsyncClient(base_url=f"http://{address}", timeout=PATIENCE) as http:
        usual = {"webhook_url": f"http://{address}{PATH}", "webhook_secret": SECRET, "listen": address}
        known = settings(telegram_bot_token=TOKEN, bot_api_url=server.url, **(usual | given))
        queue = Queue()
        async with serving_webhook(server, known, queue):
            yield Hooked(queue, known, server, http)


@asynccontextmanager
async def serving_webhook(server: LocalServer, known: Settings, queue: Queue) -> AsyncIterator[None]:
    builder = ApplicationBuilder().token(TOKEN).base_url(f"{server.url}/bot").update_queue(queue).job_queue(None)
    async with builder.build() as bot, webhook(bot, known, ["message"]):
        yield


async def test_what_telegram_delivers_is_put_into_the_queue() -> None:
    async with hooked() as hook:
        assert await hook.post(update()) == 200
        taken = hook.queue.get_nowait()
    assert isinstance(taken, Update)
    assert taken.to_dict()["message"]["text"] == "hello"


async def test_telegram_is_told_where_to_deliver_and_goes_on_behind_the_end() -> None:
    async with LocalServer(TOKEN) as server:
        ann, address = server.world.person(), free_address()
        known = settings(
            telegram_bot_token=TOKEN, bot_api_url=server.url, webhook_url=f"http://{address}", listen=address
        )
        ann.send_text("sent before it")
        for text in ("and while it serves", "and while it is away"):
            queue = Queue()
            async with serving_webhook(server, known, queue):
                ann.send_text(text)
                await until(lambda: len(server.world.updates) == 0)
            ann.send_text("later")
            assert server.world.webhook.active
        assert len(queue.ids()) == 2
    methods = [name for name, _ in server.world.calls]
    assert methods == ["getMe", "setWebhook"] * 2


async def test_nobody_else_gets_in() -> None:
    wrong = [None, "", SECRET[:-1], SECRET + "x", "Schlüssel-Schlüssel".encode()]
    elsewhere = ["/", PATH + "/", PATH.upper(), "/healthz", f"/{PATH}"]
    async with hooked() as hook:
        assert [await hook.post(update(), secret=secret) for secret in wrong] == [403] * 5
        assert [await hook.post(update(), path) for path in elsewhere] == [404] * 5
        assert await hook.post(update(update_id=6)) == 200
        assert hook.queue.ids() == [6]


async def test_only_posts_are_known() -> None:
    async with hooked() as hook:
        for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"):
            answer = await hook.http.request(method, PATH, headers={SECRET_HEADER: SECRET})
            assert (answer.status_code, answer.content) == (404, b""), method
            assert "server" not in answer.headers


async def test_a_stranger_hears_no_before_sending_anything() -> None:
    async with hooked() as hook:
        reader, writer = await hook.connect()
        writer.write(b"POST / HTTP/1.1\r\nHost: bot\r\nContent-Length: 99999999999\r\n\r\n")
        assert await status_in(reader) == 404
        async with asyncio.timeout(PATIENCE):
            await reader.read()  # until the bot hangs up
        writer.close()


NO_UPDATES = [
    b"",
    b"no json",
    b"[]",
    b"[1, 2]",
    b"null",
    b"5",
    b'"update_id"',
    b"{}",
    b'{"update_id": null}',
    b'{"update_id": "5"}',
    b'{"update_id": true}',
    b'{"update_id": NaN}',
    b'{"update_id": ' + b"9" * 5000 + b"}",
    b'{"update_id": 5, "message": 7}',
    b'{"update_id": 5, "message": {"message_id": 1}}',
    b'{"update_id": 5, "message": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"update_id": 5, "new": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001,
    b"\xff\xfe\x00",
    update()[:-1],
    update() + b"{}",
]


async def test_what_is_no_update_is_refused() -> None:
    async with hooked() as hook:
        for body in NO_UPDATES:
            assert await hook.post(body) == 400, body[:80]
        assert await hook.post(update()) == 200
        assert hook.queue.ids() == [5]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
KINDS = st.sampled_from(["message", "edited_message", "callback_query", "poll", "my_chat_member", "brand_new"])
FIELDS = st.sampled_from(["chat", "from", "photo", "reply_to_message", "new", "entities", "date", "text"])
LIKE_UPDATES = st.fixed_dictionaries(
    {"update_id": st.integers() | JSON},
    optional={"message": st.dictionaries(FIELDS, JSON).map(lambda odd: MESSAGE | odd)},
) | st.dictionaries(KINDS | st.just("update_id"), JSON)


@hypothesis(max_examples=5, deadline=None)
@given(st.lists(JSON | LIKE_UPDATES, min_size=40, max_size=40))
async def test_whatever_comes_is_taken_or_refused(bodies: list[Any]) -> None:
    async with hooked() as hook:
        for body in bodies:
            status = await hook.post(json.dumps(body).encode())
            assert status in (200, 400)
            assert hook.queue.ids() == ([body["update_id"]] if status == 200 else [])


async def test_fields_and_kinds_of_updates_that_are_new_are_taken() -> None:
    async with hooked() as hook:
        assert await hook.post(update(brand_new={"a": 1})) == 200
        assert await hook.post(b'{"update_id": 6, "brand_new": {}}') == 200
        assert hook.queue.ids() == [5, 6]


async def test_the_same_update_twice_is_for_the_inbox_to_know() -> None:
    async with hooked() as hook:
        assert [await hook.post(update()), await hook.post(update())] == [200, 200]
        assert hook.queue.ids() == [5, 5]


async def chunks(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 1000):
        yield body[start : start + 1000]


async def test_an_update_may_come_in_chunks_and_be_as_large_as_the_limit() -> None:
    body = update() + b" " * (BODY_BYTES - len(update()))
    async with hooked() as hook:
        assert await hook.post(chunks(body)) == 200
        assert await hook.post(body) == 200
        assert hook.queue.ids() == [5, 5]


async def test_what_is_larger_is_refused() -> None:
    body = update() + b" " * (BODY_BYTES + 1 - len(update()))
    chunk = b"%x\r\n%s\r\n" % (len(body), body)
    async with hooked() as hook:
        assert await hook.status_of(head(f"Content-Length: {len(body)}"), body) == 413
        assert await hook.status_of(head("Content-Length: 99999999999"), body) == 413
        assert await hook.status_of(head("Transfer-Encoding: chunked"), chunk) == 413
        assert hook.queue.ids() == []
        assert await hook.post(update()) == 200


NO_HTTP = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",  # somebody speaks TLS
    head("Content-Length: -1"),
    head("Content-Length: 5", "Content-Length: 6"),
    head("Content-Length: " + "9" * 5000),
    head("Transfer-Encoding: chunked") + b"canary\r\n",
    head()[:-2] + b"X: " + b"y" * 200_000,
]


async def test_what_is_no_http_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    async with hooked() as hook:
        for garbage in NO_HTTP:
            assert 400 <= await hook.status_of(garbage) < 500, garbage[:80]
        assert await hook.post(update()) == 200
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_who_sends_too_slowly_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "BODY_SECONDS", 0.05)
    async with hooked() as hook:
        assert await hook.status_of(head("Content-Length: 1000"), b'{"update_id"') == 408
        assert await hook.post(update()) == 200


async def test_who_hangs_up_while_sending_is_forgotten(caplog: pytest.LogCaptureFixture) -> None:
    async with hooked() as hook:
        _, writer = await hook.connect()
        writer.write(head("Content-Length: 1000") + b'{"update_id"')
        await writer.drain()
        writer.close()
        assert await hook.post(update()) == 200
    assert hook.queue.ids() == [5]
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_what_cannot_be_written_down_is_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "PUT_SECONDS", 0.05)
    async with hooked() as hook:
        hook.queue.error = NetworkError("the update couldn't be written down")
        assert await hook.post(update()) == 503
        hook.queue.error = None
        hook.queue.opened.clear()
        assert await hook.post(update()) == 503
        hook.queue.opened.set()
        assert await hook.post(update()) == 200
        assert hook.queue.ids() == [5]


async def test_a_fault_of_ours_is_never_answered_with_ok() -> None:
    async with hooked() as hook:
        hook.queue.error = ZeroDivisionError()
        assert await hook.post(update()) == 500
        hook.queue.error = None
        assert await hook.post(update()) == 200


async def test_what_is_being_taken_is_finished_at_the_end() -> None:
    async with AsyncExitStack() as life:
        hook = await life.enter_async_context(hooked())
        hook.queue.opened.clear()
        delivery = asyncio.create_task(hook.post(update()))
        await until(lambda: hook.queue.waiting == 1)
        closing = asyncio.create_task(life.aclose())
        await until(lambda: not is_served(hook.known.listen))
        hook.queue.opened.set()
        assert await delivery == 200
        await closing
    assert hook.queue.ids() == [5]


async def test_the_end_waits_for_nobody_for_ever(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(serving, "STOP_SECONDS", 0.1)
    async with asyncio.timeout(PATIENCE):
        async with hooked() as hook:
            hook.queue.opened.clear()
            delivery = asyncio.create_task(hook.post(update()))
            await until(lambda: hook.queue.waiting == 1)
            _, idle = await hook.connect()
            reader, slow = await hook.connect()
            slow.write(head("Content-Length: 1000") + b'{"update_id"')
            await slow.drain()
        assert await delivery == 503
        assert await status_in(reader) == 503
    idle.close()
    slow.close()
    assert "Traceback" not in caplog.text


async def test_an_address_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(NotServed, match=rf"^LISTEN: {address} can't be listened on: Address already in use\. "):
            async with hooked(listen=address):
                pass


@pytest.mark.parametrize("address", ["192.0.2.1:8090", "nowhere.invalid:8090"])
async def test_an_address_that_is_not_this_machines_is_told(address: str) -> None:
    with pytest.raises(NotServed, match=rf"^LISTEN: {address} can't be listened on: .+\. Choose another address\.$"):
        async with hooked(listen=address):
            pass


async def test_a_webhook_that_telegram_refuses_is_told() -> None:
    refusal = BotApiError(400, "Bad Request: bad webhook: Failed to resolve host: Name or service not known")
    async with LocalServer(TOKEN) as server:
        address = free_address()
        known = settings(
            telegram_bot_token=TOKEN, bot_api_url=server.url, webhook_url="https://bot.invalid", listen=address
        )
        server.world.faults.add(Fault(error=refusal), "setWebhook")
        with pytest.raises(NotServed, match=r"^WEBHOOK_URL: Telegram doesn't deliver there: .*resolve host"):
            async with serving_webhook(server, known, Queue()):
                pass
        assert not is_served(address)


@dataclass(frozen=True, slots=True)
class Told:
    """The health pages of a bot."""

    health: Health
    known: Settings
    http: httpx.AsyncClient

    async def page(self, path: str) -> tuple[int, str]:
        answer = await self.http.get(path)
        return answer.status_code, answer.text


@asynccontextmanager
async def telling(folder: Path) -> AsyncIterator[Told]:
    address = free_address()
    known = settings(metrics_listen=address, data_dir=folder)
    async with health(known) as state, httpx.AsyncClient(base_url=f"http://{address}", timeout=PATIENCE) as http:
        yield Told(state, known, http)


async def test_a_bot_is_alive_from_its_start_to_its_end_and_ready_in_between(tmp_path: Path) -> None:
    async with telling(tmp_path) as told:
        assert await told.page("/healthz") == (200, "ok")
        assert await told.page("/readyz") == (503, "starting")
        async with inbox_in(told.known.database) as inbox, Readers(1, PRETRAINED) as readers:
            with told.health.ready(inbox, readers):
                assert await told.page("/readyz") == (200, "ok")
            assert await told.page("/readyz") == (503, "stopping")
        assert await told.page("/healthz") == (200, "ok")
        assert (await told.page("/"))[0] == 404


async def test_a_bot_whose_database_does_not_answer_is_not_ready_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY", 0.1)
    async with (
        telling(tmp_path) as told,
        inbox_in(told.known.database) as inbox,
        Readers(1, PRETRAINED) as readers,
    ):
        with told.health.ready(inbox, readers):
            with closing(sqlite3.connect(told.known.database.file, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                assert await told.page("/readyz") == (503, "database")
                monkeypatch.setattr(web, "CHECK_SECONDS", 0.01)  # however long it takes
                assert await told.page("/readyz") == (503, "database")
                monkeypatch.setattr(web, "CHECK_SECONDS", 5)
                other.execute("COMMIT")
            assert await told.page("/readyz") == (200, "ok")
            monkeypatch.setattr(web, "ROOM", 10**18)
            assert await told.page("/readyz") == (503, "disk")


async def test_two_bots_on_one_machine_both_run_and_the_second_tells_nobody_how_it_is(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    address = free_address()
    monkeypatch.setattr("bot.settings.METRICS_LISTEN", address)
    async with health(settings()), health(settings()), httpx.AsyncClient() as http:
        assert f"METRICS_LISTEN: {address} can't be listened on" in caplog.text
        assert (await http.get(f"http://{address}/healthz")).text == "ok"


async def test_an_address_that_was_asked_for_has_to_be_free() -> None:
    address = free_address()
    async with health(settings(metrics_listen=address)):
        with pytest.raises(NotServed, match=f"^METRICS_LISTEN: {address} can't be listened on"):
            async with health(settings(metrics_listen=address)):
                pass


def figure(page: str, name: str) -> float:
    """A metric's value on the page."""
    return next(float(line.rpartition(" ")[2]) for line in page.splitlines() if line.startswith(f"{name} "))


async def test_metrics_tell_how_much_waits_and_since_when(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY", 0.1)
    async with telling(tmp_path) as told, Readers(1, PRETRAINED) as readers:

        async def waiting() -> tuple[float, float]:
            status, page = await told.page("/metrics")
            assert status == 200
            return figure(page, "digitbot_inbox_updates"), figure(page, "digitbot_inbox_oldest_seconds")

        assert all(map(math.isnan, await waiting()))
        long_ago = time.time() - 100
        with told.known.database.prepared():
            async with sqlite.SqliteInbox(told.known.database.file, lambda: long_ago) as inbox:
                with told.health.ready(inbox, readers):
                    assert await waiting() == (0, 0)
                    await inbox.record(Arrival(1, 7, photo=True, run=None, body="{}"))
                    await inbox.record(Arrival(2, 7, photo=True, run=None, body="{}"))
                    count, oldest = await waiting()
                    assert count == 2
                    assert 100 <= oldest < 100 + PATIENCE
                    with closing(sqlite3.connect(told.known.database.file, isolation_level=None)) as other:
                        other.execute("BEGIN IMMEDIATE")
                        assert all(map(math.isnan, await waiting()))
                        other.execute("COMMIT")


def test_no_metric_names_a_person_or_a_chat() -> None:
    labels = {name for metric in REGISTRY.collect() for sample in metric.samples for name in sample.labels}
    known = {"kind", "outcome", "stage", "read", "version", "le", "generation"}
    assert labels <= known | {"implementation", "major", "minor", "patchlevel"}
