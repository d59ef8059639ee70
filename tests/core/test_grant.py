"""Grants: named fields, one opening, one minute."""

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midan.core.grant import MAX_AGE, Grant, GrantSpent, GrantStale, SpentGrants

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
GRANT = Grant(
    actor="staff:S00001",
    waybill="MD0311228243038",
    fields=frozenset({"recipient_phone"}),
    purpose="deliver",
    entry_id="00112233445566778899aabbccddeeff",
    issued_at=NOON,
)


@pytest.mark.parametrize(
    ("seconds", "fresh"), [(0, True), (60, True), (60.000001, False), (-0.000001, False), (86_400, False)]
)
def test_a_grant_lives_sixty_seconds(seconds, fresh):
    assert GRANT.fresh(NOON + timedelta(seconds=seconds)) is fresh


def test_a_grant_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        GRANT.purpose = "sell"
    assert not hasattr(GRANT, "__dict__")


@pytest.mark.parametrize("name", ["actor", "waybill", "purpose", "entry_id", "fields"])
def test_a_grant_that_names_nothing_is_a_mistake(name):
    with pytest.raises(ValueError, match="a grant names"):
        replace(GRANT, **{name: frozenset() if name == "fields" else ""})


def test_a_time_without_zone_is_a_mistake():
    with pytest.raises(ValueError, match="zone"):
        replace(GRANT, issued_at=NOON.replace(tzinfo=None))


def test_a_grant_opens_once():
    spent = SpentGrants()
    spent.spend(GRANT, now=NOON)
    with pytest.raises(GrantSpent):
        spent.spend(GRANT, now=NOON + timedelta(seconds=59))
    spent.spend(replace(GRANT, entry_id="f" * 32), now=NOON)


def test_a_stale_grant_opens_nothing_and_is_not_remembered():
    spent = SpentGrants()
    with pytest.raises(GrantStale):
        spent.spend(GRANT, now=NOON + timedelta(seconds=61))
    assert len(spent) == 0


def test_a_clock_set_back_revives_no_grant():
    spent = SpentGrants()
    spent.spend(GRANT, now=NOON)
    later = replace(GRANT, entry_id="f" * 32, issued_at=NOON + timedelta(hours=1))
    spent.spend(later, now=later.issued_at)
    with pytest.raises(GrantStale):
        spent.spend(GRANT, now=NOON + timedelta(seconds=1))


def test_memory_is_bounded_by_age():
    spent = SpentGrants()
    for second in range(1_000):
        moment = NOON + timedelta(seconds=second)
        spent.spend(replace(GRANT, entry_id=f"{second:032x}", issued_at=moment), now=moment)
    assert len(spent) <= MAX_AGE.total_seconds() + 1


def test_of_many_threads_one_wins():
    spent, gate, won = SpentGrants(), Barrier(8), []

    def race():
        gate.wait()
        try:
            spent.spend(GRANT, now=NOON)
            won.append(1)
        except GrantSpent:
            pass

    threads = [Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [1]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(-90, 90)), max_size=30))
def test_whatever_the_clock_does_no_grant_is_spent_twice(steps):
    spent, used, moment = SpentGrants(), set(), NOON
    for number, seconds in steps:
        moment += timedelta(seconds=seconds)
        grant = replace(GRANT, entry_id=f"{number:032x}", issued_at=NOON + timedelta(seconds=30 * number))
        try:
            spent.spend(grant, now=moment)
        except (GrantSpent, GrantStale):
            continue
        assert number not in used
        used.add(number)
