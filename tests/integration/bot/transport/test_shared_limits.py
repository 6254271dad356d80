"""Bots that share a PostgreSQL database count together what they send."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import psycopg
import pytest
import pytest_asyncio

from bot.transport import shared_limits
from bot.transport.limits import PATIENCE, Allowances, MemoryAllowances, Rule
from bot.transport.shared_limits import PostgresAllowances, shared_allowances
from tests.postgres import cluster, new_database

HOUR = 3600
WHILE = 300  # seconds that a test never takes
EXCUSE = "can't be looked up"  # a bot counts for itself


@pytest.fixture
def url() -> Iterator[str]:
    with new_database() as url:
        yield url


@pytest_asyncio.fixture
async def bots(url: str) -> AsyncIterator[list[PostgresAllowances]]:
    async with AsyncExitStack() as life:
        yield [await life.enter_async_context(shared_allowances(url)) for _ in range(2)]


@pytest.fixture(params=["memory", "postgres"])
def allowances(request: pytest.FixtureRequest) -> Allowances:
    return MemoryAllowances() if request.param == "memory" else request.getfixturevalue("bots")[0]


async def test_what_has_to_wait_gets_its_turn_in_order(allowances: Allowances) -> None:
    two_an_hour = [Rule("two", 2, HOUR)]
    waits = [await allowances.take(two_an_hour, 2 * HOUR) for _ in range(6)]
    assert waits == pytest.approx([0, 0, HOUR, HOUR, 2 * HOUR, 2 * HOUR], abs=WHILE)


async def test_what_is_refused_is_counted_under_no_rule(allowances: Allowances) -> None:
    narrow, wide = Rule("narrow", 1, HOUR), Rule("wide", 2, HOUR)
    assert await allowances.take([narrow, wide], PATIENCE) == 0
    for _ in range(3):
        assert await allowances.take([wide, narrow], PATIENCE) > PATIENCE
    assert await allowances.take([wide], PATIENCE) == 0
    assert await allowances.take([wide], PATIENCE) > PATIENCE


async def test_a_place_before_what_waits_longer_is_used(allowances: Allowances) -> None:
    here, there, all_over = Rule("here", 1, HOUR), Rule("there", 1, HOUR), Rule("all", 2, HOUR)
    assert await allowances.take([here, all_over], HOUR) == 0
    assert await allowances.take([here, all_over], HOUR) == pytest.approx(HOUR, abs=WHILE)
    assert await allowances.take([there, all_over], HOUR) == 0


async def test_it_is_known_when_the_next_may_come(allowances: Allowances) -> None:
    rule = Rule("one", 1, HOUR)
    assert allowances.next([rule]) == 0
    await allowances.take([rule], PATIENCE)
    assert allowances.next([rule]) == pytest.approx(HOUR, abs=WHILE)


async def test_bots_that_ask_at_once_get_no_more_together_than_one_alone(
    bots: list[PostgresAllowances], caplog: pytest.LogCaptureFixture
) -> None:
    rule = Rule("ten", 10, HOUR)
    waits = await asyncio.gather(*(bot.take([rule], PATIENCE) for _ in range(20) for bot in bots))
    assert sum(wait == 0 for wait in waits) == 10
    assert EXCUSE not in caplog.text


async def test_bots_never_wait_for_each_other(
    bots: list[PostgresAllowances], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_limits, "FORGOTTEN", 2)
    rules = [Rule(f"rule {number}", 1000, 1) for number in range(5)]
    orders = [rules[number:] + rules[:number] for number in range(5)]
    await asyncio.gather(*(bot.take(order, HOUR) for _ in range(10) for order in orders for bot in bots))
    assert EXCUSE not in caplog.text


async def test_what_has_rested_is_forgotten(
    url: str, bots: list[PostgresAllowances], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_limits, "FORGOTTEN", 1)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO allowances VALUES ('old', '{1, 2}'), ('never', '{}')")
        await bots[0].take([Rule("new", 1, 1)], PATIENCE)
        assert connection.execute("SELECT key FROM allowances").fetchall() == [("new",)]


async def test_without_the_database_a_bot_counts_for_itself_and_goes_on(
    url: str, bots: list[PostgresAllowances], caplog: pytest.LogCaptureFixture
) -> None:
    rule = Rule("two", 2, HOUR)
    assert await bots[0].take([rule], PATIENCE) == 0
    with psycopg.connect(cluster().url("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")
    assert await bots[0].take([rule], PATIENCE) == 0
    assert await bots[0].take([rule], PATIENCE) > PATIENCE
    assert EXCUSE in caplog.text
