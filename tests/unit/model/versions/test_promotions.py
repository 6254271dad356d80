"""What serves, what a rollback leads to and what may be deleted, whatever was promoted, added and pruned before."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from model.versions.promotions import REMEMBERED, Promotions, age, next_name
from model.versions.version import Version, shipped_name

SHIPPED = shipped_name()
NAMES = [f"2041.11-{n}" for n in range(5, 13)]
promoted = st.lists(st.sampled_from([*NAMES, SHIPPED]), max_size=12)
parents = st.dictionaries(st.sampled_from(NAMES), st.none() | st.sampled_from([*NAMES, SHIPPED])).map(
    lambda found: {name: found[name] for name in sorted(found, key=age)}
)


def promotions(names: Sequence[str], found: dict[str, str | None]) -> Promotions:
    """These names promoted, with these versions there beside the shipped one."""
    there = {SHIPPED: None, **found}
    return Promotions(names, {name: Version(name, Path(name), {"parent": parent}) for name, parent in there.items()})


def before(state: Promotions) -> str:
    """What a rollback leads to; without one the shipped version."""
    left = state.rolled_back()
    return left.serving if left else SHIPPED


@given(promoted, parents)
def test_a_rollback_leads_to_another_version_and_in_the_end_to_the_shipped_one(
    names: list[str], found: dict[str, str | None]
) -> None:
    left: Promotions | None = promotions(names, found)
    served = []
    while left:
        served.append(left.serving)
        left = left.rolled_back()
    assert all(one != following for one, following in pairwise(served))
    assert served[-1] == SHIPPED
    assert set(served) <= {*found, SHIPPED}


@given(promoted, parents, st.sampled_from(NAMES))
def test_what_is_promoted_serves_and_one_rollback_undoes_it(
    names: list[str], found: dict[str, str | None], new: str
) -> None:
    state = promotions(names, found | {new: None})
    after = state.with_promoted(new)
    assert after.serving == new
    assert after.with_promoted(new) == after
    if state.serving != new:
        assert before(after) == state.serving


@given(promoted, parents, st.integers(2, 5))
def test_pruning_changes_neither_what_serves_nor_what_is_before_it(
    names: list[str], found: dict[str, str | None], keep: int
) -> None:
    state = promotions(names, found)
    gone = state.expendable(keep)
    kept = {name: parent for name, parent in found.items() if name not in gone}
    after = promotions(names, kept)
    assert after.serving == state.serving
    assert before(after) == before(state)
    assert not {SHIPPED, found.get(state.serving), *list(found)[-keep:]} & set(gone)
    assert len(kept) <= keep + 3
    assert after.expendable(keep) == []


def test_only_so_many_promotions_are_remembered() -> None:
    state = promotions([], dict.fromkeys(NAMES))
    for n in range(3 * REMEMBERED):
        state = state.with_promoted(NAMES[n % 2])
    assert len(state.names) == REMEMBERED


def test_the_next_name_is_the_months_and_follows_the_highest() -> None:
    month = f"{datetime.now(UTC):%Y.%m}"
    assert next_name([]) == f"{month}-1"
    assert next_name([f"{month}-9", f"{month}-10", f"{month}-x", f".{month}-77", "2001.01-99"]) == f"{month}-11"
