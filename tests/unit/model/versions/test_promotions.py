"""What serves, what a rollback leads to and what may be deleted, whatever was promoted, added and pruned before."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from model.versions.promotions import REMEMBERED, age, expendable, next_name, rolled_back, serving, with_promoted

SHIPPED = "2026.11-4"
NAMES = [f"2026.11-{n}" for n in range(5, 13)]
promoted = st.lists(st.sampled_from([*NAMES, SHIPPED]), max_size=12)
parents = st.dictionaries(st.sampled_from(NAMES), st.none() | st.sampled_from([*NAMES, SHIPPED])).map(
    lambda found: {name: found[name] for name in sorted(found, key=age)}
)


def there(found: dict[str, str | None]) -> "set[str]":
    return {*found, SHIPPED}


@given(promoted, parents)
def test_a_rollback_leads_to_another_version_and_in_the_end_to_the_shipped_one(
    names: list[str], found: dict[str, str | None]
) -> None:
    whole = there(found).__contains__
    served = [serving(names, whole, SHIPPED)]
    left = names
    while (earlier := rolled_back(left, whole, SHIPPED)) is not None:
        left = earlier
        served.append(serving(left, whole, SHIPPED))
        assert served[-1] != served[-2]
    assert served[-1] == SHIPPED
    assert set(served) <= there(found)


@given(promoted, parents, st.sampled_from(NAMES))
def test_what_is_promoted_serves_and_one_rollback_undoes_it(
    names: list[str], found: dict[str, str | None], new: str
) -> None:
    found |= {new: None}
    whole = there(found).__contains__
    before = serving(names, whole, SHIPPED)
    after = with_promoted(names, new, whole, SHIPPED)
    assert serving(after, whole, SHIPPED) == new
    assert with_promoted(after, new, whole, SHIPPED) == after
    if before != new:
        assert serving(rolled_back(after, whole, SHIPPED) or [], whole, SHIPPED) == before


@given(promoted, parents, st.integers(2, 5))
def test_pruning_changes_neither_what_serves_nor_what_is_before_it(
    names: list[str], found: dict[str, str | None], keep: int
) -> None:
    gone = expendable(found, names, SHIPPED, keep)
    kept = {name: parent for name, parent in found.items() if name not in gone}
    before, after = there(found).__contains__, there(kept).__contains__
    now = serving(names, before, SHIPPED)
    assert serving(names, after, SHIPPED) == now
    assert serving(rolled_back(names, after, SHIPPED) or [], after, SHIPPED) == serving(
        rolled_back(names, before, SHIPPED) or [], before, SHIPPED
    )
    assert not {SHIPPED, found.get(now), *list(found)[-keep:]} & set(gone)
    assert len(kept) <= keep + 3
    assert expendable(kept, names, SHIPPED, keep) == []


def test_only_so_many_promotions_are_remembered() -> None:
    names: list[str] = []
    for n in range(3 * REMEMBERED):
        names = with_promoted(names, NAMES[n % 2], lambda _: True, SHIPPED)
    assert len(names) == REMEMBERED


def test_the_next_name_is_the_months_and_follows_the_highest() -> None:
    month = f"{datetime.now(UTC):%Y.%m}"
    assert next_name([]) == f"{month}-1"
    assert next_name([f"{month}-9", f"{month}-10", f"{month}-x", f".{month}-77", "2001.01-99"]) == f"{month}-11"
