"""Other web sites and oversized requests stay out."""

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.playground.guard import BODY_BYTES, is_loopback
from bot.playground.server import LocalServer
from tests.playground import TOKEN, playground


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "192.168.0.7", "[::1", ""])
async def test_a_name_that_isnt_this_machines_is_refused(host: str) -> None:
    async with playground() as bot:
        response = await bot.http.get("/chat/state", headers={"host": host})
        answer = await bot.http.get(f"/bot{TOKEN}/getMe", headers={"host": host})

    assert (response.status_code, response.json()) == (
        403,
        {"error": "Forbidden: this request came from another web site"},
    )
    assert (answer.status_code, answer.json()["error_code"]) == (403, 403)


@pytest.mark.parametrize("host", ["localhost:80", "127.0.0.1", "[::1]:8080"])
async def test_all_names_of_this_machine_are_served(host: str) -> None:
    async with playground() as bot:
        assert (await bot.http.get(f"/bot{TOKEN}/getMe", headers={"host": host})).status_code == 200


async def test_another_sites_page_cant_post() -> None:
    async with playground() as bot:
        body = {"first_name": "You", "language_code": "en"}
        own = await bot.http.post("/chat/people", json=body, headers={"origin": bot.server.url})
        others = [
            (await bot.http.post("/chat/people", json=body, headers={"origin": origin})).status_code
            for origin in ("https://evil.example", "null", "http://[", "http://127.0.0.1:1")
        ]

    assert own.status_code == 200
    assert others == [403, 403, 403, 403]


async def test_a_server_for_the_network_serves_any_name_but_no_other_site() -> None:
    async with LocalServer(TOKEN, host="0.0.0.0") as server, httpx.AsyncClient(base_url=server.url) as http:
        named = await http.get(f"/bot{TOKEN}/getMe", headers={"host": "bots.lan"})
        foreign = await http.get(f"/bot{TOKEN}/getMe", headers={"host": "bots.lan", "origin": "http://evil.example"})

    assert (named.status_code, foreign.status_code) == (200, 403)


def test_loopback_is_this_machine_alone() -> None:
    assert all(map(is_loopback, ["127.0.0.1", "127.8.9.1", "::1", "localhost"]))
    assert not any(map(is_loopback, ["0.0.0.0", "::", "192.168.0.7", "localhost.example", ""]))


async def chunks(total: int) -> AsyncIterator[bytes]:
    for _ in range(total // 2**20):
        yield bytes(2**20)


@pytest.mark.parametrize("address", [f"/bot{TOKEN}/sendPhoto", "/chat/people"])
async def test_a_body_above_50_mb_is_refused_and_its_sender_told(address: str) -> None:
    async with playground() as bot:
        response = await bot.http.post(address, content=bytes(BODY_BYTES + 1))

    body = response.json()
    assert response.status_code == 413
    assert body.get("description", body.get("error")) == "Request Entity Too Large"


async def test_a_body_that_doesnt_say_its_length_is_counted() -> None:
    async with playground() as bot:
        with_length = await bot.http.post("/chat/people", content=bytes(BODY_BYTES))
        try:
            without = (await bot.http.post("/chat/people", content=chunks(BODY_BYTES + 2**20))).status_code
        except httpx.WriteError:  # the server hung up before the client was through
            without = 413

    assert with_length.status_code == 400
    assert without == 413
